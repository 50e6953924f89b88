"""What all cards of this room share: how people, points and milestones are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.contract.models import Account
from adapters.contract.text import Text, Words, count, join, say
from bot.delivery.addressing import mention
from storage.kudos import Kudos
from storage.members import Member

from ..policy import Badge, Measure


@dataclass(frozen=True, slots=True)
class People:
    """The members that cards name."""

    known: Mapping[int, Member]

    def name(self, member_id: int | None) -> Words:
        """Return a member as a mention."""
        member = self.known.get(member_id or 0)
        return mention(member) if member else say("someone")

    def giver(self, kudos: Kudos) -> Words:
        """Return who is thankful, unless they asked to stay unnamed."""
        return say("someone") if kudos.anonymous else self.name(kudos.giver_id)


def pings(member: Member | None) -> tuple[Account, ...]:
    """Return the accounts that notify a member."""
    return tuple(map(Account.of, member.accounts)) if member else ()


def amount(hundredths: int) -> str:
    """Return so many points to a tenth: "3", "2.5"."""
    whole, tenths = divmod(round(hundredths / 10), 10)
    return f"{whole}.{tenths}" if tenths else str(whole)


def points(hundredths: int) -> Text:
    """Say how many points these are, to a tenth: "3 points", "2.5 points"."""
    n = amount(hundredths)
    return say("{n} points", n=n) if "." in n else count(int(n), "{n} point", "{n} points")


def rule(badge: Badge) -> Text:
    """Say what a badge is for."""
    n = badge.goal
    match badge.counts:
        case Measure.PEOPLE:
            return count(n, "help {n} person", "help {n} different people")
        case Measure.THANKED:
            return count(n, "thank {n} person", "thank {n} different people")
        case Measure.ANSWERS:
            return count(n, "solve {n} question", "solve {n} questions")
        case Measure.IDEAS:
            return count(n, "have {n} idea become real", "have {n} ideas become real")
        case Measure.HOSTED:
            return count(n, "host {n} event", "host {n} events")
        case Measure.ATTENDED:
            return count(n, "come to {n} event", "come to {n} events")
        case Measure.WELCOMED:
            return count(n, "welcome {n} newcomer", "welcome {n} newcomers")


def room_words(channels: Text, values: Sequence[str]) -> Text:
    """Say where the digest stands, and what thanks may be for."""
    return join(
        [
            say("The weekly digest is posted in {channels}.", channels=channels) if channels else Text(),
            say("What we value: {values}", values=", ".join(values)) if values else Text(),
        ]
    )
