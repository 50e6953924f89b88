"""What members are told unasked about an event, each at which moment, as a pure function of what is known of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from storage.events import Event, EventState
from storage.members import Member
from storage.reminders import HostMessage, ReminderChoice
from storage.signups import COMING, CONCERNED, TAKEN, Choice, Signup

from .calls import STAMP
from .policy import CHECK_IN_AFTER, LEADS, LEAST_ANSWER, Policy, closes_at, last_call_at, seats_left

GUESTS = "event_guests"
"""What is told to the guests of an event goes by, among tracked things."""
RECENT = timedelta(days=2)
"""What happened longer ago is not told any more."""
LATE_START = timedelta(minutes=15)
"""How long after the start "it starts now" is still true."""


class Kind(Enum):
    """What members are told. The value is how its keys begin."""

    REMINDER = "remind"
    OFFER = "offer"
    LAST_CALL = "last-call"
    MOVED = "moved"
    CANCELLED = "cancelled"
    MESSAGE = "message"
    WHO_CAME = "who-came"
    WORTH = "worth"


PROMISED = {Kind.REMINDER.value, Kind.MOVED.value, Kind.CANCELLED.value, Kind.MESSAGE.value}
"""What members rely on: the host hears of it where it could not be said in time."""
EXPECTED = {Kind.REMINDER, Kind.MOVED, Kind.CANCELLED, Kind.MESSAGE, Kind.OFFER, Kind.LAST_CALL}
"""What comes of having signed up."""
UNTIL_SETTLED = {Kind.REMINDER, Kind.MOVED}
"""What says something else once the event is over."""


def offer_key(signup: Signup) -> str:
    """Return by what the offer to somebody whose turn it is goes."""
    return f"{Kind.OFFER.value}/{signup.turn}"


@dataclass(frozen=True, slots=True)
class Notification:
    """One thing to tell one member: from `at` on, and not any more after `until`.

    Who sleeps hears of it when they wake, if that is by `wait`; else at once, because they want to know. `key` names it
    among all that is told about the event: it is told once. `message` is what the host wrote.
    """

    kind: Kind
    member: Member
    at: datetime
    until: datetime
    key: str
    message: HostMessage | None = None
    wait: datetime | None = None


def due_notifications(
    event: Event,
    signups: Sequence[Signup],
    people: Mapping[int, Member],
    chosen: Mapping[int, ReminderChoice],
    messages: Sequence[HostMessage],
    policy: Policy,
    cohosts: Sequence[Member] = (),
) -> Iterator[Notification]:
    """Return everything that anyone is to be told about an event, past and to come, each with its moment.

    `chosen` says who wants to be reminded how long before. Nobody is reminded of what nobody hosts any more.
    """
    planned, host = event.state is EventState.PLANNED, people.get(event.host_id or 0)
    hosted = not (host and host.left_at)
    seats = seats_left(event, sum(signup.choice in TAKEN for signup in signups))
    for signup in signups:
        member = people.get(signup.member_id)
        if member is None:
            continue
        if planned and hosted and signup.choice in COMING:
            yield from _reminders(event, signup, member, chosen.get(member.id), policy.reminders)
        if signup.choice in CONCERNED:
            yield from _changes(event, signup, member)
            yield from _messages(signup, member, messages)
        yield from _offers(signup, member)
        if planned and seats and signup.choice is Choice.WAITING:
            yield Notification(Kind.LAST_CALL, member, last_call_at(event), closes_at(event), Kind.LAST_CALL.value)
        if event.settled_at and signup.checked_in_at and member.id != event.host_id:
            until = event.settled_at + RECENT
            yield Notification(Kind.WORTH, member, event.settled_at, until, Kind.WORTH.value, wait=until)
    if host and planned and not event.settled_at and _nobody_checked_in(event, signups):
        until = event.ends_at + CHECK_IN_AFTER
        for one in (host, *cohosts):
            yield Notification(Kind.WHO_CAME, one, event.ends_at, until, Kind.WHO_CAME.value)


def turning_points(event: Event, policy: Policy) -> Iterator[datetime]:
    """Return the moments at which somebody may have to be told something, whoever signs up until then.

    Each reminder that can be chosen is among them: nobody who signs up or chooses brings a moment of their own.
    """
    if event.state is EventState.PLANNED and not event.settled_at:
        yield from (event.starts_at - timedelta(minutes=lead) for lead in {*LEADS, *policy.reminders})
        yield from (last_call_at(event), closes_at(event), event.ends_at)


def reminder_key(event: Event, lead: int) -> str:
    """Return what names a reminder: how long before it is, and the start that it speaks of."""
    return f"{Kind.REMINDER.value}/{lead}/{event.starts_at:{STAMP}}"


def moved_key(event: Event) -> str:
    """Return what names the word that an event has another time: when it was moved, from when, and to when."""
    moved_from = event.moved_from or event.starts_at
    return f"{Kind.MOVED.value}/{event.moved_at:%Y%m%dT%H%M%S}/{moved_from:{STAMP}}/{event.starts_at:{STAMP}}"


def _nobody_checked_in(event: Event, signups: Collection[Signup]) -> bool:
    """Say whether guests were to come, and no one said that any did."""
    guests = [signup for signup in signups if signup.choice in COMING and signup.member_id != event.host_id]
    return bool(guests) and not any(signup.checked_in_at for signup in signups)


def _reminders(
    event: Event,
    signup: Signup,
    member: Member,
    own: ReminderChoice | None,
    default: Collection[int],
) -> Iterator[Notification]:
    """Return a member's reminders: they can wait for the morning while they are of use, but not the one at the start.

    Each is of use until half of the time that it speaks of has gone by. Whoever signed up, learned of the new time or
    chose that reminder only after its moment is not reminded.
    """
    known = max(at for at in (signup.at, event.moved_at, own.at if own else None) if at)
    for lead in own.minutes if own else default:
        due = event.starts_at - timedelta(minutes=lead)
        if known >= due:
            continue
        useful = event.starts_at - timedelta(minutes=lead) / 2 if lead else event.starts_at + LATE_START
        wait = useful if lead else None
        yield Notification(Kind.REMINDER, member, due, useful, reminder_key(event, lead), wait=wait)


def _changes(event: Event, signup: Signup, member: Member) -> Iterator[Notification]:
    """Return what someone is told who had signed up before the event was moved or called off."""
    if at := event.cancelled_at:
        if signup.at <= at:
            until = max(at + RECENT, event.starts_at)
            yield Notification(Kind.CANCELLED, member, at, until, Kind.CANCELLED.value)
    elif (at := event.moved_at) and signup.at <= at:
        until = min(max(at + RECENT, event.starts_at), event.ends_at)
        yield Notification(Kind.MOVED, member, at, until, moved_key(event))


def _messages(signup: Signup, member: Member, messages: Sequence[HostMessage]) -> Iterator[Notification]:
    """Return what the host wrote since someone signed up."""
    for message in messages:
        if signup.at <= message.at and message.words and message.author_id != member.id:
            key = f"{Kind.MESSAGE.value}/{message.id}"
            yield Notification(Kind.MESSAGE, member, message.at, message.at + RECENT, key, message)


def _offers(signup: Signup, member: Member) -> Iterator[Notification]:
    """Return the offer of a seat: it can wait for the morning if that leaves enough time to answer."""
    if signup.choice is not Choice.OFFERED or signup.offered_at is None or signup.offered_until is None:
        return
    at, until, key = signup.offered_at, signup.offered_until, offer_key(signup)
    yield Notification(Kind.OFFER, member, at, until, key, wait=until - LEAST_ANSWER)
