"""Lengths of time in people's words: "90 minutes", "1h 30m", "2 days", "anderthalb Stunden"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import regex

from adapters.contract.text import Text, count

from .lexicon import Lexicon, fold, pattern

LONGEST = timedelta(days=366 * 5)
"""Nobody plans further ahead."""


@dataclass(frozen=True, slots=True)
class Length:
    """A length by the calendar, `months` and `days`, and then a real one: `seconds` that pass."""

    months: int = 0
    days: int = 0
    seconds: int = 0

    def __neg__(self) -> Length:
        return Length(-self.months, -self.days, -self.seconds)

    def __add__(self, other: Length) -> Length:
        return Length(self.months + other.months, self.days + other.days, self.seconds + other.seconds)

    @property
    def fixed(self) -> timedelta:
        """The length with days of 24 hours. Raises `ValueError` for months and years, which differ."""
        if self.months:
            raise ValueError(self)
        return timedelta(days=self.days, seconds=self.seconds)


_HOUR, _DAY = 3600, 86400
_UNITS = {
    "length.minute": Length(seconds=60),
    "length.quarter": Length(seconds=900),
    "length.three_quarters": Length(seconds=2700),
    "length.hour": Length(seconds=_HOUR),
    "length.day": Length(days=1),
    "length.week": Length(days=7),
    "length.fortnight": Length(days=14),
    "length.month": Length(months=1),
    "length.year": Length(months=12),
}


class Lengths:
    """Reads lengths in the words of a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._units = lexicon.named(_UNITS)
        halves = [half for half in lexicon.words("length.and_a_half") if " " not in half]
        self._numbers: dict[str, float] = {
            **lexicon.numbers,
            **{number + half: value + 0.5 for number, value in lexicon.numbers.items() for half in halves},
            **lexicon.named(
                {"length.one": 1, "length.half": 0.5, "length.one_and_a_half": 1.5, "length.three_fourths": 0.75}
            ),
        }
        unit, number, half = pattern(self._units), pattern(self._numbers), lexicon.any("length.and_a_half")
        self._part = regex.compile(
            rf"(?:(?P<digits>\d{{1,6}}(?:[.,]\d{{1,3}})?|\.\d{{1,3}})\s?|(?P<word>{number})(?P<more>\s{half})?\s|"
            rf"(?P<whole>\d{{1,6}}|{number})\s(?P<extra>{half})\s)"
            rf"(?P<unit>{unit})\.?(?P<then>\s{half})?(?:(?!\w)|(?=\d+\s?{unit}))",
            regex.IGNORECASE,
        )
        hour, minute = lexicon.any("length.hour"), lexicon.any("length.minute")
        self._clock = regex.compile(
            rf"(?:(?P<hours>\d{{1,2}})\s?{hour}\.?\s?(?P<minutes>[0-5]\d)(?:\s?{minute}\.?)?|"
            rf"(?P<hours>\d):(?P<minutes>[0-5]\d)\s?{hour})(?!\w)",
            regex.IGNORECASE,
        )
        self._about = regex.compile(rf"{lexicon.any('length.about')}\s", regex.IGNORECASE)
        self._eight_days = regex.compile(rf"{lexicon.any('length.eight_days')}(?!\w)", regex.IGNORECASE)
        self._glue = regex.compile(rf"(?:\s?,\s?|\s)(?:{lexicon.any('length.and')}\s)?", regex.IGNORECASE)

    def at(self, words: str, start: int) -> Iterator[tuple[Length, int]]:
        """Return every length that begins at a place, and where it ends: "2 days", then "2 days 3 hours".

        Where "eight days" are a week to many people, they are that too.
        """
        if about := self._about.match(words, start):
            start = about.end()
        if match := self._clock.match(words, start):
            yield Length(seconds=int(match["hours"]) * _HOUR + int(match["minutes"]) * 60), match.end()
        yield from self._in_parts(words, start)
        if match := self._eight_days.match(words, start):
            yield Length(days=7), match.end()

    def _in_parts(self, words: str, start: int) -> Iterator[tuple[Length, int]]:
        whole, smallest = Length(), None
        while match := self._part.match(words, start):
            unit = self._units[fold(match["unit"])]
            part = _times(unit, self._number(match))
            size = unit.months * 30 * _DAY + unit.days * _DAY + unit.seconds
            if part is None or (smallest is not None and size >= smallest):
                return
            whole, smallest = whole + part, size
            yield whole, match.end()
            glue = self._glue.match(words, match.end())
            start = glue.end() if glue else match.end()

    def _number(self, match: regex.Match[str]) -> float:
        if digits := match["digits"] or match["whole"]:
            number = float(digits.replace(",", ".")) if digits[0] in ".0123456789" else self._numbers[fold(digits)]
        else:
            number = self._numbers[fold(match["word"])]
        return number + 0.5 * sum(match[name] is not None for name in ("more", "extra", "then"))


def _times(unit: Length, number: float) -> Length | None:
    """Multiply; parts of a day become hours. Nothing for what cannot be told, such as half a month."""
    if unit.months:
        months = unit.months * number
        return Length(months=int(months)) if months == int(months) and months <= 1200 else None
    days = int(unit.days * number)
    seconds = round(unit.seconds * number + (unit.days * number - days) * _DAY)
    return Length(days=days, seconds=seconds) if days <= LONGEST.days * 2 else None


def read_length(words: str, lengths: Lengths) -> timedelta | None:
    """Return the length that all of these normal words say, if they do; a bare number is minutes."""
    if regex.fullmatch(r"\d{1,7}", words):
        return timedelta(minutes=int(words))
    if clock := regex.fullmatch(r"(\d{1,2}):([0-5]\d)(?:\s?h)?", words, regex.IGNORECASE):
        return timedelta(hours=int(clock[1]), minutes=int(clock[2]))
    for length, end in lengths.at(words, 0):
        if end == len(words):
            try:
                return length.fixed
            except ValueError:
                return None
    return None


def spell(length: timedelta) -> Text:
    """Say a length of time in its one largest unit: "45 minutes", "3 hours", "2 days"."""
    minutes = max(1, round(length.total_seconds() / 60))
    if minutes >= 1440:
        return count(round(minutes / 1440), "{n} day", "{n} days")
    if minutes >= 60:
        return count(round(minutes / 60), "{n} hour", "{n} hours")
    return count(minutes, "{n} minute", "{n} minutes")
