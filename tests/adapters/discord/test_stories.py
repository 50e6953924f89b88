"""Every story of the cogs and every promise of an adapter, once more, on Discord."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.contract.commands import Shortcut
from bot.clock import MovableClock
from tests.adapters import test_contract
from tests.cogs.conftest import begin, clock, story
from tests.doors import Kit

from . import spec
from .door import DiscordKit

__all__ = ["begin", "clock", "story"]

pytestmark = spec.missing

NO_ZONES = "Discord tells nobody's time zone"
NO_ASIDES = "Discord shows nothing to one person who did not use a command or a button"
TYPED = "Discord's own yes/no takes no other word"
LACKS = {
    "test_people_are_found": NO_ZONES,
    "test_quiet_hours_count_on_the_members_own_clock": NO_ZONES,
    "test_an_answer_that_is_wrong_comes_back_with_what_was_typed": TYPED,
    "test_posting_in_the_help_channel_asks": NO_ASIDES,
    "test_whoever_says_that_it_was_no_question_is_left_alone": NO_ASIDES,
    "test_a_post_goes_on_by_itself_when_its_author_does_not_look": NO_ASIDES,
    "test_a_check_mark_from_the_asker_solves_it_and_only_theirs": NO_ASIDES,
    "test_an_asker_who_sounds_content_is_asked": NO_ASIDES,
}
"""What cannot be told on Discord, and why."""


@pytest.fixture
async def kit(request: pytest.FixtureRequest, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Kit]:
    _possible(request)
    kit = DiscordKit(tmp_path, clock.now)
    yield kit
    await kit.close()


@pytest.fixture
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[test_contract.Bench]:
    _possible(request)
    clock = MovableClock(test_contract.NOW)
    kit = DiscordKit(tmp_path, clock.now)
    bench = test_contract.Bench(await kit.adapter())

    async def settled() -> None: ...

    await bench.adapter.start(bench.receive, test_contract.COMMANDS, [Shortcut("Mark as answer")])
    bench.door = await kit.door(settled)
    yield bench
    await bench.adapter.stop()
    await kit.close()


def _told(module: Any) -> dict[str, Callable[..., Any]]:
    return {name: test for name, test in vars(module).items() if name.startswith("test_")}


def _possible(request: pytest.FixtureRequest) -> None:
    if reason := LACKS.get(request.function.__name__):
        pytest.skip(reason)


_STORIES = Path(__file__).parents[2] / "cogs"
for _file in sorted(_STORIES.glob("test_*.py")):
    if _file.stem != "test_trouble":  # which takes what is memory's own
        globals().update(_told(importlib.import_module(f"tests.cogs.{_file.stem}")))
globals().update(_told(test_contract))
