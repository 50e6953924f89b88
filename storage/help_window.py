"""The latest help of one community, in memory: what it says of each person about one question.

However much was ever written, so much of it is looked at, all at once, with numpy.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .help import Past
from .search.found import Array
from .search.index import Entry, Index, ideal

DAY = 86_400.0
MONTH, QUARTER = 30 * DAY, 90 * DAY
"""Half-lives: after so long, help counts half as much. People move on to other things."""
SHARP = 3
"""To this power the likeness of words is raised, so that few who wrote about just that come first."""
SOLVED = 2.0
"""So much more counts what solved a question, and again for each person whose own question it spared."""
HOURS = 1.5
"""How far apart in the day two moments are, in hours, that still say much about each other."""
KIND = "help"


@dataclass(frozen=True, slots=True)
class Given:
    """Somebody's part in a question, whose it was, and what it was about; `credit` if it solved that, and others."""

    question_id: int
    member_id: int
    asker_id: int
    topic: str
    credit: int
    at: float


class HelpWindow:
    """The latest help of one community. What changes is put again; what has no terms counts no more."""

    def __init__(self) -> None:
        self._index = Index()
        self._members, self._askers, self._questions = array("q"), array("q"), array("q")
        self._topics, self._credits = array("q"), array("q")
        self._moments = array("d")
        self._names: dict[str, int] = {}
        self._slots: dict[int, int] = {}

    @property
    def slots(self) -> int:
        """How much was put, also what counts no more."""
        return len(self._members)

    def put(self, id_: int, given: Given, terms: Mapping[str, float]) -> None:
        """Add somebody's part in a question, in place of what was put under this id before."""
        self._index.put(Entry(id_, KIND, given.at, terms))
        if (before := self._slots.pop(id_, None)) is not None:
            self._members[before] = 0
        if not terms:
            return
        self._slots[id_] = len(self._members)
        self._members.append(given.member_id)
        self._askers.append(given.asker_id)
        self._questions.append(given.question_id)
        self._topics.append(self._names.setdefault(given.topic.casefold(), len(self._names)))
        self._credits.append(given.credit)
        self._moments.append(given.at)

    def topics(self) -> dict[str, set[int]]:
        """Return who helped others with what, by topic."""
        names, found = [*self._names], defaultdict[str, set[int]](set)
        for member, asker, topic in zip(self._members, self._askers, self._topics, strict=True):
            if member and member != asker:
                found[names[topic]].add(member)
        return dict(found)

    def past(
        self, title: Sequence[str], details: Sequence[str], asker_id: int, topic: str, now: float, limit: int
    ) -> list[Past]:
        """Return what their help says of those who gave the most, in what is like it and lately."""
        members = np.frombuffer(self._members, np.int64) if self._members else np.zeros(0, np.int64)
        if not members.any():
            return []
        scores, wanted = self._index.scores(title, details, (KIND,))
        ids, who = np.unique(members, return_inverse=True)
        credits, moments = np.frombuffer(self._credits, np.int64), np.frombuffer(self._moments)
        here = (members > 0) & (members != np.frombuffer(self._askers, np.int64))
        counts = here * (1.0 + SOLVED * credits)
        age = np.maximum(now - moments, 0.0)
        quarter = 0.5 ** (age / QUARTER) * counts

        def summed(values: Array) -> Array:
            return np.bincount(who, values, len(ids))

        about = np.frombuffer(self._topics, np.int64) == self._names.get(topic.casefold(), -1) if topic else counts < 0
        mine = np.frombuffer(self._askers, np.int64) == asker_id
        apart = np.abs((moments - now) / 3600 % 24)
        near = np.exp(-((np.minimum(apart, 24 - apart) / HOURS) ** 2) / 2)
        words = _shares(summed(scores**SHARP * quarter))
        month = _shares(summed(0.5 ** (age / MONTH) * counts))
        latest = np.full(len(ids), np.inf)
        np.minimum.at(latest, who, np.where(counts > 0, age, np.inf))
        facts = {
            "member_id": ids,
            "words": words,
            "topic": _shares(summed(about * quarter)),
            "month": month,
            "asker": summed(mine * quarter),
            "hour": summed(near * quarter) / (summed(quarter) + 1),
            "days": np.minimum(latest / DAY, 365.0),
            "helped": summed(here).astype(int),
            "accepted": summed((credits > 0) * here).astype(int),
            "solved": summed(about * (credits > 0) * here).astype(int),
        }
        order = np.lexsort((ids, -(words + facts["topic"] + month)))
        best = [place for place in order if ids[place] not in (0, asker_id)][:limit]
        closest = _closest(who, scores * quarter, len(ids))[best]
        columns = {name: values[best] for name, values in facts.items()}
        columns["closest"] = np.frombuffer(self._questions, np.int64)[closest]
        columns["alike"] = scores[closest] / (ideal(wanted) or 1.0)
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
        return [Past(**dict(zip(columns, row, strict=True))) for row in rows]


def _closest(who: Array, scores: Array, number: int) -> Array:
    """Return for each person where the help of theirs stands that is most like it."""
    found = np.flatnonzero(scores)
    order = found[np.argsort(scores[found], kind="stable")]
    last = np.zeros(number, np.int64)
    last[who[order]] = order  # of several, the last one stays
    return last


def _shares(values: Array) -> Array:
    """Return each value as a part of all of them together."""
    shares: Array = values / (values.sum() or 1.0)
    return shares
