"""What members are told unasked: reminders, offers, changes, what the host writes, and how it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters.contract.call import Call
from adapters.contract.text import Strong, Time, join, say, written
from adapters.contract.ui import AnyButton, Button, Card, CardField, LinkButton, Style, Tone
from bot.delivery.chat import mention
from storage.members import Member

from .base import View, where


def _show(view: View) -> tuple[AnyButton, ...]:
    return (LinkButton("Show the event", view.link),) if view.link else ()


def reminder_card(view: View, no: Call) -> Card:
    """Remind of an event that is coming up, or starts now."""
    event = view.event
    fields = (CardField("Where", where(event.place)),) if event.place else ()
    if event.starts_at <= view.now:
        words = say("{title} starts now.", title=Strong(event.title))
        return Card(body=words, fields=fields, tone=Tone.ACTIVE, buttons=_show(view))
    words = say("{title} starts {when}.", title=Strong(event.title), when=Time(event.starts_at))
    return Card(body=words, fields=fields, tone=Tone.WAITING, buttons=(*_show(view), Button("Can't any more", no)))


def offer_card(view: View, until: Time, accept: Call, decline: Call) -> Card:
    """Offer a freed place to the next on the waitlist."""
    words = say(
        "A place at {title}, {when}, is free, and it is yours if you want it. I keep it for you until {until}.",
        title=Strong(view.event.title),
        when=Time(view.event.starts_at),
        until=until,
    )
    buttons = (Button("Take the place", accept, Style.PRIMARY), Button("No, thanks", decline), *_show(view))
    return Card(say("A place for you"), words, tone=Tone.URGENT, buttons=buttons)


def offer_over_card(view: View) -> Card:
    """What an offer becomes when it was answered, or was not in time."""
    return Card(body=say("This place at {title} is taken care of.", title=Strong(view.event.title)))


def last_call_card(view: View, going: Call) -> Card:
    """Tell everyone who waits that a place is free, when there is no time left to ask one after the other."""
    words = say(
        "A place at {title} is free, and it starts {when}. Whoever takes it first has it.",
        title=Strong(view.event.title),
        when=Time(view.event.starts_at),
    )
    return Card(body=words, tone=Tone.URGENT, buttons=(Button("Take the place", going, Style.PRIMARY), *_show(view)))


def moved_card(view: View, no: Call) -> Card:
    """Tell those who signed up that an event has another time."""
    event = view.event
    words = say(
        "{title} has moved from {old} to {new}. You keep your place.",
        title=Strong(event.title),
        old=Time(event.moved_from or event.starts_at),
        new=Time(event.starts_at),
    )
    buttons = (*_show(view), Button("Can't any more", no))
    return Card(say("A new time"), words, tone=Tone.URGENT, buttons=buttons)


def cancelled_card(view: View) -> Card:
    """Tell those who signed up that an event is called off."""
    words = say("{title}, {when}, is cancelled.", title=Strong(view.event.title), when=Time(view.event.starts_at))
    return Card(say("Cancelled"), words, tone=Tone.URGENT, buttons=_show(view))


def message_card(view: View, words: str) -> Card:
    """Bring what the host writes to those who signed up."""
    head = say("{host} writes about {title}:", host=view.host, title=Strong(view.event.title))
    return Card(body=join([head, written(words)], "\n\n"), tone=Tone.ACTIVE, buttons=_show(view))


def worth_card(view: View, rate: Callable[[int], Call]) -> Card:
    """Ask someone who was there how it was: one tap."""
    words = say("Was {title} worth it?", title=Strong(view.event.title))
    buttons = (Button("Yes", rate(3), Style.PRIMARY), Button("So-so", rate(2)), Button("No", rate(1)))
    footer = say("The host only sees how many said what, and not before three have.")
    return Card(body=words, footer=footer, buttons=buttons)


def rated_card() -> Card:
    return Card(body=say("Thank you! That helps to make the next one better."), tone=Tone.DONE)


def past_card(view: View, people: Sequence[Member]) -> Card:
    """What a reminder or a question to the host becomes when the event is over."""
    words = say("{title} was {when}.", title=Strong(view.event.title), when=Time(view.event.starts_at))
    return Card(body=join([join(map(mention, people), " "), words]))


def who_came_card(view: View, check_in: Call) -> Card:
    """Ask the host who came, when nobody said so."""
    words = say("{title} is over. Who came? Nobody has checked in yet.", title=Strong(view.event.title))
    return Card(body=words, tone=Tone.WAITING, buttons=(Button("Check people in", check_in, Style.PRIMARY),))
