"""What the author of a poll sees: how it will look, and what was made of it."""

from __future__ import annotations

from datetime import timedelta

from adapters.contract.call import Call
from adapters.contract.text import Text, Time, Words, count, join, say
from adapters.contract.ui import AnyButton, Button, Card, LinkButton, Style, Tone
from bot.text.when import spell

from .base import View, conditions, how, name_of, who_sees


def preview_card(view: View, *, post: Call, settings: Call, change: Call, drop: Call) -> Card:
    """Show the author a poll before anyone else sees it."""
    poll = view.poll
    options = [say("{mark} {option}", mark="•", option=view.label(place)) for place in range(len(view.options))]
    if view.rates_itself:
        options = []
    return Card(
        poll.question,
        join([join(options), join(terms(view))], "\n\n"),
        footer=say("Only you see this. Nothing has been posted yet."),
        tone=Tone.WAITING,
        buttons=(
            Button("Post it", post, Style.PRIMARY),
            Button("More settings", settings),
            Button("Change the words", change),
            Button("Never mind", drop),
        ),
    )


def terms(view: View) -> list[Words]:
    """Say how a poll is asked, a sentence in a line."""
    poll = view.poll
    by_hand = say("Open until it is asked again.") if poll.repeats else say("Open until you close it.")
    closes = say("Closes {when}.", when=Time(poll.closes_at)) if poll.closes_at else by_hand
    lines: list[Words] = [say("{how}.", how=how(view)), closes, who_sees(poll)]
    if needed := conditions(poll):
        lines.append(say("Passes if {conditions}.", conditions=needed))
    if poll.adding:
        lines.append(say("Members may add options."))
    if poll.repeats:
        lines.append(say("Asked again: {when}, by the community's clock.", when=poll.repeats))
    if poll.remind_minutes:
        before = spell(timedelta(minutes=poll.remind_minutes))
        lines.append(say("People are reminded {before} before it closes.", before=before))
    elif poll.remind_minutes == 0:
        lines.append(say("Nobody is reminded before it closes."))
    return lines


def posted_card(view: View, link: str | None, *, close: Call, stop: Call, change: Call) -> Card:
    """Tell the author that the poll is there, with what only they need."""
    poll = view.poll
    buttons: list[AnyButton] = [LinkButton("Open it", link)] if link else []
    buttons += [Button("Close it now", close), Button("Change the words", change)]
    if poll.repeats:
        buttons.append(Button("Stop repeating", stop))
    lines: list[Words] = [say("Poll {name} is posted.", name=name_of(poll))]
    if poll.repeats:
        lines.append(say("It is asked again: {when}, by the community's clock.", when=poll.repeats))
    return Card(body=join(lines), tone=Tone.DONE, buttons=tuple(buttons))


def dropped_card() -> Card:
    return Card(body=say("All right, nothing was posted."))


def changed_card() -> Card:
    return Card(body=say("The words are changed. Nobody had voted yet."), tone=Tone.DONE)


def stopped_card() -> Card:
    return Card(body=say("It is not asked again. The poll that is open now stays open."), tone=Tone.DONE)


def closed_card(view: View, stop: Call | None) -> Card:
    """Tell whoever closed a poll that it is."""
    closed = count(
        view.result.voters,
        "Poll {name} is closed. {n} person voted; the result is on its way to the channel.",
        "Poll {name} is closed. {n} people voted; the result is on its way to the channel.",
        name=name_of(view.poll),
    )
    lines = Text() + closed
    if stop:
        lines = join([lines, say("It is asked again: {when}.", when=view.poll.repeats)])
    return Card(body=lines, tone=Tone.DONE, buttons=(Button("Stop repeating", stop),) if stop else ())
