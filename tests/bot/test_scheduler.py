"""Work that is due: done once, tried again, set aside; also when the process dies in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from adapters.contract.adapter import Away, Retry
from bot.clock import MovableClock
from bot.delivery.carrying import Carrier
from bot.delivery.courier import Courier
from bot.delivery.gate import Gate
from bot.delivery.platforms import Platforms
from bot.kernel.scheduler import ATTEMPTS, Scheduler
from bot.metrics import Metrics
from bot.text.language import Locales
from storage.database import Database
from storage.jobs import Job, JobStore
from storage.members import MemberStore
from storage.outbox import OutboxStore
from storage.peers import PeerStore
from storage.postings import PostingStore
from storage.uploads import UploadStore

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
async def database(database_file: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{database_file}")
    yield database
    await database.close()


class Hand:
    """Does jobs, and keeps what it did and when."""

    def __init__(self, database: Database) -> None:
        self.jobs = JobStore(database)
        self.database = database
        self.clock = MovableClock(NOW)
        self.did: list[tuple[str, timedelta]] = []
        self.fails: list[Exception] = []
        self.does: Callable[[Job], Awaitable[None]] = self.nothing
        members, outbox = MemberStore(database), OutboxStore(database)
        carrier, postings = (
            Carrier(Platforms({}, database), members, UploadStore(database), Locales(), self.clock),
            PostingStore(database),
        )
        gate = Gate(members, postings, PeerStore(database))
        courier = Courier(database, outbox, postings, carrier, gate, self.clock, "me", Metrics())
        self.scheduler = Scheduler(self.jobs, outbox, courier, self.clock, self.run, Metrics())

    async def nothing(self, job: Job) -> None: ...

    async def run(self, job: Job) -> None:
        await self.does(job)
        if self.fails:
            self.did.append((f"failed {job.call}", self.clock.now() - NOW))
            raise self.fails.pop()
        async with self.database.unit(lambda: self.jobs.take(job)) as unit:
            unit.when_kept(lambda: self.did.append((job.call, self.clock.now() - NOW)))
            if job.call == "again":
                await self.jobs.put("again", self.clock.now() + timedelta(hours=1), key="again")
            _ = await unit.begin()


async def test_time_stops_wherever_something_is_due(database: Database) -> None:
    hand = Hand(database)
    await hand.jobs.put("late", NOW + timedelta(hours=3))
    await hand.jobs.put("again", NOW + timedelta(hours=1), key="again")
    await hand.scheduler.pass_time(hand.clock, NOW + timedelta(hours=3, minutes=30))
    assert hand.did == [
        ("again", timedelta(hours=1)),
        ("again", timedelta(hours=2)),
        ("late", timedelta(hours=3)),
        ("again", timedelta(hours=3)),
    ]
    assert hand.clock.now() == NOW + timedelta(hours=3, minutes=30)


async def test_what_came_due_while_down_is_done_late_and_once(database: Database) -> None:
    hand = Hand(database)
    await hand.jobs.put("missed", NOW - timedelta(days=2))
    await hand.scheduler.run_due()
    await hand.scheduler.run_due()
    assert [call for call, _ in hand.did] == ["missed"]


@pytest.mark.parametrize("bug", [RuntimeError("not now"), FileNotFoundError("no such file"), TimeoutError()])
async def test_our_own_faults_are_tried_five_times_then_set_aside(database: Database, bug: Exception) -> None:
    hand = Hand(database)
    hand.fails = [bug] * 99
    await hand.jobs.put("poison", NOW)
    await hand.scheduler.pass_time(hand.clock, NOW + timedelta(days=3))
    assert len(hand.did) == ATTEMPTS
    waits = [second - first for (_, first), (_, second) in zip(hand.did, hand.did[1:], strict=False)]
    assert waits == sorted(waits) and waits[0] >= timedelta(seconds=10)
    (dead,) = await hand.jobs.dead()
    assert dead.last_error == repr(bug)

    hand.fails = []
    await hand.jobs.replay(dead.id)
    await hand.scheduler.run_due()
    assert not await hand.jobs.dead() and hand.did[-1][0] == "poison"


async def test_what_is_nobodys_fault_is_tried_until_it_is_over(database: Database) -> None:
    hand = Hand(database)
    hand.fails = [Away("down"), ConnectionError("reset"), Retry("slow down", 90)] * 5
    await hand.jobs.put("patient", NOW)
    await hand.scheduler.pass_time(hand.clock, NOW + timedelta(hours=1))
    assert len(hand.did) == 16 and hand.did[-1][0] == "patient"
    assert hand.did[1][1] - hand.did[0][1] == timedelta(seconds=90)


async def test_a_job_that_takes_long_keeps_nobody_waiting(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.kernel.scheduler.LONG", 0.01)
    hand, ready = Hand(database), asyncio.Event()

    async def wait(job: Job) -> None:
        if job.call == "slow":
            await ready.wait()
        if job.call == "last":
            ready.set()

    hand.does = wait
    for call in ("slow", "next", "last"):
        await hand.jobs.put(call, NOW)
    async with asyncio.timeout(30):
        await hand.scheduler.run_due()
    assert [call for call, _ in hand.did] == ["next", "last", "slow"]


async def test_two_at_work_share_without_repeating(database: Database) -> None:
    one, other = Hand(database), Hand(database)
    for n in range(20):
        await one.jobs.put(f"job {n}", NOW)
    await asyncio.gather(one.scheduler.run_due(), other.scheduler.run_due())
    assert sorted(call for call, _ in one.did + other.did) == sorted(f"job {n}" for n in range(20))


async def test_it_wakes_by_itself(database: Database) -> None:
    hand, done = Hand(database), asyncio.Event()

    async def note(_: Job) -> None:
        done.set()

    hand.does = note
    hand.scheduler.start()
    await hand.jobs.put("now", NOW)
    hand.scheduler.wake()
    async with asyncio.timeout(30):
        await done.wait()
    await hand.scheduler.stop()


async def test_who_is_to_stop_ends_what_is_running_and_begins_nothing_more(database: Database) -> None:
    hand, begun, ends = Hand(database), asyncio.Event(), asyncio.Event()

    async def wait(_: Job) -> None:
        begun.set()
        await ends.wait()

    hand.does = wait
    for n in range(40):
        await hand.jobs.put(f"job {n}", NOW)
    hand.scheduler.start()
    await begun.wait()
    stopping = asyncio.create_task(hand.scheduler.stop())
    await asyncio.sleep(0)
    ends.set()
    await stopping
    assert [call for call, _ in hand.did] == ["job 0"] and await hand.jobs.next_due() == NOW


async def test_a_machine_that_slept_past_it_wakes_for_it(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """APScheduler leaves out what is a second late unless it is told not to."""

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Earlier:
            return super().now(tz) - timedelta(hours=2)

    hand, done = Hand(database), asyncio.Event()

    async def note(_: Job) -> None:
        done.set()

    hand.does = note
    hand.scheduler.start()
    await asyncio.sleep(0)  # the first look at the list is over
    await hand.scheduler.idle()
    await hand.jobs.put("slept past", NOW + timedelta(hours=1))
    monkeypatch.setattr("bot.kernel.scheduler.datetime", Earlier)
    hand.scheduler.expect(NOW + timedelta(hours=1))
    hand.clock.move_to(NOW + timedelta(hours=2))
    async with asyncio.timeout(30):
        await done.wait()
    await hand.scheduler.stop()


async def test_what_nobody_told_of_is_found_at_the_start_and_again_and_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process put it on the list, or had it and died."""
    monkeypatch.setattr("bot.kernel.scheduler.SWEEP", timedelta(seconds=0.05))
    hand = Hand(database)
    for call in ("left behind", "put by another process"):
        await hand.jobs.put(call, NOW)
        if not hand.scheduler._sweeping:
            hand.scheduler.start()
        async with asyncio.timeout(30):
            while (call, timedelta()) not in hand.did:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
    await hand.scheduler.stop()
