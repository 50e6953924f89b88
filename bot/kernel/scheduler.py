"""Does what has come due: jobs, and what the outbox holds for later. Rows are the truth; APScheduler only wakes us."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from adapters.contract.adapter import Away, Retry
from bot.clock import Clock, MovableClock
from bot.delivery.courier import Courier
from bot.metrics import Metrics
from bot.tracing import traced
from storage.away import AWAY
from storage.jobs import Job, JobStore, Taken
from storage.outbox import OutboxStore

log = logging.getLogger(__name__)

AT_ONCE, OF_ONE = 16, 4
"""How many jobs are under way at the same time, and how many of one community."""
MOST = AT_ONCE * 4
"""How many due jobs are read at once."""
LONG = 1.0
"""Seconds after which a job that is under way no longer keeps the others of its community waiting."""
TIMEOUT = timedelta(seconds=30)
"""How long one job may take."""
ATTEMPTS = 5
"""After so many failures of our own making a job is set aside for a person to look at."""
TROUBLE = (Away, *AWAY)
"""What goes wrong outside: a platform or the database is away. It is nobody's fault, and tried until it is over."""
PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=15)
SWEEP = timedelta(seconds=60)
"""How often we look for what another process put on the list, by a clock that nobody sets."""


class Scheduler:
    """Runs due jobs, the longest due first, and has due items of the outbox carried out."""

    def __init__(
        self,
        jobs: JobStore,
        outbox: OutboxStore,
        courier: Courier,
        clock: Clock,
        run: Callable[[Job], Awaitable[None]],
        metrics: Metrics,
    ) -> None:
        self._jobs = jobs
        self._outbox = outbox
        self._courier = courier
        self._clock = clock
        self._run = run
        self._metrics = metrics
        self._alarm = AsyncIOScheduler(timezone="UTC")
        self._wakes_at: datetime | None = None
        self._sweeping: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        """Whoever has it runs the jobs that are due."""
        self._news = asyncio.Event()
        """Set when something was put on the list."""
        self._shifts: set[asyncio.Task[None]] = set()
        self.troubled: Callable[[int], Awaitable[None]] = _carry_on
        """Told of a community of which a job was set aside."""
        self._running: dict[int, tuple[Job, asyncio.Task[None], float]] = {}
        self._is_stopping = False

    def start(self) -> None:
        """Do what is due whenever something is, from now on."""
        self._alarm.start()
        self._sweeping = asyncio.create_task(self._sweep(), name="sweep")

    async def stop(self) -> None:
        """Begin nothing more, and let the jobs that are running finish."""
        self._is_stopping = True
        if self._sweeping:
            self._sweeping.cancel()
        if self._alarm.running:
            self._alarm.shutdown(wait=False)
        await asyncio.gather(*self._shifts)

    def wake(self) -> None:
        """Look at the list now: something was put on it, or has come due."""
        self._news.set()
        if self._alarm.running:
            if not self._turn.locked():
                self._begin(self._work())
            self._begin(self._deliver())

    def expect(self, at: datetime) -> None:
        """A job is due at `at`: look at the list then."""
        if at > self._clock.now():
            self._set_alarm(at)
            return
        self._news.set()
        if self._alarm.running and not self._turn.locked():
            self._begin(self._work())

    async def _ring(self) -> None:
        self.wake()

    async def _sweep(self) -> None:
        while True:
            self.wake()
            await asyncio.sleep(SWEEP.total_seconds())

    def _begin(self, shift: Coroutine[Any, Any, None]) -> None:
        # Tasks of our own, because stopping APScheduler cancels what it runs.
        task = asyncio.create_task(self._careful(shift), name="what is due", context=Context())
        self._shifts.add(task)
        task.add_done_callback(self._shifts.discard)

    async def _careful(self, shift: Coroutine[Any, Any, None]) -> None:
        try:
            await shift
        except TROUBLE as trouble:
            log.warning("what is due cannot be looked up now: %r", trouble)
        except Exception:
            log.exception("what is due could not be looked up")

    async def _work(self) -> None:
        """Run the jobs that are due, also those that come due meanwhile."""
        async with self._turn:
            while self._news.is_set():
                await self._run_jobs()
        self._set_alarm(await self._jobs.next_due())

    async def _deliver(self) -> None:
        """Have carried out what is due, without waiting for it."""
        while await self._courier.take_over():
            pass
        self._set_alarm(await self._outbox.next_due(self._clock.now()))

    async def run_due(self) -> None:
        """Return when all that is due has been done, also what comes due by it."""
        while True:
            async with self._turn:
                await self._run_jobs()
            carried = await self._courier.take_over()
            carried |= await self._courier.drained()
            if not carried:
                return

    async def idle(self) -> None:
        """Return when nothing is under way any more, and look for nothing more that is due."""
        while self._shifts or await self._courier.drained():
            await asyncio.gather(*self._shifts)

    async def next_due(self) -> datetime | None:
        """Return when something is due next."""
        due = [at for at in (await self._jobs.next_due(), await self._outbox.next_due()) if at]
        return min(due, default=None)

    async def _run_jobs(self) -> None:
        """Run due jobs until there are none: those of one community in their order, unless one takes long."""
        more = True
        while True:
            if more or self._news.is_set():
                self._news.clear()
                more = await self._begin_due()
            if not self._running:
                return
            news = asyncio.create_task(self._news.wait())
            tasks = [task for _, task, _ in self._running.values()]
            done, _ = await asyncio.wait([*tasks, news], timeout=LONG, return_when=asyncio.FIRST_COMPLETED)
            more |= not done  # somebody may have come due while those take long
            news.cancel()
            for id_ in [id_ for id_, (_, task, _) in self._running.items() if task.done()]:
                del self._running[id_]

    async def _begin_due(self) -> bool:
        """Begin with due jobs, and say whether more may be due that have to wait for those."""
        if self._is_stopping:
            return False
        due = await self._jobs.due(self._clock.now(), MOST, self._running)
        now = asyncio.get_running_loop().time()
        under_way = Counter(job.community_id for job, _, _ in self._running.values())
        busy = {job.community_id for job, _, since in self._running.values() if now - since < LONG}
        busy |= {community for community, running in under_way.items() if running >= OF_ONE}
        begun = 0
        for job in due:
            if job.community_id not in busy and len(self._running) < AT_ONCE:
                busy.add(job.community_id)
                self._running[job.id] = job, asyncio.create_task(self._do(job), name=f"job {job.call}"), now
                begun += 1
        return begun < len(due) or len(due) == MOST

    def _set_alarm(self, at: datetime | None) -> None:
        """Be woken at `at`, on the machine's clock: ours may have been moved. What is set for earlier stays."""
        if at is None or not self._alarm.running:
            return
        now = datetime.now(UTC)
        at = now + max(at - self._clock.now(), timedelta(milliseconds=10))
        if self._wakes_at is None or not now < self._wakes_at <= at:
            self._wakes_at = at
            self._alarm.add_job(self._ring, DateTrigger(at), id="wake", replace_existing=True, misfire_grace_time=None)

    async def _do(self, job: Job) -> None:
        with traced(f"job/{job.id}"), self._metrics.job():
            await self._try(job)

    async def _try(self, job: Job) -> None:
        try:
            async with asyncio.timeout(TIMEOUT.total_seconds()):
                await self._run(job)
        except Taken:
            self._metrics.becomes("taken")
            log.debug("job %s was taken by another process, or replaced", job.id)
        except Retry as asked:
            await self._fail(job, asked, timedelta(seconds=asked.after), counted=False)
        except TROUBLE as trouble:
            await self._fail(job, trouble, PAUSE, counted=False)
        except Exception as failure:  # also what a platform will never do: nothing is tried for ever
            await self._fail(job, failure, _pause(job), counted=True)

    async def _fail(self, job: Job, why: Exception, pause: timedelta, *, counted: bool) -> None:
        """Have a job tried again later; after five failures of our own making it is set aside."""
        last = counted and job.attempts + 1 >= ATTEMPTS
        self._metrics.becomes("failed" if counted else "wait")
        if counted:
            log.error("job %s (%s) failed%s", job.id, job.call, ", set aside" * last, exc_info=why)
        else:
            log.warning("job %s (%s) has to wait: %r", job.id, job.call, why)
        now = self._clock.now()
        try:
            await self._jobs.fail(job, repr(why), None if last else now + pause, now, counted=counted)
            self._news.set()
            if last and job.community_id:
                await self.troubled(job.community_id)
        except TROUBLE as trouble:
            log.warning("that job %s failed cannot be noted: %r", job.id, trouble)
            await asyncio.sleep(LONG)

    async def pass_time(self, clock: MovableClock, until: datetime) -> None:
        """Move a clock forward to `until`, stopping at every moment in between at which something is due."""
        while (due := await self.next_due()) and due <= until and not self._is_stopping:
            clock.move_to(due)
            await self.run_due()
        clock.move_to(until)
        await self.idle()
        self._set_alarm(due)


async def _carry_on(_: int) -> None: ...


def _pause(job: Job) -> timedelta:
    """Return how long to wait before a failed job is tried again: longer and longer."""
    return min(timedelta(seconds=10 * 4 ** min(job.attempts, 8)), LONGEST_PAUSE)
