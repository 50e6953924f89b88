"""Whether a community waits longer because another one makes noise.

    python -m benchmarks.noise [--communities 500] [--seconds 60] [--rate 2] [--database postgresql://...]

All live in one process, on a platform in memory. First fifty of them act, so many times a second together; then they
go on, and one more does nine times as much beside them. What is done is to suggest an idea, which is kept, answered and
posted. What is timed is how long people in the quiet communities wait for the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from string import ascii_lowercase

from adapters.contract.events import CommandUsed
from adapters.contract.models import Account, Channel, Profile, Space
from bot.bootstrap import build_application
from bot.clock import SystemClock
from config.settings import Settings
from storage.database import Database

from .communities import Many
from .report import Row, median, ms, percentile, print_table

LOUDER = 9
"""How many times as much one community does as all others together."""
ACTIVE = 50
"""So many of the others do anything."""
EACH = 100
"""So many ideas come from one person, who may suggest only so many a day."""


class Homes(Many):
    """A platform with many spaces, and people who suggest ideas there."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self._numbers = Counter[Space]()
        self._chance = random.Random(7)

    async def suggest(self, space: Space) -> float:
        """Have somebody suggest an idea in a space; return after how many seconds it was answered."""
        number = self._numbers[space]
        self._numbers[space] += 1
        who = f"{space.id}-{number // EACH}"
        self.people.setdefault(who, Profile(Account(space, who), f"Member {number // EACH}"))
        title = " ".join("".join(self._chance.choices(ascii_lowercase, k=6)) for _ in range(5))  # none is like another
        here, options = Channel(space, "ideas"), {"title": title}
        event = CommandUsed(**self._event(who), channel=here, command="idea add", options=options)
        begun = time.perf_counter()
        await self._happen(who, event)
        return time.perf_counter() - begun

    async def act(self, spaces: list[Space], rate: float, seconds: float) -> list[float]:
        """Have ideas suggested in these spaces by chance, so many a second; return how long each waited."""
        acts, at = list[asyncio.Task[float]](), time.perf_counter()
        until = at + seconds
        while (at := at + self._chance.expovariate(rate)) < until:
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            acts.append(asyncio.create_task(self.suggest(self._chance.choice(spaces))))
        return await asyncio.gather(*acts)


async def measure(url: str, number: int, rate: float, seconds: float) -> list[Row]:
    """Return how long the quiet ones wait, without noise and with it."""
    homes = Homes(number)
    app = build_application(Settings(), Database(url), [homes], SystemClock())
    await app.start()
    loud, *others = [info.space for info in await homes.spaces()]
    try:
        others = others[:ACTIVE]
        for space in [loud, *others]:
            await homes.suggest(space)
        quiet = await homes.act(others, rate, seconds)
        beside, noise = await asyncio.gather(
            homes.act(others, rate, seconds), homes.act([loud], LOUDER * rate, seconds)
        )
    finally:
        await app.stop()
    ratio = percentile(beside, 0.99) / percentile(quiet, 0.99)
    told = [("others, alone", quiet), ("others, beside the noise", beside), ("who makes the noise", noise)]
    rows = [
        Row(f"{what}, p50 / p99", f"{ms(median(waits))} / {ms(percentile(waits, 0.99))} ms of {len(waits)}")
        for what, waits in told
    ]
    return [*rows, Row("others' p99 beside the noise, against alone", f"{ratio:.2f}", "<= 2")]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--communities", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=60, help="how long each part lasts")
    parser.add_argument("--rate", type=float, default=2, help="acts a second of the quiet ones together")
    parser.add_argument("--database", default="", help="an empty PostgreSQL database, instead of SQLite in a folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{Path(folder) / 'trellis.db'}"
        rows = asyncio.run(measure(url, options.communities, options.rate, options.seconds))
    print_table(f"{options.communities} communities, one of which makes 90 % of the noise", rows)


if __name__ == "__main__":
    main()
