"""Spaces that are joined after one of them began alone, in whatever order settings name them."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.memory import Memory
from bot.bootstrap import build_application
from bot.clock import MovableClock
from config.settings import Settings
from storage.database import Database

from .test_link import Elsewhere


@pytest.mark.parametrize("spaces", ["memory/home,elsewhere/there", "elsewhere/there,memory/home"])
async def test_a_space_that_began_alone_is_joined_by_another(
    database_file: Path, clock: MovableClock, spaces: str
) -> None:
    database = f"sqlite:///{database_file}"
    alone = build_application(Settings(), Database(database), [Memory(clock.now)], clock)
    await alone.start()
    began = {space: community.id for space, community in alone.communities.known.items()}
    await alone.stop()
    both = [Memory(clock.now), Elsewhere(clock.now, "there")]
    joined = build_application(Settings.model_validate({"TRELLIS_SPACES": spaces}), Database(database), both, clock)
    await joined.start()
    try:
        assert len(joined.communities.known) == 2
        assert {community.id for community in joined.communities.known.values()} == {*began.values()}
    finally:
        await joined.stop()
