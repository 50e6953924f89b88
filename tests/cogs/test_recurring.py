"""What comes again and again: tried again when it fails, and done late when it came due while nobody was there."""

from __future__ import annotations

from typing import Any

import pytest

from bot.kernel.cog import Cog, every
from bot.kernel.work import Work
from storage.members import Member

from .conftest import Begin

pytestmark = pytest.mark.parametrize("kit", ["memory"], indirect=True)


class Bell(Cog):
    """Rings each day at noon."""

    name = "bell"

    def __init__(self) -> None:
        self.rang: list[str] = []
        self.fails = 0

    @every("daily 12:00")
    async def ring(self, work: Work) -> None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("the rope is broken")
        self.rang.append(f"{work.now:%a %H}")

    async def export(self, member: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...


async def test_what_fails_is_tried_again_and_comes_again_tomorrow(begin: Begin) -> None:
    bell = Bell()
    story = await begin((bell,))
    bell.fails = 3
    await story.passes(hours=6)
    assert bell.rang == ["Mon 12"]
    await story.passes(days=1)
    assert bell.rang == ["Mon 12", "Tue 12"]


async def test_what_never_works_is_set_aside_and_still_comes_again_tomorrow(begin: Begin) -> None:
    bell = Bell()
    story = await begin((bell,))
    bell.fails = 5
    await story.passes(hours=6)
    assert not bell.rang and [job.call for job in await story.app.jobs.dead()] == [Bell.ring.call().pack()]
    await story.passes(days=1)
    assert bell.rang == ["Tue 12"] and not await story.app.jobs.dead()


async def test_what_came_due_while_nobody_was_there_is_done_once_and_late(begin: Begin) -> None:
    bell = Bell()
    story = await begin((bell,))
    await story.app.stop()
    story.clock.move_to(story.now.replace(day=story.now.day + 2, hour=15))
    story = await begin((bell,))
    await story.app.settle()
    await story.passes(hours=1)
    assert bell.rang == ["Wed 15"]
    await story.passes(days=1)
    assert bell.rang == ["Wed 15", "Thu 12"]
