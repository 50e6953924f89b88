"""How well Trellis knows who should be asked, and what that costs.

    python -m benchmarks.routing --data DIR [--store sqlite|postgres] [--json] [--fit] [--simulate]
    python -m benchmarks.routing --questions 100000

`DIR` is a folder with `topics.jsonl.gz` (conversations in the order of time; whoever wrote first asked) or with
`SITE.posts.jsonl.gz` (questions, answers and which of them was accepted). What was said is told to the stores message
by message, and before each of the later questions it is decided who is asked, as the bot does it. The person to find is
who answered first or, where answers are accepted, whose was.

Everybody who is asked counts as asked, with the caps of every day; "no caps" says what it would be without. `wave` is
how often one of the three who are asked was among those who answered.

`--fit` finds the coefficients of `bot.cogs.questions.peers` on the first part of each set; give several `--data`.
`--simulate` tells how long askers wait instead, and `--questions` what one decision costs with so many in the store.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from ..datasets import print_measured
from .cost import cost
from .data import read
from .replay import LATER, replay
from .score import fitted, measured
from .simulate import simulated

GOALS = {
    "beer: mrr": ">= 0.265",
    "matheducators: mrr": ">= 0.245",
    "lean_zulip_routing: mrr": ">= 0.355",
    "lean_zulip_routing, no caps: wave": ">= 0.72",
    "lean_zulip_routing: wave": ">= 0.62",
    "lean_zulip_routing: top5_share": "<= 0.35",
    "10,000 questions: p95_ms": "<= 30",
    "100,000 questions: p95_ms": "<= 30",
}


async def measure(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Return what was measured, a row for each set and baseline."""
    rows = [await cost(number, arguments.store) for number in arguments.questions]
    sets = {name: asked for folder in arguments.data for name, asked in read(folder).items()}
    if arguments.fit:
        learnt = []
        for asked in sets.values():
            past = asked[: int(len(asked) * (1 - LATER))]
            learnt += await replay(past, arguments.store, recorded=False, first=0.0)
        print("WORDS, TOPIC, MONTH, ASKER, HOUR, IDLE =", fitted(learnt))
    for name, asked in sets.items():
        if arguments.simulate:
            decided = await replay(asked, arguments.store, recorded=True, unanswered=True)
            rows += simulated(name, arguments.store, decided)
            continue
        free = await replay(asked, arguments.store, recorded=False, baselines=True)
        capped = await replay(asked, arguments.store, recorded=True)
        rows += measured(name, arguments.store, free, capped)
    return rows


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, action="append", default=[], help="a folder in one of the formats above")
    parser.add_argument("--questions", type=int, action="append", default=[], help="how many to make up")
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--fit", action="store_true", help="find the coefficients")
    parser.add_argument("--simulate", action="store_true", help="tell how long askers wait")
    arguments = parser.parse_args()
    rows = asyncio.run(measure(arguments))
    print_measured("Routing", rows, GOALS, as_json=arguments.json)


if __name__ == "__main__":
    main()
