"""What a day of connections to Discord leaves behind: nothing."""

from __future__ import annotations

import pytest

from adapters.contract.events import MessagePosted
from tests.held import DAYS, RENEWALS, held, nothing_more_than, on_linux

from . import people, spec
from .conftest import Rig

pytestmark = [spec.missing, on_linux]


@DAYS
async def test_connections_that_are_begun_again_leave_nothing_behind(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """They are resumed where that is possible, and begun afresh where it is not, by turns."""
    monkeypatch.setattr("discord.client.ExponentialBackoff.delay", lambda _: 0.01)
    await rig.start()

    async def renew() -> None:
        for resumable, begun in ((True, rig.server.resumed), (False, rig.server.identified)):
            rig.server.resumable, before = resumable, len(begun)
            await rig.server.drop(4000)
            await rig.until(lambda: len(begun) > before and rig.adapter.connected)  # noqa: B023
        await people.say(rig.server, rig.mia, rig.help, "Hello")
        await rig.settle()

    await renew()
    before = held()
    for _ in range(RENEWALS * days):
        await renew()
    await nothing_more_than(before)
    assert len([event for event in rig.heard if isinstance(event, MessagePosted)]) == RENEWALS * days + 1
