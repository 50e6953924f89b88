"""Cards about where people stand: profiles and boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from adapters.contract.call import Call
from adapters.contract.tables import Table, TableRow
from adapters.contract.text import Strong, Text, Verbatim, Words, clip, count, join, say
from adapters.contract.ui import Button, Card, CardField
from storage.kudos import Kudos
from storage.members import Member
from storage.standing import Rank, Tally

from .. import calls
from ..policy import Progress, Reached
from .base import People, amount, points, rule


class Period(StrEnum):
    """How far back a board looks."""

    WEEK = "week"
    MONTH = "month"
    ALL = "all"


_MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}


def profile_card(member: Member, tally: Tally, reached: Reached, latest: Sequence[Kudos], people: People) -> Card:
    """Show what someone is recognised for."""
    fields = []
    if reached.earned:
        fields.append(CardField("Badges", join((Verbatim(badge.name) for badge in reached.earned), " · ")))
    if tally.values:
        fields.append(CardField("Valued for", values_line(tally.values)))
    level = join([level_line(tally.people, reached), next_line(tally.people, reached)])
    ahead = join([say("Next badges:"), *map(progress_line, reached.ahead[:3])]) if reached.ahead else ""
    return Card(
        say("{name} in this community", name=member.name),
        join([level, ahead, said(latest, people)], "\n\n"),
        fields=tuple(fields),
    )


def level_line(people: int, reached: Reached) -> Text:
    """Say what level someone has, and by how many people."""
    if reached.level is None:
        return helped_line(people)
    return count(
        people,
        "{level}: has helped {n} person.",
        "{level}: has helped {n} different people.",
        level=Strong(reached.level.name),
    )


def helped_line(people: int) -> Text:
    """Say how many people someone has helped, without a level."""
    if not people:
        return say("Nobody has said thanks yet. It starts with one answer, one welcome, one hand.")
    return count(people, "Has helped {n} person.", "Has helped {n} different people.")


def next_line(people: int, reached: Reached) -> Words:
    """Say how far the next level is."""
    if reached.next is None:
        return ""
    name = Strong(reached.next.name)
    return count(
        max(reached.next.people - people, 1),
        "One more person to {level}.",
        "{n} more people to {level}.",
        level=name,
    )


def progress_line(progress: Progress) -> Text:
    """Say how far someone has come towards a badge: "Guide: solve 5 questions (3 of 5)"."""
    return say(
        "{badge}: {rule} ({done} of {goal})",
        badge=Strong(progress.badge.name),
        rule=rule(progress.badge),
        done=progress.done,
        goal=progress.badge.goal,
    )


def values_line(values: Mapping[str, int]) -> Text:
    """Say which values someone is thanked for, the most frequent first."""
    often = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    return join((say("{value} ({n})", value=Verbatim(value), n=number) for value, number in often), " · ")


def said(latest: Sequence[Kudos], people: People) -> Words:
    """Say who thanked last, in their words."""
    lines = [
        say("{giver}: “{reason}”", giver=people.giver(one), reason=clip(" ".join(one.reason.split()), 160))
        for one in latest
    ]
    return join([say("Latest thanks:"), *lines]) if lines else ""


def board_card(
    period: Period,
    places: Sequence[Rank],
    people: People,
    reader: Member,
    *,
    shown: bool,
    value: str,
    topic: str,
) -> Card:
    """Show who was recognised most, and where the reader stands."""
    best = tuple(place_row(place, people) for place in places if place.member_id != reader.id or place.place <= 10)
    own = next((place for place in places if place.member_id == reader.id), None)
    nobody = say("Nobody has been thanked in this time. “/thanks” is a good way to start.")
    return Card(
        board_title(period, value, topic),
        "" if best else nobody,
        table=Table((say("Place"), say("Who"), say("Points")), best) if best else None,
        footer=own_line(own, shown=shown),
        buttons=tuple(
            period_button(other, calls.turn(other.value, topic, value)) for other in Period if other is not period
        ),
    )


def board_title(period: Period, value: str, topic: str) -> Text:
    """Say what a board shows."""
    when = {
        Period.WEEK: say("🌻 The last 7 days"),
        Period.MONTH: say("🌻 The last 30 days"),
        Period.ALL: say("🌻 Since the beginning"),
    }[period]
    about = " · ".join(filter(None, (value, topic)))
    return say("{when}: {about}", when=when, about=about) if about else when


def period_button(period: Period, call: Call) -> Button:
    """Return what turns to the board of a period."""
    match period:
        case Period.WEEK:
            return Button("Last 7 days", call)
        case Period.MONTH:
            return Button("Last 30 days", call)
        case Period.ALL:
            return Button("All time", call)


def place_row(place: Rank, people: People) -> TableRow:
    """Say who has a place, and with how many points."""
    medal, name = _MEDALS.get(place.place, f"{place.place}."), people.name(place.member_id)
    line = say("{place} {name}, {points}", place=medal, name=name, points=points(place.points))
    return TableRow(line, medal, name, amount(place.points))


def own_line(own: Rank | None, *, shown: bool) -> Text:
    """Say where the reader stands."""
    if not shown:
        return say("You're hidden from leaderboards. Your thanks count all the same.")
    if own is None:
        return say("You aren't on it yet.")
    return say("You're number {place}, with {points}.", place=own.place, points=points(own.points))


def standing_field(people: int, reached: Reached) -> CardField:
    """Say in short, for the personal page, where someone stands."""
    badges = join((Verbatim(badge.name) for badge in reached.earned), " · ")
    return CardField("Recognition", join([level_line(people, reached), next_line(people, reached), badges]))
