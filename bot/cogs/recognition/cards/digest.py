"""The weekly digest: people and what they did, in words. No points, no places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.contract.text import Strong, Text, clip, count, join, listing, say
from adapters.contract.ui import Card
from storage.kudos import Kind, Kudos

from ..policy import Level, Milestone
from .base import People

LINES = 12
"""So many entries are told in words; whoever else did something is named."""
WORDS, NEWS = 80, 6
"""How much is told of what an entry was for, and of what people reached: a full week finds room on one card."""


def digest_card(
    entries: Sequence[Kudos],
    thanked: Sequence[int],
    came: Sequence[int],
    reached: Mapping[int, Milestone],
    people: People,
) -> Card:
    """Tell what people did for each other this week."""
    parts = [say("• {entry}", entry=entry_line(entry, people)) for entry in entries]
    if thanked:
        names = listing(people.name(member) for member in thanked[:LINES])
        parts.append(count(len(thanked), "{names} was thanked, too.", "{names} were thanked, too.", names=names))
    if came:
        names = listing(people.name(member) for member in came[:LINES])
        parts.append(count(len(came), "{names} came to an event.", "{names} came to events.", names=names))
    news = [say("🌱 {news}", news=milestone_line(member, one, people)) for member, one in list(reached.items())[:NEWS]]
    return Card(
        say("🌻 What you did for each other"),
        join([join(parts), join(news)], "\n\n"),
        footer=say("Someone did something good? “/thanks” says so. “/me” takes you off this list."),
    )


def empty_digest_card() -> Card:
    """Stand where everything was told of people who were forgotten."""
    return Card(say("🌻 What you did for each other"), say("Nobody is left to be named here."))


def entry_line(entry: Kudos, people: People) -> Text:
    """Say what someone did, and for whom."""
    who, whom = people.name(entry.receiver_id), people.giver(entry)
    about = clip(" ".join(entry.reason.split()), WORDS)
    match entry.kind:
        case Kind.REUSE if about and not entry.anonymous:
            said = say("{who} helped {whom} with an earlier answer: “{about}”", who=who, whom=whom, about=about)
        case Kind.REUSE if about:
            said = say("{who} helped once more with an earlier answer: “{about}”", who=who, about=about)
        case Kind.ANSWER | Kind.REUSE if about and not entry.anonymous:
            said = say("{who} answered {whom}, who had asked “{about}”", who=who, whom=whom, about=about)
        case Kind.ANSWER | Kind.REUSE if about:
            said = say("{who} answered the question “{about}”", who=who, about=about)
        case Kind.ANSWER | Kind.REUSE:
            said = say("{who} answered {whom}", who=who, whom=whom)
        case Kind.IDEA if about:
            said = say("{who} had an idea that's real now: “{about}”", who=who, about=about)
        case Kind.IDEA:
            said = say("{who} had an idea that's real now", who=who)
        case Kind.HOST if about:
            said = say("{who} hosted “{about}”", who=who, about=about)
        case Kind.HOST:
            said = say("{who} hosted an event", who=who)
        case Kind.WELCOME:
            said = say("{who} welcomed {whom}", who=who, whom=whom)
        case _ if about:
            said = say("{whom} thanked {who}: “{about}”", who=who, whom=whom, about=about)
        case _:
            said = say("{whom} thanked {who}", who=who, whom=whom)
    return said


def milestone_line(member: int, reached: Milestone, people: People) -> Text:
    """Say what someone reached."""
    who, name = people.name(member), Strong(reached.name)
    if isinstance(reached, Level):
        return count(
            reached.people,
            "{who} has helped {n} person by now: {level}",
            "{who} has helped {n} different people by now: {level}",
            who=who,
            level=name,
        )
    return say("{who} has earned {badge}", who=who, badge=name)
