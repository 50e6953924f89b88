"""Forged calls: whoever sends what no button of theirs offers sees, does and takes nothing that is not theirs."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from adapters.contract.call import Call
from adapters.contract.events import ControlUsed, FormSubmitted
from adapters.contract.models import Channel
from bot.kernel.context import Context
from tests.doors import MemoryDoor
from tests.story import Story

from .conftest import Begin
from .test_isolation import Answers, answers, arguments
from .test_privacy import _everything
from .test_questions import SECRET, solved

pytestmark = pytest.mark.parametrize("kit", ["memory"], indirect=True)

DRAFT, HIDDEN = "canary-draft", "canary-hidden"


async def drafts(story: Story) -> None:
    """Have mia leave a draft of everything there is, beside what everyone has seen."""
    mia, noah = story.person("mia"), story.person("noah")
    await solved(story)
    await mia.uses("/ask", question=SECRET, details=DRAFT)
    assert "Post my question" in (await mia.last_private()).controls
    await noah.uses("/idea add", title="Dark theme in the app please")
    await mia.uses("/idea add", title=f"Dark theme for the app {DRAFT}")
    assert "Mine is another one" in (await mia.last_private()).controls
    await mia.uses("/event create", title=DRAFT, when="tomorrow 20:00")
    assert "Discard" in (await mia.last_private()).controls
    await mia.uses("/poll create", question=DRAFT, options=f"{DRAFT}-1\n{DRAFT}-2")
    assert "Post it" in (await mia.last_private()).controls


async def everything_forged(story: Story, who: str, channel: str = "general") -> str:
    """Have someone send every call there is, with every small number; return all that they were shown."""
    platform = story.door
    assert isinstance(platform, MemoryDoor)
    app, shown, numbers = story.app, Answers(), itertools.count()
    by, here = platform.platform.people[who], Channel(platform.platform.space, channel)
    for name, bound in app.router._registry.actions.items():
        if not issubclass(bound.action.context, Context) or name == "privacy.erase_all":
            continue
        for guess in arguments(bound):
            call = Call(name, guess).pack()
            facts: Any = {"id": f"forged-{next(numbers)}", "at": story.now, "by": by, "channel": here, "call": call}
            if bound.action.form:
                typed = {**answers(bound, 1), "member": f"memory/home/{who}"}
                await app.router.receive(FormSubmitted(**facts, answers=typed), shown)
            else:
                await app.router.receive(ControlUsed(**facts, values=("1",)), shown)
    await app.settle()
    assert len(shown.shown) > 100
    return "\n".join(shown.shown)


@pytest.mark.parametrize("who", ["noah", "ava", "ada"])
async def test_drafts_are_nobody_elses(story: Story, who: str) -> None:
    await drafts(story)
    before = [row for row in await _everything(story) if DRAFT in row and not row.startswith("jobs")]
    assert len([row for row in before if row.startswith(("questions:", "ideas:", "events:", "polls:"))]) == 4
    assert DRAFT not in await everything_forged(story, who)
    assert not [row for row in before if row not in await _everything(story)]
    for seen in await story.person(who).sees():
        assert DRAFT not in seen.words and DRAFT not in str(seen.controls)


async def test_a_poll_of_a_channel_that_one_is_not_in_is_not_there(story: Story) -> None:
    ava = story.person("ava")
    for kind in ("single", "ranked"):
        await ava.uses("/poll create", "agents", question=HIDDEN, options=f"{HIDDEN}-1\n{HIDDEN}-2", kind=kind)
        await ava.presses("Post it")
    votes = [row for row in await _everything(story) if row.startswith("ballots")]
    assert HIDDEN not in await everything_forged(story, "noah")
    assert votes == [row for row in await _everything(story) if row.startswith("ballots")]
    await story.door.press("omar", (await story.person("omar").reads(HIDDEN, "agents")).id, "voting.begin:2")
    assert HIDDEN in (await story.person("omar").last_private()).words


async def test_peers_take_no_question_that_is_for_support_alone(begin: Begin) -> None:
    story = await begin()
    mia, noah, ava = story.person("mia"), story.person("noah"), story.person("ava")
    post = await mia.says("Why was I charged twice by my subscription?", "help")
    card = await noah.reads("charged twice", story.thread(post))
    assert "I can help" not in card.controls
    await story.door.press("noah", card.id, "helping.help:1")
    assert "Support looks after this one" in (await noah.last_private()).words
    assert "🌱 Open" in (await noah.reads("charged twice", story.thread(post))).fields["State"]
    await story.door.press("ava", card.id, "helping.help:1")
    assert "Support looks after this one" not in (await ava.last_private()).words


async def test_only_what_is_solved_is_kept_as_knowledge(story: Story) -> None:
    mia, liam = story.person("mia"), story.person("liam")
    await mia.uses("/ask", question=SECRET, anonymous="true")
    shown = Answers()
    platform = story.door
    assert isinstance(platform, MemoryDoor)
    facts: Any = {"id": "forged", "at": story.now, "channel": Channel(platform.platform.space, "help")}
    typed = {"heading": HIDDEN, "answer": "Ask mia."}
    event = FormSubmitted(**facts, by=platform.platform.people["liam"], call="knowledge.save:1:0", answers=typed)
    await story.app.router.receive(event, shown)
    await story.app.settle()
    assert "Only a solved question" in shown.shown[-1]
    await liam.does_not_read(HIDDEN)


async def test_a_message_is_thanked_for_where_it_stands(story: Story) -> None:
    ava, noah = story.person("ava"), story.person("noah")
    message = await ava.says("The key is under the mat.", "agents")
    platform = story.door
    assert isinstance(platform, MemoryDoor)
    for number, channel in enumerate(("general", "agents")):
        shown = Answers()
        event = FormSubmitted(
            id=f"forged-{number}",
            at=story.now,
            by=platform.platform.people["noah"],
            channel=Channel(platform.platform.space, channel),
            call=f"thank.about:memory/home/agents/{message}",
            answers={"reason": HIDDEN},
        )
        await story.app.router.receive(event, shown)
        await story.app.settle()
        assert ("Ava" in str(shown.shown)) is (channel == "agents")
        assert any(HIDDEN in seen.words for seen in await ava.sees("agents")) is (channel == "agents")
    await noah.does_not_read(HIDDEN)


GARBAGE = (
    *("", "-1", "007", "1e3", "²", "٣", "\x00", "\ud800", "x" * 80, "%zz"),
    *(str(2**31 - 1), str(2**31), str(-(2**31) - 1), str(2**63), "9" * 5000),
)
"""What a button of ours carries never."""


async def test_whatever_a_call_carries_nothing_goes_wrong_on_our_side(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    boss = story.person("ada")
    for kind in ("rating", "ranked"):
        await boss.uses("/poll create", question=f"Which {kind}?", options="Tea\nCoffee\nWater", kind=kind)
        await boss.presses("Post it")
    await boss.uses("/event create", title="Tea", when="tomorrow 20:00")
    await boss.presses("Post")
    await drafts(story)
    platform = story.door
    assert isinstance(platform, MemoryDoor)
    app, shown, numbers = story.app, Answers(), itertools.count()
    ada, here = platform.platform.people["ada"], Channel(platform.platform.space, "general")

    async def send(call: str, typed: Mapping[str, str] | None, values: tuple[str, ...] = ()) -> None:
        facts: Any = {"id": f"forged-{next(numbers)}", "at": story.now, "by": ada, "channel": here, "call": call}
        event = ControlUsed(**facts, values=values) if typed is None else FormSubmitted(**facts, answers=typed)
        await app.router.receive(event, shown)
        assert "went wrong on our side" not in shown.shown[-1], (call, values)

    for name, bound in app.router._registry.actions.items():
        if name == "privacy.erase_all":
            continue
        size = len(bound.action.parameters) - 1
        typed = answers(bound, 1) if bound.action.form else None
        ids = "12" if name.startswith("voting.") else "1"
        for garbage, id_ in itertools.product(GARBAGE, ids):
            for place in range(size):
                given = [id_] * size
                given[place] = garbage
                await send(":".join((name, *given)), typed)
            await send(":".join((name, *["1"] * size)), typed, (garbage,))
        for wrong in (size - 1, size + 1, 40):
            if wrong >= 0 and wrong != size:
                await send(":".join((name, *["1"] * wrong)), typed)
    assert not [record.message for record in caplog.records if record.exc_info]
