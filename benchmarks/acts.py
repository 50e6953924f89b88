"""What the common acts cost: statements, durable commits, and CPU time, each until all that it set off is done.

    python -m benchmarks.acts [--times 30]
    python -m benchmarks.acts --list "question posted"

Trellis runs in this process, on SQLite and on the platform that lives in memory, so that no platform's client library
is counted. For scale, the last row is one row written by itself. With --list, every trip to the database that the
last of one kind of act makes is printed, with its task and the functions that wait for it.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, Table

from storage.database import Database

from .counting import counted
from .report import Row, ms, print_table
from .stage import ACTS, Act, Environment

GOALS = {
    "question posted": "<= 40 / 3 / 45 ms",
    "vote pressed": "<= 10 / 2 / 8 ms",
    "“Going” pressed": "<= 15 / 2 / 12 ms",
}


def row(act: Act) -> Row:
    """Return an act as the table has it."""
    statements, commits = act.mean(lambda count: count.statements), act.mean(lambda count: count.commits)
    cpu = ms(act.mean(lambda count: count.cpu))
    return Row(act.name, f"{statements:.1f} / {commits:.1f} / {cpu} ms", GOALS.get(act.name, ""))


async def bare_write(folder: Path, times: int) -> Act:
    """Write one row at a time."""
    table = Table("bare", MetaData(), Column("id", Integer, primary_key=True))
    database, act = Database(f"sqlite:///{folder / 'bare.db'}"), Act("one row written, for scale")
    try:
        async with database.write() as connection:
            await connection.run_sync(table.create)
        for number in range(times):
            with counted() as count:
                async with database.write() as connection:
                    await connection.execute(table.insert().values(id=number))
            act.counts.append(count)
            act.done += 1
    finally:
        await database.close()
    return act


async def measure(folder: Path, times: int) -> list[Row]:
    """Return the table."""
    async with Environment(folder).stage() as there:
        acts = [await there.act(name, times) for name in ACTS]
    return [row(act) for act in [*acts, await bare_write(folder, times)]]


async def list_trips(folder: Path, times: int, name: str) -> None:
    """Print each trip of the last act of a kind, and of the minute in which it all settles."""
    async with Environment(folder).stage() as there:
        act = await there.act(name, times, listed=True)
    for count in act.counts[-2:]:
        task = ""
        for number, trip in enumerate(count.trips, 1):
            if trip.task != task:
                task = trip.task
                print(f"\n{task}")
            print(f"{number:4} {trip.place}\n       {trip.statement[:150]}")
        print("-" * 100)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=30, help="how often each act is counted")
    parser.add_argument("--list", choices=ACTS, help="list each trip of one act instead")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.list:
            asyncio.run(list_trips(Path(folder), arguments.times, arguments.list))
            return
        rows = asyncio.run(measure(Path(folder), arguments.times))
    print_table("Acts: statements / durable commits / CPU of one", rows)


if __name__ == "__main__":
    main()
