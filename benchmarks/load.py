"""How Trellis bears load that comes from both platforms at once, and where it breaks.

    python -m benchmarks.load [--seconds 30] [--rate 100] [--ceiling [--last DIR]]

The real `python -m bot run` is a process of its own, on SQLite, connected to a loopback Discord and a loopback Slack.
Of ten events seven are chatter and three a command that does nothing, half of each on either platform. With --ceiling
2000 events come within two seconds, and then the rate is raised until the slowest hundredth is not acknowledged within
what platforms wait for, or something is lost: the ceiling is known to a twentieth. Discord's chatter, which nobody
acknowledges, is told and not followed. `--last` is a checkout of the last release, of which the ceiling is looked for
in the same run: no release may be a tenth below the last one.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import time
from dataclasses import dataclass
from pathlib import Path

from .drive import ROOMS, WORDS, Platform
from .fake_discord import FakeDiscord
from .fake_slack import FakeSlack
from .process import Measured, quiet
from .report import Row, ms, percentile, print_table

PEOPLE = 200
COMMANDS = 0.3
"""Which share of events are commands."""
WAITS = 2.5
"""Seconds within which all is to be acknowledged: platforms wait for three."""
STEP, CLOSE = 10.0, 1.05
"""Seconds for which each rate of a search is tried, and how near two rates are of which one is borne in the end."""
PATIENCE = 60.0
"""Seconds in which what was told last is to be answered."""


@dataclass(frozen=True, slots=True)
class Borne:
    """What came of some load: how much was told, lost and answered twice; seconds; MB at the start and the end."""

    told: int
    lost: int
    twice: int
    acknowledged: tuple[float, ...]
    answered: tuple[float, ...]
    memory: tuple[float, float, float]
    """At the start, in the middle and at the end."""
    backlog: float
    """Seconds from the last event until all was answered."""

    @property
    def is_borne(self) -> bool:
        return not self.lost and not self.twice and percentile(self.acknowledged, 0.99) <= WAITS


class Load:
    """A running Trellis, and the two platforms that it is connected to."""

    def __init__(self, program: Measured) -> None:
        self._program = program
        self._discord, self._slack = FakeDiscord(PEOPLE), FakeSlack()
        self._chance = random.Random(7)

    async def start(self) -> None:
        """Return once Trellis hears both, and knows everybody."""
        for platform in (self._discord, self._slack):
            await platform.start()
            self._program.settings |= platform.settings()
        await self._program.start()
        async with asyncio.timeout(120):
            for platform in (self._discord, self._slack):
                await platform.ready.wait()
                while not platform.answers:
                    self._program.cpu()  # which notices that it has ended
                    await platform.use(0, "ping")
                    await asyncio.sleep(0.1)
        await self._program.rests(1)
        await self.bears(50, PEOPLE / 25, commands=1.0)

    async def stop(self) -> None:
        await self._program.stop()
        for platform in (self._discord, self._slack):
            await platform.stop()

    async def bears(self, rate: float, seconds: float, commands: float = COMMANDS) -> Borne:
        """Tell of so many events a second for a while, and return what came of them once all are answered."""
        platforms: tuple[FakeDiscord | FakeSlack, ...] = (self._discord, self._slack)
        for platform in platforms:
            for kept in (platform.answers, platform.times, platform.acknowledged, platform.waiting):
                kept.clear()
        begun: list[dict[str, float]] = [{}, {}]
        memory, start, number = [self._program.memory()], time.perf_counter(), 0
        while number < rate * seconds:
            await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
            if number == int(rate * seconds / 2):
                memory.append(self._program.memory())
            which = number % 2
            await self._tell(platforms[which], begun[which], number // 2 % PEOPLE, commands)
            number += 1
        last = time.perf_counter()
        while time.perf_counter() < last + PATIENCE and self._waiting(begun):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
        backlog = time.perf_counter() - last
        answered = [
            platform.answers[id_] - began
            for platform, some in zip(platforms, begun, strict=True)
            for id_, began in some.items()
            if id_ in platform.answers
        ]
        lost = sum(map(len, begun)) - len(answered) + sum(len(platform.waiting) for platform in platforms)
        twice = sum(times > 1 for platform in platforms for times in platform.times.values())
        acknowledged = [*self._discord.acknowledged, *self._slack.acknowledged]
        memory.append(self._program.memory())
        return Borne(
            number, lost, twice, tuple(acknowledged), tuple(answered), (memory[0], memory[1], memory[2]), backlog
        )

    async def ceiling(self, rate: float) -> tuple[float, float]:
        """Return how many events a second are borne, from `rate` on, and how many are not."""
        borne, not_borne = rate, rate * 2
        while (await self.bears(not_borne, STEP)).is_borne:
            borne, not_borne = not_borne, not_borne * 2
        while not_borne / borne > CLOSE:
            between = math.sqrt(borne * not_borne)
            if (await self.bears(between, STEP)).is_borne:
                borne = between
            else:
                not_borne = between
        return borne, not_borne

    async def _tell(self, platform: Platform, begun: dict[str, float], person: int, commands: float) -> None:
        if self._chance.random() < commands:
            id_, began = await platform.use(person, "ping")
            begun[id_] = began
        else:
            words = " ".join(self._chance.choices(WORDS, k=self._chance.randint(3, 14)))
            await platform.say(platform.written(person, self._chance.choice(ROOMS), words))

    def _waiting(self, begun: list[dict[str, float]]) -> bool:
        """Say whether anything is not acknowledged or answered yet."""
        platforms: tuple[FakeDiscord | FakeSlack, ...] = (self._discord, self._slack)
        answered = all(some.keys() <= one.answers.keys() for one, some in zip(platforms, begun, strict=True))
        return not answered or any(one.waiting for one in platforms)


def rows(name: str, borne: Borne) -> list[Row]:
    """Return what is told of some load, with the goals of docs/performance.md."""
    acknowledged, answered = borne.acknowledged, borne.answered
    half, nearly_all, most = (ms(percentile(acknowledged, share)) for share in (0.5, 0.99, 1))
    start, middle, end = borne.memory
    return [
        Row(f"{name}, lost / answered twice", f"{borne.lost} / {borne.twice} of {borne.told:,}", "0 / 0"),
        Row(
            f"{name}, acknowledged, p50 / p99 / max",
            f"{half} / {nearly_all} / {most} ms",
            "p99 <= 500, max < 2,500 ms",
        ),
        Row(f"{name}, answered, p99", f"{ms(percentile(answered, 0.99))} ms", "<= 1,000 ms"),
        Row(
            f"{name}, memory",
            f"{start:.0f} MB, {middle:.0f} in the middle, {end:.0f} at the end",
            "second half <= +5 %",
        ),
    ]


async def measure(seconds: float, rate: float, *, ceiling: bool, last: Path | None = None) -> list[Row]:
    """Return the table. The ceiling of the last release is looked for while this one has nothing to do."""
    load = Load(Measured("bot", "run", **quiet()))
    try:
        await load.start()
        found = rows(f"{rate:g} events a second for {seconds:g} s", await load.bears(rate, seconds))
        if ceiling:
            burst = await load.bears(1000, 2)
            most = ms(percentile(burst.acknowledged, 1))
            told = f"{burst.lost} / {burst.twice}, {most} ms, {burst.backlog:.1f} s"
            goal = "0 / 0, < 2,500 ms, <= 60 s"
            found.append(Row("2000 events in 2 s, lost / twice, acknowledged at most, all done", told, goal))
            borne, not_borne = await load.ceiling(rate)
            told = f"{borne:.0f} are borne, {not_borne:.0f} are not"
            before = await ceiling_of(last, rate) if last else 0.0
            against = f"; of the last release {before:.0f}: {borne / before:.2f}" if before else ""
            found.append(Row("ceiling, events a second", told + against, ">= 0.9 of the last release"))
        return found
    finally:
        await load.stop()


async def ceiling_of(root: Path, rate: float) -> float:
    """Return how many events a second the Trellis of another folder bears."""
    program = Measured("bot", "run", **quiet())
    program.root = root
    load = Load(program)
    try:
        await load.start()
        return (await load.ceiling(rate))[0]
    finally:
        await load.stop()


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30, help="for how long; the goal is 600")
    parser.add_argument("--rate", type=float, default=100, help="events a second, of both platforms together")
    parser.add_argument("--ceiling", action="store_true", help="raise the rate until it is not borne")
    parser.add_argument("--last", type=Path, help="a checkout of the last release")
    asked = parser.parse_args()
    print_table("Load", asyncio.run(measure(asked.seconds, asked.rate, ceiling=asked.ceiling, last=asked.last)))


if __name__ == "__main__":
    main()
