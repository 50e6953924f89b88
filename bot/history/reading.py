"""Decides, as a pure function, what of a conversation is a question, its answers, and what solved it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter

from adapters.contract.text import clip
from bot.cogs.questions.breath import in_breaths
from bot.cogs.questions.policy import Topic, guess_topic, reads_as_answer, reads_as_content
from bot.text.reading import Verdict, is_question
from bot.text.titles import split_title

from .said import UNKNOWN, Conversation, Said

LONGEST = 4000
"""So many characters of a question and of an answer are kept, as of those that are asked here."""


@dataclass(frozen=True, slots=True)
class Found:
    """A question that somebody else answered, and which of the answers solved it, and when that was said.

    `solution_text` is all that was said in one go with that: "Here's how:", and then the code.
    """

    root: Said
    title: str
    details: str
    topic: str
    answers: Sequence[Said]
    solution: Said | None
    solution_text: str
    solved_at: float


def read(conversation: Conversation, topics: Sequence[Topic]) -> Found | str:
    """Return the question that a conversation is about, or why it is about none."""
    root, others = conversation.root, conversation.others()
    if not others:
        return "what nobody else answered"
    verdict = is_question("\n".join(filter(None, (root.title, _whole(conversation)))))
    if verdict is Verdict.NO:
        return "what is no question"
    if verdict is Verdict.UNSURE and not root.title:  # whoever gives it a title means it
        return "what may be a question, but not surely"
    answers = [said for said in others if reads_as_answer(said.text)]
    if not answers:
        return "what nobody else answered"
    words = _whole(conversation)
    title, details = (root.title, words) if root.title else split_title(words)
    solution, solved_at = _solution(conversation, answers)
    return Found(
        root,
        clip(title, 150),
        clip(details, LONGEST),
        guess_topic(f"{title} {details}", topics),
        answers,
        solution,
        _in_one_go(conversation, answers, solution) if solution else "",
        solved_at,
    )


def _whole(conversation: Conversation) -> str:
    """Return all that was asked before anybody answered."""
    lines = [conversation.root.text]
    for said in conversation.rest:
        if said.author != conversation.root.author:
            break
        lines.append(said.text)
    return clip("\n".join(filter(None, lines)), LONGEST)


def _solution(conversation: Conversation, answers: Sequence[Said]) -> tuple[Said | None, float]:
    """Return the answer that solved it: which the asker checked, else thanked for, unless they asked on after that."""
    asker = conversation.root.author
    checked = [said for said in answers if asker in said.checked] or [
        said for said in answers if UNKNOWN in said.checked
    ]
    if checked:
        return checked[-1], checked[-1].at
    before: list[Said] = []
    solution, at = None, 0.0
    for said in conversation.rest:
        if said.author != asker:
            before += [said] if said in answers else []
        elif before and reads_as_content(said.text):
            solution, at = _meant(said, before), said.at
        elif solution and is_question(said.text) is Verdict.YES:
            solution, at = None, 0.0
    if solution is None and asker in conversation.root.checked:
        return answers[-1], answers[-1].at
    return solution, at


def _in_one_go(conversation: Conversation, answers: Sequence[Said], solution: Said) -> str:
    """Return all answers that their author said in one go with the one that solved it."""
    breaths = in_breaths(conversation.rest, attrgetter("author"), lambda said: datetime.fromtimestamp(said.at, UTC))
    go = next(go for go in breaths if solution in go)
    return clip("\n".join(said.text for said in go if said in answers), LONGEST)


def _meant(thanks: Said, before: Sequence[Said]) -> Said:
    """Return the answer that thanks are for: what they reply to, whom they name, or the last one."""
    replied = [said for said in before if said.id == thanks.reply_to]
    named = [said for said in before if said.author in thanks.named]
    return [*before[-1:], *named[-1:], *replied][-1]
