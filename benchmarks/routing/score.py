"""What is told of decisions: whom they found, how the offers spread, and what coefficients would have been best."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from bot.cogs.questions.peers import told

from .replay import WAVE, Decided


def measured(name: str, store: str, free: Sequence[Decided], capped: Sequence[Decided]) -> list[dict[str, Any]]:
    """Return a row for the bot, one for what it would do without the caps of a day, and one for each baseline."""
    rows = []
    for set_, decided in ((name, capped), (f"{name}, no caps", free)):
        waves = [(one.at, one.asked) for one in decided]
        ranked = [(one.ranked, one.right) for one in free]
        rows.append(_row(set_, store, ranked, waves, decided, [one.ms for one in decided]))
    for rival in ("activity", "bm25"):
        ranked = [(one.baselines[rival], one.right) for one in free]
        waves = [(one.at, one.baselines[rival][:WAVE]) for one in free]
        rows.append(_row(f"{name}, {rival}", store, ranked, waves, free, [one.baselines_ms for one in free]))
    return rows


def _row(
    name: str,
    store: str,
    ranked: Sequence[tuple[list[int], int]],
    waves: Sequence[tuple[datetime, list[int]]],
    decided: Sequence[Decided],
    times: Sequence[float],
) -> dict[str, Any]:
    hits = [bool({*asked} & one.helpers) for (_, asked), one in zip(waves, decided, strict=True)]
    return {
        "set": name,
        "store": store,
        "n": len(decided),
        **_ranks(ranked),
        "wave": mean(hits),
        **_load(waves),
        **spent(times),
    }


def spent(times: Sequence[float]) -> dict[str, float]:
    """Return how long a decision took, without the first: that reads everything."""
    later = times[1:] if len(times) > 2 else [*times, *times]
    return {"p50_ms": round(statistics.median(later), 3), "p95_ms": round(statistics.quantiles(later, n=20)[-1], 3)}


def _ranks(ranked: Sequence[tuple[list[int], int]]) -> dict[str, float]:
    ranks = [ids.index(right) + 1 if right in ids else math.inf for ids, right in ranked]
    hits = {f"hit{top}": mean([rank <= top for rank in ranks]) for top in (1, 5, 10)}
    return {"mrr": mean([1 / rank for rank in ranks]), **hits}


def _load(waves: Sequence[tuple[datetime, list[int]]]) -> dict[str, float]:
    offers = [(id_, at) for at, ids in waves for id_ in ids]
    counts = Counter(id_ for id_, _ in offers)
    most = 0
    moments: dict[int, list[datetime]] = defaultdict(list)
    for id_, at in offers:
        moments[id_] = [one for one in moments[id_] if at - one < timedelta(days=1)] + [at]
        most = max(most, len(moments[id_]))
    top = sum(count for _, count in counts.most_common(5))
    return {"top5_share": round(top / max(1, len(offers)), 3), "most_a_day": most}


def mean(values: Iterable[float]) -> float:
    """Return the mean, 0 of nothing."""
    return round(statistics.fmean([float(value) for value in values] or [0.0]), 3)


def fitted(decided: Sequence[Decided], ridge: float = 3.0) -> list[float]:
    """Return the coefficients of a conditional logistic regression of who came first, by Newton's method."""
    chances = [
        (np.array([told(past, knows=False) for past in one.past.values()]), [*one.past].index(one.right))
        for one in decided
        if one.right in one.past
    ]

    def value(coefficients: Any) -> float:
        likely = 0.0
        for rows, right in chances:
            scores = rows @ coefficients
            likely += scores[right] - scores.max() - math.log(np.exp(scores - scores.max()).sum())
        return float(likely - ridge / 2 * coefficients @ coefficients)

    size = chances[0][0].shape[1]
    coefficients = np.zeros(size)
    for _ in range(30):
        slope, bend = -ridge * coefficients, ridge * np.eye(size)
        for rows, right in chances:
            scores = rows @ coefficients
            share = np.exp(scores - scores.max())
            share /= share.sum()
            mean = share @ rows
            slope += rows[right] - mean
            bend += (rows * share[:, None]).T @ rows - np.outer(mean, mean)
        step, before = np.linalg.solve(bend, slope), value(coefficients)
        while value(coefficients + step) < before and abs(step).max() > 1e-6:
            step /= 2
        coefficients = coefficients + step
        if abs(step).max() < 1e-4:
            break
    return [round(float(one), 3) for one in coefficients]
