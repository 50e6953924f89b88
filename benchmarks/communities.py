"""What a start, and the minute after it, take with few and with many communities in one process.

    python -m benchmarks.communities [--most 2500] [--database postgresql://...]

Each has one space with the usual channels; a platform in memory names them at once, so that what is counted is ours:
the first start, at which they are founded, the next one, at which they are known, and memory.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil

from adapters.contract.adapter import SpaceInfo
from adapters.contract.models import Channel, Space
from adapters.memory import Memory
from bot.bootstrap import build_application
from bot.clock import SystemClock
from config.settings import Settings
from storage.database import Database
from tests.doors import CHANNELS

from .counting import counted
from .report import Row, print_table

FEW = 100


class Many(Memory):
    """A platform with so many spaces, all alike."""

    def __init__(self, number: int) -> None:
        super().__init__(lambda: datetime.now(UTC))
        for name in CHANNELS:
            self.add_channel(name)
        self._spaces = [SpaceInfo(Space(self.platform, f"home{one}"), f"Home {one}") for one in range(number)]

    async def spaces(self) -> Sequence[SpaceInfo]:
        return self._spaces

    async def has_left(self, space: Space) -> bool:
        return space not in [info.space for info in self._spaces]

    async def find_channel(self, space: Space, name: str) -> Channel | None:
        found = await super().find_channel(self.space, name)
        return replace(found, space=space) if found else None


async def start(url: str, number: int) -> tuple[float, float, float]:
    """Start once with so many communities; return seconds, statements, and by how many MB memory grew."""
    process = psutil.Process()
    before = process.memory_info().rss
    app = build_application(Settings(), Database(url), [Many(number)], SystemClock())
    begun = time.perf_counter()
    with counted() as count:
        await app.start()
    seconds = time.perf_counter() - begun
    grown = (process.memory_info().rss - before) / 2**20
    await app.stop()
    return seconds, count.statements, grown


async def measure(url: str, number: int) -> list[Row]:
    """Return what two starts take, one after the other."""
    rows = []
    for what in ("first start", "next start"):
        seconds, statements, grown = await start(url, number)
        each = f"{seconds / number * 1000:.1f} ms and {statements / number:.1f} statements each"
        rows.append(Row(f"{number:,} communities, {what}", f"{seconds:.1f} s: {each}; {grown:+.0f} MB"))
    return rows


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=2500, help="how many communities, when there are many")
    parser.add_argument("--database", default="", help="an empty PostgreSQL database, instead of SQLite in a folder")
    options = parser.parse_args()
    rows: list[Row] = []
    for number in (FEW, options.most):
        with tempfile.TemporaryDirectory() as folder:
            url = options.database or f"sqlite:///{Path(folder) / 'trellis.db'}"
            rows += asyncio.run(measure(url, number))
    print_table("Communities", rows)


if __name__ == "__main__":
    main()
