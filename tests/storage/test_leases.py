"""One process at a time has a lease, and what all of them begin together is counted."""

import asyncio
import os
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import update

from bot.kernel.leases import PlatformLease
from storage.database import Database
from storage.leases import LeaseStore, beginnings, leases
from storage.processes import Process, ProcessStore

HERE = Process.this()
MINE, OTHERS = Process("mine", "there", 7), Process("other", "elsewhere", 7)


def held(lease: PlatformLease) -> bool:
    return lease.is_held


async def silent(database: Database, seconds: float) -> None:
    async with database.write() as connection:
        await connection.execute(update(leases).values(beat=leases.c.beat - seconds))


async def test_one_has_it_until_it_is_silent_or_gone(database: Database, replica: Database) -> None:
    mine, others = LeaseStore(database, MINE), LeaseStore(replica, OTHERS)
    assert await mine.take("discord") == 1
    assert await others.take("discord") is None
    assert await others.take("something else") == 1
    await silent(database, 15)
    assert await others.take("discord") is None
    assert await mine.renew("discord", 1) == 0
    await silent(database, 15)
    assert await others.take("discord") is None
    await silent(database, 6)
    assert await others.take("discord") == 2
    assert await mine.renew("discord", 1) is None
    await mine.release("discord", 1)
    assert await mine.take("discord") is None, "who lost it does not give it away"
    await others.release("discord", 2)
    assert await mine.take("discord") == 3


async def test_who_asks_at_once_gets_one(database: Database, replica: Database) -> None:
    stores = [
        LeaseStore(where, replace(MINE, id=f"{number}", host=f"{number}"))
        for number, where in enumerate([database, replica] * 5)
    ]
    taken = await asyncio.gather(*(store.take("discord") for store in stores))
    assert sorted(taken, key=str) == [1, *[None] * 9]


async def test_whoever_is_dead_on_this_machine_has_nothing(database: Database) -> None:
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    assert await LeaseStore(database, replace(HERE, id="gone", pid=gone.pid)).take("discord") == 1
    assert await LeaseStore(database, MINE).take("discord") is None, "its number means nothing elsewhere"
    assert await LeaseStore(database, HERE).take("discord") == 2
    assert await LeaseStore(database, replace(HERE, id="parent", pid=1)).take("discord") is None


def test_a_dead_process_of_which_nobody_took_notice_is_over() -> None:
    pid = os.posix_spawn("/bin/true", ["true"], {})
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert HERE.outlived(pid)
    finally:
        os.waitpid(pid, 0)
    assert not HERE.outlived(os.getppid())


async def test_of_what_begins_again_and_again_no_more_than_that_many_begin_in_any_such_time(database: Database) -> None:
    """Ten minutes of a crash loop, one process every ten seconds."""
    store = LeaseStore(database, MINE)
    begun = []
    for second in range(0, 600, 10):
        if await store.begin("discord", 10, 300) == 0:
            begun.append(second)
        async with database.write() as connection:  # ten seconds pass
            await connection.execute(beginnings.update().values(at=beginnings.c.at - 10))
    assert begun[:6] == [0, 10, 20, 30, 40, 100]
    assert max(sum(start <= second < start + 300 for second in begun) for start in begun) <= 10
    assert max(later - earlier for earlier, later in pairwise(begun)) <= 70, "nobody waits for long"


async def test_what_begins_too_often_has_to_wait(database: Database, replica: Database) -> None:
    """Thirty processes begin in a crash loop, two at a time."""
    stores = [LeaseStore(database, MINE), LeaseStore(replica, OTHERS)]
    waits = []
    for _ in range(15):
        waits += await asyncio.gather(*(one.begin("discord", 10, 300) for one in stores))
    assert waits.count(0) == 5 and max(waits) <= 60
    assert await stores[0].begin("slack", 10, 300) == 0
    assert await stores[0].begin("discord", 10, 0.001) == 0


class Watch:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_lease_that_was_not_renewed_in_time_counts_for_nothing_here(database: Database) -> None:
    watch = Watch()
    lease = PlatformLease(database, "discord", MINE, beat=0.2, now=watch)
    other = PlatformLease(database, "discord", OTHERS)
    assert not held(lease)
    assert await lease.take() and held(lease)
    watch.now += 19
    assert held(lease) and not await other.take()
    watch.now += 2  # we were stopped
    assert not held(lease), "another one may have it by now"
    await asyncio.wait_for(lease.lost(), 5)
    await silent(database, 21)
    assert await other.take() and not await lease.take()
    await lease.release()
    assert held(other) and not await lease.take(), "who lost it does not give it away"
    await other.release()
    assert not held(other) and await lease.take()


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_lease_is_kept_by_renewing_it(database: Database) -> None:
    watch = Watch()
    lease = PlatformLease(database, "discord", MINE, now=watch)
    assert await lease.take()
    for _ in range(5):
        watch.now += 15
        assert await lease._renew() and held(lease)
    watch.now += 25
    assert not await lease._renew()


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize("alone", [True, False])
async def test_without_a_database_nobody_takes_it_from_who_is_alone(
    database: Database, replica: Database, *, alone: bool
) -> None:
    processes = ProcessStore(database)
    for process in (MINE,) if alone else (MINE, OTHERS):
        await processes.begin(process)
    watch = Watch()
    lease = PlatformLease(database, "discord", MINE, beat=0.5, now=watch)
    assert await lease.take() and await lease._renew()
    async with replica.write() as connection:
        await connection.exec_driver_sql("LOCK TABLE leases")
        watch.now += 19.5
        assert await lease._renew(), "it may be ours"
        watch.now += 1
        assert held(lease) is alone
        assert await lease._renew() is alone
        watch.now += 2
        assert not held(lease), "it was stopped: nobody knows what happened meanwhile"


async def test_what_is_for_one_process_needs_no_lease(database: Database) -> None:
    lease = PlatformLease(database, "discord", MINE, shared=False)
    assert held(lease) and await lease.take()
