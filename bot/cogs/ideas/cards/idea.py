"""The idea itself, in its channel, and lists of ideas."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.contract.call import Call
from adapters.contract.text import Text, Time, TimeStyle, Verbatim, Words, count, join, label, say, written
from adapters.contract.ui import AnyButton, Button, Card, CardField, LinkButton, Menu, Option, Style, Tone
from bot.delivery.chat import mention
from storage.ideas import ALIVE, Status

from .base import STATUSES, TONES, View, footer_of, mark_of, name_of, status_of, titled, votes_of

LISTS = {
    "votes": label("Most votes"),
    "new": label("Newest"),
    **{status.value: name for status, name in STATUSES.items()},
}
"""Every list there is, by what it is called in a command."""


def idea_card(view: View, *, vote: Call, follow: Call) -> Card:
    """Show an idea to everyone."""
    idea = view.idea
    buttons: tuple[AnyButton, ...] = ()
    if idea.status in ALIVE:
        buttons = (Button("👍 Vote", vote, Style.PRIMARY), Button("Tell me", follow))
    elif view.into_link:
        buttons = (LinkButton("Where it goes on", view.into_link),)
    return Card(
        idea.title,
        written(idea.details),
        fields=_facts(view),
        footer=footer_of(idea),
        tone=TONES.get(idea.status, Tone.NEUTRAL),
        buttons=buttons,
    )


def _facts(view: View) -> tuple[CardField, ...]:
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


def shown_card(view: View, merged: Sequence[View], *, vote: Call | None, unmerge: Call | None) -> Card:
    """Show one idea to one person, with all that is known."""
    buttons: list[AnyButton] = []
    if vote and view.idea.status in ALIVE:
        buttons.append(Button("👍 Vote", vote, Style.PRIMARY))
    if view.link:
        buttons.append(LinkButton("Open it", view.link))
    if unmerge:
        buttons.append(Button("Undo the merge", unmerge))
    lines: list[Words] = [written(view.idea.details)]
    if merged:
        lines.append(join([say("Merged into it:"), *(titled(other.idea, other.link) for other in merged)]))
    return Card(
        view.idea.title,
        join(lines, "\n\n"),
        fields=_facts(view),
        footer=footer_of(view.idea),
        tone=TONES.get(view.idea.status, Tone.NEUTRAL),
        buttons=tuple(buttons),
    )


def list_card(views: Sequence[View], by: str, total: int, choose: Call) -> Card:
    """Show ideas, one in a line, with a menu for other lists."""
    if views:
        lines = join(_line(view) for view in views)
    else:
        lines = say("There is nothing here. 🌿 “/idea add” starts the next one.")
    more = total - len(views)
    return Card(
        join([say("Ideas"), _list_name(by)], " · "),
        lines,
        footer=count(more, "{n} more", "{n} more") if more else "",
        menu=Menu("Show others", choose, tuple(Option(name, value) for value, name in LISTS.items())),
    )


def _list_name(by: str) -> Text:
    if by == "votes":
        return say("Most votes")
    return say("Newest") if by == "new" else status_of(Status(by))


def _line(view: View) -> Words:
    return say(
        "{mark} {votes} · {title}",
        mark=mark_of(view.idea.status),
        votes=count(view.votes, "{n} vote", "{n} votes"),
        title=titled(view.idea, view.link),
    )


def known_card(similar: Sequence[View], votes: Sequence[Call | None], post: Call, drop: Call) -> Card:
    """Show someone what is there already, before their idea is posted."""
    lines = [join([_line(view), status_of(view.idea.status)], " · ") for view in similar]
    buttons = [
        Button("👍 Vote for that one", call, Style.PRIMARY)
        if len(similar) == 1
        else Button(Verbatim(f"👍 #{view.idea.number}"), call, Style.PRIMARY)
        for view, call in zip(similar, votes, strict=True)
        if call
    ]
    return Card(
        say("Is it one of these?"),
        join([say("A vote for what is there counts more than the same idea twice:"), *lines]),
        footer=say("Nothing has been posted yet."),
        buttons=(*buttons, Button("Mine is another one", post), Button("Never mind", drop)),
    )


def posted_card(view: View) -> Card:
    """Tell the author that their idea is there."""
    lines = [say("Idea {name} is posted. You hear what becomes of it.", name=name_of(view.idea))]
    return Card(body=join(lines), tone=Tone.DONE, buttons=(LinkButton("Open it", view.link),) if view.link else ())


def later_card() -> Card:
    return Card(body=say("It is noted, and will be posted as soon as the platform lets me."), tone=Tone.WAITING)


def dropped_card() -> Card:
    return Card(body=say("All right, nothing was posted."))
