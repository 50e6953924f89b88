"""How a program is driven on any platform: until it first answers, with chatter, with commands, and with a burst."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, fields
from typing import Protocol

from .process import Measured, Peak
from .report import median, percentile

KNOWN, NEW, CHATTER, BURST, COMMANDS = 200, 1000, 20_000, 20_000, 2000
"""How many people are known, how many come besides, and again for the burst; messages, and commands."""
CALM = 1.0
"""For how many seconds a program has to have done nothing before what it took is read."""
WORDS = (
    "so this is how we do it here and it works well for all of us most of the time as far as anyone can tell".split()
)
ROOMS = ("general", "introductions", "events", "ideas", *(f"room-{number}" for number in range(14)))
"""Where people chat: everywhere but where questions are asked."""


class Platform(Protocol):
    """A server of the platform's protocol, and what people do there."""

    rate: float
    """How many commands a second are used."""
    answers: dict[str, float]
    """When each command was answered, by its id."""
    ready: asyncio.Event
    """Set once the program is connected."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def settings(self) -> dict[str, str]: ...
    def written(self, author: int, channel: str, text: str) -> str: ...
    async def say(self, written: str) -> Awaitable[None] | None: ...
    async def use(self, author: int, name: str) -> tuple[str, float]: ...


@dataclass(slots=True)
class Figures:
    """What was measured of one program: seconds, CPU seconds and MB."""

    first_answer: float
    idle: float
    chatter: float
    burst: float
    command: float
    half: float
    nearly_all: float
    nearly_all_new: float


async def measure(platform: Platform, program: Measured) -> Figures:
    """Start a program, drive it, and end it. Raises `TimeoutError` or `RuntimeError` where it does not keep up."""
    await platform.start()
    program.settings |= platform.settings()
    try:
        await program.start()
        return await _drive(platform, program)
    finally:
        await program.stop()
        await platform.stop()


async def _drive(platform: Platform, program: Measured) -> Figures:
    chance = random.Random(7)
    await _first_answer(platform, program)
    first = min(platform.answers.values()) - program.began
    await program.rests(2 * CALM)
    idle = program.memory()

    async with Peak(program) as peak:  # the first that it hears: nothing is known of anybody yet
        await chat(platform, chance, BURST, range(KNOWN + NEW, KNOWN + 2 * NEW))
        await program.rests(CALM)
    await chat(platform, chance, KNOWN * 5, range(KNOWN))
    await use_ping(platform, program, range(KNOWN))
    await program.rests(CALM)

    cpu = program.cpu()
    await chat(platform, chance, CHATTER, range(KNOWN))
    await program.rests(CALM)
    chatter = program.cpu() - cpu

    cpu = program.cpu()
    warm = await use_ping(platform, program, [number % KNOWN for number in range(COMMANDS)])
    await program.rests(CALM)
    command = program.cpu() - cpu
    new = await use_ping(platform, program, range(KNOWN, KNOWN + NEW))
    await program.rests(CALM)

    return Figures(
        first, idle, chatter, peak.memory, command, percentile(warm, 0.5), percentile(warm, 0.99), percentile(new, 0.99)
    )


async def _first_answer(platform: Platform, program: Measured) -> None:
    """Return once a command was answered."""
    async with asyncio.timeout(60):
        while not platform.ready.is_set():
            program.cpu()  # which notices that it has ended
            await asyncio.sleep(0.01)
        while not platform.answers:
            await platform.use(0, "ping")
            await asyncio.sleep(0.02)


async def chat(platform: Platform, chance: random.Random, messages: int, people: range) -> None:
    """Tell of messages that want nothing of a bot, as fast as the connection takes them."""
    texts = [" ".join(chance.choices(WORDS, k=chance.randint(3, 14))) for _ in range(messages)]
    written = [platform.written(chance.choice(people), chance.choice(ROOMS), text) for text in texts]
    waiting: list[Awaitable[None]] = []
    for message in written:
        acknowledged = await platform.say(message)
        if acknowledged is not None:
            waiting.append(acknowledged)
        if len(waiting) == 100:
            await asyncio.wait_for(asyncio.gather(*waiting), 60)
            waiting.clear()
    await asyncio.wait_for(asyncio.gather(*waiting), 60)


async def use_ping(platform: Platform, program: Measured, people: Iterable[int]) -> list[float]:
    """Let people use `/ping`, so many a second; return how long each waited."""
    begun: dict[str, float] = {}
    start = time.perf_counter()
    for number, person in enumerate(people):
        await asyncio.sleep(max(0.0, start + number / platform.rate - time.perf_counter()))
        id_, began = await platform.use(person, "ping")
        begun[id_] = began
    async with asyncio.timeout(120):
        while not begun.keys() <= platform.answers.keys():
            program.cpu()
            await asyncio.sleep(0.05)
    return [platform.answers[id_] - began for id_, began in begun.items()]


async def compare(
    rounds: int, platform: Callable[[], Platform], bare: Callable[[], Measured], ours: Callable[[], Measured]
) -> tuple[Figures, Figures]:
    """Return the medians of the bare client and of Trellis, which take turns to begin."""
    found: tuple[list[Figures], list[Figures]] = ([], [])
    for number in range(rounds):
        turns = [(found[0], bare), (found[1], ours)]
        for figures, program in turns[:: -1 if number % 2 else 1]:
            figures.append(await measure(platform(), program()))
    of_bare, of_ours = (
        Figures(*(median(getattr(one, field.name) for one in several) for field in fields(Figures)))
        for several in found
    )
    return of_bare, of_ours
