"""Records what platforms answered: that rows of the outbox are done, and what stands where."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import Context
from dataclasses import dataclass
from functools import partial

from bot.clock import Clock
from storage.away import AWAY
from storage.database import Database
from storage.outbox import Item, OutboxStore
from storage.postings import Posted, PostingStore, Result

log = logging.getLogger(__name__)

Follow = Callable[[Sequence[Posted]], Awaitable[None]]
"""Hears, in the unit that records it, which postings are different now."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item."""

    item: Item
    results: tuple[Result, ...] = ()
    lost: tuple[str, ...] = ()
    """The keys of places that are no more."""
    later: Item | None = None
    """What of it is still to be said, to those who sleep."""


class Recorder:
    """Writes outcomes down, as many at once as there are. `recorded` hears of which items that is done.

    `let_go` hears of those that are no longer in hand: also where it could not be done.
    """

    def __init__(
        self,
        database: Database,
        outbox: OutboxStore,
        postings: PostingStore,
        clock: Clock,
        owner: str,
        let_go: Callable[[Iterable[Item]], None],
        recorded: Callable[[Iterable[int]], None],
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._postings = postings
        self._clock = clock
        self._owner = owner
        self._let_go = let_go
        self._recorded = recorded
        self._outcomes: list[Outcome] = []
        self.task: asyncio.Task[None] | None = None
        """What writes them down, while there are some."""
        self.stopping = False
        """Whether what cannot be written now is left to others."""
        self.follow: Follow = _ignore

    def record(self, outcome: Outcome) -> None:
        """Write an outcome down, soon."""
        self._outcomes.append(outcome)
        if self.task is None:
            self.task = asyncio.create_task(self._record_all(), name="record deliveries", context=Context())

    async def _record_all(self) -> None:
        await asyncio.sleep(0)  # those that finish together are recorded together
        while self._outcomes:
            outcomes, self._outcomes = self._outcomes, []
            await self.keep_trying(partial(self._record_some, outcomes))
            self._let_go(outcome.item for outcome in outcomes)
        self.task = None

    async def _record_some(self, outcomes: Sequence[Outcome]) -> None:
        async with self._database.unit() as unit:
            _ = await unit.begin()
            if self._database.dialect == "postgresql":
                await self._lock_things(outcomes)
            ours = await self._outbox.finish([outcome.item.id for outcome in outcomes], self._owner)
            later = [outcome.later for outcome in outcomes if outcome.later and outcome.item.id in ours]
            await self._outbox.add(later, self._owner)
            changed = await self._postings.record(
                result
                for outcome in outcomes
                for result in outcome.results
                if outcome.item.id in ours or result.gone_at is None  # whoever has it says whether it cannot be
            )
            for place in {place for outcome in outcomes for place in outcome.lost}:
                changed += await self._postings.lose_thread(place, self._clock.now())
            if changed:
                await self.follow(changed)
        self._recorded(outcome.item.id for outcome in outcomes)

    async def _lock_things(self, outcomes: Sequence[Outcome]) -> None:
        """Lock the things of which something stands now, in order, before any row.

        So does whoever changes one: it locks the thing, and then drops what was to be said of it. The other way round
        each would wait for the other.
        """
        ids = {result.posting_id for outcome in outcomes for result in outcome.results}
        rows = (await self._postings.get_many(ids)).values()
        for name in sorted({f"{row.kind}/{row.subject_id}" for row in rows if row.member_id is None}):
            await self._database.lock(name)

    async def keep_trying(self, work: Callable[[], Awaitable[None]]) -> None:
        """Write to the database, however long it is away: what was said is not said again while we know of it."""
        pause = 0.5
        while True:
            try:
                await work()
            except (OSError, *AWAY) as trouble:
                log.warning("what was delivered cannot be recorded yet: %r", trouble)
                if self.stopping:
                    return
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30)
            except Exception:
                log.exception("what was delivered could not be recorded")
                return
            else:
                return


async def _ignore(_: Sequence[Posted]) -> None: ...
