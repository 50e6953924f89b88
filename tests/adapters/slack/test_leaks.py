"""What a day of Slack's sockets leaves behind: nothing."""

from __future__ import annotations

import pytest

from tests.held import DAYS, RENEWALS, held, nothing_more_than, on_linux

from .conftest import Bench


@on_linux
@DAYS
@pytest.mark.parametrize("kit", ["socket"], indirect=True)
async def test_sockets_that_are_renewed_leave_nothing_behind(bench: Bench, days: int) -> None:
    """Each of the two is renewed every four hours, and heard before and after."""

    async def renew() -> None:
        for _ in range(2):
            before = [*bench.server.sockets]
            await bench.server.disconnect("refresh_requested")
            await bench.until(lambda: len(bench.server.sockets) == 2 and bench.server.sockets != before)  # noqa: B023
            await bench.crowd.say("UMIA", "CHELP", "Hello?")
        await bench.settled()

    await renew()
    before = held()
    for _ in range(RENEWALS * days):
        await renew()
    await nothing_more_than(before)
    assert len(bench.heard) == 2 * (RENEWALS * days + 1)
