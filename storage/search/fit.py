"""What a search finds, and how well it fits what was asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .index import Match, Wanted


TITLED = {"text": 0.4, "light": 0.4, "full": 0.0}
"""So much more a document counts whose title has just the words that were asked, by the level of search. Measured
(docs/performance.md): what a sentence model says of titles tells more than that."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a document fits: what `likely` is measured by. Words weigh by how rare they are.

    `score` is that of the search, `words` how many words that were asked for are anywhere in it, `covered` the part of
    what was asked that its title has, and `titled` the part of its title that was asked for. `covered_alike` and
    `titled_alike` are the same where a word of like meaning counts for as much as it is alike, at the `level` "light".
    `titles_near` is how near the meaning of its title lies to what was asked, -1 to 1, at all levels but "text".
    """

    score: float
    words: int
    covered: float
    titled: float
    covered_alike: float
    titled_alike: float
    titles_near: float = 0.0
    level: str = "text"

    @property
    def ranked_by(self) -> float:
        """The score, and more for a title that was asked: by the harmonic mean of what each has of the other (F1)."""
        both = self.covered_alike + self.titled_alike
        shared = 2 * self.covered_alike * self.titled_alike / both if both else 0.0
        return self.score * (1 + TITLED[self.level] * shared)


@dataclass(frozen=True, slots=True)
class Hit:
    """A document found. A higher `score` is a better match; scores compare only within one answer."""

    kind: str
    subject_id: int
    title: str
    at: datetime
    score: float
    fit: Fit


def fit_of(
    match: Match,
    wanted: Collection[Wanted],
    asked: Sequence[Wanted],
    terms: Mapping[str, float],
    title: Sequence[str],
    alike: Sequence[Sequence[float]] | None,
    level: str,
) -> Fit:
    """Return how well a match fits that has these `terms` and this `title`. `asked` is what was `wanted` most.

    `alike` says of each word that was asked how much it means the same as each of the title, where that is looked at.
    """
    values = {part: word.value for word in wanted for term in word.meant for part in term.split()}
    usual = sum(word.value for word in asked) / len(asked) if asked else 1.0
    here = [float(_holds(title, word)) for word in asked]
    there = [float(term in values) for term in title]
    worth, titles = [word.value for word in asked], [values.get(term, usual) for term in title]
    covered, titled = _part(here, worth), _part(there, titles)
    if alike is not None and asked and title:
        here = [max(known, *row) for known, row in zip(here, alike, strict=True)]
        there = [max(known, *row) for known, row in zip(there, zip(*alike, strict=True), strict=True)]
    return Fit(
        score=match.score,
        words=sum(_holds(terms, word) for word in asked),
        covered=covered,
        titled=titled,
        covered_alike=_part(here, worth),
        titled_alike=_part(there, titles),
        titles_near=match.titles_near or 0.0,
        level="text" if match.titles_near is None else level,
    )


def _holds(terms: Collection[str], word: Wanted) -> bool:
    """Say whether a word is there, in any of the ways that it may be written; of a term with blanks, all of it."""
    return any(all(part in terms for part in term.split()) for term in word.meant)


def _part(shared: Sequence[float], worth: Sequence[float]) -> float:
    """Return how much of some words is shared, by what they are worth."""
    return sum(part * value for part, value in zip(shared, worth, strict=True)) / (sum(worth) or 1.0)
