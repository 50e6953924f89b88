"""What a search finds, and how well it fits what was asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .index import Match, Wanted


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a document fits: what `likeness` is measured by. Words weigh by how rare they are.

    `share` is its score beside that of a document which has all the words, `titled` the part of its title that was
    asked for, `covered` the part of what was asked that its title has, `words` how many words of it are anywhere in it,
    and `ahead` how far it is ahead of the next document, as a part of its score. `near` is how near its meaning lies,
    -1 to 1, where it is looked at: at all `level`s but "text"; `titles_near` is that of its title to the one asked.
    """

    share: float
    titled: float
    covered: float
    words: int
    ahead: float
    near: float | None = None
    titles_near: float = 0.0
    level: str = "text"


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
    after: float,
    wanted: Collection[Wanted],
    asked: Collection[str],
    terms: Mapping[str, float],
    title: Sequence[str],
    level: str,
) -> Fit:
    """Return how well a match fits that has these `terms` and this `title`; `after` is the score of the next one."""
    from .index import ideal  # numpy takes a while to read

    here = [word for word in wanted if word.term in asked]
    values = {term: word.value for word in wanted for term in word.meant}
    usual = sum(word.value for word in here) / len(here) if here else 1.0
    titled = {term: values.get(term, usual) for term in title}
    return Fit(
        share=match.score if match.near is not None else match.score / (ideal(wanted) or 1.0),
        titled=sum(value for term, value in titled.items() if term in values) / (sum(titled.values()) or 1.0),
        covered=sum(word.value for word in here if not word.meant.keys().isdisjoint(title))
        / (sum(word.value for word in here) or 1.0),
        words=sum(any(term in terms for term in word.meant) for word in here),
        ahead=(match.score - after) / match.score if match.score else 0.0,
        near=match.near,
        titles_near=match.titles_near or 0.0,
        level="text" if match.near is None else level,
    )
