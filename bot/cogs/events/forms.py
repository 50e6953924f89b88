"""What hosts are asked, and what their answers mean for an event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.models import Space
from adapters.contract.text import say
from bot.delivery.addressing import account_in
from bot.kernel.context import Context
from bot.kernel.errors import FormError, UserError
from bot.kernel.forms import Form, ask
from bot.text.repeats import says_never
from bot.text.when import When, no_time
from storage.events import Event
from storage.members import Member

from .repeating import moment, read_repeat, wall, walls

LARGEST = 100_000
"""How many places an event may have."""

_TITLE = ask("What is it?", longest=100)
_WHEN = ask("When does it start?", hint="For example: next thursday 18:00. Your own time.")
_DURATION = ask("How long?", hint="For example: 90 minutes", required=False)
_PLACE = ask("Where?", hint="A place or a link", longest=200, required=False)
_DESCRIPTION = ask("What should people know?", longest=2000, lines=5, rich=True, required=False)
_CAPACITY = ask("How many places?", hint="Empty: as many as come", required=False)
_REPEAT = ask("How does it repeat?", hint="For example: weekly, every 2 weeks until 31 December", required=False)
_WHO = ask("Who may come?", hint="Roles or groups. Empty: everyone", longest=100, required=False)
_CLOSES = ask("Sign-up closes how long before?", hint="For example: 2 hours. Empty: at the start", required=False)
_HOSTS = ask("Who hosts it with you?", hint="They can change and cancel it, too.", required=False)


class BasicsForm(Form, title="Plan an event", submit="Preview"):
    """What an event is, and when."""

    title: str = _TITLE
    when: When = _WHEN
    duration: timedelta | None = _DURATION
    place: str = _PLACE
    description: str = _DESCRIPTION


class MoreForm(Form, title="Places and repeats", submit="Preview"):
    """For whom an event is, and how it repeats."""

    capacity: int | None = _CAPACITY
    repeat: str = _REPEAT
    who: tuple[str, ...] = _WHO
    closes: timedelta | None = _CLOSES
    hosts: tuple[Member, ...] = _HOSTS


class EventForm(Form, title="Plan an event", submit="Preview"):
    """All that can be said of a new event, as a command's options."""

    title: str = _TITLE
    when: When = _WHEN
    duration: timedelta | None = _DURATION
    place: str = _PLACE
    description: str = _DESCRIPTION
    capacity: int | None = _CAPACITY
    repeat: str = _REPEAT
    who: tuple[str, ...] = _WHO
    closes: timedelta | None = _CLOSES
    hosts: tuple[Member, ...] = _HOSTS


class TermsForm(Form, title="Places and sign-up", submit="Save"):
    """For whom a posted event is."""

    capacity: int | None = _CAPACITY
    who: tuple[str, ...] = _WHO
    closes: timedelta | None = _CLOSES
    hosts: tuple[Member, ...] = _HOSTS


class WhichForm(Form, title="Which event?", submit="Go on"):
    """The event that is meant."""

    event: int = ask(
        "Its number or title", hint="“/event list” shows both.", suggest=lambda cog, asked: cog.events.suggested(asked)
    )


def require_future(at: datetime, now: datetime) -> None:
    """Raise `FormError` for a start that has passed."""
    if at <= now:
        raise FormError(when=say("That's in the past. When does it start?"))


def basics(form: BasicsForm | EventForm, now: datetime, zone: ZoneInfo, length: timedelta) -> dict[str, Any]:
    starts_at, ends_at = span_of(form, now, zone, length)
    require_future(starts_at, now)
    said = {"title": form.title, "description": form.description, "place": form.place}
    return said | {"starts_at": starts_at, "ends_at": ends_at}


def span_of(
    form: BasicsForm | EventForm, now: datetime, zone: ZoneInfo, length: timedelta
) -> tuple[datetime, datetime]:
    """Return when an event begins and ends, to the minute; it takes `length` where nothing else is said.

    Raises `FormError` where there is no time of day, or an end and a length that do not agree.
    """
    if form.when.lacks_time(now):
        raise FormError(when=no_time(form.when.at.astimezone(zone).date()))
    starts_at = form.when.at.replace(second=0, microsecond=0)
    ends_at = form.when.ends.replace(second=0, microsecond=0) if form.when.ends else None
    if ends_at and form.duration and ends_at != starts_at + form.duration:
        raise FormError(duration=say("That isn't how long it is from start to end. Leave one of them out."))
    return starts_at, ends_at or starts_at + (form.duration or length)


def terms(form: EventForm | MoreForm | TermsForm) -> dict[str, Any]:
    if form.capacity is not None and not 0 < form.capacity <= LARGEST:
        raise FormError(capacity=say("At least 1, please, or nothing for no limit."))
    closes = (form.closes or timedelta()) // timedelta(minutes=1)
    return {"capacity": form.capacity, "audience": ", ".join(form.who), "closes_minutes": closes}


def require_open(starts_at: datetime, closes_minutes: int, now: datetime, *, field: str = "closes") -> None:
    """Raise `FormError` about a field if sign-up for something new were closed already."""
    if starts_at - timedelta(minutes=closes_minutes) <= now:
        raise FormError(**{field: say("Then sign-up would be closed already. It has to close later than now.")})


def repeat(
    typed: str, ctx: Context, starts_at: datetime, ends_at: datetime, zone: ZoneInfo, *, field: str = "repeat"
) -> dict[str, Any]:
    """Read how it repeats; its first occurrence is the first that the rule has from the start on.

    Raises `FormError` about a field.
    """
    if not typed or says_never(typed, ctx.translations):
        return {"rule": ""}
    start = wall(starts_at, zone)
    try:
        rule = read_repeat(typed, start, ctx.now, zone, ctx.translations)
    except UserError as wrong:
        raise FormError(**{field: wrong.words}) from None
    first = moment(next(walls(rule, start)), zone)
    return {"rule": rule, "starts_at": first, "ends_at": first + (ends_at - starts_at)}


def typed_basics(event: Event, zone: ZoneInfo) -> dict[str, str]:
    """Return what an event says, as its host would type it; its time as a stamp, for whoever has a calendar to pick."""
    minutes = (event.ends_at - event.starts_at) // timedelta(minutes=1)
    return {
        "title": event.title,
        "when": event.starts_at.astimezone(zone).isoformat(),
        "duration": f"{minutes} minutes",
        "place": event.place,
        "description": event.description,
    }


def typed_terms(event: Event, cohosts: Sequence[Member], space: Space) -> dict[str, str]:
    """Return for whom an event is and who hosts it too, as its host would type it in a space."""
    accounts = [account_in(member, space) for member in cohosts]
    return {
        "hosts": ", ".join(
            account.key if account else f"@{member.name}" for account, member in zip(accounts, cohosts, strict=True)
        ),
        "capacity": str(event.capacity or ""),
        "who": event.audience,
        "closes": f"{event.closes_minutes} minutes" if event.closes_minutes else "",
    }
