"""How likely it is that two texts ask the same: by what a search found, as measured on questions and their answers."""

from __future__ import annotations

import math

from storage.search import Fit

BIAS, SHARE, TITLED, WORDS, AHEAD = -6.938, 1.739, 5.065, 0.43, 2.96
"""The coefficients of a logistic regression: `python -m benchmarks.answers --fit` finds them, and says on what."""
MOST_WORDS = 6
"""More words that are shared say no more."""

ALIKE = 0.45
"""From here on a text is worth a look."""
SAME = 0.8
"""From here on it most likely is what was asked for."""


def likeness(fit: Fit) -> float:
    """Return the probability that a document which was found is what was asked for, 0 to 1."""
    told = BIAS + SHARE * fit.share + TITLED * fit.titled + WORDS * min(fit.words, MOST_WORDS) + AHEAD * fit.ahead
    return 1 / (1 + math.exp(-told))
