"""What members are told unasked, and what that becomes: reminders, offers, changes, what hosts write, how it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.contract.text import Strong, Text, Time, Words, count, join, say, written
from adapters.contract.ui import AnyButton, Button, Card, CardField, LinkButton, Style, Tone
from bot.delivery.addressing import mention
from bot.kernel.reasons import because
from storage.events import Event, EventState
from storage.members import Member
from storage.signups import Choice

from . import calls
from .cards import lead_words, where
from .notifications import Kind, Notification


def message_of(notification: Notification, event: Event, host: Member | None, now: datetime, link: str | None) -> Card:
    """Return what a member reads. `link` is where the event's card stands."""
    show = (LinkButton("Show the event", link),) if link else ()
    match notification.kind:
        case Kind.REMINDER:
            return reminder_card(event, int(notification.key.split("/")[1]), now, show)
        case Kind.OFFER:
            return offer_card(event, notification.until, show)
        case Kind.LAST_CALL:
            return last_call_card(event, show)
        case Kind.MOVED:
            return moved_card(event, show)
        case Kind.CANCELLED:
            return cancelled_card(event, show)
        case Kind.MESSAGE:
            return message_card(event, host, notification.message.words if notification.message else "", show)
        case Kind.WHO_CAME:
            return who_came_card(event)
        case Kind.WORTH:
            return worth_card(event)


def reminder_card(event: Event, lead: int, now: datetime, show: Sequence[AnyButton]) -> Card:
    """Remind of an event that is coming up, or starts now; `lead` minutes before, so that no two read the same."""
    fields = (CardField("Where", where(event.place)),) if event.place else ()
    if event.starts_at <= now:
        words = say("{title} starts now.", title=Strong(event.title))
        return Card(body=words, fields=fields, tone=Tone.ACTIVE, buttons=tuple(show))
    words = say("{title} starts {when}.", title=Strong(event.title), when=Time(event.starts_at))
    buttons = (*show, _cannot(event))
    return Card(body=words, fields=fields, footer=_which_reminder(lead), tone=Tone.WAITING, buttons=buttons)


def _which_reminder(lead: int) -> Text:
    return say("Reminder, {lead}", lead=lead_words(lead))


def _cannot(event: Event) -> Button:
    return Button("Can't any more", calls.answer(event.id, Choice.NO.value))


def offer_card(event: Event, until: datetime, show: Sequence[AnyButton]) -> Card:
    """Offer a freed seat to the next on the waitlist."""
    words = say(
        "A place at {title}, {when}, is free, and it's yours if you want it. I keep it for you until {until}.",
        title=Strong(event.title),
        when=Time(event.starts_at),
        until=Time(until),
    )
    take, decline = calls.answer(event.id, Choice.GOING.value), calls.answer(event.id, Choice.NO.value)
    buttons = (Button("Take the place", take, Style.PRIMARY), Button("No, thanks", decline), *show)
    return Card(body=words, tone=Tone.URGENT, buttons=buttons)


def last_call_card(event: Event, show: Sequence[AnyButton]) -> Card:
    """Tell everyone who waits that a seat is free, when there is no time left to ask one after the other."""
    words = say(
        "A place at {title} is free, and it starts {when}. The first to take it gets it.",
        title=Strong(event.title),
        when=Time(event.starts_at),
    )
    take = Button("Take the place", calls.answer(event.id, Choice.GOING.value), Style.PRIMARY)
    return Card(body=words, tone=Tone.URGENT, buttons=(take, *show))


def moved_card(event: Event, show: Sequence[AnyButton]) -> Card:
    """Tell those who signed up that an event has another time."""
    words = say(
        "{title} has moved from {old} to {new}. You keep your place.",
        title=Strong(event.title),
        old=Time(event.moved_from or event.starts_at),
        new=Time(event.starts_at),
    )
    return Card(body=words, tone=Tone.URGENT, buttons=(*show, _cannot(event)))


def cancelled_card(event: Event, show: Sequence[AnyButton]) -> Card:
    """Tell those who signed up that an event is called off."""
    words = say("{title}, {when}, is cancelled.", title=Strong(event.title), when=Time(event.starts_at))
    return Card(body=join([words, because(event.cancelled_because)]), tone=Tone.URGENT, buttons=tuple(show))


def message_card(event: Event, host: Member | None, words: str, show: Sequence[AnyButton]) -> Card:
    """Bring what the host writes to those who signed up."""
    by = mention(host) if host else say("someone who is gone")
    head = say("{host} writes about {title}:", host=by, title=Strong(event.title))
    return Card(body=join([head, written(words)], "\n\n"), tone=Tone.ACTIVE, buttons=tuple(show))


def who_came_card(event: Event) -> Card:
    """Ask the host who came, when nobody said so."""
    words = say("{title} is over. Who came? Nobody has checked in yet.", title=Strong(event.title))
    check_in = Button("Check people in", calls.check_in_page(event.id), Style.PRIMARY)
    return Card(body=words, tone=Tone.WAITING, buttons=(check_in,))


def worth_card(event: Event) -> Card:
    """Ask someone who was there how it was: one tap."""
    yes, so, no = (calls.rate(event.id, worth) for worth in (3, 2, 1))
    return Card(
        body=say("Was {title} worth it?", title=Strong(event.title)),
        footer=say("The host only sees how many said what, and not before three have."),
        buttons=(Button("Yes", yes, Style.PRIMARY), Button("So-so", so), Button("No", no)),
    )


def missed_card(event: Event, missed: Mapping[str, int]) -> Card:
    """Tell the host what could not be said in time, and to how many: by the keys of what it was."""
    lines: list[Words] = [say("Not everybody who signed up for {title} could be told:", title=Strong(event.title))]
    lines += [_missed(key, missed[key]) for key in sorted(missed, key=in_order)]
    tools = Button("Host tools", calls.tools(event.id))
    return Card(body=join(lines), tone=Tone.URGENT, buttons=(tools,))


def in_order(key: str) -> tuple[int, str]:
    """Return what things that are told sort by: reminders first, in the order in which they come."""
    what, *facts = key.split("/")
    return (-int(facts[0]) if what == Kind.REMINDER.value else 1, key)


def _missed(key: str, number: int) -> Text:
    what, *facts = key.split("/")
    people = count(number, "{n} person", "{n} people")
    match Kind(what):
        case Kind.REMINDER:
            lead = lead_words(int(facts[0]))
            return say("The reminder {lead} didn't reach {people} in time.", lead=lead, people=people)
        case Kind.MOVED:
            return say("That it has a new time didn't reach {people}.", people=people)
        case Kind.CANCELLED:
            return say("That it's cancelled didn't reach {people}.", people=people)
    return say("What you wrote didn't reach {people}.", people=people)


# What they become


def over_card(event: Event, key: str, people: Sequence[Member], came: int, *, lapsed: bool) -> Card | None:
    """Return what a message that names people becomes when it asks for nothing any more: it still says what it said.

    `came` is how many were checked in. An offer has `lapsed` that nobody answered in time.
    """
    what, *facts = key.split("/")
    title = Strong(event.title)
    names = join((mention(one) for one in people), " ")
    match Kind(what):
        case Kind.REMINDER:
            return _past_reminder(event, int(facts[0]), facts[1], names)
        case Kind.MOVED if len(facts) == 3:
            old, new = (Time(calls.read_stamp(stamp)) for stamp in facts[1:])
            words = say("{title} moved from {old} to {new}.", title=title, old=old, new=new)
            return Card(body=join([words, names]))
        case Kind.LAST_CALL:
            words = say("A place at {title} was free for the first to take it. Sign-up is closed.", title=title)
            return Card(body=join([words, names]))
        case Kind.WHO_CAME:
            counted = say("{title} is over. Who came is noted.", title=title)
            words = counted if came else say("{title} is over. Nobody was checked in.", title=title)
            return Card(body=join([words, names]))
        case Kind.OFFER if lapsed:
            words = say(
                "The time to take this place at {title} is over, so others can have it. Do you still want to come? "
                "Say so on its card.",
                title=title,
            )
            return Card(body=join([words, names]))
        case Kind.OFFER:
            return Card(body=say("This place at {title} is taken care of.", title=title))
    return None


def _past_reminder(event: Event, lead: int, stamp: str, names: Text) -> Card:
    facts: dict[str, Words | int] = {"title": Strong(event.title), "when": Time(calls.read_stamp(stamp))}
    if stamp != f"{event.starts_at:{calls.STAMP}}":
        words = say("{title} was planned for {when} then, and has another time now.", **facts)
    elif event.state is EventState.CANCELLED:
        words = say("{title} was planned for {when}, and is cancelled.", **facts)
    else:
        words = say("{title} was {when}.", **facts)
    return Card(body=join([words, names]), footer=_which_reminder(lead))
