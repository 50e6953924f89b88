"""How long askers wait, by who is asked: simulated, because what was asked of nobody cannot be read from the past.

What is assumed:

- Whoever answered a question in truth is able to, and nobody else is: a question without an answer stays without.
- Whoever is not asked answers when they did in truth. That is what happens where nobody is asked (`nobody`).
- Whoever is asked looks when they are around. In each hour of the day they are as likely to be as they wrote in it so
  far, beside the hour in which they wrote most, and at least `SELDOM`; they see it at some minute of that hour.
- Once they have seen it, somebody asked by name answers with the chance `NAMED`, after `WRITING` minutes on average.
  One of all who are asked together does so with the chance `AMONG_ALL`: it is anybody's business, and happens with each
  question (`all`). Otherwise they answer when they did in truth.
- Trellis asks three, and three others after 15 minutes without an answer (`three by name`).

The chances are guesses: that each question goes to everybody cannot be tried. `NAMED` is asked for twice, to see what
follows from it.
"""

from __future__ import annotations

import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from .replay import Decided

NAMED = (0.6, 0.3)
AMONG_ALL = 0.1
SELDOM = 0.05
WRITING = 8.0
HOUR, MINUTE = 3600.0, 60.0
SECOND_WAVE = 15 * MINUTE
DAY = 24 * HOUR
NEVER = float("inf")

Hours = Mapping[int, Counter[int]]


def simulated(name: str, store: str, decided: Sequence[Decided]) -> list[dict[str, Any]]:
    """Return a row for each way of asking: how long askers wait, who gets no answer, and how many are disturbed."""
    ways: dict[str, Callable[[Decided, Hours, random.Random], tuple[float, int]]] = {
        "nobody": lambda one, _hours, _rng: (_first(one), 0),
        "all": _all,
        **{f"three by name ({chance})": _named(chance) for chance in NAMED},
    }
    rows = []
    for way, ask in ways.items():
        rng, hours = random.Random(1), defaultdict[int, Counter[int]](Counter)
        waits, asked = [], 0
        for one in decided:
            wait, number = ask(one, hours, rng)
            waits.append(wait)
            asked += number
            for member, after in one.answered.items():
                hours[member][int((one.at.timestamp() + after) // HOUR % 24)] += 1
        rows.append(
            {
                "set": f"{name}, {way}",
                "store": store,
                "n": len(waits),
                "median_minutes": round(statistics.median(waits) / MINUTE, 1),
                "within_an_hour": _share(waits, HOUR),
                "unanswered_after_a_day": round(1 - _share(waits, DAY), 3),
                "asked_each": round(asked / len(waits), 1),
            }
        )
    return rows


def _first(one: Decided) -> float:
    """Return after how many seconds the first answer came in truth."""
    return min(one.answered.values(), default=NEVER)


def _all(one: Decided, hours: Hours, rng: random.Random) -> tuple[float, int]:
    """Ask everybody who was heard of."""
    everybody = {*one.past}
    return min(_first(one), _asked(one, everybody, 0.0, AMONG_ALL, hours, rng)), len(everybody)


def _named(chance: float) -> Callable[[Decided, Hours, random.Random], tuple[float, int]]:
    """Return how three are asked, and three others."""

    def ask(one: Decided, hours: Hours, rng: random.Random) -> tuple[float, int]:
        wait = min(_first(one), _asked(one, one.asked, 0.0, chance, hours, rng))
        if wait <= SECOND_WAVE:
            return wait, len(one.asked)
        wait = min(wait, _asked(one, one.then, SECOND_WAVE, chance, hours, rng))
        return wait, len(one.asked) + len(one.then)

    return ask


def _asked(
    one: Decided, members: Collection[int], after: float, chance: float, hours: Hours, rng: random.Random
) -> float:
    """Return when the first of those answers who are asked `after` so many seconds."""
    able = [member for member in sorted(members) if member in one.answered]
    waits = [_seen(one.at.timestamp() + after, hours[member], rng) for member in able]
    return min(
        (after + wait + rng.expovariate(1 / (WRITING * MINUTE)) for wait in waits if rng.random() < chance),
        default=NEVER,
    )


def _seen(at: float, hours: Counter[int], rng: random.Random) -> float:
    """Return after how many seconds somebody is around."""
    most = max(hours.values(), default=0)
    begin = at
    while True:
        end = (begin // HOUR + 1) * HOUR
        likely = max(SELDOM, hours[int(begin // HOUR % 24)] / most if most else 0.3)
        if rng.random() < likely:
            return rng.uniform(begin, end) - at
        begin = end


def _share(waits: Sequence[float], within: float) -> float:
    return round(sum(wait <= within for wait in waits) / len(waits), 3)
