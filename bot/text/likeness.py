"""How likely it is that two texts ask the same: by what a search found, as measured on questions and their answers."""

from __future__ import annotations

import math
import operator

from storage.search import Fit

WORDS_ALONE = (-6.938, 1.739, 5.065, 0.43, 2.96)
"""The coefficients of a logistic regression over what `told` returns, where words alone were compared."""
WITH_MEANING = (-7.666, 1.208, 2.877, 0.318, 3.101, 4.264)
"""And where meanings were, too. `python -m benchmarks.answers --fit` finds both, and says on what."""
MOST_WORDS = 6
"""More words that are shared say no more."""

ALIKE = 0.45
"""From here on a text is worth a look."""
SAME = 0.8
"""From here on it most likely is what was asked for."""


def told(fit: Fit) -> list[float]:
    """Return what the likeness goes by, in the order of its coefficients: the first is their constant."""
    words = [1.0, fit.share, fit.titled, float(min(fit.words, MOST_WORDS)), fit.ahead]
    return words if fit.near is None else [*words, fit.near]


def likeness(fit: Fit) -> float:
    """Return the probability that a document which was found is what was asked for, 0 to 1."""
    coefficients = WORDS_ALONE if fit.near is None else WITH_MEANING
    return 1 / (1 + math.exp(-sum(map(operator.mul, coefficients, told(fit)))))
