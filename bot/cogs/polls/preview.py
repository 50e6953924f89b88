"""What the author of a poll sees: how it will look, and what was made of it."""

from __future__ import annotations

from datetime import timedelta

from adapters.contract.text import Time, Translations, Words, join, say
from adapters.contract.ui import AnyButton, Button, Card, LinkButton, Style, Tone
from bot.text.when import spell
from storage.polls import Poll

from . import calls
from .cards import View, conditions, how, name_of, who_sees
from .policy import is_final
from .repeating import often


def preview_card(view: View, elsewhere: Words = "") -> Card:
    """Show the author a poll before anyone else sees it; `elsewhere` names the channel it goes to if not here."""
    poll = view.poll
    options = [say("{mark} {option}", mark="•", option=view.label(place)) for place in range(len(view.options))]
    if view.rates_itself:
        options = []
    where = [say("It goes to {channel}.", channel=elsewhere)] if elsewhere else []
    return Card(
        poll.question,
        join([join(options), join([*terms(view), *where])], "\n\n"),
        footer=say("Only you see this. Nothing has been posted yet."),
        tone=Tone.WAITING,
        buttons=(
            Button("Post it", calls.post(poll.id), Style.PRIMARY),
            Button("More settings", calls.settings(poll.id)),
            Button("Change the words", calls.change(poll.id)),
            Button("Never mind", calls.drop(poll.id)),
        ),
    )


def terms(view: View) -> list[Words]:
    """Say how a poll is asked, a sentence in a line."""
    poll = view.poll
    by_hand = say("Open until it's asked again.") if poll.repeats else say("Open until you close it.")
    if is_final(poll) and not poll.repeats:
        by_hand = say("Open until you close it. That's final: what was secret can't be made secret again.")
    closes = say("Closes {when}.", when=Time(poll.closes_at)) if poll.closes_at else by_hand
    lines: list[Words] = [say("{how}.", how=how(view)), closes, who_sees(poll)]
    if needed := conditions(poll):
        lines.append(say("Passes if {conditions}.", conditions=needed))
    if poll.adding:
        lines.append(say("Members may add options."))
    if poll.repeats:
        lines.append(say("Asked again: {when}, by the community's clock.", when=often(poll.repeats)))
    if poll.remind_minutes:
        before = spell(timedelta(minutes=poll.remind_minutes))
        lines.append(say("People are reminded {before} before it closes.", before=before))
    elif poll.remind_minutes == 0:
        lines.append(say("Nobody is reminded before it closes."))
    return lines


def posted_card(poll: Poll, link: str | None) -> Card:
    """Tell the author that the poll is there, with what only they need."""
    buttons: list[AnyButton] = [LinkButton("Open it", link)] if link else []
    buttons += [Button("Close it now", calls.close(poll.id)), Button("Change the words", calls.change(poll.id))]
    if poll.repeats:
        buttons.append(Button("Stop repeating", calls.stop(poll.id)))
    lines: list[Words] = [say("Poll {name} is posted.", name=name_of(poll))]
    if poll.repeats:
        lines.append(say("It's asked again: {when}, by the community's clock.", when=often(poll.repeats)))
    return Card(body=join(lines), tone=Tone.DONE, buttons=tuple(buttons))


def later_card() -> Card:
    return Card(body=say("It's noted, and will be posted as soon as the platform lets me."), tone=Tone.WAITING)


def refused_card(poll_id: int) -> Card:
    """Tell the author that the poll can stand nowhere yet."""
    words = say("I couldn't post it here. Let me into this channel, and press “Post it” once more.")
    buttons = (Button("Post it", calls.post(poll_id), Style.PRIMARY), Button("Close it now", calls.close(poll_id)))
    return Card(body=words, tone=Tone.URGENT, buttons=buttons)


def dropped_card() -> Card:
    return Card(body=say("All right, nothing was posted."))


def changed_card() -> Card:
    return Card(body=say("The words are changed. Nobody had voted yet."), tone=Tone.DONE)


def length_in_words(minutes: int | None, translations: Translations) -> str:
    """Return a length as one would type it."""
    if minutes is None:
        return ""
    return spell(timedelta(minutes=minutes)).localized(translations).plain() if minutes else "0"
