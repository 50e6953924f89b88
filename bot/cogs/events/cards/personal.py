"""What is a member's own: their calendar, their reminders, their part of the personal page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.contract.call import Call
from adapters.contract.text import Strong, Time, Words, join, listing, say
from adapters.contract.ui import AnyButton, Button, Card, CardField, File, LinkButton, Menu, Option
from bot.kernel.page import PagePart
from storage.events import Event
from storage.signups import Choice

from .base import lead_words

LEAD_OPTIONS = (
    Option("A week before", "10080"),
    Option("3 days before", "4320"),
    Option("A day before", "1440"),
    Option("3 hours before", "180"),
    Option("An hour before", "60"),
    Option("15 minutes before", "15"),
    Option("At the start", "0"),
)


def calendar_card(event: Event, file: File, event_url: str, feed_url: str, renew: Call) -> Card:
    """Give someone the event's file and, where Trellis can be reached, the addresses for their calendar."""
    opened = say("Open the file, and {title} stands in your calendar.", title=Strong(event.title))
    if not feed_url:
        missing = say("A calendar of your own needs an address: an admin can set TRELLIS_WEB_URL.")
        return Card(say("Your calendar"), join([opened, missing], "\n\n"), files=(file,))
    buttons = (LinkButton("This event", event_url), *_feed_buttons(feed_url, renew))
    return Card(say("Your calendar"), join([opened, _feed(feed_url)], "\n\n"), buttons=buttons, files=(file,))


def feed_card(feed_url: str, renew: Call, *, renewed: bool = False) -> Card:
    """Show someone the address of their own calendar."""
    new = say("Here is your new address. The old one shows nothing any more.") if renewed else ""
    return Card(say("Your calendar"), join([new, _feed(feed_url)], "\n\n"), buttons=_feed_buttons(feed_url, renew))


def _feed(url: str) -> Words:
    lines = [
        say("Subscribe once, and everything you sign up for is there and stays right:\n{url}", url=url),
        say("Some programs want it like this:\n{url}", url="webcal://" + url.partition("://")[2]),
        say("Whoever has this address can see where you go. You can have a new one at any time."),
    ]
    return join(lines, "\n\n")


def _feed_buttons(url: str, renew: Call) -> tuple[AnyButton, ...]:
    return LinkButton("My calendar", url), Button("New address", renew)


def reminders_card(leads: Sequence[int], *, own: bool, choose: Call, none: Call, usual: Call) -> Card:
    """Show how someone is reminded, with what changes it."""
    said = listing([lead_words(lead) for lead in sorted(leads, reverse=True)]) if leads else say("never")
    note = say("You have chosen this.") if own else say("This is what everyone gets who chose nothing else.")
    buttons: tuple[Button, ...] = (Button("No reminders", none),) if leads else ()
    if own:
        buttons += (Button("As everyone", usual),)
    return Card(
        say("Reminders"),
        join([say("You are reminded of what you sign up for {when}.", when=said), note]),
        menu=Menu("Remind me …", choose, LEAD_OPTIONS, most=len(LEAD_OPTIONS)),
        buttons=buttons,
    )


def page_part(
    coming: Sequence[Event], mine: Mapping[int, Choice], *, reminders: Call, calendar: Call | None
) -> PagePart:
    """Say what someone signed up for."""
    buttons: tuple[Button, ...] = (Button("Reminders", reminders),)
    if calendar:
        buttons += (Button("My calendar", calendar),)
    lines = [_line(event, mine[event.id]) for event in coming]
    value = join(lines) if lines else say("Nothing yet. “/event list” shows what is coming up.")
    return PagePart(40, CardField("Events", value), buttons=buttons)


def _line(event: Event, choice: Choice) -> Words:
    facts: dict[str, Words | int] = {
        "number": event.number or 0,
        "title": event.title,
        "when": Time(event.starts_at),
    }
    match choice:
        case Choice.MAYBE:
            return say("#{number} {title}, {when}: maybe", **facts)
        case Choice.WAITING:
            return say("#{number} {title}, {when}: on the waitlist", **facts)
        case Choice.OFFERED:
            return say("#{number} {title}, {when}: a place is kept for you", **facts)
    return say("#{number} {title}, {when}", **facts)
