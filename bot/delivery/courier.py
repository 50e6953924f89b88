"""Carries the outbox out: side by side, in order within each lane, and records what platforms answered.

A failure is told by its meaning. What the platform may do later is tried until it is of no use any more; what it will
never do goes to the next place; what is our own fault is set aside after five tries, with all its content.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from contextvars import Context
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from adapters.contract.adapter import AdapterError, Away, Closed, Gone, Retry, Unusable
from bot.clock import Clock
from bot.metrics import Metrics
from bot.tracing import traced
from storage.away import AWAY
from storage.database import Database
from storage.outbox import Item, OutboxStore
from storage.postings import IMPOSSIBLE, LATE, PostingStore, Result

from .carrying import LOOK_AFTER, Carried, Carrier, Nowhere
from .gate import Gate
from .outgoing import Answer, thing_of
from .recording import Outcome, Recorder

log = logging.getLogger(__name__)

AT_ONCE = 32
"""How many lanes of one community are carried at the same time."""
HANDFUL = 500
"""How much of one community is taken over at once."""
TIMEOUT = timedelta(seconds=60)
"""How long one act may take."""
ATTEMPTS = 5
"""After so many failures of our own making an item is set aside for a person to look at."""
SHORTEST, LONGEST = timedelta(seconds=10), timedelta(minutes=15)
"""How long we wait at least and at most before what a platform could not do is tried again."""
_MESSAGES = {"post", "direct", "edit"}
"""What waits for a person to allow it. Nobody waits for anything else: whoever asked for it says that it cannot be."""
PATIENCE = 5.0
"""Seconds that an answer waits for what it tells of to stand."""


class Courier:
    """What this process has to say and do."""

    def __init__(
        self,
        database: Database,
        outbox: OutboxStore,
        postings: PostingStore,
        carrier: Carrier,
        gate: Gate,
        clock: Clock,
        owner: str,
        metrics: Metrics,
        may_be_over: Callable[[], bool] = lambda: False,
    ) -> None:
        """`may_be_over` says whether another process may have taken this one for dead since it last showed its life."""
        self._outbox = outbox
        self._carrier = carrier
        self._gate = gate
        self._clock = clock
        self._owner = owner
        self._metrics = metrics
        self._may_be_over = may_be_over
        self._lanes: dict[str, deque[Item]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._room: defaultdict[int, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))
        self._changed = asyncio.Event()
        self.carried: dict[int, Item] = {}
        """The items that are in hand, by their ids: until it is recorded what became of them."""
        self._unsure: set[int] = set()
        """The items in hand that the others may have taken over: whose they are is looked up before they are tried."""
        self._doubtful: dict[int, datetime] = {}
        """When those items were written that may have been carried out, and of which that is not recorded."""
        self._full: set[int] = set()
        """The communities of which no more is taken over until half of what is in hand is done."""
        self.recorder = Recorder(database, outbox, postings, clock, owner, self._let_go, self._no_doubt)
        self.has_room: Callable[[], None] = _nobody_waits
        """Called when there is room for more of a community that was full."""
        self.troubled: Callable[[int], Awaitable[None]] = _carry_on
        """Told of a community of which something has to wait, or was set aside."""

    # Taking on

    def carry(self, items: Iterable[Item]) -> None:
        """Carry out items of this process that are due; those that are not are found when they are."""
        now = self._clock.now()
        for item in items:
            if item.due_at > now or item.id in self.carried or self.recorder.stopping:
                continue
            self.carried[item.id] = item
            lane = self._lanes.get(item.lane)
            if lane is not None:
                lane.append(item)
                continue
            self._lanes[item.lane] = deque([item])
            worker = asyncio.create_task(self._work(item.lane), name=f"deliver {item.lane}", context=Context())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def answer(self, item: Item, answer: Answer) -> None:
        """Answer a person now or, where it tells of a thing, once what stands of that is known, and return then."""
        self.carried[item.id] = item
        if thing := thing_of(item):
            await self._until_stands(thing)
        await self._carry_out(item, answer)

    async def show(self, answer: Answer) -> None:
        """Answer a person where there was nothing to keep, so that they can just ask again."""
        try:
            if answer.after:
                await self._until_stands(answer.after)
            async with asyncio.timeout(TIMEOUT.total_seconds()):
                await self._carrier.show(answer)
        except (AdapterError, TimeoutError) as failure:
            log.warning("an answer could not be given: %r", failure)

    async def take_over(self) -> bool:
        """Carry out what is due and in nobody's hands, and say whether there was anything."""
        self._full = {community for community, count in self._by_community().items() if count >= HANDFUL}
        now = self._clock.now()
        found = await self._outbox.take_over(self._owner, now, self.carried, HANDFUL, self._full)
        self._doubtful = {  # what is no longer in hand was put off, and is looked for by that once it is old
            id_: at for id_, at in self._doubtful.items() if id_ in self.carried or now - at <= LOOK_AFTER
        }
        self._doubtful |= {item.id: item.at for item in found if item.inherited}
        self.carry(replace(item, inherited=item.id in self._doubtful) for item in found)
        return bool(found)

    def was_taken_for_dead(self) -> None:
        """What is in hand may be another process's by now, which carries it out."""
        self._unsure |= self.carried.keys()

    async def _until_stands(self, thing: tuple[str, int]) -> None:
        """Wait until what is in hand of a thing has been recorded or put off, but not for long.

        What stands in a thread is only posted when there is one.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                opening = True
                while opening:
                    items = self._in_hand(f"{thing[0]}/{thing[1]}/")
                    opening = any(item.act == "thread" for item in items)
                    while {item.id for item in items} & self.carried.keys():
                        await self._changed.wait()

    def _in_hand(self, thing: str) -> list[Item]:
        return [item for item in self.carried.values() if str(item.payload.get("nonce", "")).startswith(thing)]

    def _by_community(self) -> Counter[int]:
        """Count what is in hand."""
        return Counter(item.community_id for item in self.carried.values())

    # Carrying

    async def _work(self, lane: str) -> None:
        """Carry out a lane's items in their order. After one that has to be tried again, the others wait for it."""
        queue = self._lanes[lane]
        while queue:
            if thing := thing_of(queue[0]):
                await self._until_stands(thing)
            async with self._room[queue[0].community_id]:
                again_at = await self._carry_out(queue[0])
            queue.popleft()
            if again_at and queue:
                self._let_go(queue)
                queue.clear()
                await self.recorder.keep_trying(partial(self._outbox.hold, lane, self._owner, again_at))
        del self._lanes[lane]

    async def _carry_out(self, item: Item, answer: Answer | None = None) -> datetime | None:
        """Carry out one item; return when its lane goes on, where that is not now."""
        with traced(item.payload.get("trace_id", "")), self._metrics.delivery(_platform(item), item.act):
            again_at = await self._try(item, answer)
            if again_at is None:
                log.debug("outbox item %s (%s) is done", item.id, item.act)
            return again_at

    async def _try(self, item: Item, answer: Answer | None) -> datetime | None:
        now = self._clock.now()
        if (item.id in self._unsure or self._may_be_over()) and not await self._is_ours(item):
            log.info("outbox item %s (%s) is left to another process", item.id, item.act)
            self._let_go([item])
            return None
        if item.until and item.until < now:
            log.warning("outbox item %s (%s) was too late to be of use: %s", item.id, item.act, item.last_error)
            self._metrics.becomes("late")
            self.recorder.record(Outcome(item, _cannot(item, now, LATE)))
            return None
        try:
            async with asyncio.timeout(TIMEOUT.total_seconds()):
                ruling = await self._gate.rule(item, now)
                if ruling.now:
                    self._doubtful[item.id] = item.at
                carried = await self._carrier.carry_out(ruling.now, answer) if ruling.now else None
        except Retry as asked:
            self._metrics.asked_to_wait(_platform(item), asked.after)
            return await self._again(item, asked, now + timedelta(seconds=asked.after), counted=False)
        except (Away, *AWAY) as trouble:
            return await self._again(item, trouble, now + _pause(item, now), counted=False)
        except (Gone, Closed, Unusable) as refusal:
            if isinstance(refusal, Unusable) and item.act in _MESSAGES:
                return await self._again(item, refusal, now + _pause(item, now), counted=False)
            self._metrics.becomes("impossible")
            usual = item.act == "entry" and isinstance(refusal, Gone)  # few platforms have calendars
            level = logging.DEBUG if usual else logging.INFO
            log.log(level, "outbox item %s (%s) cannot be carried out: %s", item.id, item.act, refusal)
            lost = refusal.lost if isinstance(refusal, Nowhere) else ()
            self.recorder.record(Outcome(item, _cannot(item, now, IMPOSSIBLE), lost))
            return None
        except Exception as bug:
            return await self._fail(item, bug, now)
        refused = tuple(Result(id_, gone_at=now, why=why) for id_, why in ruling.refused.items())
        if carried is None and ruling.later and ruling.later.id:
            await self.recorder.keep_trying(partial(self._outbox.put_off, item, self._owner, ruling.later.due_at))
            self._let_go([item])
            self._metrics.becomes("wait")
        elif carried is None:
            self._metrics.becomes("nobody")
            log.info("outbox item %s (%s) reaches nobody: %s", item.id, item.act, ruling.refused)
            self.recorder.record(Outcome(item, refused, later=ruling.later))
        else:
            results = (*_results(ruling.now or item, carried), *refused)
            self.recorder.record(Outcome(item, results, carried.lost, later=ruling.later))
        return None

    async def _is_ours(self, item: Item) -> bool:
        """Say whether nobody took over an item; not, where the database does not say so."""
        try:
            return await self._outbox.is_of(item, self._owner)
        except AWAY as trouble:
            log.warning("whose an item of the outbox is cannot be looked up: %r", trouble)
            return False

    async def _fail(self, item: Item, bug: Exception, now: datetime) -> datetime | None:
        self._metrics.becomes("failed")
        if item.attempts + 1 < ATTEMPTS:
            log.exception("outbox item %s (%s) failed, attempt %s", item.id, item.act, item.attempts + 1)
            return await self._again(item, bug, now + SHORTEST * 4**item.attempts, counted=True)
        if item.act == "answer":
            log.exception("outbox item %s (%s) failed for the last time", item.id, item.act)
            # Nobody waits for it any more, and what it says is for one person alone.
            self.recorder.record(Outcome(item))
            return None
        log.exception("outbox item %s (%s) failed for the last time, set aside", item.id, item.act)
        await self.recorder.keep_trying(partial(self._outbox.set_aside, item, self._owner, repr(bug), now))
        await self.recorder.keep_trying(partial(self.troubled, item.community_id))
        self._let_go([item])
        return None

    async def _again(self, item: Item, why: Exception, at: datetime, *, counted: bool) -> datetime:
        if not counted:
            self._metrics.becomes("wait")
            log.warning("outbox item %s (%s) has to wait until %s: %s", item.id, item.act, at, why)
            await self.recorder.keep_trying(partial(self.troubled, item.community_id))
        retry = partial(self._outbox.retry, item, self._owner, _named(why), at, counted=counted)
        await self.recorder.keep_trying(retry)
        self._let_go([item])
        return at

    def _no_doubt(self, ids: Iterable[int]) -> None:
        """It is recorded what became of these items."""
        for id_ in ids:
            self._doubtful.pop(id_, None)

    def _let_go(self, items: Iterable[Item]) -> None:
        """These items are no longer in hand."""
        for item in items:
            self.carried.pop(item.id, None)
            self._unsure.discard(item.id)
        self._changed.set()
        self._changed = asyncio.Event()
        in_hand = self._by_community() if self._full else {}
        if any(in_hand.get(community, 0) <= HANDFUL // 2 for community in self._full):
            self.has_room()

    # The end

    async def drained(self) -> bool:
        """Return when nothing is in hand any more, and say whether there was anything."""
        waited = False
        while busy := {*self._workers, *filter(None, [self.recorder.task])}:
            await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)
            waited = True
        return waited

    async def stop(self, seconds: float) -> None:
        """Take on nothing more, finish what is in hand, and leave the rest to others."""
        self.recorder.stopping = True
        try:
            async with asyncio.timeout(seconds):
                await self.drained()
        except TimeoutError:
            for worker in self._workers:
                worker.cancel()
            await asyncio.gather(*self._workers, return_exceptions=True)
        await self._outbox.release(self._owner, self._doubtful)  # what is kept counts as a dead process's


def _platform(item: Item) -> str:
    """Return the platform on which something is to be done; "member" where it is the one on which they take it."""
    return item.lane.removeprefix("account/").removeprefix("calendar/").partition("/")[0]


def _named(why: Exception) -> str:
    """Return an error as an item keeps it: by what all platforms call it, for each has errors of its own beneath."""
    kind = next((kind for kind in type(why).__mro__ if kind.__module__ == AdapterError.__module__), None)
    return f"{kind.__name__}({str(why)!r})" if kind else repr(why)


def _pause(item: Item, now: datetime) -> timedelta:
    """Return how long an item waits that could not be carried out: half as long as it has waited already."""
    return min(max((now - item.at) / 2, SHORTEST), LONGEST)


def _results(item: Item, carried: Carried) -> tuple[Result, ...]:
    if item.posting_id is None or item.act == "edit":
        return ()
    ids = [item.posting_id, *item.payload.get("also", ())]
    return tuple(Result(id_, carried.message, carried.thread, carried.channel) for id_ in ids)


def _cannot(item: Item, now: datetime, why: str) -> tuple[Result, ...]:
    """Return what is to be noted of what did not happen. An entry that may not be changed still stands as it was."""
    if item.posting_id is None or item.payload.get("known"):
        return ()
    return tuple(Result(id_, gone_at=now, why=why) for id_ in (item.posting_id, *item.payload.get("also", ())))


def _nobody_waits() -> None: ...


async def _carry_on(_: int) -> None: ...
