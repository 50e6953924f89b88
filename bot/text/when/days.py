"""Which days of the calendar are meant by what was written, seen from a day."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from adapters.contract.text import Text, say

from .grammar import Date, DayOf, Group, Nth, Offset, Week, Workdays
from .lengths import Length
from .shown import month_words, weekday_words


class Impossible(ValueError):
    """What was written is understood and cannot be, with a sentence that says why."""

    def __init__(self, words: Text) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, slots=True)
class Days:
    """Days that may be meant: all the same one if `fixed`, else the first that is still to come.

    `weekday`, from Monday, 0, is what somebody wrote beside the date.
    """

    candidates: tuple[date, ...]
    fixed: bool = True
    weekday: int | None = None


YEARS, MONTHS = 9, 24
"""How far ahead a day without a year, or without a month, is looked for: 29 February may be eight years away."""


def days_of(group: Group, today: date) -> Iterator[Days]:
    """Return every way in which the day of a group can be understood. Raises `Impossible` for one that there is not."""
    weekday = group.weekday.number if group.weekday else None
    match group.date:
        case Offset(number):
            yield Days((add(today + timedelta(days=number), group.later or Length()),), weekday=weekday)
        case Workdays(number, saturdays):
            yield Days((_workday(today, number, 6 if saturdays else 5),), weekday=weekday)
        case Date(month, day, year):
            if year is None and group.years is not None:
                year = today.year + group.years
            years = [today.year + ahead for ahead in range(YEARS)] if year is None else [year]
            found = [date(one, month, day) for one in years if _exists(one, month, day)]
            if not found:
                raise Impossible(_no_such_day(day, month, year))
            yield Days(tuple(found), year is not None, weekday)
        case DayOf(day, months):
            yield from _of_month(today, day, months, weekday)
        case Nth():
            yield _nth(today, group.date)
        case None:
            yield from _of_week(today, group)


def _workday(today: date, number: int, week: int) -> date:
    """Return the day after so many working days, of which each week has its first five or six."""
    day = today
    for _ in range(number):
        day += timedelta(days=1)
        while day.weekday() >= week:
            day += timedelta(days=1)
    return day


def _of_month(today: date, day: int, months: int | None, weekday: int | None) -> Iterator[Days]:
    """Return the 13th of a month: without a month the next there is."""
    firsts = [_month_from(today, months)] if months is not None else [_month_from(today, n) for n in range(MONTHS)]
    found = [first.replace(day=day) for first in firsts if _exists(first.year, first.month, day)]
    if not found:
        raise Impossible(_no_such_day(day, firsts[0].month, firsts[0].year))
    yield Days(tuple(found), months is not None, weekday)


def _nth(today: date, asked: Nth) -> Days:
    if asked.month is None:
        firsts = [_month_from(today, asked.months)]
    else:
        years = [asked.year] if asked.year else [today.year, today.year + 1]
        firsts = [date(year, asked.month, 1) for year in years]
    found = [day for first in firsts if (day := nth_of_month(first, asked.number, asked.weekday))]
    if not found:
        weekday = weekday_words(asked.weekday)
        raise Impossible(say("That month has no {number}th {weekday}.", number=asked.number, weekday=weekday))
    return Days(tuple(found), asked.month is None or asked.year is not None)


def nth_of_month(first: date, number: int, weekday: int) -> date | None:
    """Return the first, second ... or last (-1) such day of a month; 7 stands for any day."""
    length = calendar.monthrange(first.year, first.month)[1]
    days = [first.replace(day=n + 1) for n in range(length)]
    matching = [day for day in days if weekday in (7, day.weekday())]
    return matching[number if number < 0 else number - 1] if number <= len(matching) else None


def _of_week(today: date, group: Group) -> Iterator[Days]:
    if group.weekday is None:
        yield Days((add(today, group.later),)) if group.later else Days((today, today + timedelta(days=1)), fixed=False)
        return
    number = group.weekday.number
    coming = today + timedelta(days=(number - today.weekday()) % 7)
    monday = today - timedelta(days=today.weekday())
    if isinstance(group.weeks, Week):
        yield _numbered(today, group.weeks, number)
    elif group.weeks is not None:
        yield Days((monday + timedelta(days=7 * group.weeks + number),))
    elif group.later:
        yield Days((add(coming, group.later),))
        then = add(today, group.later)
        yield Days((then - timedelta(days=then.weekday() - number),))
    elif group.weekday.which == "next":
        yield Days((coming if coming > today else coming + timedelta(days=7),))
    elif group.weekday.which == "last":
        yield Days((coming - timedelta(days=7),))
    else:
        yield Days((coming, coming + timedelta(days=7)), fixed=False)


def _numbered(today: date, week: Week, weekday: int) -> Days:
    """Return a day of a week by its number (ISO 8601): not every year has a 53rd."""
    years = [week.year] if week.year else [today.isocalendar().year + ahead for ahead in range(YEARS)]
    found = list[date]()
    for year in years:
        with suppress(ValueError):
            found.append(date.fromisocalendar(year, week.number, weekday + 1))
    if not found:
        raise Impossible(say("There's no week {number} in that year.", number=week.number))
    return Days(tuple(found), week.year is not None)


def add(day: date, length: Length) -> date:
    """Go on by so many months and days; in a shorter month to its last day. Raises `OverflowError` far away."""
    month = day.year * 12 + day.month - 1 + length.months
    year, month = divmod(month, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(year)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)) + timedelta(days=length.days)


def _month_from(today: date, months: int) -> date:
    return add(today.replace(day=1), Length(months=months))


def _exists(year: int, month: int, day: int) -> bool:
    return 1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


def _no_such_day(day: int, month: int, year: int | None) -> Text:
    if not 1 <= month <= 12:
        return say("There's no month {month}.", month=month)
    if year is None:
        return say("There's no {day} {month}.", day=day, month=month_words(month))
    return say("There's no {day} {month} {year}.", day=day, month=month_words(month), year=year)
