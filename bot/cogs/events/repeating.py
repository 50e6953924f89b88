"""How an event repeats: members' words, or a rule of RFC 5545, become a rule, and that moments on the wall clock.

A rule is evaluated on the wall clock of the event's zone, so that six in the evening stays six in the evening all year
round. A time that the clocks skip in spring is an hour later that day; one that comes twice in autumn is the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from adapters.contract.text import ENGLISH, Translations, say
from bot.kernel.errors import UserError
from bot.text import repeats
from bot.text.repeats import DAYS, Rule

WALL = "%Y-%m-%dT%H:%M"
"""How a time on the wall clock is stored."""

_ALLOWED = {
    "DAILY": {"INTERVAL"},
    "WEEKLY": {"INTERVAL", "BYDAY"},
    "MONTHLY": {"INTERVAL", "BYDAY", "BYMONTHDAY"},
    "YEARLY": {"INTERVAL"},
}
"""Which parts a rule may have, besides its end. Such a rule always has a next occurrence, so that nobody can make
Trellis search for one that never comes."""
_VALUE = {
    "FREQ": re.compile("|".join(_ALLOWED)),
    "INTERVAL": re.compile(r"[1-9]\d?"),
    "COUNT": re.compile(r"[1-9]\d{0,2}"),
    "UNTIL": re.compile(r"[12]\d{7}(?:T\d{6}Z?)?"),
    "BYMONTHDAY": re.compile(r"-1|[1-9]|[12]\d|3[01]|(?:[1-9]|1\d|2[0-8])(?:,(?:[1-9]|1\d|2[0-8]))*(?:,-1)?"),
    "BYDAY": re.compile(rf"(?:{'|'.join(DAYS)})(?:,(?:{'|'.join(DAYS)}))*"),
}
_NTH_CODE = re.compile(rf"(?:-1|[1-4])(?:{'|'.join(DAYS)})")


def read_repeat(
    words: str, first: datetime, now: datetime, zone: ZoneInfo, translations: Translations = ENGLISH
) -> str:
    """Read "weekly", "jeden zweiten Dienstag" or "FREQ=WEEKLY;BYDAY=TU,TH" into a rule.

    `first` is the wall clock of the first occurrence. Raises `UserError` for what is no such rule.
    """
    typed = " ".join(words.split())
    if "FREQ=" in typed.upper():
        rule = _normal(typed.upper().removeprefix("RRULE:").replace(" ", ""), zone)
    else:
        try:
            rule = str(repeats.read_repeat(typed, first, now, zone, translations))
        except ValueError as wrong:
            raise UserError(wrong.args[0]) from None
    if next(walls(rule, first), None) is None:
        raise UserError(say("That ends before it begins. When should it stop repeating?"))
    return rule


def _normal(rule: str, zone: ZoneInfo) -> str:
    """Check a rule as calendars write it; its end is on the wall clock from then on."""
    named = [part.partition("=") for part in rule.rstrip(";").split(";")]
    parts = {name: value for name, _, value in named}
    allowed = _ALLOWED.get(parts.get("FREQ", ""), set()) | {"FREQ", "COUNT", "UNTIL"}
    nth = parts.get("FREQ") == "MONTHLY" and _NTH_CODE.fullmatch(parts.get("BYDAY", ""))
    for name, value in parts.items():
        good = name in allowed and _VALUE[name].fullmatch(value)
        if not (good or (name == "BYDAY" and nth)):
            raise UserError(repeats.unreadable())
    if len(parts.keys() & {"COUNT", "UNTIL"}) > 1 or len(parts.keys() & {"BYDAY", "BYMONTHDAY"}) > 1:
        raise UserError(repeats.unreadable())
    try:
        if (until := parts.get("UNTIL", "")).endswith("Z"):
            end = datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(zone)
            parts["UNTIL"] = f"{end:%Y%m%dT%H%M%S}"
        elif until:
            datetime.strptime(until[:8], "%Y%m%d").replace(tzinfo=zone)
            parts["UNTIL"] = until if "T" in until else f"{until}T235959"
    except (ValueError, OverflowError):
        raise UserError(repeats.unreadable()) from None
    return ";".join(f"{name}={value}" for name, value in parts.items())


def walls(rule: str, first: datetime, after: datetime | None = None) -> Iterator[datetime]:
    """Return when the rule has occurrences on the wall clock, from `first` on or after a moment."""
    return Rule.of(rule).occurrences(first, after)


def moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment at which the wall clock of a zone shows this, in UTC."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    """Return what the wall clock of a zone shows at a moment, to the minute."""
    return at.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)


def read_wall(stored: str) -> datetime:
    """Read what `WALL` wrote."""
    return datetime.strptime(stored, WALL)  # noqa: DTZ007 - a wall clock has no zone


SHOWN_BEFORE = timedelta(days=7)
"""How long before it an occurrence appears in the channel, except the first, which appears at once."""


def shows_at(starts_at: datetime, now: datetime) -> datetime:
    """Return when an occurrence appears in the channel that was made or moved now."""
    return max(now, starts_at - SHOWN_BEFORE)


def to_make(
    rule: str, first: str, made_until: str, zone: ZoneInfo, now: datetime, wanted: int
) -> list[tuple[str, datetime]]:
    """Return the next occurrences that shall become events, at most `wanted`: when the rule has each, and the moment.

    What went by while Trellis was down is left out.
    """
    found: list[tuple[str, datetime]] = []
    for at in walls(rule, read_wall(first), read_wall(made_until)):
        if len(found) >= wanted or at.year > now.year + 10:
            break
        starts = moment(at, zone)
        if starts > now:
            found.append((at.strftime(WALL), starts))
    return found
