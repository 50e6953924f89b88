"""Events as calendar programs read them (RFC 5545). Pure.

Every event is an entry of its own, an occurrence of a series too: each has its own sign-ups. A program knows it again
by its UID, and which word is the newer by its SEQUENCE.

Times are in UTC, which every program shows on its user's clock. With a zone, a file has to carry the zone's rules, of
which many programs read only a part; and an hour that the clocks show twice could not be told from the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from storage.events import Event, EventState
from storage.signups import Choice

if TYPE_CHECKING:
    from icalendar import Event as Entry

REFRESH = timedelta(hours=1)
"""How often programs are asked to look for changes."""
TYPE = "text/calendar; charset=utf-8"


def calendar_of(entries: Sequence[tuple[Event, Choice | None]], name: str) -> bytes:
    """Return events as a calendar file; with what its reader said of each, if anything."""
    from icalendar import Calendar  # it takes long to read, and few ask for calendars

    name = " ".join(name.split())
    calendar = Calendar()
    calendar.add("prodid", "-//Trellis//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", f"PT{REFRESH // timedelta(minutes=1)}M")
    for event, choice in entries:
        calendar.add_component(_entry(event, choice))
    return bytes(calendar.to_ical())


def _entry(event: Event, choice: Choice | None) -> Entry:
    from icalendar import Event as Made

    entry = Made()
    entry.add("uid", f"{event.uid}@trellis")
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", event.changed_at)
    entry.add("created", event.created_at)
    entry.add("last-modified", event.changed_at)
    entry.add("dtstart", event.starts_at.astimezone(UTC))
    entry.add("dtend", event.ends_at.astimezone(UTC))
    entry.add("summary", " ".join(event.title.split()))
    if event.description:
        entry.add("description", event.description)
    if event.place:
        entry.add("location", event.place)
    if event.place.startswith(("https://", "http://")) and " " not in event.place:
        entry.add("url", event.place)
    called_off = event.state is EventState.CANCELLED
    certain = choice not in (Choice.MAYBE, Choice.WAITING, Choice.OFFERED)
    entry.add("status", "CANCELLED" if called_off else "CONFIRMED" if certain else "TENTATIVE")
    entry.add("transp", "TRANSPARENT" if called_off or not certain else "OPAQUE")
    return entry
