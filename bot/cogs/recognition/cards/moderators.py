"""Cards for moderators: who acts like a champion, and whose thanks stay among themselves."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.contract.text import Link, Text, count, join, listing, say
from adapters.contract.ui import Card, Tone
from storage.kudos import Kind

from ..policy import Champion
from ..rings import Ring
from .base import People


def champions_card(champions: Sequence[Champion], people: People) -> Card:
    """Show who acts like a champion, with the evidence."""
    if not champions:
        return Card(
            say("Nobody yet"),
            say("I look for people who helped five different people, in three different weeks, of the last 90 days."),
        )
    return Card(
        say("🌳 They act like champions already"),
        join((champion_line(one, people) for one in champions[:10]), "\n\n"),
        footer=say("From the last 90 days. They know nothing of this list: ask before you name anyone."),
    )


def champion_line(champion: Champion, people: People) -> Text:
    """Say what someone did."""
    did = [entry_times(kind, champion.kinds[kind]) for kind in _TOLD if champion.kinds.get(kind)]
    helped = count(champion.people, "one person", "{n} different people")
    weeks = count(champion.weeks, "{n} week", "{n} different weeks")
    facts = say("{name} helped {helped}, in {weeks}", name=people.name(champion.member_id), helped=helped, weeks=weeks)
    return say("{facts}: {did}.", facts=facts, did=listing(did)) if did else say("{facts}.", facts=facts)


_TOLD = (Kind.ANSWER, Kind.WELCOME, Kind.HOST, Kind.IDEA, Kind.THANKS)


def entry_times(kind: Kind, n: int) -> Text:
    """Say how often someone did something."""
    match kind:
        case Kind.ANSWER:
            return count(n, "solved {n} question", "solved {n} questions")
        case Kind.WELCOME:
            return count(n, "welcomed {n} newcomer", "welcomed {n} newcomers")
        case Kind.HOST:
            return count(n, "hosted {n} event", "hosted {n} events")
        case Kind.IDEA:
            return count(n, "had {n} idea become real", "had {n} ideas become real")
    return count(n, "was thanked {n} time", "was thanked {n} times")


def ring_card(ring: Ring, people: People, links: Sequence[str]) -> Card:
    """Show moderators a ring, with the evidence and without a verdict."""
    lines = [
        say(
            "{giver} → {receiver}: {times}",
            giver=people.name(a),
            receiver=people.name(b),
            times=count(n, "once", "{n} times"),
        )
        for (a, b), n in sorted(ring.given.items(), key=lambda item: -item[1])
    ]
    seen = join((Link(f"{number}", url) for number, url in enumerate(links, 1)), ", ")
    return Card(
        say("Thanks that stay among {names}", names=listing(people.name(member) for member in ring.members)),
        join(
            [
                say(
                    "Of the {all} thanks that they gave or got in the last 30 days, {inside} were between them.",
                    all=ring.all,
                    inside=ring.inside,
                ),
                *lines,
                say("Messages: {links}", links=seen) if links else "",
            ]
        ),
        footer=say("I have done nothing about it, and nobody else reads this. Good friends look like this, too."),
        tone=Tone.WAITING,
    )
