"""What the cards of this room share: an event as it is shown, and how its times, people and rules are said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.contract.text import Link, Strong, Text, Time, Words, count, join, listing, say, written
from adapters.contract.ui import AnyButton, Button, Card, CardField, LinkButton, Style, Tone
from bot.delivery.addressing import mention, named
from bot.kernel.reasons import because
from bot.text.repeats import Rule, repeat_words
from storage.events import Event, EventState
from storage.members import GONE, Member
from storage.signups import TAKEN, WAITLIST, Choice
from storage.turnout import Tally

from . import calls
from .policy import check_in_open, closes_at, decided_by, is_open, is_past, seats_left

NAMES = 8
"""How many people a card names."""


@dataclass(frozen=True, slots=True)
class View:
    """An event as its cards show it at a moment: how many said what, and who the first few of them are."""

    event: Event
    now: datetime
    host: Member | None = None
    tally: Tally = field(default_factory=Tally)
    going: tuple[Member, ...] = ()
    maybe: tuple[Member, ...] = ()
    waitlist: tuple[Member, ...] = ()
    came: tuple[Member, ...] = ()
    cohosts: tuple[Member, ...] = ()

    @property
    def hosts_words(self) -> Words:
        """Name the host, and those who host it too and are still there."""
        others = [mention(one) for one in self.cohosts if not one.left_at and one.name != GONE]
        return say("{host}, with {others}", host=self.host_words, others=listing(others)) if others else self.host_words

    @property
    def host_words(self) -> Words:
        if self.host is None:
            return say("someone who is gone")
        if self.host.left_at and self.host.name != GONE:
            return say("{host}, who has left", host=named(self.host))
        return mention(self.host)

    @property
    def seats_left(self) -> int | None:
        return seats_left(self.event, self.tally.of(*TAKEN))


def names(people: Sequence[Member], number: int) -> Text:
    """Name the first few of so many people, and say how many more they are."""
    shown = join(map(mention, people[:NAMES]), ", ")
    rest = number - len(people[:NAMES])
    return say("{names} and {more}", names=shown, more=count(rest, "{n} more", "{n} more")) if rest > 0 else shown


def attendance(view: View) -> list[CardField]:
    """Return the fields that say who goes, may come, and waits, where anybody does."""
    going, maybe = view.tally.of(Choice.GOING), view.tally.of(Choice.MAYBE)
    waiting = view.tally.of(*WAITLIST)
    fields = [CardField("Going", names(view.going, going))] if going else []
    fields += [CardField("Maybe", names(view.maybe, maybe))] if maybe else []
    return fields + ([CardField("Waitlist", names(view.waitlist, waiting))] if waiting else [])


def when(event: Event) -> Text:
    """Say when an event is, and how long."""
    return say("{start} · {length}", start=Time(event.starts_at), length=span(event.ends_at - event.starts_at))


def span(length: timedelta) -> Text:
    """Say a length of time: "45 minutes", "1 hour 30 minutes", "2 days"."""
    minutes = max(1, round(length.total_seconds() / 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [
        count(days, "{n} day", "{n} days") if days else "",
        count(hours, "{n} hour", "{n} hours") if hours else "",
        count(minutes, "{n} minute", "{n} minutes") if minutes else "",
    ]
    return join(parts, " ")


def lead_words(minutes: int) -> Text:
    """Say how long before the start a reminder is."""
    if minutes <= 0:
        return say("at the start")
    if minutes % 10080 == 0:
        return count(minutes // 10080, "{n} week before", "{n} weeks before")
    return say("{length} before", length=span(timedelta(minutes=minutes)))


def where(place: str) -> Words:
    """Show a place; a web address as a link."""
    return Link(place, place) if place.startswith(("https://", "http://")) and " " not in place else place


def event_card(view: View) -> Card:
    """Show an event to everyone, in whichever state it is."""
    event, now, id_ = view.event, view.now, view.event.id
    buttons: tuple[AnyButton, ...] = ()
    if is_open(event, now):
        going, maybe, no = (calls.answer(id_, choice.value) for choice in (Choice.GOING, Choice.MAYBE, Choice.NO))
        buttons += (Button("Going", going, Style.PRIMARY), Button("Maybe", maybe), Button("Can't", no))
    if check_in_open(event, now):
        buttons += (Button("I'm here", calls.here(id_), Style.NEUTRAL if buttons else Style.PRIMARY),)
    if not is_past(event, now):
        buttons += (Button("Add to calendar", calls.add_to_calendar(id_)),)
    if event.state is EventState.PLANNED and event.settled_at is None:
        buttons += (Button("Host tools", calls.tools(id_)),)
    cancelled = event.state is EventState.CANCELLED
    return Card(
        say("Cancelled: {title}", title=event.title) if cancelled else event.title,
        join([because(event.cancelled_because), written(event.description)], "\n\n"),
        fields=tuple(_fields(view)),
        footer=f"#{event.number}",
        tone=_tone(view),
        buttons=buttons,
        emoji="📅",
    )


def _tone(view: View) -> Tone:
    if view.event.state is EventState.CANCELLED:
        return Tone.NEUTRAL
    if is_past(view.event, view.now):
        return Tone.DONE
    return Tone.ACTIVE if view.event.starts_at <= view.now else Tone.WAITING


def _fields(view: View) -> list[CardField]:
    event = view.event
    fields = [CardField("When", when(event)), CardField("Host", view.hosts_words)]
    if event.place:
        fields.insert(1, CardField("Where", where(event.place)))
    if event.rule:
        fields.append(CardField("Repeats", repeat_words(Rule.of(event.rule))))
    if event.state is EventState.CANCELLED:
        return fields
    if is_past(event, view.now):
        came = names(view.came, view.tally.came) if view.tally.came else say("Nobody has said so yet")
        return [*fields, CardField("Who came", came)]
    if terms := _terms(view):
        fields.append(CardField("Sign-up", terms))
    others = [field for field in attendance(view) if field.name != "Going"]
    return [*fields, CardField("Going", _going(view)), *others]


def _terms(view: View) -> Text:
    """Say how many can still sign up, who may, and until when."""
    event, left = view.event, view.seats_left
    parts: list[Words] = []
    if left is not None and is_open(event, view.now):
        parts.append(count(left, "{n} place left", "{n} places left") if left else say("full, with a waitlist"))
    if event.audience:
        parts.append(say("for {who}", who=event.audience))
    if event.closes_minutes:
        parts.append(say("until {moment}", moment=Time(closes_at(event))))
    return join(parts, " · ")


def _going(view: View) -> Text:
    going, capacity = view.tally.of(Choice.GOING), view.event.capacity
    if not going:
        return say("Nobody yet")
    people = count(going, "{n} person", "{n} people")
    how_many = people if capacity is None or going > capacity else say("{n} of {capacity}", n=going, capacity=capacity)
    return say("{how_many}: {names}", how_many=how_many, names=names(view.going, going))


def host_left_card(view: View, host: Member, left_at: datetime, link: str | None) -> Card:
    """Ask moderators who takes an event over."""
    event = view.event
    buttons: tuple[AnyButton, ...] = (
        Button("I'll host it", calls.take_over(event.id), Style.PRIMARY),
        Button("Cancel it", calls.ask_cancel(event.id), Style.DANGER),
    )
    return Card(
        say("An event has no host any more"),
        say(
            "{host} has left. Who hosts {title}, {when}? Nobody is reminded of it meanwhile. Unless somebody takes it "
            "over before {deadline}, I call it off and tell everyone who signed up.",
            host=named(host),
            title=Strong(event.title),
            when=Time(event.starts_at),
            deadline=Time(decided_by(event, left_at)),
        ),
        tone=Tone.URGENT,
        buttons=(*buttons, LinkButton("Open it", link)) if link else buttons,
    )


def hosted_again_card(view: View) -> Card:
    """Say to moderators what became of an event that had no host."""
    title = Strong(view.event.title)
    if view.event.state is EventState.CANCELLED:
        return Card(body=say("{title}, which had no host any more, is cancelled.", title=title))
    if view.host is None or view.host.left_at:
        return Card(body=say("It's over."))
    return Card(body=say("{title} has a host again: {host}.", title=title, host=view.host_words))


def unseen_card(event: Event) -> Card:
    """Tell the host that nobody could sign up."""
    words = say(
        "{title} has begun, and I couldn't post it before: I wasn't let into its channel. Nobody saw it there.",
        title=Strong(event.title),
    )
    return Card(body=words, tone=Tone.WAITING)
