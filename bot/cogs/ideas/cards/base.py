"""What all cards of this room share: how ideas and statuses are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.contract.text import Link, Strong, Text, Words, clip, count, join, label, say, text
from adapters.contract.ui import Tone
from storage.ideas import Idea, Status
from storage.members import Member

STATUSES = {
    Status.OPEN: label("🌱 Open"),
    Status.PLANNED: label("🗓️ Planned"),
    Status.STARTED: label("🚧 Started"),
    Status.SHIPPED: label("🚀 Shipped"),
    Status.DECLINED: label("🚫 Declined"),
    Status.DUPLICATE: label("👯 Duplicate"),
}
"""Labels in lists and menus."""

TONES = {
    Status.OPEN: Tone.WAITING,
    Status.PLANNED: Tone.ACTIVE,
    Status.STARTED: Tone.ACTIVE,
    Status.SHIPPED: Tone.DONE,
}


@dataclass(frozen=True, slots=True)
class View:
    """An idea and what its cards show of it. `into` is the one that it was merged into."""

    idea: Idea
    votes: int = 0
    author: Member | None = None
    link: str | None = None
    segments: Mapping[str, int] = field(default_factory=dict)
    into: Idea | None = None
    into_link: str | None = None

    @property
    def title(self) -> Words:
        """The title, leading to the card where it can."""
        return Link(self.idea.title, self.link) if self.link else Strong(self.idea.title)


def status_of(status: Status) -> Text:
    """Name a status."""
    match status:
        case Status.OPEN:
            return say("🌱 Open")
        case Status.PLANNED:
            return say("🗓️ Planned")
        case Status.STARTED:
            return say("🚧 Started")
        case Status.SHIPPED:
            return say("🚀 Shipped")
        case Status.DECLINED:
            return say("🚫 Declined")
        case Status.DUPLICATE:
            return say("👯 Duplicate")
    return say("Not posted yet")


def mark_of(status: Status) -> str:
    """Return the sign of a status."""
    return STATUSES.get(status, "·").split()[0]


def name_of(idea: Idea) -> Words:
    return Strong(f"#{idea.number}")


def footer_of(idea: Idea) -> Text:
    """Say at the foot of a card what it is."""
    return say("Idea #{n}", n=idea.number or 0)


def titled(idea: Idea, link: str | None = None) -> Text:
    """Name an idea by number and title."""
    title = clip(idea.title, 100)
    return say("#{n} {title}", n=idea.number or 0, title=Link(title, link) if link else Strong(title))


def votes_of(view: View) -> Text:
    """Say how many want it, and from which segments where there are some."""
    votes = text(count(view.votes, "{n} vote", "{n} votes"))
    groups = [(name, number) for name, number in sorted(view.segments.items()) if name]
    if not groups:
        return votes
    return say("{votes}: {segments}", votes=votes, segments=join((f"{name} {number}" for name, number in groups), ", "))


def room_words(channels: Text) -> Text:
    """Say where ideas stand."""
    return say("Ideas are collected and voted on in {channels}.", channels=channels) if channels else Text()
