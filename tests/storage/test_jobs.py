import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database
from storage.jobs import Job, JobStore
from storage.members import Community

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECOND, LEASE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def jobs(database: Database) -> JobStore:
    return JobStore(database)


async def claim_one(jobs: JobStore, now: datetime = NOON) -> Job:
    [job] = await jobs.claim(now, LEASE, 1)
    return job


async def test_work_is_done_when_it_is_due_and_then_gone(jobs: JobStore, community: Community) -> None:
    await jobs.put("questions.remind:7", NOON, community.id)
    assert await jobs.claim(NOON - SECOND, LEASE, 10) == []

    job = await claim_one(jobs)
    assert (job.call, job.due_at, job.community_id, job.key) == ("questions.remind:7", NOON, community.id, None)
    assert (job.attempts, job.lease_until) == (1, NOON + LEASE)
    assert await jobs.finish(job)
    assert await jobs.claim(NOON + 2 * LEASE, LEASE, 10) == []
    assert await jobs.next_due() is None


async def test_the_longest_due_is_done_first(jobs: JobStore) -> None:
    for call, late in (("b", 2), ("c", 1), ("a", 3), ("d", 1)):
        await jobs.put(call, NOON - late * SECOND)
    assert [job.call for job in await jobs.claim(NOON, LEASE, 3)] == ["a", "b", "c"]
    assert [job.call for job in await jobs.claim(NOON, LEASE, 3)] == ["d"]


async def test_the_next_moment_is_when_work_comes_due_or_a_lease_runs_out(jobs: JobStore) -> None:
    assert await jobs.next_due() is None
    await jobs.put("later", NOON + timedelta(hours=1))
    await jobs.put("now", NOON)
    assert await jobs.next_due() == NOON
    job = await claim_one(jobs)
    assert await jobs.next_due() == NOON + LEASE
    await jobs.fail(job, "broken", None)
    assert await jobs.next_due() == NOON + timedelta(hours=1)


async def test_two_workers_never_get_the_same_job(jobs: JobStore, replica: Database) -> None:
    others = JobStore(replica)
    for number in range(60):
        await jobs.put(str(number), NOON)

    async def work(store: JobStore) -> list[str]:
        done = []
        while claimed := await store.claim(NOON, LEASE, 4):
            done += [job.call for job in claimed]
        return done

    shares = await asyncio.gather(*(work(store) for store in (jobs, others) * 4))
    assert sorted((call for share in shares for call in share), key=int) == [str(number) for number in range(60)]


async def test_a_job_whose_worker_died_is_taken_over_and_the_dead_one_is_fenced_off(jobs: JobStore) -> None:
    await jobs.put("a", NOON)
    lost = await claim_one(jobs)
    assert await jobs.claim(NOON + LEASE - SECOND, LEASE, 1) == []
    held = await claim_one(jobs, NOON + LEASE)
    assert (held.id, held.attempts) == (lost.id, 2)

    assert not await jobs.finish(lost)
    assert not await jobs.fail(lost, "too late", None)
    assert await jobs.dead() == []
    assert await jobs.finish(held)


async def test_failed_work_is_tried_again_and_at_last_set_aside(jobs: JobStore, community: Community) -> None:
    await jobs.put("a", NOON, community.id)
    job = await claim_one(jobs)
    assert await jobs.fail(job, "broken" * 1000, NOON + SECOND)
    assert await jobs.claim(NOON, LEASE, 1) == []
    assert not await jobs.finish(job), "this claim is over"

    job = await claim_one(jobs, NOON + SECOND)
    assert (job.attempts, job.last_error) == (2, ("broken" * 1000)[:1000])
    assert await jobs.fail(job, "broken\0 \ud800", None, NOON + SECOND)
    assert await jobs.claim(NOON + 2 * LEASE, LEASE, 1) == []
    [dead] = await jobs.dead()
    assert (dead.call, dead.last_error, dead.failed_at) == ("a", "broken ", NOON + SECOND)


async def test_dead_letters_are_told_by_community_and_can_be_replayed(jobs: JobStore, community: Community) -> None:
    for call, owner in (("theirs", community.id), ("ours", None)):
        await jobs.put(call, NOON, owner)
        assert await jobs.fail(await claim_one(jobs), "broken", None)
    assert [job.call for job in await jobs.dead()] == ["theirs", "ours"]
    [dead] = await jobs.dead(community.id)
    assert dead.call == "theirs"
    assert await jobs.dead(community.id + 1) == []

    assert await jobs.replay(dead.id)
    assert not await jobs.replay(dead.id)
    again = await claim_one(jobs)
    assert (again.id, again.attempts, again.failed_at) == (dead.id, 1, None)


async def test_a_key_names_the_work(jobs: JobStore) -> None:
    await jobs.put("first", NOON, key="digest")
    await jobs.put("second", NOON + SECOND, key="digest")
    assert await jobs.claim(NOON, LEASE, 10) == []
    assert [job.call for job in await jobs.claim(NOON + SECOND, LEASE, 10)] == ["second"]


async def test_work_that_puts_itself_again_while_it_runs_survives_its_own_end(jobs: JobStore) -> None:
    await jobs.put("tick", NOON, key="tick")
    for tick in range(3):
        job = await claim_one(jobs, NOON + tick * LEASE)
        assert job.attempts == 1
        await jobs.put("tick", NOON + (tick + 1) * LEASE, key="tick")
        assert not await jobs.finish(job)
        assert not await jobs.fail(job, "broken", None)
        assert await jobs.next_due() == NOON + (tick + 1) * LEASE


async def test_putting_a_dead_letter_again_revives_it(jobs: JobStore) -> None:
    await jobs.put("a", NOON, key="a")
    await jobs.fail(await claim_one(jobs), "broken", None)
    await jobs.put("a", NOON, key="a")
    assert await jobs.dead() == []
    assert (await claim_one(jobs)).last_error is None


async def test_cancelled_work_is_not_done(jobs: JobStore) -> None:
    await jobs.put("a", NOON, key="a")
    assert await jobs.cancel("a")
    assert not await jobs.cancel("a")
    assert await jobs.claim(NOON, LEASE, 1) == []


async def test_work_put_after_a_cancelled_one_is_not_ended_by_its_worker(jobs: JobStore) -> None:
    await jobs.put("a", NOON, key="a")
    cancelled = await claim_one(jobs)
    await jobs.cancel("a")
    await jobs.put("b", NOON, key="a")
    fresh = await claim_one(jobs)
    assert not await jobs.finish(cancelled)
    assert await jobs.finish(fresh)


async def test_the_same_key_put_at_once_is_one_job(jobs: JobStore) -> None:
    await asyncio.gather(*(jobs.put(str(number), NOON, key="a") for number in range(10)))
    assert len(await jobs.claim(NOON, LEASE, 100)) == 1


async def test_a_call_has_an_end(jobs: JobStore) -> None:
    await jobs.put("x" * 200, NOON)
    with pytest.raises(ValueError, match="at most 200"):
        await jobs.put("x" * 201, NOON)


async def test_work_is_put_if_and_only_if_its_transaction_is_kept(database: Database, jobs: JobStore) -> None:
    async def fail() -> None:
        async with database.transaction():
            await jobs.put("never", NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.transaction():
        await jobs.put("always", NOON)
    assert [job.call for job in await jobs.claim(NOON, LEASE, 10)] == ["always"]
