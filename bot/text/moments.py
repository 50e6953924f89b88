"""Moments and durations in people's words, read in their own time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import dateparser

from adapters.contract.text import ENGLISH, Text, Tongue, count, label, say

_DURATION = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>[^\W\d_]+)")
_UNITS = {
    # Translators: what a minute may be called, with any number, apart by spaces
    label("m min mins minute minutes"): 1,
    # Translators: what an hour may be called, with any number, apart by spaces
    label("h hr hrs hour hours"): 60,
    # Translators: what a day may be called, with any number, apart by spaces
    label("d day days"): 1440,
    # Translators: what a week may be called, with any number, apart by spaces
    label("w week weeks"): 10080,
}
"""What a unit may be called, and its minutes."""
# Translators: as in “1 hour and 5 minutes”; several words apart by spaces
_AND = label("and")
# Translators: as in “friday at 9”; several words apart by spaces
_AT = label("at around")
# Translators: as in “friday, 9 o'clock”; several words apart by spaces
_O_CLOCK = label("o'clock")
# Translators: words that may stand before a time, as in “until tomorrow 18:00”, apart by spaces
_BEFORE = label("until till by on at")
_LONGEST = timedelta(days=366 * 5)


def read_moment(words: str, now: datetime, zone: ZoneInfo, tongue: Tongue = ENGLISH) -> datetime:
    """Read "tomorrow 18:00", "next Thursday 6pm", "in 2 days" or ISO, as said at `now` in `zone`; return UTC.

    It may be in English or in the language of whoever typed it. A date without a time of day means its start. Raises
    `ValueError` with a sentence for that person, also for what is more than five years away. A time that the clocks
    skip in spring is read as the hour after; one that comes twice in autumn is the first of them.
    """
    local = now.astimezone(zone).replace(tzinfo=None)
    read = _parse(_plain(words, tongue), local, tongue)
    if read is None:
        raise ValueError(
            say("I could not read that as a time. Try “tomorrow 18:00”, “in 2 days” or “2026-12-24 18:00”.")
        )
    far = ValueError(say("That is too far away: a time within five years, please."))
    try:
        moment = (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise far from None
    if abs(moment - now) > _LONGEST:
        raise far
    return moment


def called(words: str, tongue: Tongue) -> list[str]:
    """Return the words that say something, in English and in a language."""
    return f"{words} {tongue.gettext(words)}".split()


def _plain(words: str, tongue: Tongue) -> str:
    """Return a moment as dateparser reads it: "until friday at 9" is "friday 9:00", for it would take 9 for a day."""
    before, at, clock = ("|".join(map(re.escape, called(names, tongue))) for names in (_BEFORE, _AT, _O_CLOCK))
    words = re.sub(rf"(\d:\d\d)\s*({clock})\b", r"\1", words.strip(), flags=re.IGNORECASE)
    words = re.sub(rf"(\b({at})\s+)?\b([01]?\d|2[0-3])\s*({clock})\b", r"\3:00", words, flags=re.IGNORECASE)
    words = re.sub(rf"\b({at})\s+([01]?\d|2[0-3])$", r"\2:00", words, flags=re.IGNORECASE)
    return re.sub(rf"^(({before})\s+)+", "", words, flags=re.IGNORECASE)


def _parse(words: str, local: datetime, tongue: Tongue) -> datetime | None:
    try:
        return datetime.fromisoformat(words)
    except ValueError:
        pass
    # A bare number would be read as a day of some month: nobody means that.
    if len(words) > 80 or re.fullmatch(r"[\d\s.,-]*", words):
        return None
    settings: Any = {"RELATIVE_BASE": local, "PREFER_DATES_FROM": "future", "RETURN_AS_TIMEZONE_AWARE": False}
    # One language after the other: together, the commoner one's order of day and month would count.
    for language in dict.fromkeys((tongue.info().get("language", "en").partition("_")[0], "en")):
        try:
            read = dateparser.parse(words, languages=[language], settings=settings)
        except (OverflowError, ValueError, RecursionError):
            continue
        if read:
            return read
    return None


def read_duration(words: str, tongue: Tongue = ENGLISH) -> timedelta:
    """Read "90 minutes", "1h 30m" or "2 days", in English or in the language of whoever typed it.

    Raises `ValueError` with a sentence for that person.
    """
    units = {word.lower(): size for words_, size in _UNITS.items() for word in called(words_, tongue)}
    minutes = 0.0
    rest = words.strip().lower()
    if rest.isdigit():
        rest += " minutes"
    for match in _DURATION.finditer(rest):
        if match["unit"] not in units:
            minutes = 0.0
            break
        minutes += float(match["number"].replace(",", ".")) * units[match["unit"]]
    left = [word for word in _DURATION.sub("", rest).replace(",", " ").split() if word not in called(_AND, tongue)]
    if left or not 0 < minutes <= _LONGEST.total_seconds() / 60:
        raise ValueError(say("I could not read that as a length of time. Try “90 minutes”, “2 hours” or “3 days”."))
    return timedelta(minutes=minutes)


def spell(length: timedelta) -> Text:
    """Say a length of time in its one largest unit: "45 minutes", "3 hours", "2 days"."""
    minutes = max(1, round(length.total_seconds() / 60))
    if minutes >= 1440:
        return count(round(minutes / 1440), "{n} day", "{n} days")
    if minutes >= 60:
        return count(round(minutes / 60), "{n} hour", "{n} hours")
    return count(minutes, "{n} minute", "{n} minutes")
