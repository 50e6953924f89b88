"""The idea's own card and what becomes of it, and how this room names ideas and statuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.contract.text import (
    Link,
    Strong,
    Text,
    Time,
    TimeStyle,
    Words,
    clip,
    count,
    join,
    label,
    say,
    text,
    written,
)
from adapters.contract.ui import AnyButton, Button, Card, CardField, LinkButton, Style, Tone
from bot.delivery.addressing import mention
from storage.ideas import ALIVE, Idea, Status
from storage.members import Member

from . import calls

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

GONE = say("That idea is gone.")
NOT_YOURS = say("That's for the person who wrote it.")
NO_CHANNEL = say("There's no ideas channel here yet. An admin can name one in TRELLIS_IDEAS_CHANNELS.")
DECIDED_ALREADY = say("You've decided on that one already.")


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


def line_of(view: View) -> Words:
    """Show an idea in one line of a list."""
    return say(
        "{mark} {votes} · {title}",
        mark=STATUSES.get(view.idea.status, "·").split()[0],
        votes=count(view.votes, "{n} vote", "{n} votes"),
        title=titled(view.idea, view.link),
    )


def facts_of(view: View) -> tuple[CardField, ...]:
    """Return what the fields of an idea's card say."""
    idea = view.idea
    fields = [CardField("Status", status_of(idea.status)), CardField("Votes", votes_of(view))]
    if view.author:
        fields.append(CardField("Suggested by", mention(view.author)))
    if idea.added_at:
        fields.append(CardField("Since", Time(idea.added_at, TimeStyle.RELATIVE)))
    if view.into:
        fields.append(CardField("Goes on in", titled(view.into, view.into_link)))
    if idea.note:
        fields.append(CardField("Why", idea.note))
    return tuple(fields)


def idea_card(view: View) -> Card:
    """Show an idea to everyone."""
    idea = view.idea
    buttons: tuple[AnyButton, ...] = ()
    if idea.status in ALIVE:
        vote, follow = calls.vote(idea.id), calls.follow(idea.id)
        buttons = (Button("👍 Vote", vote, Style.PRIMARY), Button("Tell me", follow))
    elif view.into_link:
        buttons = (LinkButton("Where it goes on", view.into_link),)
    return Card(
        idea.title,
        written(idea.details),
        fields=facts_of(view),
        footer=footer_of(idea),
        tone=TONES.get(idea.status, Tone.NEUTRAL),
        buttons=buttons,
        emoji="💡",
    )


def news_card(view: View) -> Card:
    """Tell the people who wanted an idea what has become of it."""
    idea = view.idea
    buttons = (LinkButton("Open it", view.link),) if view.link else ()
    if view.into:
        if view.into_link:
            buttons = (LinkButton("Where it goes on", view.into_link),)
        words = say(
            "An idea that you wanted goes on in {into}. Your vote counts there, if you gave it one.",
            into=titled(view.into),
        )
    else:
        words = _news(idea)
    why = say("Why: {note}", note=idea.note) if idea.note else Text()
    return Card(
        idea.title,
        join([words, why]),
        footer=footer_of(idea),
        tone=TONES.get(idea.status, Tone.NEUTRAL),
        buttons=buttons,
    )


def _news(idea: Idea) -> Text:
    match idea.status:
        case Status.PLANNED:
            return say("An idea that you wanted is planned. 🗓️")
        case Status.STARTED:
            return say("An idea that you wanted is being worked on. 🚧")
        case Status.SHIPPED:
            return say("An idea that you wanted is there. 🚀 Thank you for asking for it!")
        case Status.DECLINED:
            return say("An idea that you wanted won't be done.")
        case Status.DUPLICATE:
            return say("An idea that you wanted is the same as another one.")
    return say("An idea that you wanted is open again. 🌱")
