"""Moments and durations in people's words, read in their own time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import dateparser

_DURATION = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>[a-z]+)", re.IGNORECASE)
_UNITS = {
    "m": 1,
    "min": 1,
    "minute": 1,
    "h": 60,
    "hr": 60,
    "hour": 60,
    "d": 1440,
    "day": 1440,
    "w": 10080,
    "week": 10080,
}
_LONGEST = timedelta(days=366 * 5)


def read_moment(words: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Read "tomorrow 18:00", "next Thursday 6pm", "in 2 days" or ISO, as said at `now` in `zone`; return UTC.

    A date without a time of day means its start. Raises `ValueError` with a sentence for the person who typed it,
    also for what is more than five years away. A time that the clocks skip in spring is read as the hour after; one
    that comes twice in autumn is the first of them.
    """
    words = re.sub(r"^(until|till|by|on|at)\s+", "", words.strip(), flags=re.IGNORECASE)
    local = now.astimezone(zone).replace(tzinfo=None)
    read = _parse(words, local)
    if read is None:
        raise ValueError("I could not read that as a time. Try “tomorrow 18:00”, “in 2 days” or “2026-12-24 18:00”.")
    far = ValueError("That is too far away: a time within five years, please.")
    try:
        moment = (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise far from None
    if abs(moment - now) > _LONGEST:
        raise far
    return moment


def _parse(words: str, local: datetime) -> datetime | None:
    try:
        return datetime.fromisoformat(words)
    except ValueError:
        pass
    # A bare number would be read as a day of some month: nobody means that.
    if len(words) > 80 or re.fullmatch(r"[\d\s.,-]*", words):
        return None
    settings: Any = {"RELATIVE_BASE": local, "PREFER_DATES_FROM": "future", "RETURN_AS_TIMEZONE_AWARE": False}
    try:
        return dateparser.parse(words, languages=["en"], settings=settings)
    except (OverflowError, ValueError, RecursionError):
        return None


def read_duration(words: str) -> timedelta:
    """Read "90 minutes", "1h 30m" or "2 days". Raises `ValueError` with a sentence for the person who typed it."""
    minutes = 0.0
    rest = words.strip().lower()
    if rest.isdigit():
        rest += " minutes"
    for match in _DURATION.finditer(rest):
        unit = match["unit"].rstrip("s") or "s"
        if unit not in _UNITS:
            minutes = 0.0
            break
        minutes += float(match["number"].replace(",", ".")) * _UNITS[unit]
    left = _DURATION.sub("", rest).replace("and", "").strip(" ,")
    if left or not 0 < minutes <= _LONGEST.total_seconds() / 60:
        raise ValueError("I could not read that as a length of time. Try “90 minutes”, “2 hours” or “3 days”.")
    return timedelta(minutes=minutes)


def spell(length: timedelta) -> str:
    """Say a length of time in its one largest unit: "45 minutes", "3 hours", "2 days"."""
    minutes = max(1, round(length.total_seconds() / 60))
    for unit, size in (("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes >= size:
            number = round(minutes / size)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    raise AssertionError(length)
