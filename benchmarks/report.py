"""What every benchmark prints: a table of what was measured, with the goal beside it, and the machine in one line."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was measured, in words. `goal` is what it is to become, empty where it is only for information."""

    what: str
    measured: str
    goal: str = ""


def machine() -> str:
    """Return what kind of machine this is: ratios travel to another one, times do not."""
    memory = round(psutil.virtual_memory().total / 2**30)
    return f"{os.cpu_count()} cores, {memory} GB, Python {sys.version.split()[0]}"


def print_table(title: str, rows: Sequence[Row]) -> None:
    """Print rows as a table that can be pasted into docs/performance.md."""
    cells = [("what", "measured", "goal"), *((row.what, row.measured, row.goal) for row in rows)]
    widths = [max(len(cell[column]) for cell in cells) for column in range(3)]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(cell, widths, strict=True)) + " |" for cell in cells
    ]
    rule = "| " + " | ".join("-" * width for width in widths) + " |"
    print(f"\n{title} ({machine()})\n", lines[0], rule, *lines[1:], sep="\n", flush=True)


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value below which this share of the values lies, and the largest for 1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(values: Iterable[float]) -> float:
    """Return the value in the middle."""
    return statistics.median(values)


def ms(seconds: float) -> str:
    """Return seconds as milliseconds, with as many digits as mean something."""
    length = seconds * 1000
    return f"{length:,.0f}" if length >= 100 else f"{length:.1f}" if length >= 1 else f"{length:.3f}"
