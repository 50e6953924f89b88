"""A story on the platform that lives in memory, for tests without our fixtures: those of cogs of one's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.bootstrap import build_application
from bot.clock import MovableClock
from config.settings import Settings
from storage.database import Database

from .doors import MemoryKit
from .story import Story


@asynccontextmanager
async def memory_story(folder: Path, *, url: str = "", **settings: str) -> AsyncIterator[Story]:
    """Begin a story on a Monday morning, with its database in a folder, or where `url` says.

    Settings are given as in the environment.
    """
    clock = MovableClock(datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    kit = MemoryKit(folder, clock.now)
    database = Database(url or f"sqlite:///{folder / 'trellis.db'}")
    app = build_application(Settings.model_validate(settings), database, [await kit.adapter()], clock)
    await app.start()
    try:
        yield Story(app, await kit.door(app.settle), clock)
    finally:
        await app.stop()
