"""What a message costs that nobody has to do anything about, beside one that is a question.

A community of thousands chats all day, and nearly all of it is nobody's business. The baseline is the same message
handed to a coroutine that does nothing: the price of the loop itself. A question in the help channel, which is kept,
indexed, drawn and posted, shows the scale. Rounds of each take turns, and the best of them counts.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from adapters.memory import Memory
from bot.bootstrap import build_application
from bot.clock import MovableClock
from config.settings import Settings
from storage.database import Database

CHATTER, QUESTIONS, ROUNDS = 20_000, 100, 3

Say = Callable[[int], Awaitable[object]]


async def seconds(say: Say, times: int) -> float:
    """Return how long one message takes, on average."""
    start = time.perf_counter()
    for number in range(times):
        await say(number)
    return (time.perf_counter() - start) / times


async def measure(folder: Path) -> dict[str, float]:
    """Return how long each kind of message takes at best, in seconds, the baseline first."""
    clock = MovableClock(datetime(2026, 3, 2, 10, tzinfo=UTC))
    platform, idle = Memory(clock.now), Memory(clock.now)
    for place in (platform, idle):
        for channel in ("general", "help"):
            place.add_channel(channel)
        place.add_person("mia", "Mia")

    async def nothing(*_: object) -> None: ...

    await idle.start(nothing, lambda _: True, [], [])
    app = build_application(
        Settings.model_validate({}), Database(f"sqlite:///{folder / 'trellis.db'}"), [platform], clock
    )
    await app.start()
    rounds: list[tuple[str, Say, int]] = [
        ("a message, heard by nobody at all", lambda n: idle.say("mia", "general", f"{n}"), CHATTER),
        ("a message that no cog wants", lambda n: platform.say("mia", "general", f"{n}"), CHATTER),
        ("a question in the help channel", lambda n: platform.say("mia", "help", f"How do I grow {n}?"), QUESTIONS),
    ]
    best: dict[str, float] = {}
    try:
        for _ in range(ROUNDS):
            for what, say, times in rounds:
                best[what] = min(best.get(what, 1e9), await seconds(say, times))
    finally:
        await app.stop()
    return best


def main() -> None:
    """Measure, and say it."""
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(Path(folder)))
    baseline = next(iter(found.values()))
    for what, length in found.items():
        print(f"{what:36} {length * 1e6:10,.0f} µs   {length / baseline:8,.1f} times the baseline")


if __name__ == "__main__":
    main()
