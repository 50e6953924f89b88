"""Looks each hour whether what came due is done, and tells; set off by the heartbeat, so that it needs no scheduler."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial

from storage.members import Community

from .trouble import Troubles
from .units import Units
from .work import Tools, Work

EVERY = timedelta(hours=1)


class SelfCheck:
    """Has each community told what does not go on in it. That it ran itself is told by `/readyz`."""

    def __init__(
        self, units: Units, tools: Tools, troubles: Troubles, known: Callable[[], Collection[Community]]
    ) -> None:
        self._units = units
        self._tools = tools
        self._troubles = troubles
        self._known = known
        self.ran_at: datetime | None = None

    async def run_if_due(self, now: datetime) -> None:
        """Look, unless that was done within the hour. After the start an hour passes first."""
        self.ran_at = self.ran_at or now
        if timedelta() <= now - self.ran_at < EVERY:  # else the clock was set back
            return
        for community in {*self._known()}:
            work = Work(self._tools, community, now)
            await self._units.run(work, partial(self._troubles.look, work))
        self.ran_at = now
