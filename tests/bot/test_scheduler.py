"""Work that is due: done once, tried again, set aside; also when the process dies in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import MovableClock
from bot.kernel.scheduler import ATTEMPTS, LEASE, Scheduler
from storage.database import Database
from storage.jobs import Job, JobStore

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
async def jobs(tmp_path: Path) -> AsyncIterator[JobStore]:
    database = Database(f"sqlite:///{tmp_path / 'jobs.db'}")
    await database.upgrade()
    yield JobStore(database)
    await database.close()


class Hand:
    """Does jobs, and keeps what it did and when."""

    def __init__(self, jobs: JobStore) -> None:
        self.jobs = jobs
        self.clock = MovableClock(NOW)
        self.did: list[tuple[str, timedelta]] = []
        self.fails = 0
        self.scheduler = Scheduler(jobs, self.clock, self.run)

    async def run(self, job: Job) -> None:
        self.did.append((job.call, self.clock.now() - NOW))
        if self.fails:
            self.fails -= 1
            raise RuntimeError("not now")
        if job.call == "again":
            await self.jobs.put("again", self.clock.now() + timedelta(hours=1), key="again")


async def test_time_stops_wherever_something_is_due(jobs: JobStore) -> None:
    hand = Hand(jobs)
    await jobs.put("late", NOW + timedelta(hours=3))
    await jobs.put("again", NOW + timedelta(hours=1), key="again")
    await hand.scheduler.pass_time(hand.clock, NOW + timedelta(hours=3, minutes=30))
    assert hand.did == [
        ("again", timedelta(hours=1)),
        ("again", timedelta(hours=2)),
        ("late", timedelta(hours=3)),
        ("again", timedelta(hours=3)),
    ]
    assert hand.clock.now() == NOW + timedelta(hours=3, minutes=30)


async def test_what_came_due_while_down_is_done_late_and_once(jobs: JobStore) -> None:
    await jobs.put("missed", NOW - timedelta(days=2))
    hand = Hand(jobs)
    await hand.scheduler.run_due()
    await hand.scheduler.run_due()
    assert [call for call, _ in hand.did] == ["missed"]


async def test_what_fails_is_tried_again_later_and_later_then_set_aside(jobs: JobStore) -> None:
    hand = Hand(jobs)
    hand.fails = 99
    await jobs.put("poison", NOW)
    await hand.scheduler.pass_time(hand.clock, NOW + timedelta(days=3))
    assert len(hand.did) == ATTEMPTS
    waits = [second - first for (_, first), (_, second) in zip(hand.did, hand.did[1:], strict=False)]
    assert waits == sorted(waits) and waits[0] >= timedelta(seconds=10)
    (dead,) = await jobs.dead()
    assert dead.last_error == "RuntimeError('not now')"

    hand.fails = 0
    await jobs.replay(dead.id)
    await hand.scheduler.run_due()
    assert not await jobs.dead() and len(hand.did) == ATTEMPTS + 1


async def test_what_a_dead_process_had_begun_is_done_by_the_next(jobs: JobStore) -> None:
    await jobs.put("half done", NOW)
    assert await jobs.claim(NOW, LEASE, 1)
    hand = Hand(jobs)
    await hand.scheduler.run_due()
    assert not hand.did
    await hand.scheduler.pass_time(hand.clock, NOW + LEASE)
    assert hand.did == [("half done", LEASE)]


async def test_two_at_work_share_without_repeating(jobs: JobStore) -> None:
    for n in range(20):
        await jobs.put(f"job {n}", NOW)
    one, other = Hand(jobs), Hand(jobs)
    await asyncio.gather(one.scheduler.run_due(), other.scheduler.run_due())
    assert sorted(call for call, _ in one.did + other.did) == sorted(f"job {n}" for n in range(20))


async def test_it_wakes_by_itself(jobs: JobStore) -> None:
    hand = Hand(jobs)
    done = asyncio.Event()

    async def run(job: Job) -> None:
        done.set()

    hand.scheduler = Scheduler(jobs, hand.clock, run)
    hand.scheduler.start()
    await jobs.put("now", NOW)
    hand.scheduler.wake()
    async with asyncio.timeout(5):
        await done.wait()
    await hand.scheduler.stop()
