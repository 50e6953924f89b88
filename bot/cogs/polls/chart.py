"""A poll's result as a chart."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.contract.charts import Bar, Cell, Chart, ChartRow, Scale
from adapters.contract.text import Words, say
from storage.polls import Kind

from .counting import MARKS, Result


def result_chart(name: str, result: Result, labels: Sequence[str], words: Words) -> Chart:
    """Return a chart with a row for each option, the best first; `words` say what it shows."""
    only = result.first[0] if len(result.first) == 1 else None
    leads = None if result.kind is Kind.RATING else only
    rows = (ChartRow(labels[place], _cells(result, place), place == leads) for place in result.order)
    return Chart(name, tuple(rows), words, (say("Option"), *_heads(result)))


def _heads(result: Result) -> list[Words]:
    match result.kind:
        case Kind.RATING:
            return [say("Mark and votes")]
        case Kind.RANKED:
            return [say("Round {n}", n=number) for number in range(1, len(result.rounds) + 1)]
    return [say("Votes")]


def _cells(result: Result, position: int) -> tuple[Cell, ...]:
    votes = result.counts[position]
    match result.kind:
        case Kind.RATING:
            mean = f"{result.mean(position):.1f} / {MARKS}" if votes else "–"
            return (Scale(result.marks[position], f"{mean} · {votes}"),)
        case Kind.RANKED:
            bases = [sum(round_.counts.values()) for round_ in result.rounds]
            counts = [round_.counts.get(position) for round_ in result.rounds]
            return tuple(
                None if had is None else Bar(had / base if base else 0.0, str(had))
                for had, base in zip(counts, bases, strict=True)
            )
    share = result.share(position)
    return (Bar(share, f"{votes} · {share:.0%}"),)
