"""A community that makes noise waits for itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

from benchmarks.noise import Homes
from bot.bootstrap import build_application
from bot.clock import SystemClock
from config.settings import Settings
from storage.database import Database


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
