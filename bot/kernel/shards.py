"""Shares out the shards of a platform among all processes that hear it, by leases."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping

from adapters.contract.shards import Alone, Budget, Leases, Share, outgrown
from bot.clock import steady
from storage.database import Database
from storage.processes import BEAT_SECONDS, FREE_SECONDS, Process
from storage.shards import Seen, ShardStore

log = logging.getLogger(__name__)

ASK_AGAIN = 5.0
"""Seconds until the database is asked again that did not answer."""
PATIENCE = 10.0
"""Seconds that a shard is left to whoever has the fewest, who may have to wait until the next one may begin."""
STEADY = 1.5
"""How long a process has to want shards before another one gives some up for it, since it may be in a crash loop: so
many times as long as it takes until a lease is free, which makes 30 s."""


class PlatformLeases(Leases):
    """The leases on the shards of one platform.

    Each is ours for `free` seconds from each renewal, by a clock that goes on while this process or the machine is
    stopped: as long as nobody else can take it. Where the database does not answer and no other process was there when
    it last did, nobody takes it either, and we go on to tell people that nothing can be kept now.
    """

    def __init__(
        self,
        database: Database,
        platform: str,
        process: Process,
        *,
        beat: float = BEAT_SECONDS,
        free: float = FREE_SECONDS,
        now: Callable[[], float] = steady,
    ) -> None:
        self._store = ShardStore(database, platform, process, free)
        self._platform = platform
        self._beat, self._free = beat, free
        self._now = now
        self._tokens: dict[int, int] = {}
        self._until: dict[int, float] = {}
        self._tried = float("-inf")
        """When the database was last asked, or did not answer."""
        self._renewed = float("-inf")
        self._is_alone = False
        self._wants = False
        """Whether the others know that we want shards."""
        self._held: Mapping[int, str] = {}
        self._changed = float("-inf")
        """When it was last seen that somebody else has a shard than before."""
        self._share: Share | None = None

    def is_held(self, number: int) -> bool:
        now = self._now()
        return number in self._tokens and (
            now < self._until[number] or (self._is_alone and now - self._tried < 3 * self._beat)
        )

    async def look(self, recommended: int, *, needed: bool = False, resting: bool = False) -> Share | None:
        for number in [number for number in self._tokens if not self.is_held(number)]:
            self._lose(number)
        asked = self._now()
        has_all = self._share is not None and len(self._tokens) == self._share.count
        if has_all and not needed and asked - self._renewed < self._beat:
            return self._share
        self._tried = asked
        try:
            async with asyncio.timeout(self._free / 4):
                if asked - self._renewed >= self._beat:
                    await self._renew(wants=not resting)
                seen = await self._store.look()
                if self._is_to_settle(seen, recommended, needed=needed):
                    await self._store.settle(recommended, change=outgrown(seen.count, recommended, needed=needed))
                    seen = await self._store.look()
        except Exception as failure:
            log.warning("the leases on %s could not be renewed: %r", self._platform, failure)
            self._tried = self._now()
            return None
        self._share = self._share_of(seen, resting=resting)
        return self._share

    async def _renew(self, *, wants: bool) -> None:
        asked, self._wants = self._now(), wants or self._wants
        ours, others = await self._store.renew(self._tokens, wants=wants)
        self._wants = wants
        self._is_alone, self._renewed = others == 0, asked
        for number in [*self._tokens]:
            if number in ours:
                self._until[number] = asked + self._free
            else:
                self._lose(number)

    def _lose(self, number: int) -> None:
        del self._tokens[number], self._until[number]
        log.warning("this process hears %s no more: it was silent for too long, or replaced", self._called(number))

    @staticmethod
    def _is_to_settle(seen: Seen, recommended: int, *, needed: bool) -> bool:
        if not seen.count or (not seen.held and recommended != seen.count):
            return True
        if seen.wanted != seen.count:
            return not seen.held
        return outgrown(seen.count, recommended, needed=needed)

    def _share_of(self, seen: Seen, *, resting: bool) -> Share:
        """Return what is ours, what may be, and what has to go: all of it where the number of shards is to change."""
        ours, me, now = {*self._tokens}, self._store.me, self._now()
        if seen.held != self._held:
            self._held, self._changed = seen.held, now
        elsewhere = frozenset(number for number, owner in seen.held.items() if owner != me)
        if seen.wanted != seen.count:
            return Share(seen.count, elsewhere, give=frozenset(ours))
        nobodys = [number for number in range(seen.count) if number not in elsewhere | ours]
        if resting:
            return Share(seen.count, elsewhere)
        if nobodys:
            is_ours = has_fewest(seen, me) or now - self._changed >= PATIENCE
            return Share(seen.count, elsewhere, nobodys if is_ours else ())
        is_too_much = seen.begun < seen.count * 3 // 2 and has_too_many(seen, me, STEADY * self._free)
        return Share(seen.count, elsewhere, give=frozenset({max(ours)} if ours and is_too_much else ()))

    def _called(self, number: int) -> str:
        count = self._share.count if self._share else 1
        return f"{self._platform}, shard {number} of {count}" if count > 1 else self._platform

    async def take(self, number: int) -> bool:
        if self._share is None:
            return False
        asked = self._now()
        try:
            async with asyncio.timeout(self._free / 4):
                token = await self._store.take(number, self._share.count)
        except Exception as failure:
            log.warning("who hears %s is not known, since the database does not answer: %r", self._platform, failure)
            return False
        if token is None:
            return False
        log.info("this process hears %s (lease %d)", self._called(number), token)
        self._is_alone, self._tried = False, asked
        self._tokens[number], self._until[number] = token, asked + self._free
        return True

    async def release(self, number: int) -> None:
        await self._release([number] if number in self._tokens else [])

    async def leave(self) -> None:
        await self._release([*self._tokens], leaves=True)

    async def _release(self, numbers: Collection[int], *, leaves: bool = False) -> None:
        tokens = {number: self._tokens.pop(number) for number in numbers}
        leaves, self._wants = leaves and self._wants, self._wants and not leaves
        if not tokens and not leaves:
            return
        try:
            async with asyncio.timeout(self._free / 4):
                await self._store.release(tokens, leaves=leaves)
        except Exception as failure:
            log.warning("the leases on %s could not be released: %r", self._platform, failure)

    async def begin(self, *budgets: Budget) -> float:
        return await _begin(self._store, self._platform, budgets)


class OwnLeases(Alone):
    """The leases of the one process that a database is for: all are its own, and what it begins is counted."""

    def __init__(self, database: Database, platform: str, process: Process) -> None:
        super().__init__()
        self._store = ShardStore(database, platform, process)
        self._platform = platform

    async def begin(self, *budgets: Budget) -> float:
        return await _begin(self._store, self._platform, budgets)


def leases_on(platform: str, database: Database, process: Process) -> Leases:
    """Return the leases on the shards of a platform, for a process that may share its database with others."""
    return (OwnLeases if database.dialect == "sqlite" else PlatformLeases)(database, platform, process)


def has_fewest(seen: Seen, me: str) -> bool:
    """Say whether nobody who wants shards has fewer than we: the next one that is free is ours."""
    held = Counter(seen.held.values())
    return all(held[me] <= held[other] for other in seen.hearers)


def has_too_many(seen: Seen, me: str, steady: float) -> bool:
    """Say whether we are the one to give a shard to somebody who wants some for long enough, and has two fewer."""
    held = Counter(seen.held.values())
    there = {*held, *(other for other, seconds in seen.hearers.items() if seconds >= steady)}
    giver = max(there, key=lambda owner: (held[owner], owner), default=me)
    return giver == me and held[me] - min((held[other] for other in there), default=held[me]) > 1


async def _begin(store: ShardStore, platform: str, budgets: Collection[Budget]) -> float:
    try:
        return await store.begin(budgets)
    except Exception as failure:
        log.warning("how often %s was connected to is not known: %r", platform, failure)
        return ASK_AGAIN
