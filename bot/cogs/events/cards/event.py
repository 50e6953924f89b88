"""The event itself: in the channel, in lists, and what whoever signs up is told."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.contract.call import Call
from adapters.contract.text import Strong, Text, Time, Words, count, join, say, written
from adapters.contract.ui import AnyButton, Button, Card, CardField, Style, Tone
from storage.events import EventState
from storage.signups import Choice, Signup

from ..rules import closes_at, doors_open, is_open, is_over, places_left
from .base import View, names, repeats, when, where


def event_card(view: View, *, going: Call, maybe: Call, no: Call, here: Call, calendar: Call, tools: Call) -> Card:
    """Show an event to everyone, in whichever state it is."""
    event, now = view.event, view.now
    buttons: tuple[AnyButton, ...] = ()
    if is_open(event, now):
        buttons += (Button("Going", going, Style.PRIMARY), Button("Maybe", maybe), Button("Can't", no))
    if doors_open(event, now):
        buttons += (Button("I'm here", here, Style.NEUTRAL if buttons else Style.PRIMARY),)
    if not is_over(event, now):
        buttons += (Button("Add to calendar", calendar),)
    if event.state is EventState.PLANNED and event.settled_at is None:
        buttons += (Button("Host tools", tools),)
    cancelled = event.state is EventState.CANCELLED
    return Card(
        say("Cancelled: {title}", title=event.title) if cancelled else event.title,
        written(event.description),
        fields=tuple(_fields(view)),
        footer=f"#{event.number}",
        tone=_tone(view),
        buttons=buttons,
    )


def _tone(view: View) -> Tone:
    if view.event.state is EventState.CANCELLED:
        return Tone.NEUTRAL
    if is_over(view.event, view.now):
        return Tone.DONE
    return Tone.ACTIVE if view.event.starts_at <= view.now else Tone.WAITING


def _fields(view: View) -> list[CardField]:
    event = view.event
    fields = [CardField("When", when(event)), CardField("Host", view.host)]
    if event.place:
        fields.insert(1, CardField("Where", where(event.place)))
    if event.rule:
        fields.append(CardField("Repeats", repeats(event.rule)))
    if event.state is EventState.CANCELLED:
        return fields
    if is_over(event, view.now):
        came = view.came
        return [*fields, CardField("Who came", names(came) if came else say("Nobody has said so yet"))]
    if terms := _terms(view):
        fields.append(CardField("Sign-up", terms))
    fields.append(CardField("Going", _going(view)))
    if maybe := view.who(Choice.MAYBE):
        fields.append(CardField("Maybe", names(maybe)))
    if waiting := view.who(Choice.OFFERED, Choice.WAITING):
        fields.append(CardField("Waitlist", names(waiting)))
    return fields


def _terms(view: View) -> Text:
    """Say how many can still sign up, who may, and until when."""
    event, left = view.event, places_left(view.event, view.signups)
    parts: list[Words] = []
    if left is not None and is_open(event, view.now):
        parts.append(count(left, "{n} place left", "{n} places left") if left else say("full, with a waitlist"))
    if event.audience:
        parts.append(say("for {who}", who=event.audience))
    if event.closes_minutes:
        parts.append(say("until {moment}", moment=Time(closes_at(event))))
    return join(parts, " · ")


def _going(view: View) -> Text:
    going, capacity = view.who(Choice.GOING), view.event.capacity
    if not going:
        return say("Nobody yet")
    people = count(len(going), "{n} person", "{n} people")
    how_many = people if capacity is None else say("{n} of {capacity}", n=len(going), capacity=capacity)
    return say("{how_many}: {names}", how_many=how_many, names=names(going))


def signed_up_card(view: View, mine: Signup, calendar: Call, no: Call) -> Card:
    """Tell someone what became of what they said."""
    event = view.event
    add = Button("Add to calendar", calendar)
    facts: dict[str, Words | int] = {"title": Strong(event.title), "when": Time(event.starts_at)}
    match mine.choice:
        case Choice.GOING:
            words = say("You are in. See you at {title}, {when}.", **facts)
            return Card(body=words, tone=Tone.DONE, buttons=(add, Button("Can't", no)))
        case Choice.MAYBE:
            words = say("Maybe it is. I will remind you of {title}, {when}.", **facts)
            return Card(body=words, buttons=(add,))
        case Choice.WAITING:
            queue = [signup.member_id for signup in view.signups if signup.choice is Choice.WAITING]
            turn = queue.index(mine.member_id) + 1 if mine.member_id in queue else len(queue)
            words = say(
                "{title} is full. You are number {turn} on the waitlist; when a place is free for you, I tell you.",
                title=Strong(event.title),
                turn=turn,
            )
            return Card(body=words, tone=Tone.WAITING, buttons=(Button("Leave the waitlist", no),))
    return Card(body=say("Thank you for telling. You are not on the list of {title}.", title=Strong(event.title)))


def here_card(view: View) -> Card:
    return Card(body=say("Good that you are here! Enjoy {title}.", title=Strong(view.event.title)), tone=Tone.DONE)


def list_card(views: Sequence[View], mine: dict[int, Choice]) -> Card:
    """List what is coming up."""
    if not views:
        return Card(say("Events"), say("Nothing is planned yet. “/event create” plans something."))
    lines = [_line(view, mine.get(view.event.id)) for view in views]
    return Card(say("Coming up"), join(lines, "\n\n"), footer=say("“/event show” and a number shows more."))


def _line(view: View, mine: Choice | None) -> Text:
    event = view.event
    left = places_left(event, view.signups)
    room: Words = ""
    if left is not None:
        room = count(left, "{n} place left", "{n} places left") if left else say("full")
    state: dict[Choice | None, Words] = {
        Choice.GOING: say("you are going"),
        Choice.MAYBE: say("you may come"),
        Choice.WAITING: say("you are on the waitlist"),
        Choice.OFFERED: say("a place is kept for you"),
    }
    first = say("#{number} {title}", number=event.number or 0, title=Strong(event.title))
    coming = count(len(view.who(Choice.GOING)), "{n} going", "{n} going")
    facts: list[Words] = [Time(event.starts_at), coming, room, state.get(mine, "")]
    return join([first, join(facts, " · ")])
