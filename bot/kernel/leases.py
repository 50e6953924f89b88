"""Keeps the lease on a platform that one process at a time may hear."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from adapters.contract.adapter import Lease
from storage.database import Database
from storage.leases import LeaseStore
from storage.processes import BEAT_SECONDS, FREE_SECONDS, Process

log = logging.getLogger(__name__)

ASK_AGAIN = 5.0
"""Seconds until the database is asked again that did not answer."""
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _now() -> float:
    return time.clock_gettime(_CLOCK)


class PlatformLease(Lease):
    """The lease on one platform.

    It is ours for `free` seconds from each renewal, by a clock that goes on while this process or the machine is
    stopped: as long as nobody else can take it. Where the database does not answer and no other process was there when
    it last did, nobody takes it either, and we go on to tell people that nothing can be kept now.

    Where it is not `shared`, since the database is for one process, it is always ours, and only beginnings are counted.
    """

    def __init__(
        self,
        database: Database,
        platform: str,
        process: Process,
        *,
        shared: bool = True,
        beat: float = BEAT_SECONDS,
        free: float = FREE_SECONDS,
        now: Callable[[], float] = _now,
    ) -> None:
        self._store = LeaseStore(database, process, free)
        self._platform = platform
        self._beat, self._free = beat, free
        self._now = now
        self._is_shared = shared
        self._token: int | None = None
        self._until = float("-inf")
        self._tried = float("-inf")
        """When the database was last asked, or did not answer."""
        self._is_alone = False

    @property
    def is_held(self) -> bool:
        if not self._is_shared:
            return True
        now = self._now()
        return self._token is not None and (
            now < self._until or (self._is_alone and now - self._tried < 3 * self._beat)
        )

    async def take(self) -> bool:
        if not self._is_shared:
            return True
        asked = self._now()
        try:
            self._token = await self._store.take(self._platform)
        except Exception as failure:
            log.warning("who hears %s is not known, since the database does not answer: %r", self._platform, failure)
            return False
        if self._token is None:
            return False
        log.info("this process hears %s (lease %d)", self._platform, self._token)
        self._is_alone, self._tried, self._until = False, asked, asked + self._free
        return True

    async def lost(self) -> None:
        if not self._is_shared:
            await asyncio.get_running_loop().create_future()
        is_ours = True
        while is_ours:
            await asyncio.sleep(self._beat)
            is_ours = await self._renew()
        self._token = None
        log.warning("this process hears %s no more: it was silent for too long, or replaced", self._platform)

    async def _renew(self) -> bool:
        """Renew the lease, and say whether it is ours, or may be."""
        token, asked = self._token, self._now()
        if token is None or not self.is_held:
            return False
        self._tried = asked
        try:
            async with asyncio.timeout(self._beat):
                others = await self._store.renew(self._platform, token)
        except Exception as failure:
            log.warning("the lease on %s could not be renewed: %r", self._platform, failure)
            self._tried = self._now()
            return self.is_held
        if others is None:
            return False
        self._is_alone, self._until = others == 0, asked + self._free
        return True

    async def release(self) -> None:
        token, self._token = self._token, None
        if token is None:
            return
        try:
            async with asyncio.timeout(self._beat):
                await self._store.release(self._platform, token)
        except Exception as failure:
            log.warning("the lease on %s could not be released: %r", self._platform, failure)

    async def begin(self, most: int, seconds: float) -> float:
        try:
            return await self._store.begin(self._platform, most, seconds)
        except Exception as failure:
            log.warning("how often %s was connected to is not known: %r", self._platform, failure)
            return ASK_AGAIN
