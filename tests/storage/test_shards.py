"""One process at a time hears a shard, all share them out, and what they begin together is counted."""

import asyncio
import os
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from adapters.contract.shards import Alone, Budget, Share
from adapters.discord.limits import PERIOD, identifies
from bot.kernel.shards import OwnLeases, PlatformLeases, has_fewest, has_too_many
from storage.database import Database
from storage.leases import leases
from storage.processes import Process, ProcessStore
from storage.shards import Seen, ShardStore, beginnings, hearers

HERE = Process.this()
MINE, OTHERS = Process("mine", "there", 7), Process("other", "elsewhere", 7)

TEN = Budget("", *(10, 300, 5))


async def silent(database: Database, seconds: float) -> None:
    async with database.write() as connection:
        await connection.execute(update(leases).values(beat=leases.c.beat - seconds))
        await connection.execute(update(hearers).values(beat=hearers.c.beat - seconds, since=hearers.c.since - seconds))


def stores(database: Database, replica: Database) -> tuple[ShardStore, ShardStore]:
    return ShardStore(database, "discord", MINE), ShardStore(replica, "discord", OTHERS)


async def test_one_has_it_until_it_is_silent_or_gone(database: Database, replica: Database) -> None:
    mine, others = stores(database, replica)
    await mine.settle(1, change=False)
    elsewhere = ShardStore(replica, "something else", OTHERS)
    await elsewhere.settle(1, change=False)
    assert await mine.take(0, 1) == 1
    assert await others.take(0, 1) is None
    assert await elsewhere.take(0, 1) == 1
    await silent(database, 15)
    assert await others.take(0, 1) is None
    assert await mine.renew({0: 1}, wants=True) == ({0}, 0)
    await silent(database, 15)
    assert await others.take(0, 1) is None
    await silent(database, 6)
    assert await others.take(0, 1) == 2
    assert await mine.renew({0: 1}, wants=True) == (set(), 0)
    await mine.release({0: 1})
    assert await mine.take(0, 1) is None, "who lost it does not give it away"
    await others.release({0: 2})
    assert await mine.take(0, 1) == 3


async def test_each_shard_is_one_process_s(database: Database, replica: Database) -> None:
    mine, others = stores(database, replica)
    await mine.settle(4, change=False)
    assert [await mine.take(0, 4), await others.take(1, 4), await mine.take(2, 4)] == [1, 1, 1]
    assert await others.take(2, 4) is None and await mine.take(1, 4) is None
    assert (await mine.look()).held == {0: "mine", 1: "other", 2: "mine"}
    await mine.renew({0: 1, 2: 1}, wants=True)
    await others.renew({1: 1}, wants=False)
    assert [*(await others.look()).hearers] == ["mine"]
    await mine.release({2: 1}, leaves=True)
    assert (await others.look()).held == {0: "mine", 1: "other"} and not (await others.look()).hearers
    await silent(database, 21)
    assert not (await others.look()).held


async def test_two_numbers_of_shards_are_never_heard_at_once(database: Database, replica: Database) -> None:
    mine, others = stores(database, replica)
    await mine.settle(2, change=False)
    assert await mine.take(0, 2) and await others.take(1, 2)
    await others.settle(4, change=False)
    assert (await mine.look()).count == (await mine.look()).wanted == 2, "it is no reason to interrupt anybody"
    await others.settle(4, change=True)
    assert ((await mine.look()).count, (await mine.look()).wanted) == (2, 4)
    await others.release({1: 1})
    assert await others.take(1, 2) is None and await others.take(3, 4) is None, "one still hears by two"
    await others.settle(4, change=True)
    assert (await mine.look()).count == 2
    await mine.release({0: 1})
    assert await others.take(3, 4) is None
    await others.settle(4, change=False)
    assert await others.take(3, 4) and await mine.take(0, 4) and await mine.take(0, 2) is None


async def test_a_process_of_the_version_before_hears_everything_until_it_goes(
    database: Database, replica: Database
) -> None:
    mine, before = stores(database, replica)
    await before.settle(1, change=False)
    assert await before.take(0, 1)
    async with database.write() as connection:
        await connection.exec_driver_sql("DELETE FROM shardings")
    await mine.settle(4, change=True)
    assert [await mine.take(number, 4) for number in range(4)] == [None] * 4
    await before.release({0: 1})
    await mine.settle(4, change=False)
    assert all([await mine.take(number, 4) for number in range(4)])


async def test_who_asks_at_once_gets_one(database: Database, replica: Database) -> None:
    several = [
        ShardStore(where, "discord", replace(MINE, id=f"{number}", host=f"{number}"))
        for number, where in enumerate([database, replica] * 5)
    ]
    await several[0].settle(1, change=False)
    taken = await asyncio.gather(*(store.take(0, 1) for store in several))
    assert sorted(taken, key=str) == [1, *[None] * 9]


async def test_whoever_is_dead_on_this_machine_has_nothing(database: Database) -> None:
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    dead = ShardStore(database, "discord", replace(HERE, id="gone", pid=gone.pid))
    await dead.settle(1, change=False)
    assert await dead.take(0, 1) == 1
    await dead.renew({0: 1}, wants=True)
    elsewhere, here = ShardStore(database, "discord", MINE), ShardStore(database, "discord", HERE)
    assert await elsewhere.take(0, 1) is None, "its number means nothing elsewhere"
    assert [*(await elsewhere.look()).hearers] == ["gone"] and not (await here.look()).hearers
    assert await here.take(0, 1) == 2
    assert await ShardStore(database, "discord", replace(HERE, id="parent", pid=1)).take(0, 1) is None


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
    store = ShardStore(database, "discord", MINE)
    begun = []
    for second in range(0, 600, 10):
        if await store.begin([TEN]) == 0:
            begun.append(second)
        await pass_seconds(database, 10)
    assert begun[:6] == [0, 10, 20, 30, 40, 100]
    assert max(sum(start <= second < start + 300 for second in begun) for start in begun) <= 10
    assert max(later - earlier for earlier, later in pairwise(begun)) <= 70, "nobody waits for long"


async def pass_seconds(database: Database, seconds: float) -> None:
    async with database.write() as connection:
        await connection.execute(beginnings.update().values(at=beginnings.c.at - seconds))


@pytest.mark.parametrize("shards", [1, 2, 3, 4])
async def test_a_crash_loop_of_several_shards_begins_ten_sessions_at_most(database: Database, shards: int) -> None:
    """Of two processes one dies after the other, each 20 s, and its half begins elsewhere."""
    store = ShardStore(database, "discord", MINE)
    most, at_once = identifies(shards)
    budget = Budget("", *(most, PERIOD, at_once))
    begun = [0 for _ in range(shards) if await store.begin([budget]) == 0]
    assert len(begun) == shards
    for second in range(20, 900, 20):
        await pass_seconds(database, 20)
        begun += [second for _ in range(shards - shards // 2) if await store.begin([budget]) == 0]
    assert max(sum(start <= second < start + 300 for second in begun) for start in begun) <= 10
    assert begun.count(20) == shards - shards // 2, "what is taken over begins at once"


async def test_of_one_bucket_one_shard_begins_at_a_time_whoever_hears_it(database: Database, replica: Database) -> None:
    budgets = [[TEN, Budget(f"bucket {number % 2}", *(1, 5, 1))] for number in range(3)]
    mine, others = stores(database, replica)
    assert [await mine.begin(budgets[0]), await others.begin(budgets[1])] == [0, 0]
    assert 4 < await others.begin(budgets[2]) <= 5
    await pass_seconds(database, 5.1)
    assert await others.begin(budgets[2]) == 0
    assert (await mine.look()).begun == 3, "what had to wait did not count"


async def test_what_begins_too_often_has_to_wait(database: Database, replica: Database) -> None:
    """Thirty processes begin in a crash loop, two at a time."""
    both = stores(database, replica)
    waits = []
    for _ in range(15):
        waits += await asyncio.gather(*(one.begin([TEN]) for one in both))
    assert waits.count(0) == 5 and max(waits) <= 60
    assert await ShardStore(database, "slack", MINE).begin([TEN]) == 0
    assert await both[0].begin([replace(TEN, seconds=0.001)]) == 0


# Shares


def seen(held: dict[int, str], hearers: dict[str, float], count: int) -> Seen:
    return Seen(count, count, held, hearers, 0)


@given(count=st.integers(1, 12), loads=st.lists(st.integers(0, 12), min_size=1, max_size=5))
def test_every_one_comes_to_have_as_many_as_the_others_and_nothing_moves_then(count: int, loads: list[int]) -> None:
    there = [f"{number}" for number in range(len(loads))]
    wanting = dict.fromkeys(there, 60.0)
    owners = [name for name, load in zip(there, loads, strict=True) for _ in range(load)][:count]
    held = dict(enumerate(owners))
    for _ in range(4 * count):
        if free := [number for number in range(count) if number not in held]:
            taking = [name for name in there if has_fewest(seen(held, wanting, count), name)]
            held[free[0]] = taking[-1]
        elif giving := [name for name in there if has_too_many(seen(held, wanting, count), name, 30)]:
            assert len(giving) == 1
            del held[max(number for number, owner in held.items() if owner == giving[0])]
        else:
            break
    else:
        raise AssertionError("they move for ever")
    each = [Counter(held.values())[name] for name in there]
    assert sum(each) == count and max(each) - min(each) <= 1


def test_nothing_is_given_up_for_who_has_just_come_and_one_shard_stays_where_it_is() -> None:
    held = {0: "a", 1: "a", 2: "b", 3: "b"}
    just_come = seen(held, {"a": 90, "b": 90, "c": 5}, 4)
    assert not any(has_too_many(just_come, name, 30) for name in "abc")
    stays = seen(held, {"a": 120, "b": 120, "c": 35}, 4)
    assert [has_too_many(stays, name, 30) for name in "abc"] == [False, True, False]
    assert not any(has_too_many(seen({0: "a"}, {"a": 90, "b": 90}, 1), name, 30) for name in "ab")


async def test_a_process_alone_has_all_and_changes_their_number_when_it_has_to() -> None:
    alone = Alone()
    assert await alone.look(3) == Share(3, free=[0, 1, 2])
    for number in range(3):
        await alone.take(number)
    assert await alone.look(5) == Share(3, free=[])
    assert await alone.look(5, needed=True) == await alone.look(6) == Share(3, give=frozenset({0, 1, 2}))
    for number in range(3):
        await alone.release(number)
    assert await alone.look(6) == Share(6, free=[0, 1, 2, 3, 4, 5])


class Watch:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def taken(leases: PlatformLeases, recommended: int = 1) -> bool:
    share = await leases.look(recommended)
    return bool(share and share.free) and await leases.take(0)


def held(leases: PlatformLeases) -> bool:
    return leases.is_held(0)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_lease_that_was_not_renewed_in_time_counts_for_nothing_here(database: Database) -> None:
    watch = Watch()
    mine = PlatformLeases(database, "discord", MINE, beat=0.2, now=watch)
    other = PlatformLeases(database, "discord", OTHERS)
    assert not held(mine)
    assert await taken(mine) and held(mine)
    watch.now += 19
    assert held(mine) and not await taken(other)
    watch.now += 2  # we were stopped
    assert not held(mine), "another one may have it by now"
    await silent(database, 21)
    assert await taken(other) and not await taken(mine)
    await mine.release(0)
    assert held(other) and not await taken(mine), "who lost it does not give it away"
    await other.leave()
    assert not held(other) and await taken(mine)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_lease_is_kept_by_renewing_it(database: Database) -> None:
    watch = Watch()
    mine = PlatformLeases(database, "discord", MINE, now=watch)
    assert await taken(mine)
    for _ in range(5):
        watch.now += 15
        assert await mine.look(1) == Share(1) and held(mine)
    watch.now += 25
    assert await mine.look(1) == Share(1, free=[0]) and not held(mine)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize("alone", [True, False])
async def test_without_a_database_nobody_takes_it_from_who_is_alone(
    database: Database, replica: Database, *, alone: bool
) -> None:
    processes = ProcessStore(database)
    for process in (MINE,) if alone else (MINE, OTHERS):
        await processes.begin(process)
    watch = Watch()
    mine = PlatformLeases(database, "discord", MINE, beat=0.1, free=4, now=watch)
    assert await taken(mine)
    watch.now += 0.2
    assert await mine.look(1)
    async with replica.write() as connection:
        await connection.exec_driver_sql("LOCK TABLE leases")
        watch.now += 3.9
        assert await mine.look(1) is None and held(mine), "it may be ours"
        watch.now += 0.2
        assert held(mine) is alone
        assert await mine.look(1) is None and held(mine) is alone
        watch.now += 0.4
        assert not held(mine), "it was stopped: nobody knows what happened meanwhile"


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_two_share_out_four_shards_and_one_takes_what_the_other_leaves(
    database: Database, replica: Database
) -> None:
    watch = Watch()
    mine = PlatformLeases(database, "discord", MINE, now=watch)
    other = PlatformLeases(replica, "discord", OTHERS, now=watch)
    for each in (mine, other):
        await each.look(4)
    for each in (mine, other, mine, other):
        share = await each.look(4)
        assert share and await each.take(share.free[0])
        assert not (await each.look(4) or share).free or each is other, "the next one is the other's"
    assert await mine.look(4) == Share(4, frozenset({1, 3})) and await other.look(4) == Share(4, frozenset({0, 2}))

    await other.release(3)
    share = await mine.look(4)
    assert share and not share.free, "it is the other's, who has fewer"
    watch.now += 11
    share = await mine.look(4)
    assert share and share.free == [3], "who does not want it"
    await other.leave()
    share = await mine.look(4)
    assert share and share.free == [1, 3] and not share.elsewhere


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_one_by_one_shards_are_given_up_for_who_came_and_stayed(database: Database, replica: Database) -> None:
    watch = Watch()
    mine = PlatformLeases(database, "discord", MINE, now=watch)
    other = PlatformLeases(replica, "discord", OTHERS, now=watch)
    await mine.look(4)
    for number in range(4):
        await mine.take(number)
    await other.look(4)
    watch.now += 5
    assert await mine.look(4) == Share(4), "it has just come"
    await silent(database, 31)
    for each in (mine, other):
        await each._renew(wants=True)
    assert await mine.look(4, needed=True) == Share(4, give=frozenset({3}))
    await mine.release(3)
    assert await mine.look(4) == Share(4), "it is not to be taken back"
    assert await other.look(4) == Share(4, frozenset({0, 1, 2}), free=[3])
    await other.take(3)
    assert await mine.look(4) == Share(4, frozenset({3}), give=frozenset({2}))
    for _ in range(6):
        assert await mine.begin(TEN) in (0, pytest.approx(60, abs=5))
    await ShardStore(database, "discord", MINE).begin([Budget("", *(20, 300, 20))])
    assert await mine.look(4) == Share(4, frozenset({3})), "so many sessions began lately that it might have to wait"


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_what_is_for_one_process_needs_no_lease(database: Database) -> None:
    own = OwnLeases(database, "discord", MINE)
    assert await own.look(1) == Share(1, free=[0]) and await own.take(0) and own.is_held(0)
    assert [await own.begin(TEN) > 0 for _ in range(6)] == [False] * 5 + [True]
