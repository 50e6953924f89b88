"""How likely it is that two texts ask the same: by what a search found, as measured on questions and their answers."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence

from storage.search import Fit

COEFFICIENTS = {
    "text": (-6.441, 0.441, 4.786, 2.826, 3.411, 1.578, 0.0),
    "light": (-9.608, 0.295, 3.648, 3.065, 2.657, 4.715, 4.364),
    "full": (-9.924, 0.206, 0.079, 0.231, 5.403, 0.265, 13.512),
}
"""Those of a logistic regression over what `told` returns, for each level of search.

`python -m benchmarks.answers --fit` finds them, and says on what, with the constant at which of ten questions that are
close to what is known, but not answered by it, one is offered something.
"""
CLOSEST = 5
"""So many of what was found are looked at: what a search puts first is not always what is meant."""
MOST_WORDS = 6
"""More words that are shared say no more."""
MOST_AHEAD = 0.5
"""Being farther ahead says no more: where little is written down, everything is far ahead of the rest."""
ONE_WORD = 0.3
"""What is left of it where only one word of several is shared: among a few documents that is soon so by chance."""

ALIKE = 0.5
"""From here on a text is worth a look."""
SAME = 0.8
"""From here on it most likely is what was asked for."""


def told(fits: Sequence[Fit]) -> list[list[float]]:
    """Return what the likeness of each goes by, in the order of its coefficients: the first is their constant.

    How far each is ahead, in its score and in what it shares, is looked at among these alone.
    """
    ahead = _ahead([fit.score for fit in fits])
    scores = [one / fit.score if fit.score else 0.0 for one, fit in zip(ahead, fits, strict=True)]
    shared = _ahead([fit.covered_alike + fit.titled_alike for fit in fits])
    return [
        [
            1.0,
            float(min(fit.words, MOST_WORDS)),
            fit.covered_alike,
            fit.titled_alike,
            max(-1.0, min(score, MOST_AHEAD)),
            max(-1.0, min(share, MOST_AHEAD)),
            fit.titles_near,
        ]
        for fit, score, share in zip(fits, scores, shared, strict=True)
    ]


def likely(fits: Sequence[Fit]) -> list[float]:
    """Return for each document that was found the probability that it is what was asked for, 0 to 1.

    They come as a search puts them, the best first; what comes after the `CLOSEST` is not likely.
    """
    looked_at = fits[:CLOSEST]
    chances = [_likeness(fit, facts) for fit, facts in zip(looked_at, told(looked_at), strict=True)]
    return [*chances, *[0.0] * (len(fits) - len(looked_at))]


def _likeness(fit: Fit, facts: Sequence[float]) -> float:
    chance = 1 / (1 + math.exp(-sum(map(operator.mul, COEFFICIENTS[fit.level], facts))))
    by_chance = fit.level == "text" and fit.words < 2 and fit.covered < 1
    return chance * ONE_WORD if by_chance else chance


def _ahead(values: Sequence[float]) -> list[float]:
    """Return how far each value is ahead of the best of the others."""
    return [value - max((*values[:place], *values[place + 1 :]), default=0.0) for place, value in enumerate(values)]
