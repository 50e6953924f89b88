"""A community that makes noise waits for itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from benchmarks.noise import Homes
from bot import Card, Cog, Context, command
from bot.bootstrap import build_application
from bot.clock import SystemClock
from bot.kernel.units import AT_ONCE
from config.settings import Settings
from storage.database import Database
from storage.members import Member

from .conftest import Begin


async def test_who_does_something_elsewhere_does_not_wait_until_the_noise_is_over(tmp_path: Path) -> None:
    homes = Homes(2)
    app = build_application(Settings(), Database(f"sqlite:///{tmp_path / 'trellis.db'}"), [homes], SystemClock())
    await app.start()
    loud, quiet = [info.space for info in await homes.spaces()]
    try:
        for space in (loud, quiet):
            await homes.suggest(space)
        noise = [asyncio.create_task(homes.suggest(loud)) for _ in range(60)]
        await asyncio.sleep(0)  # each of them has begun
        await homes.suggest(quiet)
        over = sum(one.done() for one in noise)
        await asyncio.gather(*noise)
    finally:
        await app.stop()
    assert over <= 20, "as many as are under way, and those that come in their places meanwhile"


class Slow(Cog):
    """A cog whose command takes long before it has anything to write: it asks somebody, say."""

    name = "slow"

    def __init__(self) -> None:
        self.answered, self.full, self.waiting = asyncio.Event(), asyncio.Event(), 0

    @command("weather", "What the weather is like")
    async def ask(self, ctx: Context) -> None:
        self.waiting += 1
        if self.waiting == AT_ONCE:
            self.full.set()
        await self.answered.wait()
        await ctx.reply(Card("It rains"))

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_takes_long_keeps_nobody_of_its_community_waiting(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.kernel.units.LONG", 0.01)
    slow = Slow()
    story = await begin((slow,))
    people = [story.person(name) for name in ("mia", "noah", "kenji", "ava", "ada")]
    asked = [asyncio.create_task(one.uses("/weather")) for one in people]
    try:
        async with asyncio.timeout(30):
            await slow.full.wait()
            await story.person("sofia").uses("/me")
    finally:
        slow.answered.set()
        await asyncio.gather(*asked)
    assert {[*await one.sees()][-1].title for one in people} == {"It rains"}
    rooms = story.app.units._room.values()
    assert [room._value for room in rooms] == [AT_ONCE], "each place was given back once"
