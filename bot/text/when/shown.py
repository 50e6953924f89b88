"""Moments read back in words, with the day of the week and the zone: what Trellis shows can be typed again."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from adapters.contract.text import Text, Words, label, labelled, say

from .zones import city_of, is_utc

_WEEKDAYS = (
    label("Monday"),
    label("Tuesday"),
    label("Wednesday"),
    label("Thursday"),
    label("Friday"),
    label("Saturday"),
    label("Sunday"),
)
_MONTHS = (
    label("January"),
    label("February"),
    label("March"),
    label("April"),
    label("May"),
    label("June"),
    label("July"),
    label("August"),
    label("September"),
    label("October"),
    label("November"),
    label("December"),
)


def weekday_words(number: int) -> Text:
    """Name a day of the week, counted from Monday, 0."""
    return labelled(_WEEKDAYS[number])


def month_words(number: int) -> Text:
    """Name a month, counted from January, 1."""
    return labelled(_MONTHS[number - 1])


def day_words(day: date) -> Text:
    """Say a day: "Thursday 5 March 2026"."""
    return say(
        # Translators: as in “Thursday 5 March 2026”
        "{weekday} {day} {month} {year}",
        weekday=weekday_words(day.weekday()),
        day=day.day,
        month=month_words(day.month),
        year=day.year,
    )


def moment_words(at: datetime, zone: ZoneInfo) -> Text:
    """Say a moment on the clock of a zone: "Thursday 5 March 2026, 18:00 (Berlin time)".

    Where the clocks show this time twice, its offset from UTC tells which it is.
    """
    local = at.astimezone(zone)
    day, clock = day_words(local.date()), f"{local:%H:%M}"
    if is_utc(zone.key):
        return say("{day}, {clock} UTC", day=day, clock=clock)
    where: Words = city_of(zone.key, "en")
    if is_twice(local):
        where = say("{city} time, {offset}", city=where, offset=offset_of(local))
    else:
        where = say("{city} time", city=where)
    # Translators: as in “Thursday 5 March 2026, 18:00 (Berlin time)”
    return say("{day}, {clock} ({zone})", day=day, clock=clock, zone=where)


def short_words(at: datetime, zone: ZoneInfo, year: int, *, with_time: bool = True) -> Text:
    """Say a moment in few words: "Thursday 5 March, 18:00"; what is clear from the `year` and the zone is left out."""
    local = at.astimezone(zone)
    day = day_words(local.date())
    if local.year == year:
        day = say(
            # Translators: as in “Thursday 5 March”
            "{weekday} {day} {month}",
            weekday=weekday_words(local.weekday()),
            day=local.day,
            month=month_words(local.month),
        )
    return say("{day}, {clock}", day=day, clock=f"{local:%H:%M}") if with_time else day


def written(at: datetime, zone: ZoneInfo) -> str:
    """Write a moment as its author may have typed it, to be changed and read again: "2026-03-05 18:00"."""
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M}{f' {offset_of(local)}' if is_twice(local) else ''}"


def is_twice(local: datetime) -> bool:
    """Say whether the clocks of its zone show this time twice, because they are put back."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset() and _is_there(local)


def _is_there(local: datetime) -> bool:
    """Say whether the clocks show this time at all, and do not skip it."""
    return local.replace(fold=0).timestamp() < local.replace(fold=1).timestamp()


def offset_of(local: datetime) -> str:
    """Say how far a moment's zone is from UTC then: "UTC+1", "UTC-3:30"."""
    minutes = round(offset.total_seconds() / 60) if (offset := local.utcoffset()) else 0
    hours, minutes = divmod(abs(minutes), 60)
    return f"UTC{'-' if offset and offset.total_seconds() < 0 else '+'}{hours}" + (f":{minutes:02}" if minutes else "")
