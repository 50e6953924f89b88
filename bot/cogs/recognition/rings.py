"""Rings: small groups whose thanks stay among themselves. They are shown to moderators alone, who know people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from storage.kudos import BY_HAND, Kudos

WATCHED = timedelta(days=30)
"""How far back thanks are looked at."""
REPEATED = 3
"""How often one has to have thanked another for it to be a habit."""
LARGEST = 5
"""More people than that are a team."""
SHARE = 0.8
"""How much of all thanks that these people give and get stays among them."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Who thanks each other, how often who thanked whom, and how many of all their thanks that is."""

    members: tuple[int, ...]
    given: Mapping[tuple[int, int], int]
    inside: int
    all: int
    rows: tuple[Kudos, ...]


def rings(rows: Sequence[Kudos]) -> list[Ring]:
    """Return the rings in these rows, the largest number of thanks first.

    Of the thanks given by hand, take those that lead from one person to another at least `REPEATED` times. People who
    can reach each other along these (a strongly connected component) are a ring if there are 2 to `LARGEST` of them,
    and at least `SHARE` of all the thanks that any of them gave or got were between them.
    """
    thanks = [row for row in rows if row.kind in BY_HAND]
    arrows = Counter((row.giver_id, row.receiver_id) for row in thanks if row.giver_id)
    found = []
    for group in _components(pair for pair, times in arrows.items() if times >= REPEATED):
        touching = [row for row in thanks if row.giver_id in group or row.receiver_id in group]
        inside = [row for row in touching if row.giver_id in group and row.receiver_id in group]
        if 2 <= len(group) <= LARGEST and len(inside) >= SHARE * len(touching):
            given = {pair: times for pair, times in arrows.items() if group.issuperset(pair)}
            found.append(Ring(tuple(sorted(group)), given, len(inside), len(touching), tuple(inside)))
    return sorted(found, key=lambda ring: (-ring.inside, ring.members))


def _components(arrows: Iterable[tuple[int, int]]) -> list[frozenset[int]]:
    """Return the groups of people who can all reach each other, each once."""
    to: dict[int, set[int]] = defaultdict(set)
    for giver, receiver in arrows:
        to[giver].add(receiver)
    reach = {person: _reachable(person, to) for person in list(to)}
    return [
        *{frozenset(other for other in within if person in reach.get(other, ())) for person, within in reach.items()}
    ]


def _reachable(start: int, to: Mapping[int, set[int]]) -> set[int]:
    reached: set[int] = set()
    ahead = [start]
    while ahead:
        news = to.get(ahead.pop(), set()) - reached
        reached |= news
        ahead += news
    return reached
