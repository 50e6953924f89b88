"""A small community on the memory platform, ready for a story."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.memory import Memory
from bot.clock import MovableClock
from bot.cog import Cog
from bot.house import build_app
from config.settings import Settings
from storage.database import Database
from tests.doors import MemoryDoor
from tests.story import Story

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""A Monday morning."""

Begin = Callable[..., Awaitable[Story]]


def platform_for(clock: MovableClock) -> Memory:
    """Return the platform with the people and channels of every story."""
    platform = Memory(clock.now)
    for name in ("general", "help"):
        platform.add_channel(name)
    platform.add_channel("agents", readers=("ava", "omar", "liam", "ada"))
    for name, zone in (("mia", None), ("noah", None), ("kenji", "Asia/Tokyo"), ("sofia", "America/Sao_Paulo")):
        platform.add_person(name, name.capitalize(), zone)
    for name, role in (("ava", "agent"), ("omar", "agent"), ("liam", "moderator"), ("ada", "admin")):
        platform.add_person(name, name.capitalize(), roles=(role,))
    return platform


@pytest.fixture
async def begin(tmp_path: Path) -> AsyncIterator[Begin]:
    """Begin a story; settings can be given as environment variables."""
    async with AsyncExitStack() as stack:

        async def start(
            platform: Memory | None = None,
            clock: MovableClock | None = None,
            extra: tuple[Cog, ...] = (),
            **settings: str,
        ) -> Story:
            clock = clock or MovableClock(START)
            platform = platform or platform_for(clock)
            database = Database(f"sqlite:///{tmp_path / 'trellis.db'}")
            app = build_app(Settings.model_validate(settings), database, [platform], clock, extra)
            await app.start()
            stack.push_async_callback(app.stop)
            return Story(app, MemoryDoor(platform), clock)

        yield start


@pytest.fixture
async def story(begin: Begin) -> Story:
    """A story with the settings as they come."""
    return await begin()
