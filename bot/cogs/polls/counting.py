"""From ballots to a result, as pure functions: nobody's name comes in here.

Ranked polls are counted by instant run-off. In each round a ballot counts for the best of its choices that is still in.
Whoever has more than half of the ballots that count wins. Otherwise whoever has the fewest leaves. Of several with the
fewest, the one leaves who had the fewest in the latest earlier round in which they differ; those who never differed
leave together, and if that is everyone who is left, they have tied. Chance decides nothing. A ballot of whose choices
none is left is exhausted: it stays in the box and counts for nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from storage.polls import Choices, Kind

Ballots = Mapping[Choices, int]
"""How many ballots say the same."""

MARKS = 5
"""The best mark of a rating; the worst is 1, and 0 is none."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a run-off: what each option that was still in had, and who left after it."""

    counts: Mapping[int, int]
    exhausted: int
    out: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a poll. `counts` are the votes of each option, in a ranked poll those of the last round it was in.

    `first` are the options in front: several if they tied, none without a vote. `base` is how many ballots count in the
    end. For a rating, `marks` says how often each option got each mark, and `counts` how many gave it one.
    """

    kind: Kind
    voters: int
    counts: tuple[int, ...]
    first: tuple[int, ...]
    base: int
    rounds: tuple[Round, ...] = ()
    marks: tuple[tuple[int, ...], ...] = ()

    def share(self, position: int) -> float:
        """Return an option's share, 0 to 1; in a ranked poll that of the last round it was in."""
        last = next((round_ for round_ in reversed(self.rounds) if position in round_.counts), None)
        base = sum(last.counts.values()) if last else self.base
        return self.counts[position] / base if base else 0.0

    def mean(self, position: int) -> float:
        """Return the average of an option's marks."""
        given = self.counts[position]
        return sum(mark * count for mark, count in enumerate(self.marks[position], 1)) / given if given else 0.0

    @property
    def order(self) -> list[int]:
        """The options, the best first; equals as they were asked."""
        places = range(len(self.counts))
        if self.kind is Kind.RATING:
            return sorted(places, key=lambda place: (-self.mean(place), place))
        if self.kind is Kind.RANKED:
            left_at = {out: number for number, round_ in enumerate(self.rounds) for out in round_.out}
            last = len(self.rounds)
            return sorted(places, key=lambda place: (-left_at.get(place, last), -self.counts[place], place))
        return sorted(places, key=lambda place: (-self.counts[place], place))


class Verdict(Enum):
    """Whether a poll with conditions was passed."""

    PASSED = auto()
    ENOUGH_VOTES = auto()
    """It was passed, and had no other condition."""
    TOO_FEW_VOTES = auto()
    TOO_SMALL_A_SHARE = auto()
    TIED = auto()


def count(kind: Kind, options: int, ballots: Ballots) -> Result:
    """Count the ballots of a poll that has so many options."""
    voters = sum(ballots.values())
    match kind:
        case Kind.RANKED:
            return _run_off(options, ballots, voters)
        case Kind.RATING:
            return _rating(options, ballots, voters)
    counts = [0] * options
    for choices, number in ballots.items():
        for position in set(choices):
            counts[position] += number
    return Result(kind, voters, tuple(counts), _leaders(dict(enumerate(counts))), voters)


def _leaders(counts: Mapping[int, float]) -> tuple[int, ...]:
    most = max(counts.values(), default=0)
    return tuple(position for position, number in counts.items() if number == most) if most else ()


def _rating(options: int, ballots: Ballots, voters: int) -> Result:
    marks = [[0] * MARKS for _ in range(options)]
    for given, number in ballots.items():
        for position, mark in enumerate(given):
            if mark:
                marks[position][mark - 1] += number
    counts = tuple(map(sum, marks))
    result = Result(Kind.RATING, voters, counts, (), voters, marks=tuple(map(tuple, marks)))
    means = {position: result.mean(position) for position in range(options)}
    return Result(Kind.RATING, voters, counts, _leaders(means), voters, marks=result.marks)


def _run_off(options: int, ballots: Ballots, voters: int) -> Result:
    rounds: list[Round] = []
    left = set(range(options))
    while True:
        counts = dict.fromkeys(sorted(left), 0)
        exhausted = 0
        for choices, number in ballots.items():
            best = next((choice for choice in choices if choice in left), None)
            if best is None:
                exhausted += number
            else:
                counts[best] += number
        base = voters - exhausted
        leaders = _leaders(counts)
        out = () if not base or max(counts.values()) * 2 > base else _leaving(counts, rounds)
        if len(out) == len(left):  # level in every round
            out = ()
        rounds.append(Round(counts, exhausted, out))
        if not out:
            final = {position: number for round_ in rounds for position, number in round_.counts.items()}
            counts_of_all = tuple(final[position] for position in range(options))
            return Result(Kind.RANKED, voters, counts_of_all, leaders, base, rounds=tuple(rounds))
        left -= set(out)


def _leaving(counts: Mapping[int, int], before: Sequence[Round]) -> tuple[int, ...]:
    """Return who has the fewest; of several, who had the fewest in the latest round in which they differ."""
    fewest = min(counts.values())
    tied = [position for position, number in counts.items() if number == fewest]
    for round_ in reversed(before):
        if len(tied) == 1:
            break
        fewest = min(round_.counts[position] for position in tied)
        tied = [position for position in tied if round_.counts[position] == fewest]
    return tuple(tied)


def judge(result: Result, quorum: int | None, threshold: int | None) -> Verdict | None:
    """Say whether a poll with conditions was passed, as its card promised; None for a poll without.

    The share is that of the option that was asked first, and is met by reaching it exactly. An option that left in a
    run-off has no share in the end.
    """
    if quorum is None and threshold is None:
        return None
    if result.voters < (quorum or 1):
        return Verdict.TOO_FEW_VOTES
    if threshold is None:
        return Verdict.ENOUGH_VOTES
    left = result.rounds and 0 not in result.rounds[-1].counts
    if not left and result.base and result.counts[0] * 100 >= threshold * result.base:
        return Verdict.PASSED
    return Verdict.TIED if len(result.first) > 1 and 0 in result.first else Verdict.TOO_SMALL_A_SHARE
