"""What becomes of an idea: what moderators see, and what is told to whoever wanted it."""

from __future__ import annotations

from adapters.contract.call import Call
from adapters.contract.text import Text, Words, count, join, say
from adapters.contract.ui import Button, Card, LinkButton, Tone
from storage.ideas import Idea, Status

from .base import TONES, View, footer_of, status_of, titled


def decided_card(idea: Idea, told: int) -> Card:
    """Tell a moderator what they decided, and who hears of it."""
    lines: list[Words] = [say("{idea} is now {status}.", idea=titled(idea), status=status_of(idea.status))]
    lines.append(_told(told))
    return Card(body=join(lines), tone=Tone.DONE)


def _told(told: int) -> Text:
    if not told:
        return say("Nobody follows it yet, so nobody is told.")
    return count(told, "{n} person is told.", "{n} people are told.")


def merged_card(idea: Idea, into: Idea, votes: int, told: int, undo: Call) -> Card:
    """Tell a moderator what the merge made, with a way back."""
    lines = [
        say("{idea} goes on in {into}.", idea=titled(idea), into=titled(into)),
        count(votes, "Together they have {n} voter.", "Together they have {n} voters."),
        _told(told),
    ]
    return Card(body=join(lines, " "), tone=Tone.DONE, buttons=(Button("Undo the merge", undo),))


def unmerged_card(idea: Idea, into: Idea) -> Card:
    return Card(
        body=say(
            "{idea} is on its own again, with its votes; {into} has its own.", idea=titled(idea), into=titled(into)
        ),
        tone=Tone.DONE,
    )


def news_card(view: View) -> Card:
    """Tell whoever wanted an idea what has become of it."""
    idea = view.idea
    buttons = (LinkButton("Open it", view.link),) if view.link else ()
    if view.into:
        if view.into_link:
            buttons = (LinkButton("Where it goes on", view.into_link),)
        words = say("An idea of yours goes on in {into}. Your vote counts there.", into=titled(view.into))
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
            return say("An idea that you wanted will not be done.")
        case Status.DUPLICATE:
            return say("An idea that you wanted is the same as another one.")
    return say("An idea that you wanted is open again. 🌱")


def audit_detail(before: Status, after: Status, note: str) -> str:
    """Return a change as the audit log keeps it."""
    return f"{before} -> {after}{f': {note}' if note else ''}"
