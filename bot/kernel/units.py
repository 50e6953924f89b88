"""Runs work as units: what it changes, that it is done, and what is to be said of it are kept together or not."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from itertools import groupby
from typing import Any

from adapters.contract.adapter import Responder
from bot.clock import Clock
from bot.delivery.courier import Courier
from bot.delivery.outgoing import Answer
from bot.delivery.writing import Writer
from bot.metrics import Metrics
from storage.away import AWAY, Conflict
from storage.database import Database
from storage.inbox import Handled, InboxStore
from storage.members import MEMBER, Community
from storage.outbox import Item
from storage.postings import Posted
from storage.unit import Claim, Unit

from .agenda import Agenda
from .errors import UserError
from .lifecycle import look_again
from .things import Things
from .work import Tools, Work

log = logging.getLogger(__name__)

TRIES = 3
"""How often a unit is tried that others are in the way of."""

AT_ONCE = 4
"""So many units of one community are under way at once: where it makes noise, it waits for itself."""
LONG = 1.0
"""Seconds after which a unit that is under way no longer keeps the others of its community waiting."""
SURE = 5.0
"""Seconds that it may take to look up whether something is kept after all."""

Do = Callable[[], Awaitable[None]]


class Units:
    """Everything that handles an event or a job goes through here."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        courier: Courier,
        things: Things,
        agenda: Agenda,
        community: Callable[[int], Awaitable[Community | None]],
        inbox: InboxStore,
        clock: Clock,
        tools: Tools,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._inbox = inbox
        self._writer = writer
        self._courier = courier
        self._things = things
        self._agenda = agenda
        self._community = community
        self._clock = clock
        self._tools = tools
        self._metrics = metrics
        self._room: defaultdict[int, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))
        self._limits: dict[asyncio.Task[Any] | None, asyncio.Timeout] = {}
        """Until when the tasks are given up that keep somebody waiting."""
        courier.recorder.follow = self._follow

    @asynccontextmanager
    async def within(self, limit: timedelta) -> AsyncIterator[None]:
        """Give up what this task does here after a while. Answers take what they take: what they tell of is kept."""
        task = asyncio.current_task()
        async with asyncio.timeout(limit.total_seconds()) as self._limits[task]:
            try:
                yield
            finally:
                del self._limits[task]

    async def once(self, key: str, work: Work, do: Do, responder: Responder | None = None) -> None:
        """Handle an event as one unit, once: `key` is what it is marked as done by. Raises `Handled` where it is done.

        Where the database was lost in the middle of the commit, or time was up, it is looked up what became of it.
        """
        try:
            await self.run(work, do, lambda: self._inbox.take(key, self._clock.now()), responder, key=key)
        except UserError:
            if await self._inbox.is_done(key):  # it is told again, and refused because of what it did itself
                raise Handled(key) from None
            raise

    async def run(
        self,
        work: Work,
        do: Do,
        claim: Claim | None = None,
        responder: Responder | None = None,
        *,
        always: bool = False,
        key: str = "",
    ) -> None:
        """Do some work as one unit, then answer. `claim` takes the event or job, `always` also where nothing changed.

        Raises what the work raises; then nothing of it is kept, and nothing was said. What another transaction was in
        the way of is done again from its beginning.
        """
        written = await self._keep(work, do, claim, always=always, key=key)
        with self._unhurried():
            await self._answer(work.outgoing.answers, {id(answer): item for answer, item in written}, responder)

    async def _keep(
        self, work: Work, do: Do, claim: Claim | None, *, always: bool, key: str, left: int = TRIES - 1
    ) -> list[tuple[Answer, Item]]:
        written: list[tuple[Answer, Item]] | None = None
        unit: Unit | None = None
        try:
            async with self._place_in(work.community), self._database.unit(claim) as unit:
                if work.arrived:
                    unit.read[MEMBER, work.arrived.id] = work.arrived
                await do()
                if always:
                    _ = await unit.begin()
                written = await self._finish(work, unit)
        except Conflict as conflict:
            if not left:
                raise
            log.info("done again, because something else was in its way: %s", conflict.orig)
        except (asyncio.CancelledError, *AWAY) as trouble:
            if isinstance(trouble, asyncio.CancelledError) and (written is None or not self._is_late):
                raise
            async with asyncio.timeout(SURE):
                if not (key and await self._inbox.is_done(key)):
                    raise
            log.warning("%s was kept, although that was not told: %r", key, trouble)
            if unit is None or written is None:
                raise Handled(key) from None
            unit.is_kept()
            return written
        else:
            return written
        work.begin_again()
        return await self._keep(work, do, claim, always=always, key=key, left=left - 1)

    @property
    def _is_late(self) -> bool:
        """Whether the time of this task is up."""
        limit = self._limits.get(asyncio.current_task())
        return limit is not None and limit.expired()

    @contextmanager
    def _unhurried(self) -> Iterator[None]:
        """Stop the clock of this task meanwhile."""
        limit, now = self._limits.get(asyncio.current_task()), asyncio.get_running_loop().time
        if limit is None or limit.expired():
            yield
            return
        left = (limit.when() or 0.0) - now()
        limit.reschedule(None)
        try:
            yield
        finally:
            limit.reschedule(now() + left)

    @asynccontextmanager
    async def _place_in(self, community: Community) -> AsyncIterator[None]:
        """Wait for a place among a community's units. One that takes long, asking a platform say, gives it up."""
        room, is_held = self._room[community.id], True

        def give_up() -> None:
            nonlocal is_held
            if is_held:
                is_held = False
                room.release()

        await room.acquire()
        giving_up = asyncio.get_running_loop().call_later(LONG, give_up)
        try:
            yield
        finally:
            giving_up.cancel()
            give_up()

    async def _finish(self, work: Work, unit: Unit) -> list[tuple[Answer, Item]]:
        """Write what has to be said, and have it carried out once the unit is kept."""
        await self._reconcile(work)
        if unit.connection is None and not work.outgoing:
            return []
        items = await self._writer.write(work.outgoing, work.community.id, work.now)
        unit.when_kept(lambda: self._courier.carry(item for item, answer in items if answer is None))
        return [(answer, item) for item, answer in items if answer is not None]

    async def _reconcile(self, work: Work) -> None:
        """Look at every tracked thing that changed, also at those that change on the way."""
        while work.touched:
            kind, id_ = next(iter(work.touched))
            del work.touched[kind, id_]
            if again_at := await self._things.reconcile(work, kind, id_):
                await self._agenda.put(look_again(kind, id_), again_at, work.community.id, f"{kind}/{id_}")

    async def _follow(self, changed: Sequence[Posted]) -> None:
        """What stands of some things is different now: look at them, in the unit that notes it."""
        tracked = [row for row in changed if row.kind in self._things.kinds]
        for community_id, rows in groupby(
            sorted(tracked, key=lambda row: row.community_id), lambda row: row.community_id
        ):
            community = await self._community(community_id)
            assert community is not None
            await self._look(community, [*rows])

    async def _look(self, community: Community, rows: Sequence[Posted]) -> None:
        work = Work(self._tools, community, self._clock.now())
        for kind, id_ in dict.fromkeys((row.kind, row.subject_id) for row in rows if row.member_id is None):
            work.touch(kind, id_)
        # Thousands may be told of one thing, one after another: it is looked at for some of them together.
        for kind, id_ in dict.fromkeys((row.kind, row.subject_id) for row in rows if row.member_id is not None):
            await self._things.kinds[kind].redraw(work, id_)
        unit = self._database.current
        assert unit is not None
        await self._finish(work, unit)

    async def _answer(
        self, answers: Sequence[Answer], written: Mapping[int, Item], responder: Responder | None
    ) -> None:
        """Say what has to be said to the person who waits: what was kept, and what needed no keeping."""
        if responder and not any(answer.how == "refuse" for answer in answers):
            await responder.accept()
            self._metrics.kept()
        for answer in answers:
            if answer.dialog:
                await getattr(answer.responder, answer.how)(answer.dialog)
            elif item := written.get(id(answer)):
                await self._courier.answer(item, answer)
            else:
                await self._courier.show(answer)
