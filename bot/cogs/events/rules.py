"""Decisions about events, as pure functions: who may sign up, how long an offer lasts, who is told what and when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from adapters.contract.commands import Role
from bot.text.hours import awake
from bot.text.when import read_duration
from storage.events import Event, EventState
from storage.members import Member
from storage.reminders import HostMessage
from storage.signups import COMING, CONCERNED, TAKEN, Choice, Signup

WEEK, DAY, HOUR, START = 7 * 24 * 60, 24 * 60, 60, 0
LEADS = (WEEK, 3 * DAY, DAY, 3 * HOUR, HOUR, 15, START)
"""How long before the start members can choose to be reminded, in minutes."""

DOORS = timedelta(minutes=15)
"""How long before the start members can say that they are there."""
AFTERWARDS = timedelta(hours=1)
"""How long after the end they still can; then attendance is counted."""
LEAST_ANSWER = timedelta(minutes=15)
"""So long anyone has to answer an offer. When less is left, a free place goes to whoever takes it."""
RECENT = timedelta(days=2)
"""What happened longer ago is not told any more."""
LATE_START = timedelta(minutes=15)
"""How long after the start "it starts now" is still true."""


def read_leads(words: str) -> tuple[int, ...]:
    """Read "1 week, 1 day, 1 hour, start" into minutes, the longest first. Raises `ValueError` for anything else."""
    leads = set()
    for part in filter(None, (part.strip().lower() for part in words.split(","))):
        try:
            length = timedelta() if part == "start" else read_duration(part)
        except ValueError:
            raise ValueError(f"not reminders: {words!r}; write “1 week, 1 day, 1 hour, start”") from None
        leads.add(length // timedelta(minutes=1))
    return tuple(sorted(leads, reverse=True))


@dataclass(frozen=True, slots=True)
class Policy:
    """What settings say about events. The defaults are those of the settings."""

    creators: Role = Role.MEMBER
    """Who may plan events: members of this role or a higher one."""
    reminders: tuple[int, ...] = (WEEK, DAY, HOUR, START)
    """How long before the start members are reminded who chose nothing else, in minutes."""
    duration: timedelta = timedelta(hours=1)
    offer: timedelta = timedelta(hours=12)
    """How long someone on the waitlist has to take a free place, at most."""
    ahead: int = 3
    """How many occurrences of a series can be signed up for at a time."""


def closes_at(event: Event) -> datetime:
    """Return when sign-up closes: so long before the start (or, below zero, after it) as its host said."""
    return event.starts_at - timedelta(minutes=event.closes_minutes)


def is_open(event: Event, now: datetime) -> bool:
    """Say whether members can sign up."""
    return event.state is EventState.PLANNED and now < closes_at(event)


def is_over(event: Event, now: datetime) -> bool:
    """Say whether nothing more is to happen."""
    return event.state is EventState.CANCELLED or now >= event.ends_at


def doors_open(event: Event, now: datetime) -> bool:
    """Say whether members can say that they are there."""
    planned = event.state is EventState.PLANNED and event.settled_at is None
    return planned and event.starts_at - DOORS <= now < event.ends_at + AFTERWARDS


def is_last_call(event: Event, now: datetime) -> bool:
    """Say whether there is no time left to ask the waitlist in turn."""
    return now >= last_call_at(event)


def last_call_at(event: Event) -> datetime:
    """Return when it is too late to ask the waitlist in turn."""
    return closes_at(event) - 2 * LEAST_ANSWER


def places_left(event: Event, signups: Iterable[Signup]) -> int | None:
    """Return how many places are free; None where there is no limit."""
    if event.capacity is None:
        return None
    return max(0, event.capacity - sum(signup.choice in TAKEN for signup in signups))


def answer_by(event: Event, policy: Policy, member: Member, zone: ZoneInfo, now: datetime) -> datetime:
    """Return until when a place is kept for a member: a while of waking time, but at most half of what is left.

    So others still have their turn before sign-up closes.
    """
    left = closes_at(event) - now
    return max(now + LEAST_ANSWER, min(awake(member, now, zone) + policy.offer, now + left / 2))


class What(Enum):
    """What members are told."""

    REMINDER = "remind"
    OFFER = "offer"
    LAST_CALL = "last-call"
    MOVED = "moved"
    CANCELLED = "cancelled"
    MESSAGE = "message"
    DOOR = "door"
    WORTH = "worth"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one member: from `at` on, and not any more after `until`.

    `key` names it among all that is told about the event: it is told once. `lead` is a reminder's, in minutes;
    `message` what the host wrote.
    """

    what: What
    member: Member
    at: datetime
    until: datetime
    key: str
    lead: int = 0
    message: HostMessage | None = None


def notices(
    event: Event,
    signups: Sequence[Signup],
    people: Mapping[int, Member],
    chosen: Mapping[int, Collection[int]],
    messages: Sequence[HostMessage],
    policy: Policy,
    home: ZoneInfo,
) -> Iterator[Notice]:
    """Return everything that anyone is to be told about an event, past and to come, each with its moment.

    `chosen` says who wants to be reminded how long before, `home` is the zone of who named none.
    """
    for signup in signups:
        member = people.get(signup.member_id)
        if member is None or member.left_at:
            continue
        zone = ZoneInfo(member.timezone) if member.timezone else home
        if event.state is EventState.PLANNED and signup.choice in COMING:
            leads = chosen.get(member.id, policy.reminders)
            yield from (_reminder(event, member, zone, lead) for lead in leads if _wanted(event, signup, lead))
        yield from _changes(event, signup, member)
        yield from _offers(signup, member, zone)
        if signup.choice is Choice.WAITING and event.state is EventState.PLANNED and places_left(event, signups):
            yield Notice(What.LAST_CALL, member, last_call_at(event), closes_at(event), "last-call")
        for message in messages:
            knew = signup.choice in CONCERNED and signup.at <= message.at
            if knew and message.words and message.author_id != member.id:
                key = f"message/{message.id}"
                yield Notice(What.MESSAGE, member, message.at, message.at + RECENT, key, message=message)
        if event.settled_at and signup.checked_in_at and member.id != event.host_id:
            at = awake(member, event.settled_at, zone)
            yield Notice(What.WORTH, member, at, event.settled_at + RECENT, "worth")

    host = people.get(event.host_id or 0)
    if host and event.state is EventState.PLANNED and not event.settled_at and _nobody_checked_in(event, signups):
        yield Notice(What.DOOR, host, event.ends_at, event.ends_at + AFTERWARDS, "door")


def _nobody_checked_in(event: Event, signups: Sequence[Signup]) -> bool:
    """Say whether guests were to come, and no one said that any did."""
    guests = [signup for signup in signups if signup.choice in COMING and signup.member_id != event.host_id]
    return bool(guests) and not any(signup.checked_in_at for signup in signups)


def _wanted(event: Event, signup: Signup, lead: int) -> bool:
    """Say whether a reminder was still to come when the member signed up, or was told the new time."""
    known = max(signup.at, event.moved_at or signup.at)
    return known < event.starts_at - timedelta(minutes=lead)


def _reminder(event: Event, member: Member, zone: ZoneInfo, lead: int) -> Notice:
    """Return a reminder: after quiet hours if it is still of use then, else at its moment.

    It is of use until half of the time that it speaks of has gone by.
    """
    due = event.starts_at - timedelta(minutes=lead)
    useful = event.starts_at - timedelta(minutes=lead) / 2 if lead else event.starts_at + LATE_START
    waking = awake(member, due, zone)
    at = waking if waking <= useful and lead else due
    return Notice(What.REMINDER, member, at, useful, f"remind/{lead}/{event.starts_at:%Y%m%dT%H%M}", lead)


def _changes(event: Event, signup: Signup, member: Member) -> Iterator[Notice]:
    """Return what someone is told who had signed up before the event was moved or called off."""
    if signup.choice not in CONCERNED:
        return
    if event.cancelled_at:
        if signup.at <= event.cancelled_at:
            at = event.cancelled_at
            yield Notice(What.CANCELLED, member, at, max(at + RECENT, event.starts_at), "cancelled")
    elif event.moved_at and signup.at <= event.moved_at:
        key = f"moved/{event.moved_at:%Y%m%dT%H%M%S}"
        yield Notice(What.MOVED, member, event.moved_at, max(event.moved_at + RECENT, event.starts_at), key)


def _offers(signup: Signup, member: Member, zone: ZoneInfo) -> Iterator[Notice]:
    """Return the offer of a place: when the member is awake, if that leaves enough time to answer."""
    if signup.choice is not Choice.OFFERED or signup.offered_at is None or signup.offered_until is None:
        return
    waking = awake(member, signup.offered_at, zone)
    at = waking if waking + LEAST_ANSWER <= signup.offered_until else signup.offered_at
    yield Notice(What.OFFER, member, at, signup.offered_until, f"offer/{signup.turn}")


def moments(event: Event, signups: Sequence[Signup], pending: Iterable[Notice]) -> Iterator[datetime]:
    """Return every moment at which something about an event changes by itself."""
    if event.state is EventState.PLANNED:
        if event.shows_at:
            yield event.shows_at
        yield from (event.starts_at - DOORS, event.starts_at, last_call_at(event), closes_at(event), event.ends_at)
        if event.settled_at is None:
            yield event.ends_at + AFTERWARDS
        yield from (signup.offered_until for signup in signups if signup.offered_until)
    yield from (notice.at for notice in pending)
