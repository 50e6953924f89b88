"""Who meets whom: a buddy for a newcomer, as a pure function."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from storage.members import Member


@dataclass(frozen=True, slots=True)
class Match:
    """A buddy for someone, and what speaks for them."""

    buddy: Member
    shared: tuple[str, ...]
    apart: float
    """How many hours their clocks differ."""


def choose_buddy(
    newcomer: Member,
    willing: Sequence[Member],
    interests: Mapping[int, Collection[str]],
    load: Mapping[int, int],
    passed: Collection[int],
    now: datetime,
    zone: ZoneInfo,
    most: int,
) -> Match | None:
    """Return the best buddy: interests in common, a near time zone, and not always the same one.

    They have to meet on one platform, so both need an account in one space. `zone` is that of whoever named none.
    """
    mine = set(interests.get(newcomer.id, ()))
    matches = []
    for member in willing:
        busy = load.get(member.id, 0)
        if (
            member.id == newcomer.id
            or member.id in passed
            or member.left_at
            or member.is_away(now)
            or busy >= most
            or not spaces_of(member) & spaces_of(newcomer)
        ):
            continue
        shared = tuple(sorted(mine & set(interests.get(member.id, ()))))
        match = Match(member, shared, hours_apart(newcomer, member, now, zone))
        matches.append((2 * min(len(shared), 3) - match.apart / 2 - 1.5 * busy, match))
    best = max(matches, key=lambda scored: (scored[0], -scored[1].buddy.id), default=None)
    return best[1] if best else None


def spaces_of(member: Member) -> set[str]:
    """Return the keys of the spaces in which a member has an account."""
    return {account.rpartition("/")[0] for account in member.accounts}


def hours_apart(one: Member, other: Member, now: datetime, zone: ZoneInfo) -> float:
    """Return how far two people's clocks are apart now, at most twelve hours."""
    offsets = [now.astimezone(ZoneInfo(who.timezone) if who.timezone else zone).utcoffset() for who in (one, other)]
    apart = abs((offsets[0] or timedelta()) - (offsets[1] or timedelta())) / timedelta(hours=1) % 24
    return min(apart, 24 - apart)
