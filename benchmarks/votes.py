"""How long a thousand votes take that all arrive at once, in units of what the database takes for the barest write.

    python -m benchmarks.votes                       SQLite, in a temporary folder
    python -m benchmarks.votes postgresql://...      PostgreSQL; its user must be allowed to make tables

Every member votes, changes their mind, and presses the button twice. The tally is checked before any number is printed.
The baseline is measured in the same run and on the same database: as many upserts of one small row each, every one in a
transaction of its own, as concurrent. So the ratio says what exact voting costs, on any machine.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, Table, insert, select

from storage.ballots import BallotStore
from storage.database import Database
from storage.members import MemberStore
from storage.people import members
from storage.polls import Choices, Kind, PollStore

VOTERS, OPTIONS = 1000, 5
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

baseline = Table(
    "benchmark_baseline",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("value", Integer, nullable=False),
)


async def measure(url: str) -> None:
    """Print what one database takes."""
    database = Database(url)
    try:
        await database.upgrade()
        bare = await _baseline(database)
        print(f"{database.dialect}: {VOTERS * 3} bare upserts in {bare:.2f} s")
        for anonymous in (False, True):
            taken = await _poll(database, anonymous=anonymous)
            kind = "anonymous" if anonymous else "named"
            print(
                f"{database.dialect}: {VOTERS * 3} votes in one {kind} poll in {taken:.2f} s, "
                f"{taken / bare:.1f} times the baseline; the tally is exact"
            )
    finally:
        await database.close()


async def _baseline(database: Database) -> float:
    async def put(id_: int, value: int) -> None:
        row = database.insert(baseline).values(id=id_, value=value)
        async with database.write() as connection:
            await connection.execute(row.on_conflict_do_update(index_elements=[baseline.c.id], set_={"value": value}))

    async with database.write() as connection:
        await connection.run_sync(baseline.create)
    try:
        return await _timed([partial(put, n, v) for n in range(VOTERS) for v in range(3)])
    finally:
        async with database.write() as connection:
            await connection.run_sync(baseline.drop)


async def _poll(database: Database, *, anonymous: bool) -> float:
    polls, ballots, chance = PollStore(database), BallotStore(database), random.Random(7)
    community = await MemberStore(database).community("benchmark", "Benchmark", "UTC")
    rows = [
        {"community_id": community.id, "name": "voter", "folded_name": "voter", "joined_at": NOW} for _ in range(VOTERS)
    ]
    async with database.write() as connection:
        await connection.execute(insert(members), rows)
        newest = select(members.c.id).order_by(members.c.id.desc()).limit(VOTERS)
        voters = [*await connection.scalars(newest)]
    labels = [f"Option {n}" for n in range(OPTIONS)]
    draft = await polls.draft(
        community.id, voters[0], "slack/T1/C1", "Which?", labels, Kind.SINGLE, NOW, anonymous=anonymous
    )
    poll = await ballots.open(draft.id, NOW)
    assert poll
    last: dict[int, Choices] = {}

    async def one(voter: int, first: Choices, final: Choices) -> None:
        await ballots.vote(poll, voter, first, NOW)
        await asyncio.gather(*(ballots.vote(poll, voter, final, NOW) for _ in range(2)))

    deeds: list[Callable[[], Awaitable[None]]] = []
    for voter in voters:
        first, final = (chance.randrange(OPTIONS),), (chance.randrange(OPTIONS),)
        last[voter] = final
        deeds.append(partial(one, voter, first, final))
    chance.shuffle(deeds)
    taken = await _timed(deeds)
    tally = await ballots.tally(draft.id)
    if tally != Counter(last.values()):
        raise AssertionError(f"the tally is wrong: {tally}")
    return taken


async def _timed(deeds: list[Callable[[], Awaitable[None]]]) -> float:
    begin = time.perf_counter()
    await asyncio.gather(*(deed() for deed in deeds))
    return time.perf_counter() - begin


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(measure(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(measure(f"sqlite:///{Path(folder) / 'benchmark.db'}"))
