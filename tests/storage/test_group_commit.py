"""Units that queue for SQLite's writer share commits, and stay apart from each other all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import OperationalError

from storage.away import Conflict
from storage.database import Database
from storage.inbox import inbox
from tests.slow_disk import slow_disk

A_SECOND = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n"
"""What keeps SQLite busy for so long."""
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
async def database(database_file: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{database_file}")
    yield database
    await database.close()


def commits_of(database: Database) -> list[object]:
    """Count the commits from now on."""
    commits: list[object] = []
    event.listen(database.engine.sync_engine, "commit", commits.append)
    return commits


async def put(database: Database, key: str) -> None:
    async with database.write() as connection:
        await connection.execute(insert(inbox).values(key=key, at=NOW))


async def keys(database: Database) -> set[str]:
    async with database.read() as connection:
        return set(await connection.scalars(select(inbox.c.key)))


async def test_those_who_queue_share_a_commit(database: Database) -> None:
    commits = commits_of(database)
    await asyncio.gather(*(put(database, f"{n}") for n in range(40)))
    assert await keys(database) == {f"{n}" for n in range(40)}
    assert len(commits) <= 20


async def test_one_that_fails_takes_nobody_along(database: Database) -> None:
    async def fail() -> None:
        async with database.unit():
            await put(database, "failed")
            raise ZeroDivisionError

    outcomes = await asyncio.gather(
        *(fail() if n % 3 == 0 else put(database, f"{n}") for n in range(30)), return_exceptions=True
    )
    assert await keys(database) == {f"{n}" for n in range(30) if n % 3}
    assert [isinstance(outcome, ZeroDivisionError) for outcome in outcomes] == [n % 3 == 0 for n in range(30)]


async def test_when_the_commit_fails_nobody_is_told_that_it_is_kept(database: Database) -> None:
    kept: list[int] = []

    async def one(n: int) -> None:
        async with database.unit() as unit:
            unit.when_kept(lambda: kept.append(n))
            await put(database, f"{n}")

    @event.listens_for(database.engine.sync_engine, "commit", once=True)
    def fail(_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    outcomes = await asyncio.gather(*(one(n) for n in range(5)), return_exceptions=True)
    failed = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, OperationalError)]
    assert failed and sorted([*failed, *kept]) == [0, 1, 2, 3, 4]
    assert await keys(database) == {f"{n}" for n in kept}
    await put(database, "after")
    assert "after" in await keys(database)


async def test_when_an_error_ends_the_whole_transaction_nobody_is_told_that_it_is_kept(database: Database) -> None:
    async def fill() -> None:
        async with database.write() as connection:
            await connection.exec_driver_sql("ROLLBACK")  # as SQLite may where the disk is full
            raise OperationalError("INSERT", {}, Exception("the disk is full"))

    told = await asyncio.gather(put(database, "a"), fill(), put(database, "b"), return_exceptions=True)
    kept = {key for key, failure in zip(("a", "full", "b"), told, strict=True) if failure is None}
    assert await keys(database) == kept and isinstance(told[1], OperationalError)
    await put(database, "c")
    assert await keys(database) == {*kept, "c"}


async def test_whoever_is_cancelled_in_the_queue_leaves_no_one_waiting(database: Database) -> None:
    tasks = [asyncio.create_task(put(database, f"{n}")) for n in range(20)]
    await asyncio.sleep(0)
    for task in tasks[1:]:
        task.cancel()
    async with asyncio.timeout(30):
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert outcomes[0] is None
    assert "0" in await keys(database)


@pytest.mark.parametrize("hops", range(12))
async def test_a_unit_can_be_cancelled_at_any_of_its_steps(database: Database, hops: int) -> None:
    others = [asyncio.create_task(put(database, f"{n}")) for n in range(3)]
    task = asyncio.create_task(put(database, "cancelled"))
    for _ in range(hops * 3):
        await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(30):
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.gather(*others)
        await put(database, "after")
    assert await keys(database) >= {"0", "1", "2", "after"}


async def test_whoever_is_cancelled_in_a_statement_has_the_others_done_again(database: Database) -> None:
    begun = asyncio.Event()

    async def count() -> None:
        async with database.write() as connection:
            begun.set()
            await connection.execute(text(A_SECOND))

    kept, cancelled = asyncio.create_task(put(database, "kept")), asyncio.create_task(count())
    await begun.wait()
    await asyncio.sleep(0.05)
    later = asyncio.create_task(put(database, "later"))
    cancelled.cancel()
    outcomes = await asyncio.gather(kept, cancelled, later, return_exceptions=True)
    assert [type(one) for one in outcomes] == [Conflict, asyncio.CancelledError, type(None)]
    assert await keys(database) == {"later"}


async def test_who_gives_up_during_the_commit_finds_what_became_of_it(database: Database) -> None:
    committing = slow_disk(database)
    giving_up = asyncio.create_task(put(database, "kept"))
    await asyncio.to_thread(committing.wait)
    giving_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await giving_up
    assert await keys(database) == {"kept"}


async def test_what_a_unit_reads_before_its_first_write_holds_nobody_up(database: Database) -> None:
    writing = []
    async with database.unit():
        assert await keys(database) == set()
        writing.append(database.is_writing)
        await asyncio.wait_for(asyncio.create_task(put(database, "other")), 30)
        await put(database, "own")
        writing.append(database.is_writing)
        assert await keys(database) == {"own", "other"}
    writing.append(database.is_writing)
    assert writing == [False, True, False]


async def test_a_claim_is_made_before_the_first_write_and_stops_it(database: Database) -> None:
    async def taken() -> None:
        await put(database, "claim")
        raise LookupError

    async def work() -> None:
        async with database.unit(taken):
            await put(database, "effect")

    with pytest.raises(LookupError):
        await work()
    assert await keys(database) == set()
    async with database.unit(taken):  # who writes nothing takes nothing
        await keys(database)


async def test_nobody_queues_for_ever(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await put(database, "first")
    monkeypatch.setattr("storage.sqlite.QUEUE_SECONDS", 0.05)
    async with database.write():
        with pytest.raises(TimeoutError):
            await asyncio.create_task(put(database, "second"))
    async with AsyncExitStack() as readers:
        for _ in range(4):
            _ = await readers.enter_async_context(database.read())
        with pytest.raises(TimeoutError):
            await keys(database)
    await put(database, "third")
    assert await keys(database) == {"first", "third"}
