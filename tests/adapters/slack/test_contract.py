"""Slack keeps what every adapter promises, over Socket Mode and over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.contract.commands import Shortcut
from tests.adapters import test_contract as suite

from .door import SlackKit

globals().update({name: test for name, test in vars(suite).items() if name.startswith("test_")})


@pytest.fixture
async def bench(request: pytest.FixtureRequest, kit: SlackKit) -> AsyncIterator[suite.Bench]:
    for needed in request.node.iter_markers("needs"):
        if reason := kit.LACKS.get(needed.args[0]):
            pytest.skip(reason)
    bench = suite.Bench(await kit.adapter())

    async def settled() -> None: ...

    await bench.adapter.start(bench.receive, bench.wants, suite.COMMANDS, [Shortcut("Mark as answer")])
    bench.door = await kit.door(settled)
    yield bench
    await bench.adapter.stop()
    await bench.adapter.stop()
