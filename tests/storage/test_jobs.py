import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database
from storage.jobs import Job, JobStore, Taken
from storage.members import Community

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def jobs(database: Database) -> JobStore:
    return JobStore(database)


async def first(jobs: JobStore, now: datetime = NOON) -> Job:
    [job, *_] = await jobs.due(now, 1)
    return job


async def test_work_is_done_when_it_is_due_and_then_gone(jobs: JobStore, community: Community) -> None:
    await jobs.put("questions.remind:7", NOON, community.id)
    assert await jobs.due(NOON - SECOND, 10) == []

    job = await first(jobs)
    assert (job.call, job.due_at, job.community_id, job.key) == ("questions.remind:7", NOON, community.id, None)
    assert await jobs.due(NOON, 10, {job.id}) == []
    await jobs.take(job)
    assert await jobs.due(NOON, 10) == []
    assert await jobs.next_due() is None


async def test_the_longest_due_is_done_first(jobs: JobStore) -> None:
    for call, late in (("b", 2), ("c", 1), ("a", 3), ("d", 1)):
        await jobs.put(call, NOON - late * SECOND)
    assert [job.call for job in await jobs.due(NOON, 3)] == ["a", "b", "c"]
    assert [job.call for job in await jobs.due(NOON, 10)] == ["a", "b", "c", "d"]


async def test_the_next_moment_is_when_work_comes_due(jobs: JobStore) -> None:
    assert await jobs.next_due() is None
    await jobs.put("later", NOON + timedelta(hours=1))
    await jobs.put("now", NOON)
    assert await jobs.next_due() == NOON
    assert await jobs.next_due(but=["now"]) == NOON + timedelta(hours=1)
    await jobs.fail(await first(jobs), "broken", None, NOON)
    assert await jobs.next_due() == NOON + timedelta(hours=1)


async def test_what_two_workers_began_is_kept_once(database: Database, replica: Database) -> None:
    stores = {JobStore(database): database, JobStore(replica): replica}
    for number in range(30):
        await next(iter(stores)).put(str(number), NOON)
    done = []

    async def work(store: JobStore) -> None:
        while found := await store.due(NOON, 4):
            for job in found:
                try:
                    async with stores[store].unit(lambda job=job: store.take(job)) as unit:  # type: ignore[misc]
                        unit.when_kept(lambda job=job: done.append(job.call))  # type: ignore[misc]
                        _ = await unit.begin()
                except Taken:
                    continue

    await asyncio.gather(*(work(store) for store in [*stores] * 3))
    assert sorted(done, key=int) == [str(number) for number in range(30)]


async def test_failed_work_is_tried_again_and_at_last_set_aside(jobs: JobStore, community: Community) -> None:
    await jobs.put("a", NOON, community.id)
    job = await first(jobs)
    assert await jobs.fail(job, "broken" * 1000, NOON + SECOND, NOON)
    assert await jobs.due(NOON, 1) == []
    with pytest.raises(Taken):
        await jobs.take(job)

    job = await first(jobs, NOON + SECOND)
    assert (job.attempts, job.last_error) == (1, ("broken" * 1000)[:1000])
    assert await jobs.fail(job, "nobody's fault", NOON + SECOND, NOON, counted=False)
    job = await first(jobs, NOON + SECOND)
    assert job.attempts == 1
    assert await jobs.fail(job, "broken\0 \ud800", None, NOON + SECOND)
    assert await jobs.due(NOON + SECOND, 1) == []
    [dead] = await jobs.dead()
    assert (dead.call, dead.last_error, dead.failed_at) == ("a", "broken ", NOON + SECOND)


async def test_dead_letters_are_told_by_community_replayed_and_dropped(jobs: JobStore, community: Community) -> None:
    for call, owner in (("theirs", community.id), ("ours", None)):
        await jobs.put(call, NOON, owner)
        assert await jobs.fail(await first(jobs), "broken", None, NOON)
    assert [job.call for job in await jobs.dead()] == ["theirs", "ours"]
    [dead] = await jobs.dead(community.id)
    assert dead.call == "theirs"
    assert await jobs.dead(community.id + 1) == []

    assert await jobs.replay(dead.id)
    assert not await jobs.replay(dead.id)
    again = await first(jobs)
    assert (again.id, again.attempts, again.failed_at) == (dead.id, 0, None)
    assert not await jobs.drop(again.id)
    [other] = await jobs.dead()
    assert await jobs.drop(other.id) and await jobs.dead() == []


async def test_a_key_names_the_work(jobs: JobStore) -> None:
    await jobs.put("first", NOON, key="digest")
    await jobs.put("second", NOON + SECOND, key="digest")
    assert await jobs.due(NOON, 10) == []
    assert [job.call for job in await jobs.due(NOON + SECOND, 10)] == ["second"]


async def test_work_that_is_put_again_while_it_runs_is_not_ended(jobs: JobStore) -> None:
    await jobs.put("tick", NOON, key="tick")
    job = await first(jobs)
    await jobs.put("tick", NOON + SECOND, key="tick")
    with pytest.raises(Taken):
        await jobs.take(job)
    assert not await jobs.fail(job, "broken", None, NOON)
    assert await jobs.next_due() == NOON + SECOND


async def test_work_puts_itself_again_in_the_unit_that_ends_it(database: Database, jobs: JobStore) -> None:
    await jobs.put("tick", NOON, key="tick")
    job = await first(jobs)
    async with database.unit(lambda: jobs.take(job)):
        await jobs.put("tick", NOON + SECOND, key="tick")
    assert await jobs.next_due() == NOON + SECOND


async def test_putting_a_dead_letter_again_revives_it(jobs: JobStore) -> None:
    await jobs.put("a", NOON, key="a")
    await jobs.fail(await first(jobs), "broken", None, NOON)
    await jobs.put("a", NOON, key="a")
    assert await jobs.dead() == []
    assert (await first(jobs)).last_error is None


async def test_cancelled_work_is_not_done(jobs: JobStore) -> None:
    await jobs.put("a", NOON, key="a")
    job = await first(jobs)
    assert await jobs.cancel("a")
    assert not await jobs.cancel("a")
    assert await jobs.due(NOON, 1) == []
    with pytest.raises(Taken):
        await jobs.take(job)


async def test_the_same_key_put_at_once_is_one_job(jobs: JobStore) -> None:
    await asyncio.gather(*(jobs.put(str(number), NOON, key="a") for number in range(10)))
    assert len(await jobs.due(NOON, 100)) == 1


async def test_a_call_has_an_end(jobs: JobStore) -> None:
    await jobs.put("x" * 200, NOON)
    with pytest.raises(ValueError, match="at most 200"):
        await jobs.put("x" * 201, NOON)


async def test_work_is_put_if_and_only_if_its_transaction_is_kept(database: Database, jobs: JobStore) -> None:
    async def fail() -> None:
        async with database.unit():
            await jobs.put("never", NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.unit():
        await jobs.put("always", NOON)
    assert [job.call for job in await jobs.due(NOON, 10)] == ["always"]
