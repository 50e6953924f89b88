"""What settings say of recognition, and pure decisions: what thanks are worth, who was there, what people reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeAlias
from zoneinfo import ZoneInfo

from bot.text.recurrence import Recurrence
from storage.kudos import Kind, Kudos, Limits
from storage.members import Member
from storage.standing import Tally


class Measure(StrEnum):
    """What a badge counts."""

    PEOPLE = "people"
    THANKED = "thanked"
    ANSWERS = "answers"
    IDEAS = "ideas"
    HOSTED = "hosted"
    ATTENDED = "attended"
    WELCOMED = "welcomed"


_COUNTED: Mapping[Measure, tuple[Kind, ...]] = {
    Measure.ANSWERS: (Kind.ANSWER, Kind.REUSE),
    Measure.IDEAS: (Kind.IDEA,),
    Measure.HOSTED: (Kind.HOST,),
    Measure.ATTENDED: (Kind.ATTEND,),
    Measure.WELCOMED: (Kind.WELCOME,),
}


def measure(tally: Tally, what: Measure) -> int:
    """Return how far someone has come by a badge's measure."""
    match what:
        case Measure.PEOPLE:
            return tally.people
        case Measure.THANKED:
            return tally.thanked
    return sum(tally.kinds.get(kind, 0) for kind in _COUNTED[what])


@dataclass(frozen=True, slots=True)
class Level:
    """A name for whoever has helped that many different people, and a platform role that may go with it."""

    name: str
    people: int
    role: str = ""

    @property
    def milestone(self) -> str:
        return f"level/{self.name}"


@dataclass(frozen=True, slots=True)
class Badge:
    """A name for whoever did something that often."""

    name: str
    counts: Measure
    goal: int

    @property
    def milestone(self) -> str:
        return f"badge/{self.name}"


Milestone: TypeAlias = Level | Badge


@dataclass(frozen=True, slots=True)
class Policy:
    """How a community recognises what people give."""

    weights: Mapping[Kind, int]
    limits: Limits
    lately: timedelta
    """How recently someone has to have been here to be thanked."""
    emojis: frozenset[str]
    values: tuple[str, ...]
    topics: tuple[str, ...]
    levels: tuple[Level, ...]
    """From the fewest people to the most."""
    badges: tuple[Badge, ...]
    digest: Recurrence
    without: tuple[str, ...]
    """Names or account keys of people who stand on no board."""

    def milestone(self, name: str) -> Milestone | None:
        """Return what was reached under that name."""
        known: list[Milestone] = [*self.levels, *self.badges]
        return next((one for one in known if one.milestone == name), None)


_MODIFIERS = dict.fromkeys((0xFE0F, *range(0x1F3FB, 0x1F400)))


def plain_emoji(emoji: str) -> str:
    """Return an emoji without skin tone and variation selector: thanks are thanks in every colour."""
    return emoji.translate(_MODIFIERS)


def worth(weight: int, earlier: int, mutual: bool) -> int:
    """Return what thanks between two people are worth: `weight / k`, halved if they are `mutual`.

    They are the k-th (`earlier` + 1) from one to the other within 30 days, and mutual if any came back within 7 days:
    many thanks from one friend count less than one each from many people. Nothing that has a weight counts nothing.
    """
    return max(weight // (earlier + 1) // (2 if mutual else 1), min(weight, 1))


def was_here(member: Member, since: datetime, *moments: datetime | None) -> bool:
    """Say whether a member is here and did something since then, at one of these moments at which they were seen."""
    return member.left_at is None and any(at is not None and at >= since for at in moments)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far someone has come towards a badge."""

    badge: Badge
    done: int

    @property
    def earned(self) -> bool:
        return self.done >= self.badge.goal


@dataclass(frozen=True, slots=True)
class Reached:
    """Where someone stands: their level, the next one, and every badge, the nearest to be earned first."""

    level: Level | None
    next: Level | None
    earned: tuple[Badge, ...]
    ahead: tuple[Progress, ...]


def reached(tally: Tally, noted: Iterable[str], policy: Policy) -> Reached:
    """Return where someone stands; what was once `noted` as reached is not lost."""
    noted = frozenset(noted)
    level = next((one for one in reversed(policy.levels) if tally.people >= one.people or one.milestone in noted), None)
    above = policy.levels.index(level) + 1 if level else 0
    progress = [Progress(badge, measure(tally, badge.counts)) for badge in policy.badges]
    earned = tuple(one.badge for one in progress if one.earned or one.badge.milestone in noted)
    ahead = sorted(
        (one for one in progress if one.badge not in earned), key=lambda one: one.done / one.badge.goal, reverse=True
    )
    return Reached(level, next(iter(policy.levels[above:]), None), earned, tuple(ahead))


def milestones(tally: Tally, policy: Policy) -> list[Milestone]:
    """Return what someone has reached by now, in the order of the settings."""
    found: list[Milestone] = [level for level in policy.levels if tally.people >= level.people]
    return found + [badge for badge in policy.badges if measure(tally, badge.counts) >= badge.goal]


WATCHED = timedelta(days=90)
"""How far back a champion's entries are looked at."""
PEOPLE, WEEKS = 5, 3
"""Who acts like a champion: helped so many different people, in so many different weeks."""


@dataclass(frozen=True, slots=True)
class Champion:
    """Someone who acts like a champion, with the evidence: different people helped, in how many weeks, by what."""

    member_id: int
    people: int
    weeks: int
    kinds: Mapping[Kind, int]


def champions(rows: Sequence[Kudos], now: datetime) -> list[Champion]:
    """Return who acts like a champion in these rows: whoever helps many different people, again and again.

    The widest help comes first, then the steadiest.
    """
    found = []
    for member_id in {row.receiver_id for row in rows}:
        own = [row for row in rows if row.receiver_id == member_id]
        people = {row.giver_id for row in own} - {None}
        weeks = {(now - row.at) // timedelta(days=7) for row in own}
        if len(people) >= PEOPLE and len(weeks) >= WEEKS:
            found.append(Champion(member_id, len(people), len(weeks), Counter(row.kind for row in own)))
    return sorted(found, key=lambda one: (-one.people, -one.weeks, one.member_id))


def digest_week(digest: Recurrence, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the week that ends with the newest moment of a weekly digest.

    It begins with the moment before that one, so that a digest that comes late, or a week in which the clocks change,
    tells nothing twice and leaves nothing out.
    """
    week = timedelta(days=7)
    until = digest.after((now.astimezone(zone) - week).astimezone(UTC), zone)
    return digest.after(until - week - timedelta(hours=12), zone), until
