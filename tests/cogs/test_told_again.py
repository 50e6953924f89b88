"""What a platform tells again, a day later and after a restart, is not done again."""

from __future__ import annotations

import pytest

from adapters.contract.events import PlatformEvent
from adapters.memory import Memory
from tests.doors import MemoryDoor
from tests.story import Story

from .conftest import Begin

QUESTION = "How do I rotate the webhook secret?"


def _platform(story: Story) -> Memory:
    assert isinstance(story.door, MemoryDoor)
    return story.door.platform


async def _do_all(story: Story) -> list[PlatformEvent]:
    """Have people write, react, use commands, fill in forms and press; return what was told of it."""
    platform, (mia, noah) = _platform(story), map(story.person, ("mia", "noah"))
    told: list[PlatformEvent | None] = []
    await mia.says(QUESTION, "help")
    told.append(platform.last_event)
    await noah.presses("I can help", on=await noah.reads(QUESTION))
    told.append(platform.last_event)
    await mia.uses("/idea add", title="Lamps along the path")
    told.append(platform.last_event)
    await noah.presses("👍 Vote", on=await noah.reads("Lamps along the path"))
    told.append(platform.last_event)
    await mia.uses("/thanks", member=story.named("noah"), reason="For the patient review")
    told.append(platform.last_event)
    return [event for event in told if event]


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_is_told_again_a_day_later_and_after_a_restart_counts_once(begin: Begin) -> None:
    story = await begin()
    told = await _do_all(story)
    assert len({event.id for event in told}) == 5
    await story.passes(hours=23)
    await story.app.stop()
    story = await begin()
    await story.app.settle()
    before = {seen.id: seen.words for who in ("mia", "noah") for seen in await story.person(who).sees()}
    for event in told:
        await _platform(story).again(event)
    await story.app.settle()
    after = {seen.id: seen.words for who in ("mia", "noah") for seen in await story.person(who).sees()}
    assert after == before
