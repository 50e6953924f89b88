"""Does what has come due: jobs, and what the outbox holds for later. Rows are the truth; APScheduler only wakes us."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from adapters.contract.adapter import AdapterError, Away, Gone, Retry
from bot.clock import Clock, MovableClock
from bot.delivery.courier import Courier
from storage.jobs import Job, JobStore, Taken
from storage.outbox import OutboxStore

log = logging.getLogger(__name__)

AT_ONCE = 16
"""How many jobs are under way at the same time; of one community one after another, unless the first takes long."""
LONG = 1.0
"""Seconds after which a job that is under way no longer keeps the others of its community waiting."""
TIMEOUT = timedelta(seconds=30)
"""How long one job may take."""
ATTEMPTS = 5
"""After so many failures of our own making a job is set aside for a person to look at."""
TROUBLE = (Away, ConnectionError, OperationalError, InterfaceError, PoolTimeout)
"""What goes wrong outside: a platform or the database is away. It is nobody's fault, and tried until it is over."""
PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=15)
SWEEP = timedelta(seconds=60)
"""How often we look for what another process put on the list."""


class Scheduler:
    """Runs due jobs, the longest due first, and has due items of the outbox carried out."""

    def __init__(
        self,
        jobs: JobStore,
        outbox: OutboxStore,
        courier: Courier,
        clock: Clock,
        run: Callable[[Job], Awaitable[None]],
    ) -> None:
        self._jobs = jobs
        self._outbox = outbox
        self._courier = courier
        self._clock = clock
        self._run = run
        self._alarm = AsyncIOScheduler(timezone="UTC")
        self._turn = asyncio.Lock()
        self._woken = False
        self._shift: asyncio.Task[None] | None = None
        self._running: dict[int, tuple[Job, asyncio.Task[None], float]] = {}

    def start(self) -> None:
        """Wake whenever something is due, from now on."""
        self._alarm.add_job(self._ring, IntervalTrigger(seconds=int(SWEEP.total_seconds())), misfire_grace_time=None)
        self._alarm.start()
        self.wake()

    async def stop(self) -> None:
        """Wake no more, and let the jobs that are running finish."""
        if self._alarm.running:
            self._alarm.shutdown(wait=False)
        if self._shift:
            await self._shift

    def wake(self) -> None:
        """Look at the list now: something was put on it."""
        self._woken = True
        if self._alarm.running and not self._turn.locked():
            self._set_alarm(datetime.now(UTC))

    async def run_due(self) -> None:
        """Do all that is due, also what comes due by it, and set the alarm for what is next."""
        async with self._turn:
            while True:
                self._woken = False
                await self._run_jobs()
                carried = await self._courier.take_over()
                await self._courier.drained()
                if not carried and not self._woken and not await self._jobs.due(self._clock.now(), 1):
                    break
        next_due = await self.next_due()
        if next_due and self._alarm.running:
            self._set_alarm(datetime.now(UTC) + max(next_due - self._clock.now(), timedelta(milliseconds=10)))

    async def next_due(self) -> datetime | None:
        """Return when something is due next."""
        due = [at for at in (await self._jobs.next_due(), await self._outbox.next_due()) if at]
        return min(due, default=None)

    async def _run_jobs(self) -> None:
        """Run due jobs until there are none: those of one community in their order, unless one takes long."""
        loop = asyncio.get_running_loop()
        while True:
            due = await self._jobs.due(self._clock.now(), AT_ONCE * 4, self._running)
            now = loop.time()
            busy = {job.community_id for job, _, since in self._running.values() if now - since < LONG}
            for job in due:
                if job.community_id not in busy and len(self._running) < AT_ONCE:
                    busy.add(job.community_id)
                    self._running[job.id] = job, asyncio.create_task(self._do(job), name=f"job {job.call}"), now
            if not self._running:
                return
            tasks = [task for _, task, _ in self._running.values()]
            await asyncio.wait(tasks, timeout=LONG, return_when=asyncio.FIRST_COMPLETED)
            for id_ in [id_ for id_, (_, task, _) in self._running.items() if task.done()]:
                del self._running[id_]

    def _set_alarm(self, at: datetime) -> None:
        """Be woken at `at`, on the machine's clock: ours may have been moved."""
        self._alarm.add_job(self._ring, DateTrigger(at), id="wake", replace_existing=True, misfire_grace_time=None)

    async def _ring(self) -> None:
        # A task of our own, because stopping APScheduler cancels what it runs.
        self._shift = asyncio.create_task(self._run_shift())

    async def _run_shift(self) -> None:
        try:
            await self.run_due()
        except TROUBLE as trouble:
            log.warning("what is due cannot be looked up now: %r", trouble)

    async def _do(self, job: Job) -> None:
        try:
            async with asyncio.timeout(TIMEOUT.total_seconds()):
                await self._run(job)
        except Taken:
            log.debug("job %s was taken by another process, or replaced", job.id)
        except Retry as asked:
            await self._fail(job, asked, timedelta(seconds=asked.after), counted=False)
        except TROUBLE as trouble:
            await self._fail(job, trouble, PAUSE, counted=False)
        except AdapterError as refusal:
            await self._fail(job, refusal, _pause(job), counted=isinstance(refusal, Gone))
        except Exception as bug:
            await self._fail(job, bug, _pause(job), counted=True)

    async def _fail(self, job: Job, why: Exception, pause: timedelta, *, counted: bool) -> None:
        """Have a job tried again later; after five failures of our own making it is set aside."""
        last = counted and job.attempts + 1 >= ATTEMPTS
        if counted:
            log.error("job %s (%s) failed%s", job.id, job.call, ", set aside" * last, exc_info=why)
        else:
            log.warning("job %s (%s) has to wait: %r", job.id, job.call, why)
        now = self._clock.now()
        try:
            await self._jobs.fail(job, repr(why), None if last else now + pause, now, counted=counted)
        except TROUBLE as trouble:
            log.warning("that job %s failed cannot be noted: %r", job.id, trouble)
            await asyncio.sleep(LONG)

    async def pass_time(self, clock: MovableClock, until: datetime) -> None:
        """Move a clock forward to `until`, stopping at every moment in between at which something is due."""
        while (due := await self.next_due()) and due <= until:
            clock.move_to(due)
            await self.run_due()
        clock.move_to(until)
        await self.run_due()


def _pause(job: Job) -> timedelta:
    """Return how long to wait before a failed job is tried again: longer and longer."""
    return min(timedelta(seconds=10 * 4 ** min(job.attempts, 8)), LONGEST_PAUSE)
