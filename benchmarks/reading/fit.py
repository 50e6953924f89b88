"""Makes bot/text/reading/model.toml: `python -m benchmarks.reading.fit --data DIR`.

Weights are those of a logistic regression over the signs of a message, kept small (ridge). Only the half that may be
looked at is used. What is sure follows from judging each fifth of it by weights of the other four.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.text.reading import MODEL
from bot.text.reading.signs import Signs, signs
from bot.text.reading.terms import WORD

from ..datasets import Matrix, logistic
from .data import ASKED, OF_LABEL, Labelled, examples, labelled, ruled

SEEDS = (1, 2, 3)
"""By so many ways to part the messages into fifths, lest what is sure hang on one of them."""
PRECISE = {"question": 0.965, "answer": 0.9, "asks": 0.94, "content": 0.97}
"""So often a sure yes has to be right."""
MISSED = {"question": 0.03, "answer": 0.05, "asks": 0.1, "content": 0.1}
"""So many of what is so may be called a sure no."""
RIDGE = 1.0
WEIGHTS = {"example": 3.0, "labelled": 1.5, "practice": 0.7, "ruled": 0.1}
RULED_AT_MOST = 500
UNCLEAR = 0.3
"""What is for the author to say is to be as likely as that."""
RARE = 4
"""A sign that fewer messages have is left out."""
RARE_WORD = 15
"""The same of a word, among messages that were labelled by hand."""


def main() -> None:
    """Write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    rows = chosen(options.data)
    seen = [signs(row.text) for row in rows]
    names = frequent(rows, seen)
    table = np.array([[one.get(name, 0.0) for name in names] + [1.0] for one in seen])
    weights: dict[str, dict[str, float]] = {}
    sure: dict[str, tuple[float, float]] = {}
    for decision in ASKED:
        known = [number for number, row in enumerate(rows) if _told(row, decision) is not None]
        told = np.array([_told(rows[number], decision) for number in known], dtype=np.float64)
        weighed = np.array([_weight(rows[number]) for number in known])
        found = fit(table[known], told, weighed)
        for name, weight in zip([*names, "bias"], found, strict=True):
            if abs(weight) >= 0.05 or name == "bias":
                weights.setdefault(name, {})[decision] = round(float(weight), 2)
        counted = np.array([_is_counted(rows[number]) for number in known])
        likely = np.concatenate([crossed(table[known], told, weighed, seed)[counted] for seed in SEEDS])
        sure[decision] = thresholds(likely, np.tile(told[counted], len(SEEDS)), PRECISE[decision], MISSED[decision])
        print(decision, len(known), "messages; sure below and from", sure[decision])
    MODEL.write_text(written(weights, sure), encoding="utf-8")


def chosen(data: Path) -> list[Labelled]:
    """Return what weights are made of."""
    rows = [row for row in (*examples(), *labelled(data)) if row.looked_at]
    by_origin: dict[tuple[str, str], list[Labelled]] = {}
    for row in ruled(data):
        if row.looked_at:
            by_origin.setdefault((row.origin, row.label), []).append(row)
    for found in by_origin.values():
        rows += found[:: max(1, len(found) // RULED_AT_MOST)]
    return rows


def frequent(rows: Sequence[Labelled], seen: Sequence[Signs]) -> list[str]:
    """Return the signs that are frequent enough to learn from."""
    everywhere = Counter(name for one in seen for name in one)
    by_hand = Counter(name for row, one in zip(rows, seen, strict=True) if row.by_hand for name in one)
    return sorted(
        name
        for name, number in everywhere.items()
        if (by_hand[name] >= RARE_WORD if name.startswith(WORD) else number >= RARE)
    )


def _told(row: Labelled, decision: str) -> float | None:
    """Return whether something is so of a message; between yes and no where it is for the author to say."""
    if row.label == "unclear":
        return UNCLEAR if decision == "question" else None
    return OF_LABEL[row.label].get(decision)


def _is_counted(row: Labelled) -> bool:
    return row.by_hand and not row.hard and row.label != "unclear"


def _weight(row: Labelled) -> float:
    known = row.origin in WEIGHTS
    return WEIGHTS["ruled" if not row.by_hand else row.origin if known else "labelled"]


def fit(table: Matrix, told: Matrix, weighed: Matrix) -> Matrix:
    """Return the weights of the signs, the last one, the bias, free of the ridge."""
    return logistic(table, told, np.array([*[RIDGE] * (table.shape[1] - 1), 1e-6]), weighed)


def crossed(table: Matrix, told: Matrix, weighed: Matrix, seed: int) -> Matrix:
    """Return how likely each message is, by weights that are made without it."""
    fold = np.random.default_rng(seed).integers(0, 5, len(told))
    likely = np.zeros(len(told))
    for number in range(5):
        weights = fit(table[fold != number], told[fold != number], weighed[fold != number])
        likely[fold == number] = 1 / (1 + np.exp(-table[fold == number] @ weights))
    return likely


def thresholds(likely: Matrix, told: Matrix, precise: float, missed: float) -> tuple[float, float]:
    """Return below which likelihood something is a sure no, and from which on a sure yes."""
    steps: Sequence[float] = [round(float(step), 2) for step in np.arange(0.02, 0.99, 0.01)]
    yes = next((step for step in steps if told[likely >= step].mean() >= precise), steps[-1])
    no = max((step for step in steps if (likely[told == 1] < step).mean() <= missed), default=steps[0])
    return min(no, yes), yes


def written(weights: dict[str, dict[str, float]], sure: dict[str, tuple[float, float]]) -> str:
    """Return the model as it is kept."""
    lines = [
        "# Made by `python -m benchmarks.reading.fit`; what it means says __init__.py.",
        "",
        "[sure] # below the first a no, from the second on a yes",
        *(f"{decision} = [{no}, {yes}]" for decision, (no, yes) in sure.items()),
        "",
        "[weights]",
        *(
            f"{_key(name)} = {{ {', '.join(f'{decision} = {weight}' for decision, weight in row.items())} }}"
            for name, row in sorted(weights.items())
        ),
    ]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    """Return a name as a key of TOML."""
    return name if name.isascii() and name.replace("_", "").isalnum() else json.dumps(name, ensure_ascii=False)


if __name__ == "__main__":
    main()
