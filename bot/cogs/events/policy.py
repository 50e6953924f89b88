"""What settings say about events, and pure decisions: who may sign up and when, how long an offer lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from adapters.contract.commands import Role
from adapters.contract.text import say
from bot.text.hours import awake
from bot.text.when import read_duration
from storage.events import Event, EventState
from storage.members import Member

WEEK, DAY, HOUR, START = 7 * 24 * 60, 24 * 60, 60, 0
LEADS = (WEEK, 3 * DAY, DAY, 3 * HOUR, HOUR, 15, START)
"""How long before the start members can choose to be reminded, in minutes."""

CHECK_IN_BEFORE = timedelta(minutes=15)
"""How long before the start members can say that they are there."""
CHECK_IN_AFTER = timedelta(hours=1)
"""How long after the end they still can; then attendance is counted."""
DECIDED_BEFORE = timedelta(hours=2)
"""How long before its start an event without a host is called off, so that nobody comes in vain."""
LEAST_ANSWER = timedelta(minutes=15)
"""So long anyone has to answer an offer. When less is left, a free seat goes to whoever takes it."""


def read_leads(words: str) -> tuple[int, ...]:
    """Read "1 week, 1 day, 1 hour, start" into minutes, the longest first. Raises `ValueError` for anything else."""
    leads = set()
    for part in filter(None, (part.strip().lower() for part in words.split(","))):
        try:
            length = timedelta() if part == "start" else read_duration(part)
        except ValueError:
            problem = say("I don't understand “{part}”. Try “1 week, 1 day, 1 hour, start”.", part=words)
            raise ValueError(problem) from None
        leads.add(length // timedelta(minutes=1))
    return tuple(sorted(leads, reverse=True))


@dataclass(frozen=True, slots=True)
class Policy:
    """What settings say about events."""

    creators: Role
    """Who may plan events: members of this role or a higher one."""
    reminders: tuple[int, ...]
    """How long before the start members are reminded who chose nothing else, in minutes."""
    duration: timedelta
    offer: timedelta
    """How long someone on the waitlist has to take a free seat, at most."""
    ahead: int
    """How many occurrences of a series can be signed up for at a time."""
    a_day: int
    """How many events one person may post within a day."""


def decided_by(event: Event, left_at: datetime) -> datetime:
    """Return by when somebody has to host an event whose host left then; nobody does, and it is called off."""
    return max(left_at, event.starts_at - DECIDED_BEFORE)


def closes_at(event: Event) -> datetime:
    """Return when sign-up closes: so long before the start (or, below zero, after it) as its host said."""
    return event.starts_at - timedelta(minutes=event.closes_minutes)


def is_open(event: Event, now: datetime) -> bool:
    """Say whether members can sign up."""
    return event.state is EventState.PLANNED and now < closes_at(event)


def is_over(event: Event, now: datetime) -> bool:
    """Say whether nothing more is to happen."""
    return event.state is EventState.CANCELLED or now >= event.ends_at


def is_past(event: Event, now: datetime) -> bool:
    """Say whether nobody can say any more that they were there: until then its card stands as while it was on."""
    return event.state is EventState.CANCELLED or now >= event.ends_at + CHECK_IN_AFTER


def check_in_open(event: Event, now: datetime) -> bool:
    """Say whether members can say that they are there."""
    planned = event.state is EventState.PLANNED and event.settled_at is None
    return planned and event.starts_at - CHECK_IN_BEFORE <= now < event.ends_at + CHECK_IN_AFTER


def is_last_call(event: Event, now: datetime) -> bool:
    """Say whether there is no time left to ask the waitlist in turn."""
    return now >= last_call_at(event)


def last_call_at(event: Event) -> datetime:
    """Return when it is too late to ask the waitlist in turn."""
    return closes_at(event) - 2 * LEAST_ANSWER


def seats_left(event: Event, taken: int) -> int | None:
    """Return how many seats are free; None where there is no limit."""
    return None if event.capacity is None else max(0, event.capacity - taken)


def answer_by(event: Event, policy: Policy, member: Member, zone: ZoneInfo, now: datetime) -> datetime:
    """Return until when a seat is kept for a member: a while of waking time, but at most half of what is left.

    So others still have their turn before sign-up closes.
    """
    left = closes_at(event) - now
    return max(now + LEAST_ANSWER, min(awake(member, now, zone) + policy.offer, now + left / 2))
