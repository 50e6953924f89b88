"""How likely it is that two texts ask the same: by what a search found, as measured on questions and their answers."""

from __future__ import annotations

import math
import operator

from storage.search import Fit

COEFFICIENTS = {
    "text": (-7.135, 2.014, 4.737, 0.393, 3.433),
    "light": (-8.217, 0.83, 2.059, 0.297, 3.79, 1.052, 5.448),
    "full": (-9.675, 1.414, -0.062, 0.102, 2.408, 2.433, 3.834),
}
"""Those of a logistic regression over what `told` returns, for each level of search.

`python -m benchmarks.answers --fit` finds them, and says on what. The constant of `full` is 0.2 more than that: what it
shows is right so often that it may show a little more.
"""
ONE_WORD = 0.3
"""What is left of it where only one word of several is shared: among a few documents that is soon so by chance."""
MOST_WORDS = 6
"""More words that are shared say no more."""

ALIKE = 0.45
"""From here on a text is worth a look."""
SAME = 0.8
"""From here on it most likely is what was asked for."""


def told(fit: Fit) -> list[float]:
    """Return what the likeness goes by, in the order of its coefficients: the first is their constant."""
    words = [1.0, fit.share, fit.titled, float(min(fit.words, MOST_WORDS)), fit.ahead]
    return words if fit.near is None else [*words, fit.near, fit.titles_near]


def likeness(fit: Fit) -> float:
    """Return the probability that a document which was found is what was asked for, 0 to 1."""
    chance = 1 / (1 + math.exp(-sum(map(operator.mul, COEFFICIENTS[fit.level], told(fit)))))
    by_chance = fit.near is None and fit.words < 2 and fit.covered < 1
    return chance * ONE_WORD if by_chance else chance
