"""What one community has written down, in memory, ranked by BM25.

BM25 as Robertson and Zaragoza give it ("The Probabilistic Relevance Framework", 2009), with a title's words counted
several times. What a search returns follows from the documents alone, not from the order in which they came, so that
every process and either database finds the same in the same order.
"""

from __future__ import annotations

import math
import sys
from array import array
from bisect import bisect_left, insort
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from .found import ENTRY, Array, Found
from .tokens import SHORTEST_PART, numbered, split

K1, B = 4.0, 0.75
"""How slowly further occurrences of a word count less, and how much a document's length does. Measured, on questions
and their answers: the usual 1.2 and .75 find clearly less (docs/performance.md)."""
DETAILS = 1 / 3
"""How much a word of the details counts beside one of the title of what is asked."""
REPEATED = 3.0
"""How slowly a word that is asked several times counts more."""
WORDS = 96
"""So many words of a text are looked for: the rarest."""
SLIP, COMPOUND = 0.7, 0.5
"""How much a word counts that was probably meant, and one in which the word stands."""
SHORTEST = 4
"""Shorter words are not looked for within others, nor taken for slips of others."""
FEW = 50
"""So many documents without any of the words are thought of beside those there are: of a few, rarity tells little."""
ALONE = 0.6
"""What lies that near is found also without a word in common."""
BLOCK = 16_384
"""So many vectors are compared at once."""
LONG = 10
"""Only words of so many letters are taken apart."""
COMPOUNDS = 8
"""In so many words a word is looked for, the most frequent."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as it is indexed: `terms` says how often each of its words counts, `at` when it is from.

    `meaning` is its vector, of half-precision numbers; empty where it has none.
    """

    id: int
    kind: str
    at: float
    terms: Mapping[str, float]
    meaning: bytes = b""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A word that is looked for: in which terms, and how much each of them counts beside it. `value` is its own."""

    term: str
    value: float
    meant: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Match:
    """A document that was found, and its score.

    `titles_near` is how near the meaning of its title lies to that of what is asked, -1 to 1, where that is looked at.
    """

    id: int
    score: float
    titles_near: float | None = None


class Index:
    """The documents of one community. A document that changes is put again; one without terms is not found."""

    def __init__(self) -> None:
        self._slots: dict[int, int] = {}
        self._ids = array("q")
        self._lengths = array("d")
        self._moments = array("d")
        self._kinds = array("B")
        """The number of each slot's kind; 0 where nothing is to be found any more."""
        self._numbers: dict[str, int] = {}
        self._postings: dict[str, bytearray] = {}
        """For each term, where it stands, and how often it counts there."""
        self._meanings = bytearray()
        """The vectors of all slots, one behind the other; none as long as no document has one."""
        self._length = 0
        """How many bytes a vector has."""
        self._forwards: list[str] | None = None
        self._backwards: list[str] | None = None
        self.gone = 0
        """How many slots hold nothing any more."""

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def size(self) -> int:
        """How much memory it takes at least, in bytes."""
        entries = sum(len(entries) for entries in self._postings.values())
        return entries + 100 * len(self._postings) + len(self._meanings)

    def put(self, entry: Entry) -> None:
        """Add a document, in place of what was put for it before."""
        before = self._slots.pop(entry.id, None)
        if before is not None:
            self._kinds[before] = 0
            self.gone += 1
        if not entry.terms:
            return
        slot = self._slots[entry.id] = len(self._ids)
        self._ids.append(entry.id)
        self._lengths.append(sum(entry.terms.values()))
        self._moments.append(entry.at)
        self._kinds.append(self._numbers.setdefault(entry.kind, len(self._numbers) + 1))
        if entry.meaning and not self._length:
            self._length = len(entry.meaning)
            self._meanings = bytearray(slot * self._length)
        if self._length:
            self._meanings += entry.meaning or bytes(self._length)
        for term, count in entry.terms.items():
            known = self._postings.get(term)
            if known is None:
                known = self._postings[term] = bytearray()
                self._learn(term)
            known += ENTRY.pack(slot, count)

    def search(
        self,
        title: Sequence[str],
        details: Sequence[str],
        kinds: Collection[str],
        limit: int,
        meaning: Array | None = None,
        nearness: float = 1.0,
        other_ways: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> tuple[list[Match], list[Wanted]]:
        """Return the best documents of these kinds, and the words that were looked for.

        `other_ways` says how words of the title may be written otherwise.

        With the `meaning` of what is asked, what means the same in other words counts too: to the score beside that
        of an ideal document, how near it lies is added, `nearness` times.
        """
        here = self._here(kinds)
        scores, wanted = self._scores(title, details, here, other_ways)
        near = self._near(meaning, here)
        if near is not None:
            counted = (scores > 0) | (near > ALONE)
            scores = scores / (ideal(wanted) or 1.0) + np.where(counted, nearness * np.maximum(near, 0.0), 0.0)
        best = self._best(scores, limit)
        titles_near = None if meaning is None or near is None else self._titles_near(meaning, best)
        found = [
            Match(
                self._ids[slot],
                float(scores[slot]),
                None if titles_near is None else float(titles_near[place]),
            )
            for place, slot in enumerate(best)
        ]
        return found, wanted

    def _here(self, kinds: Collection[str]) -> Array:
        """Return which slots hold something of these kinds."""
        found: Array = np.isin(np.frombuffer(self._kinds, np.uint8), [self._numbers.get(kind, 255) for kind in kinds])
        return found

    def scores(
        self, title: Sequence[str], details: Sequence[str], kinds: Collection[str]
    ) -> tuple[Array, list[Wanted]]:
        """Return the score of everything that was ever put, in that order, and the words that were looked for.

        What is of another kind, or was put again since, has none.
        """
        return self._scores(title, details, self._here(kinds), {})

    def _scores(
        self, title: Sequence[str], details: Sequence[str], here: Array, other_ways: Mapping[str, Sequence[str]]
    ) -> tuple[Array, list[Wanted]]:
        number = int(here.sum())
        if not number:
            return np.zeros(len(here)), []
        lengths = np.frombuffer(self._lengths)
        norms = K1 * (1 - B + B * lengths / (lengths[here].sum() / number))
        scores = np.zeros(len(here))
        found = Found(self._postings, here)
        wanted = [*self._wanted(_asked(title, details), {*title}, found, number, other_ways)]
        for word in wanted:
            for term, share in word.meant.items():
                slots, counts = found[term]["slot"], found[term]["weight"].astype(float)
                scores[slots] += word.value * share * counts * (K1 + 1) / (counts + norms[slots])
        return scores, wanted

    def _near(self, meaning: Array | None, here: Array) -> Array | None:
        """Return how near the documents lie to a meaning, -1 to 1; None where nothing has one."""
        if meaning is None or not self._length:
            return None
        vectors = np.frombuffer(self._meanings, np.float16).reshape(len(here), -1)
        parts = [vectors[at : at + BLOCK].astype(np.float32) @ meaning for at in range(0, len(here), BLOCK)]
        return np.where(here, np.concatenate(parts).astype(float), 0.0)

    def _titles_near(self, meaning: Array, slots: Array) -> Array:
        """Return how near the titles of some documents lie to that of a meaning: they are one half of each vector."""
        vectors = np.frombuffer(self._meanings, np.float16).reshape(len(self._ids), -1)
        half = len(meaning) // 2
        near: Array = vectors[slots, :half].astype(np.float32) @ meaning[:half] * 2
        return near

    def _best(self, scores: Array, limit: int) -> Array:
        """Return where the best stand, the newer first among equals."""
        found = np.flatnonzero(scores > 0)
        if len(found) > limit:
            least = np.partition(scores[found], len(found) - limit)[len(found) - limit]
            found = found[scores[found] >= least]
        moments, ids = np.frombuffer(self._moments), np.frombuffer(self._ids, np.int64)
        order = np.lexsort((-ids[found], -moments[found], -scores[found]))[:limit]
        best: Array = found[order]
        return best

    def _wanted(
        self,
        asked: Mapping[str, float],
        titled: Collection[str],
        found: Found,
        number: int,
        other_ways: Mapping[str, Sequence[str]],
    ) -> Iterator[Wanted]:
        """Return the words to look for, each with what it is worth: the rarer, the more.

        Only those of the title (`titled`) are also looked for within others, and taken for slips.
        """
        worth = {term: _rarity(len(found[term]), number) for term in asked}
        rarest = {*sorted(asked, key=lambda term: (-worth[term], term))[:WORDS]}
        for term in (term for term in asked if term in rarest):
            meant, value = {term: 1.0}, worth[term]
            if term in titled and len(term) >= SHORTEST and term.isalpha():
                if not len(found[term]):
                    meant = dict.fromkeys(self._slips_of(term, found), SLIP)
                    value = min([value, *(_rarity(len(found[other]), number) for other in meant)])
                compounds = (*self._within(term, found), *self._parts_of(term, found), *self._apart(term, found))
                meant |= {other: COMPOUND for other in compounds if other not in meant}
            with_number = self._numbered(term, found) if term in titled else ()
            ways = (way for way in (*with_number, *other_ways.get(term, ())) if self._stands(way))
            meant |= {way: COMPOUND for way in ways if len(found[way])}
            yield Wanted(term, value * asked[term], meant)

    # Words that are not written like that

    def _slips_of(self, term: str, found: Found) -> list[str]:
        """Return the words that were probably meant by one that nobody has written."""
        most = 1 if len(term) < 8 else 2
        alike = _beginning(self._vocabulary, term[0])  # hardly anybody errs in the first letter
        alike = [word for word in alike if abs(len(word) - len(term)) <= most]
        near = process.extract(term, alike, scorer=OSA.distance, score_cutoff=most, limit=20)
        known = [(distance, word) for word, distance, _ in near if len(found[word])]
        nearest = min(known, default=(0, ""))[0]
        return sorted(word for distance, word in known if distance == nearest)[:3]

    def _within(self, term: str, found: Found) -> list[str]:
        """Return longer words that begin or end with a word, as compounds do: the most frequent ones."""
        backwards = term[::-1]
        some = {*_beginning(self._vocabulary, term), *(word[::-1] for word in _beginning(self._reversed, backwards))}
        longer = [word for word in some if len(word) >= len(term) + SHORTEST and word.isalpha() and len(found[word])]
        return sorted(longer, key=lambda word: (-len(found[word]), word))[:COMPOUNDS]

    def _parts_of(self, term: str, found: Found) -> list[str]:
        """Return the longest words with which a word begins and ends, as a compound does."""
        lengths = range(len(term) - SHORTEST, SHORTEST - 1, -1) if len(term) >= LONG else ()
        begins = next((part for length in lengths if len(found[part := term[:length]])), None)
        ends = next((part for length in lengths if len(found[part := term[-length:]])), None)
        return [part for part in (begins, ends) if part]

    def _numbered(self, term: str, found: Found) -> Sequence[str]:
        """Return how a word is written with a number behind it, and a word with a number without: "utf8", "utf 8"."""
        if parts := numbered(term):
            return (parts[0], " ".join(parts))
        if not term.isalpha() or len(term) < SHORTEST_PART:
            return ()
        some = self._vocabulary[bisect_left(self._vocabulary, f"{term}0") : bisect_left(self._vocabulary, f"{term}:")]
        return sorted((word for word in some if numbered(word)), key=lambda word: -len(found[word]))[:COMPOUNDS]

    def _apart(self, term: str, found: Found) -> list[str]:
        """Return how a word is also written: with a blank, or with a hyphen."""
        hyphened = (f"{term[:at]}-{term[at:]}" for at in range(1, len(term)))
        ways = (way for way in split(term) if self._stands(way))
        return [way for way in (*hyphened, *ways) if len(found[way])]

    def _stands(self, way: str) -> bool:
        """Say whether all parts of a term stand anywhere."""
        return all(part in self._postings for part in way.split())

    @property
    def _vocabulary(self) -> list[str]:
        if self._forwards is None:
            self._forwards = sorted(self._postings)
        return self._forwards

    @property
    def _reversed(self) -> list[str]:
        if self._backwards is None:
            self._backwards = sorted(word[::-1] for word in self._postings)
        return self._backwards

    def _learn(self, term: str) -> None:
        if self._forwards is not None:
            insort(self._forwards, term)
        if self._backwards is not None:
            insort(self._backwards, term[::-1])


def ideal(wanted: Collection[Wanted]) -> float:
    """Return the score of a document of usual length that has every word once."""
    return sum(word.value for word in wanted) * (K1 + 1) / (1 + K1 / 2)


def _asked(title: Sequence[str], details: Sequence[str]) -> dict[str, float]:
    """Return how much each word of what is asked counts."""
    asked: dict[str, float] = {}
    for terms, share in ((title, 1.0), (details, DETAILS)):
        for term in terms:
            asked[term] = asked.get(term, 0.0) + 3 * share
    return {term: count * (1 + REPEATED) / (count + REPEATED) for term, count in asked.items()}


def _rarity(documents: int, number: int) -> float:
    """Return the inverse document frequency of a word that stands in so many documents of a number."""
    return math.log(1 + (number + FEW - documents + 0.5) / (documents + 0.5))


def _beginning(words: Sequence[str], start: str) -> Sequence[str]:
    """Return which of sorted words begin like that."""
    return words[bisect_left(words, start) : bisect_left(words, start + chr(sys.maxunicode))]
