"""A poll's result as CSV, for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.text.spreadsheet import as_csv
from storage.polls import Choices, Kind

from .counting import MARKS, Result


def totals(result: Result, labels: Sequence[str]) -> bytes:
    """Return what each option got: of a ranked poll in every round, of a rating each mark and the mean."""
    head: list[str] = ["option"]
    match result.kind:
        case Kind.RANKED:
            head += [f"round {number}" for number in range(1, len(result.rounds) + 1)]
        case Kind.RATING:
            head += [*(f"mark {mark}" for mark in range(1, MARKS + 1)), "mean"]
        case _:
            head += ["votes", "share"]
    rows: list[list[object]] = [[*head], *([labels[place], *_numbers(result, place)] for place in result.order)]
    if result.rounds:
        rows.append(["(exhausted)", *(round_.exhausted for round_ in result.rounds)])
    return as_csv(rows)


def _numbers(result: Result, position: int) -> list[object]:
    match result.kind:
        case Kind.RANKED:
            return [round_.counts.get(position, "") for round_ in result.rounds]
        case Kind.RATING:
            return [*result.marks[position], f"{result.mean(position):.2f}"]
    return [result.counts[position], f"{result.share(position):.4f}"]


def votes(kind: Kind, labels: Sequence[str], rows: Iterable[tuple[str, Choices, datetime]]) -> bytes:
    """Return who chose what: a ranking the best first, of a rating a mark for each option."""
    if kind is Kind.RATING:
        head = ["member", *labels, "at"]
        return as_csv([head, *([name, *(mark or "" for mark in given), at.isoformat()] for name, given, at in rows)])
    table: list[list[object]] = [["member", "choices", "at"]]
    table += [[name, "; ".join(labels[one] for one in chosen), at.isoformat()] for name, chosen, at in rows]
    return as_csv(table)
