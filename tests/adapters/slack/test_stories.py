"""The stories of the questions room, told on Slack: the same words, another door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import MovableClock
from tests.cogs.conftest import begin, story  # noqa: F401  # fixtures
from tests.cogs.test_helping import *  # noqa: F403  # stories
from tests.cogs.test_knowledge import *  # noqa: F403
from tests.cogs.test_questions import *  # noqa: F403
from tests.cogs.test_solving import *  # noqa: F403
from tests.cogs.test_support import *  # noqa: F403

from .door import SlackKit


@pytest.fixture
async def kit(tmp_path: Path, clock: MovableClock) -> AsyncIterator[SlackKit]:
    """A workspace, over Socket Mode alone: the transports differ in nothing that a story can see."""
    kit = SlackKit(tmp_path, clock.now)
    yield kit
    await kit.close()
