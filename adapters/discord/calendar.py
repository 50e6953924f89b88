"""Discord's own calendar of a server: its scheduled events."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

from adapters.contract.adapter import AdapterError, Gone, Unusable
from adapters.contract.models import CalendarEntry, Space
from adapters.contract.text import clip, text

from . import limits, markup
from .limits import Code
from .rest import Refused, Rest

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

_ELSEWHERE, _GUILD_ONLY = 3, 2
_TRIES = 3
_ALL = "/guilds/{guild_id}/scheduled-events"
_ONE = "/guilds/{guild_id}/scheduled-events/{event_id}"


async def put(
    rest: Rest, me: str, space: Space, entry: CalendarEntry, known: str | None, fallback: str, *, new: bool
) -> str:
    """Write a meeting, over the one of the id `known`; return its id. `fallback` is its place where none is named."""
    wanted = draw(entry, space, fallback)
    try:
        if known:
            try:
                await rest.ask("PATCH", _ONE, wanted, guild_id=space.id, event_id=known)
                return known
            except Gone as gone:
                log.info("the meeting %s is no longer in the calendar, so it is put there again: %s", known, gone)
        return await _create(rest, me, space, wanted, new=new)
    except Refused as refusal:
        raise Unusable(
            _MEND.get(refusal.code, f"Discord did not take the meeting “{entry.title}”: {refusal}")
        ) from refusal


_MEND: dict[int, str] = {
    Code.NO_PERMISSION: "Trellis may not write into the calendar of the server. In Server Settings, Roles, Trellis, "
    "allow “Create Events”.",
    Code.EVENTS_FULL: "The server has 100 events that are planned or under way, and Discord takes no more.",
}


async def drop(rest: Rest, space: Space, known: str) -> None:
    """Take a meeting away."""
    try:
        await rest.ask("DELETE", _ONE, guild_id=space.id, event_id=known)
    except Gone:
        return
    except Refused as refusal:
        raise Unusable(
            _MEND.get(refusal.code, f"Discord did not take the meeting {known} away: {refusal}")
        ) from refusal


def draw(entry: CalendarEntry, space: Space, fallback: str) -> JSON:
    """Draw a meeting. Discord asks where and until when for all that is not in a voice channel."""
    drawn = partial(markup.markdown, here=markup.Here(space))
    place = markup.seen(entry.place).strip() or fallback
    below = f"\n\n{entry.link}" if entry.link else ""
    return {
        "name": clip(" ".join(markup.seen(entry.title).split()), limits.EVENT_NAME),
        "description": (markup.fit(text(entry.description), limits.EVENT_TEXT - len(below), drawn) + below).strip(),
        "scheduled_start_time": entry.starts.isoformat(),
        "scheduled_end_time": entry.ends.isoformat(),
        "privacy_level": _GUILD_ONLY,
        "entity_type": _ELSEWHERE,
        "entity_metadata": {"location": clip(place, limits.EVENT_PLACE)},
    }


async def _create(rest: Rest, me: str, space: Space, wanted: JSON, *, new: bool) -> str:
    """Create an event. Discord knows no nonce here, so one that may be there is looked for before each attempt.

    It may be what it was before it changed: what was written first may not have been noted yet.
    """
    for left in reversed(range(_TRIES)):
        is_first = left == _TRIES - 1
        there = [] if new and is_first else await rest.ask("GET", _ALL, guild_id=space.id)
        for event in there:
            if event.get("creator_id") == me and _face(event) == _face(wanted):
                if _rest(event) != _rest(wanted):
                    await rest.ask("PATCH", _ONE, wanted, guild_id=space.id, event_id=event["id"])
                return str(event["id"])
        try:
            made = await rest.ask_once("POST", _ALL, wanted, guild_id=space.id)
        except (Refused, Gone):
            raise
        except AdapterError as lost:
            if not left:
                raise
            log.info("%s, looking whether it was created", lost)
            await asyncio.sleep((_TRIES - left) / 2)
        else:
            return str(made["id"])
    raise AssertionError("unreachable")


def _face(event: JSON) -> tuple[Any, ...]:
    """Return what tells one event from another."""
    return event["name"], _moment(event["scheduled_start_time"]), (event.get("entity_metadata") or {}).get("location")


def _rest(event: JSON) -> tuple[Any, ...]:
    """Return what else is said of an event."""
    return event.get("description") or "", _moment(event["scheduled_end_time"])


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told)
