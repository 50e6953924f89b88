"""Looks each hour whether what came due is done, and tells; it needs no scheduler, and nothing waits for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from functools import partial

from bot.clock import Clock
from storage.members import Community

from .trouble import Troubles
from .units import Units
from .work import Tools, Work

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
TIMEOUT = timedelta(seconds=30)
"""How long it may take to look at one community: what hangs there keeps no other from being looked at."""


class SelfCheck:
    """Has each community told what does not go on in it, or that this cannot be looked up.

    That it ran itself is told by `/readyz`.
    """

    def __init__(
        self,
        units: Units,
        tools: Tools,
        troubles: Troubles,
        known: Callable[[], Collection[Community]],
        clock: Clock,
    ) -> None:
        self._units = units
        self._tools = tools
        self._troubles = troubles
        self._known = known
        self._clock = clock
        self.ran_at: datetime | None = None
        """When all communities were looked at last, or when this began."""
        self._told: set[int] = set()
        """The communities that know since then that they cannot be looked at."""

    async def look(self) -> None:
        """Look, unless that was done within the hour."""
        await self.run_if_due(self._clock.now())

    async def run_if_due(self, now: datetime) -> None:
        """Look, unless that was done within the hour. After the start an hour passes first.

        What cannot be looked at is tried again the next time, and told where that has gone on for an hour.
        """
        self.ran_at = self.ran_at or now
        if timedelta() <= now - self.ran_at < EVERY:  # else the clock was set back
            return
        failed = [one for one in {*self._known()} if not await self._try(self._troubles.look, one, now)]
        if not failed:
            self.ran_at = now
            self._told.clear()
        elif now - self.ran_at >= 2 * EVERY:
            tell = partial(self._troubles.tell_unchecked, self.ran_at)
            self._told |= {one.id for one in failed if one.id not in self._told and await self._try(tell, one, now)}

    async def _try(self, do: Callable[[Work], Awaitable[None]], community: Community, now: datetime) -> bool:
        """Do something as a unit of one community; say whether that went well."""
        work = Work(self._tools, community, now)
        try:
            async with asyncio.timeout(TIMEOUT.total_seconds()):
                await self._units.run(work, partial(do, work))
        except Exception:
            log.exception("the self-check of %s failed", community.name)
            return False
        return True
