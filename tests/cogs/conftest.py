"""A small community on a platform, ready for a story: each story is told on every platform there is a kit for."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.bootstrap import build_application
from bot.clock import MovableClock
from bot.kernel.application import Application
from bot.kernel.cog import Cog
from config.settings import Settings
from storage.database import Database
from tests.doors import KITS, Kit, kit_for
from tests.story import Story

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""A Monday morning."""

Begin = Callable[..., Awaitable[Story]]


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture(params=[*KITS])
async def kit(request: pytest.FixtureRequest, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Kit]:
    """The platform of this telling."""
    kit = kit_for(request, tmp_path, clock.now)
    yield kit
    await kit.close()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and no rows, to begin from: making the tables takes longer than many a story."""
    path = tmp_path_factory.mktemp("database") / "empty.db"

    async def make() -> None:
        database = Database(f"sqlite:///{path}")
        await database.upgrade()
        await database.close()

    asyncio.run(make())
    return path


@pytest.fixture
async def begin(kit: Kit, tmp_path: Path, clock: MovableClock, empty_database: Path) -> AsyncIterator[Begin]:
    """Begin a story, or go on with it after a restart. Settings are given as environment variables."""
    running: list[Application] = []
    shutil.copy(empty_database, tmp_path / "trellis.db")

    async def start(extra: tuple[Cog, ...] = (), **settings: str) -> Story:
        database = Database(f"sqlite:///{tmp_path / 'trellis.db'}")
        app = build_application(Settings.model_validate(settings), database, [await kit.adapter()], clock, extra)
        await app.start()
        running.append(app)
        return Story(app, await kit.door(app.settle), clock)

    yield start
    for app in running:
        await app.stop()


@pytest.fixture
async def story(begin: Begin) -> Story:
    """A story with the settings as they come."""
    return await begin()
