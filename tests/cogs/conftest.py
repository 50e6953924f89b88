"""A small community on a platform, ready for a story: each story is told on every platform there is a kit for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.bootstrap import build_application
from bot.clock import MovableClock
from bot.kernel.application import Application
from bot.kernel.cog import Cog
from config.settings import Settings
from storage import database
from storage.database import Database
from tests.doors import KITS, Kit, kit_for
from tests.on_the_spot import OnTheSpot
from tests.story import Story

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""A Monday morning."""

Begin = Callable[..., Awaitable[Story]]


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture(autouse=True)
def on_the_spot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no story wait for threads."""
    monkeypatch.setattr(database, "sqlite_engine", OnTheSpot)


@pytest.fixture(params=[*KITS])
async def kit(request: pytest.FixtureRequest, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Kit]:
    """The platform of this telling."""
    kit = kit_for(request, tmp_path, clock.now)
    yield kit
    await kit.close()


@pytest.fixture
async def begin(kit: Kit, clock: MovableClock, database_file: Path) -> AsyncIterator[Begin]:
    """Begin a story, or go on with it after a restart. Settings are given as environment variables."""
    running: list[Application] = []

    async def start(extra: tuple[Cog, ...] = (), **settings: str) -> Story:
        database = Database(f"sqlite:///{database_file}")
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
