"""What the common acts cost: statements, durable commits, and CPU time, each until all that it set off is done.

    python -m benchmarks.acts [--times 30]

Trellis runs in this process, on SQLite and on the platform that lives in memory, so that no platform's client library
is counted. For scale, the last row is one row written by itself.
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
from .stage import ACTS, Act, House

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
    async with House(folder).stage() as there:
        acts = [await there.act(name, times) for name in ACTS]
    return [row(act) for act in [*acts, await bare_write(folder, times)]]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=30, help="how often each act is counted")
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(measure(Path(folder), parser.parse_args().times))
    print_table("Acts: statements / durable commits / CPU of one", rows)


if __name__ == "__main__":
    main()
