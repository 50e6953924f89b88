"""Does what has come due. The rows of `jobs` are the truth; APScheduler only wakes us when the next one is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import InterfaceError, OperationalError

from adapters.contract.adapter import AdapterError, Gone
from bot.clock import Clock, MovableClock
from storage.jobs import Job, JobStore

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""How long a claimed job is ours. One that takes longer, or whose process died, is claimed again."""
BATCH = 8
TIMEOUT = timedelta(seconds=30)
"""How long one job may take: all of a batch fit into the lease."""
ATTEMPTS = 5
"""After so many failures of our own making a job is set aside for a person to look at."""
TROUBLE = (AdapterError, OSError, OperationalError, InterfaceError)
"""What goes wrong outside: a platform or the database is away. Such a job is tried until it is over; what is gone for
good (`Gone`) is set aside as our own failures are."""
LONGEST_PAUSE = timedelta(minutes=15)
SWEEP = timedelta(seconds=60)
"""How often we look for jobs that another process put there, or left behind."""


def _pause(job: Job) -> timedelta:
    """Return how long to wait before a failed job is tried again: longer and longer."""
    return min(timedelta(seconds=10 * 4 ** min(job.attempts - 1, 8)), LONGEST_PAUSE)


class Scheduler:
    """Claims due jobs, oldest first, and runs each; a failed one is tried again later and later, then set aside."""

    def __init__(self, jobs: JobStore, clock: Clock, run: Callable[[Job], Awaitable[None]]) -> None:
        self._jobs = jobs
        self._clock = clock
        self._run = run
        self._alarm = AsyncIOScheduler(timezone="UTC")
        self._turn = asyncio.Lock()
        self._woken = False
        self._shift: asyncio.Task[None] | None = None

    def start(self, beat: Callable[[], Awaitable[None]] | None = None) -> None:
        """Wake whenever something is due, from now on, and call `beat` each minute as a sign of life."""
        if beat:
            self._alarm.add_job(beat, IntervalTrigger(seconds=int(SWEEP.total_seconds())), misfire_grace_time=None)
        self._alarm.add_job(self._ring, IntervalTrigger(seconds=int(SWEEP.total_seconds())), misfire_grace_time=None)
        self._alarm.start()
        self.wake()

    async def stop(self) -> None:
        """Wake no more, and let the job that is running finish."""
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
        """Run all that is due, also what comes due by it, and set the alarm for what is next."""
        async with self._turn:
            while True:
                self._woken = False
                # To look is cheap, to claim is to write: mostly there is nothing to do.
                while (next_due := await self._jobs.next_due()) and next_due <= self._clock.now():
                    if not (jobs := await self._jobs.claim(self._clock.now(), LEASE, BATCH)):
                        break
                    await self._do_all(jobs)
                if not self._woken:
                    break
        if next_due and self._alarm.running:
            self._set_alarm(datetime.now(UTC) + max(next_due - self._clock.now(), timedelta(milliseconds=10)))

    def _set_alarm(self, at: datetime) -> None:
        """Be woken at `at`, on the machine's clock: ours may have been moved."""
        self._alarm.add_job(self._ring, DateTrigger(at), id="wake", replace_existing=True, misfire_grace_time=None)

    async def _ring(self) -> None:
        # A task of our own, because stopping APScheduler cancels what it runs.
        self._shift = asyncio.create_task(self.run_due())

    async def _do_all(self, jobs: Sequence[Job]) -> None:
        """Do jobs in their order; those of other communities beside them, so that none waits for another's platform."""
        async with asyncio.TaskGroup() as communities:
            for _, own in groupby(sorted(jobs, key=lambda job: job.community_id or 0), lambda job: job.community_id):
                communities.create_task(self._do_in_order([*own]))

    async def _do_in_order(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            await self._do(job)

    async def _do(self, job: Job) -> None:
        try:
            async with asyncio.timeout(TIMEOUT.total_seconds()):
                await self._run(job)
        except Exception as error:
            if isinstance(error, TROUBLE) and not isinstance(error, Gone):
                log.warning("job %s (%s) has to wait, attempt %s: %r", job.id, job.call, job.attempts, error)
                await self._jobs.fail(job, repr(error), self._clock.now() + _pause(job), self._clock.now())
                return
            last = job.attempts >= ATTEMPTS
            log.exception("job %s (%s) failed, attempt %s%s", job.id, job.call, job.attempts, ", set aside" * last)
            retry_at = None if last else self._clock.now() + _pause(job)
            await self._jobs.fail(job, repr(error), retry_at, self._clock.now())
        else:
            await self._jobs.finish(job)

    async def pass_time(self, clock: MovableClock, until: datetime) -> None:
        """Move a clock forward to `until`, stopping at every moment in between at which something is due."""
        while (due := await self._jobs.next_due()) and due <= until:
            clock.move_to(due)
            await self.run_due()
        clock.move_to(until)
        await self.run_due()
