"""Prints how often each decision is right: `python -m benchmarks.reading --data DIR`, with `--json` for programs.

Everything is counted on the half that was not looked at. No call is told a language. Precision and recall are those of
a sure yes: nobody is asked then. "Unsure" is what the author is asked about, "lost" what is so and was called a no.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .data import examples, labelled, ruled
from .score import GOALS, Score, scores, title_scores


def main() -> None:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = [row for row in (*examples(), *labelled(options.data), *ruled(options.data)) if not row.looked_at]
    measured = scores(rows)
    titles = title_scores(options.data)
    if options.json:
        print(json.dumps({"read": [asdict(one) for one in measured], "titles": [asdict(one) for one in titles]}))
        return
    console = Console(width=118)
    console.print(_table(measured))
    for title in titles:
        console.print(f"{title.what}: {title.share:.3f} of {title.messages} titles tell the subject")


def _table(measured: Iterable[Score]) -> Table:
    table = Table("decision", "messages", "number", "precision", "goal", "recall", "goal", "unsure", "lost")
    for one in measured:
        goals = [f"{goal:.2f}" for goal in GOALS.get(one.decision, ())] or ["", ""]
        precision, recall, *rest = (f"{number:.3f}" for number in (one.precision, one.recall, one.unsure, one.lost))
        table.add_row(one.decision, one.what, str(one.messages), precision, goals[0], recall, goals[1], *rest)
    return table


if __name__ == "__main__":
    main()
