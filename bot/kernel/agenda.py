"""What is to be done later, written down before anyone relies on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from adapters.contract.call import Call
from storage.database import Database
from storage.jobs import JobStore

from .domain_events import DomainEvent, pack_event

Hearing: TypeAlias = Callable[[DomainEvent], Awaitable[Sequence[str]]]
"""Finds the full names of the actions that are to hear of an event."""


class Agenda:
    """Puts calls on the list of jobs, in whatever unit is open."""

    def __init__(self, jobs: JobStore, hearing: Hearing, database: Database) -> None:
        self._jobs = jobs
        self._hearing = hearing
        self._database = database
        self.expect: Callable[[datetime], None] = _nobody_waits
        """Called with the moment at which something is due that was put on the list, once that is kept."""

    async def put(
        self, call: Call, at: datetime, community_id: int, key: str | None = None, *, unless_due: datetime | None = None
    ) -> None:
        """Call later, at least once; a `key` takes the place of what was put under it before.

        What was due by `unless_due` keeps its place.
        """
        await self._jobs.put(call.pack(), at, community_id=community_id, key=key, unless_due=unless_due)
        if unit := self._database.current:
            unit.when_kept(lambda: self.expect(at))
        else:
            self.expect(at)

    async def cancel(self, key: str) -> None:
        """Forget what was put under `key`."""
        await self._jobs.cancel(key)

    async def publish(self, event: DomainEvent, community_id: int, at: datetime) -> None:
        """Put one call for each listener that may want the event."""
        for action in await self._hearing(event):
            await self.put(Call(action, pack_event(event)), at, community_id)


def _nobody_waits(_: datetime) -> None: ...
