"""The platform's own calendar and ours are one: who says there that a meeting interests them has answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.adapters.discord.door import DiscordDoor
from tests.doors import MemoryDoor
from tests.story import Story

from .conftest import Begin
from .test_events_cohosts import card
from .test_onboarding import arrived
from .test_onboarding_gate import gated

pytestmark = pytest.mark.needs("calendar")


async def plan(story: Story, who_plans: str = "noah", **options: str) -> None:
    host = story.person(who_plans)
    await host.uses("/event create", title="Game night", when="friday 20:00", **options)
    await host.presses("Post")
    await story.passes(minutes=1)


async def answers(story: Story) -> dict[str, str]:
    await story.passes(minutes=1)
    shown = (await card(story)).fields
    return {name: shown[name] for name in ("Going", "Maybe", "Waitlist") if name in shown}


async def test_interest_is_an_answer_and_can_be_taken_back(story: Story) -> None:
    mia = story.person("mia")
    await plan(story)
    await mia.is_interested("Game night")
    await mia.is_interested("Game night")
    assert await answers(story) == {"Going": "Nobody yet", "Maybe": "@Mia"}
    await mia.is_interested("Game night", False)
    assert await answers(story) == {"Going": "Nobody yet"}


async def test_who_said_more_on_the_card_keeps_it(story: Story) -> None:
    mia = story.person("mia")
    await plan(story)
    await mia.presses("Going", on=await card(story, "mia"))
    for interested in (True, False):
        await mia.is_interested("Game night", interested)
        assert await answers(story) == {"Going": "1 person: @Mia"}
    await mia.presses("Can't", on=await card(story, "mia"))
    await mia.is_interested("Game night")
    assert await answers(story) == {"Going": "Nobody yet", "Maybe": "@Mia"}, "they thought again"


async def test_interest_takes_no_seat_and_lets_nobody_in(story: Story) -> None:
    mia, kenji = story.person("mia"), story.person("kenji")
    await plan(story, capacity="1", who="mentor")
    await mia.is_interested("Game night")
    assert await answers(story) == {"Going": "Nobody yet"}, "it is for mentors"
    await story.person("noah").uses("/event cancel", event="1")
    await story.person("noah").presses("Cancel it")
    await plan(story, capacity="1")
    await kenji.presses("Going", on=await card(story, "kenji"))
    await mia.is_interested("Game night")
    assert await answers(story) == {"Going": "1 of 1: @Kenji", "Maybe": "@Mia"}


@pytest.mark.needs("joining")
@pytest.mark.needs("roles")
async def test_interest_does_not_lead_past_the_gate(begin: Begin, tmp_path: Path) -> None:
    story = await gated(begin, tmp_path, 'role = "mentor"')
    await plan(story, "liam")
    zoe = await arrived(story)
    await zoe.is_interested("Game night")
    assert await answers(story) == {"Going": "Nobody yet"}


async def test_the_entry_leads_to_the_card(story: Story) -> None:
    await plan(story)
    shown, door = await card(story), story.door
    if isinstance(door, MemoryDoor):
        assert [bool(one.link) for one in door.platform.calendar.values()] == [True]
    elif isinstance(door, DiscordDoor):
        assert [one["description"].rpartition("/")[2] for one in door.server.world.events.values()] == [shown.id]
        written = [asked.method for asked in door.server.requests if "scheduled-events" in asked.path]
        assert written.count("POST") == 1 and "PATCH" not in written, "the card stands first, so it is written once"


async def test_an_event_is_in_the_calendar_also_while_its_card_cannot_be_posted(story: Story) -> None:
    await story.keeps_out("events")
    await plan(story)
    await story.passes(minutes=5)
    await story.person("mia").is_interested("Game night")
    await story.lets_back("events")
    await story.passes(hours=1)
    assert await answers(story) == {"Going": "Nobody yet", "Maybe": "@Mia"}
