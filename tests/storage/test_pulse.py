"""A process shows that it lives, and knows whether others may think otherwise."""

from __future__ import annotations

import pytest

from bot.kernel.pulse import Pulse
from storage.database import Database
from storage.processes import FREE_SECONDS, Process, ProcessStore


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_who_was_silent_for_long_may_be_over_and_hears_that_it_was(database: Database, replica: Database) -> None:
    watch = Watch()
    pulse = Pulse(ProcessStore(database), Process("one", "here", 1), watch)
    assert pulse.may_be_over()
    await pulse.begin()
    watch.seconds += FREE_SECONDS - 1
    assert not pulse.may_be_over()
    assert await pulse.beat()
    watch.seconds += FREE_SECONDS
    assert pulse.may_be_over()
    await ProcessStore(replica).end(Process("one", "here", 1))  # as others do
    assert not await pulse.beat()
    assert not pulse.may_be_over()
    assert await pulse.beat(), "it is known again"


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_on_sqlite_there_is_nobody_to_think_so(database: Database) -> None:
    assert not Pulse(ProcessStore(database), Process("one", "here", 1)).may_be_over()
