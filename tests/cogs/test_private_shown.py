"""Every state of a question that only its asker and support see, without a platform."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.contract.models import Channel
from adapters.contract.text import Mention
from bot.cogs.questions.shown import QuestionSnapshot
from bot.kernel.lifecycle import Standing
from storage.questions import Question, State
from storage.replies import SPOKEN

from .shown import check_golden
from .test_questions_shown import AGENTS, AVA, HOME, HOUR, MIA, NOW, SUPPORT, lifecycle, reply, row, snapshot, standing

PRIVATE = replace(SUPPORT, private=True, escalation="", escalated_at=None)
WITH_AGENTS = Channel(HOME, "C9:5")
PRIVATE_CARD = row("card", AGENTS, thread=WITH_AGENTS.key)


def privately(asked: Question, stands: Standing | None = None, **facts: Any) -> QuestionSnapshot:
    return snapshot(asked, stands or standing(PRIVATE_CARD), channels=(AGENTS,), **facts)


def test_what_is_shown_of_a_private_question() -> None:
    spoken = replace(reply(2, MIA, "Since May."), message=f"{SPOKEN}2")
    written = (reply(1, AVA, "Since when?", WITH_AGENTS), spoken, reply(3, MIA, "I mean June.", Channel(HOME, "D1")))
    check_golden(
        "private_questions",
        lifecycle(),
        {
            "new": privately(replace(PRIVATE, offered_agent_id=None, offered_agent_at=None), standing()),
            "it is somebody's turn": privately(PRIVATE),
            "it is the next one's turn": privately(replace(PRIVATE, offered_agent_at=NOW + HOUR)),
            "it waits for too long": privately(replace(PRIVATE, lead_told_at=NOW + HOUR), leads=(Mention(AVA.name),)),
            "taken": privately(replace(PRIVATE, state=State.CLAIMED, helper_id=AVA.id, claimed_at=NOW)),
            "written": privately(
                replace(PRIVATE, state=State.ANSWERED, helper_id=AVA.id, answered_at=NOW), replies=written
            ),
            "without a name": privately(
                replace(PRIVATE, anonymous=True, state=State.ANSWERED, answered_at=NOW), replies=written
            ),
            "idle": privately(replace(PRIVATE, state=State.ANSWERED, answered_at=NOW, reminded_at=NOW)),
            "solved": privately(replace(PRIVATE, state=State.SOLVED, solver_id=AVA.id, solved_at=NOW), replies=written),
            "taken back": privately(replace(PRIVATE, state=State.DROPPED, closed_at=NOW), replies=written),
            "the agents' channel is gone": snapshot(PRIVATE, standing(PRIVATE_CARD), channels=(), agents=None),
        },
    )


@pytest.mark.parametrize(
    "key, state, words",
    [
        ("passed/1", State.ANSWERED, "This was deleted"),
        ("says/1", State.ANSWERED, "This was deleted"),
        ("says/2", State.ANSWERED, None),
        ("says/2", State.DROPPED, "This was deleted"),
        (f"turn/4/{NOW}", State.DROPPED, "This was deleted"),
        (f"turn/4/{NOW}", State.CLAIMED, "needs nobody"),
    ],
)
def test_what_becomes_of_what_was_written_privately(key: str, state: State, words: str | None) -> None:
    asked = replace(PRIVATE, state=state)
    card = lifecycle().over(privately(asked, replies=(reply(2, MIA, "June.", Channel(HOME, "D1")),)), key, ())
    assert card is None if words is None else card is not None and words in card.body.plain() and not card.buttons
