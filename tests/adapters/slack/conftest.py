"""The people, the server and the adapter of a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import MovableClock

from .door import SlackKit

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture(params=["socket", "http"])
async def kit(request: pytest.FixtureRequest, tmp_path: Path, clock: MovableClock) -> AsyncIterator[SlackKit]:
    """A workspace, heard over each of the two transports."""
    kit = SlackKit(tmp_path, clock.now, http=request.param == "http")
    yield kit
    await kit.close()
