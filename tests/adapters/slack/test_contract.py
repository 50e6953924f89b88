"""Slack keeps what every adapter promises, over Socket Mode and over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.contract.commands import Shortcut
from tests.adapters.test_contract import *  # noqa: F403  # the whole suite
from tests.adapters.test_contract import COMMANDS, Bench

from .door import SlackKit


@pytest.fixture
async def bench(  # type: ignore[no-redef]  # in place of the suite's own
    kit: SlackKit,
) -> AsyncIterator[Bench]:
    bench = Bench(await kit.adapter())

    async def settled() -> None: ...

    await bench.adapter.start(bench.receive, COMMANDS, [Shortcut("Mark as answer")])
    bench.door = await kit.door(settled)
    yield bench
    await bench.adapter.stop()
    await bench.adapter.stop()
