"""The grammar of times: every way in which a row of words can be read as parts of a moment.

A reading takes up each word exactly once, and says each thing once: two days or two times do not fit together. What
can be read in several ways is: `resolve` tells whether they come to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo
from typing import TypeAlias

import regex

from .lengths import Length, Lengths


@dataclass(frozen=True, slots=True)
class Offset:
    """So many days from today."""

    days: int


@dataclass(frozen=True, slots=True)
class Workdays:
    """So many working days from today, from Monday to Friday, or to Saturday. Holidays are not known."""

    number: int
    saturdays: bool = False


@dataclass(frozen=True, slots=True)
class Date:
    """A day of a month; without a year the next one that comes."""

    month: int
    day: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class DayOf:
    """A day of the month that comes, or of so many months from this one."""

    day: int
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Nth:
    """The first, second or last (-1) such day of a month: `weekday` from Monday, 0; 7 is any day."""

    number: int
    weekday: int
    month: int | None = None
    months: int = 0
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week; `which` is "", "next" or "last"."""

    number: int
    which: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """A week by its number in the calendar; without a year the next one that comes."""

    number: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as it was written. `bare` is a mere number, which means nothing by itself.

    `half` is "am" or "pm"; `twelve` says whether the hour may be meant on a clock of twelve hours. It is `doubtful`
    where "am" may also belong to what follows, as in German. `same` is the time that it is now, on another day.
    """

    hour: int
    minute: int = 0
    second: int = 0
    half: str = ""
    twelve: bool = True
    bare: bool = False
    midnight: bool = False
    doubtful: bool = False
    same: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """One moment as it was written, in its parts."""

    date: Offset | Workdays | Date | DayOf | Nth | None = None
    weekday: Weekday | None = None
    weeks: int | Week | None = None
    """So many weeks from this one, from Monday on; or one by its number."""
    years: int | None = None
    later: Length | None = None
    clock: Clock | None = None
    part: str = ""
    zone: tzinfo | str | None = None
    """A zone, or an abbreviation of which one's own zone may tell what it means; "own" is that zone."""
    instant: datetime | None = None
    now: bool = False
    order: str = ""
    """The order of month and day that this reading of a date supposes, where both are possible."""

    def joined(self, more: Group) -> Group | None:
        """Put two together; nothing where both say the same thing, or what excludes each other."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        for field in fields(more):
            value = getattr(more, field.name)
            if value != field.default:
                if said[field.name] != field.default:
                    return None
                said[field.name] = value
        both = Group(**said)
        return both if both.fits else None

    @property
    def fits(self) -> bool:
        """Whether the parts can stand together at all."""
        if self.instant or self.now:
            return self == Group(instant=self.instant, now=self.now)
        if self.weeks is not None and (self.date or self.later or (self.weekday and self.weekday.which)):
            return False
        if self.years is not None and (self.weekday or self.later):
            return False
        if self.later and (self.later.seconds or not self.later.days) and (self.date or self.weekday):
            return False
        if self.later and self.later.seconds and self.clock:
            return False
        if self.later and isinstance(self.date, Offset) and self.weekday:
            return False
        if self.later and self.date and not isinstance(self.date, Offset):
            return False
        return not (self.weekday and (isinstance(self.date, Nth) or (self.date and self.weekday.which)))

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing that a part asks for: "next week" is no day, "next year" needs one."""
        dated = isinstance(self.date, Date) and self.date.year is None
        if self.clock and self.clock.same:
            return (self.has_day or self.weeks is not None) and not (self.zone or self.part)
        return (self.weeks is None or self.weekday is not None) and (self.years is None or dated)

    @property
    def has_day(self) -> bool:
        return bool(self.date or self.weekday or self.later)

    @property
    def is_seen_from_today(self) -> bool:
        """Whether it says which day it is from today on, as "tomorrow" does, and "friday next week"."""
        relative = isinstance(self.date, Offset | Workdays) or (isinstance(self.date, DayOf | Nth) and self.date.months)
        chosen = self.weekday and self.weekday.which
        return bool(relative or chosen or self.weeks is not None or self.years is not None)

    @property
    def is_day(self) -> bool:
        """Whether it is a day by its name or date, and nothing else."""
        return bool(self.date or self.weekday) and not (self.clock or self.part or self.zone or self.later)


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was written: when it begins, and perhaps when it ends or how long it lasts."""

    start: Group
    end: Group | None = None
    length: Length | None = None
    day_leads: bool = False
    """Whether the end begins with a day, which is then the end's alone: "friday 18:00 until saturday 02:00"."""

    @property
    def is_doubtful(self) -> bool:
        return any(group and group.clock and group.clock.doubtful for group in (self.start, self.end))

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing, and a mere number is an hour only beside something that makes it one."""
        if not all(group.is_whole for group in (self.start, self.end) if group):
            return False
        bare = self.start.clock is not None and self.start.clock.bare
        if bare and self.day_leads and not (self.start.has_day or self.start.part or self.start.zone):
            return False  # "6-8 march" are two days
        if self.end and any(group.clock and group.clock.same for group in (self.start, self.end)):
            return False
        if self.end and self.end.clock and not self.end.clock.bare:
            return True
        return not bare or any(
            group and (group.has_day or group.part or group.zone) for group in (self.start, self.end)
        )


Rule: TypeAlias = Callable[[str, int], Iterator[tuple[Group, int]]]
"""Finds what can be read at a place, and says where it ends."""
LONGEST = 120
"""Nobody writes a moment with more characters."""
_BLANK = regex.compile(r"\s?[,;]?\s?")
_DASH = regex.compile(r"\s-\s")
_END = regex.compile(r"\s?[.!]?\s?$")
_EDGE = regex.compile(r"(?=[\s,;.!?)\"”]|$)")
_GLUE = regex.compile(r"[\s,;]+|-\s")
_WORD = regex.compile(r"[^\s,;]+")
_T = regex.compile(r"(?<=\d)t(?=\d)", regex.IGNORECASE)


class Grammar:
    """All rules of some languages together."""

    def __init__(
        self, rules: Sequence[Rule], lengths: Lengths, before: str, until: str, through: str, for_: str
    ) -> None:
        """`before` may stand in front, `until` between two moments, `through` between days, `for_` before a length.

        All are patterns.
        """
        self._rules = rules
        self._lengths = lengths
        self._before = regex.compile(rf"(?:{before})\s", regex.IGNORECASE)
        self._until = regex.compile(rf"\s?(?:->|[→⟶]|-)\s?|\s(?:{until})\s", regex.IGNORECASE)
        self._through = regex.compile(rf"\s?(?:->|[→⟶])\s?|\s?-\s?|\s(?:{through})\s", regex.IGNORECASE)
        self._for = regex.compile(rf"(?:^|\s?,?\s)(?:{for_})\s", regex.IGNORECASE)

    def readings(self, words: str) -> list[Reading]:
        """Return every reading that takes up all of these normal words."""
        if len(words) > LONGEST:
            return []
        found = [reading for reading, end in self._from(words, 0) if _END.match(words, end)]
        found += [
            Reading(Group(now=True), length=length) for length, end in self._lasting(words, 0) if end == len(words)
        ]
        whole = [reading for reading in dict.fromkeys(found) if reading.is_whole]
        return [reading for reading in whole if not reading.is_doubtful] or whole

    def phrases(self, words: str) -> list[tuple[int, int]]:
        """Return where moments stand among other normal words: "[friday 8pm] at the pub", "level 5 [friday 8pm]".

        Each is as long as can be. One with which the words end comes before any that would take a part of it.
        """
        words += " ."  # a length is only a moment where it is all that is said
        ends = {word.start(): self._ends_of(words, word.start()) for word in regex.finditer(r"[^\s,;]+", words)}
        last = min(
            (start for start, found in ends.items() if any(_END.match(words, end) for end in found)), default=None
        )
        phrases, at = list[tuple[int, int]](), 0
        for start, found in ends.items():
            fitting = [end for end in found if last is None or start >= last or end <= last]
            if start >= at and fitting:
                at = max(fitting)
                phrases.append((start, at))
        return phrases

    def _ends_of(self, words: str, at: int) -> list[int]:
        """Return where the moments end that begin at a place."""
        timed = (reading for reading in self._from(words, at) if reading[0].is_whole and not reading[0].start.now)
        return [end for _, end in timed if end > at and _EDGE.match(words, end)]

    def _from(self, words: str, at: int) -> Iterator[tuple[Reading, int]]:
        """Return every reading that begins at a place, and where it ends."""
        before = self._before.match(words, at)
        for start in {at, before.end() if before else at}:
            for group, end in self._groups(words, start, Group(), 0):
                yield Reading(group), end
                if group.has_day or group.clock:
                    yield from self._until_end(words, group, end)

    def _until_end(self, words: str, group: Group, at: int) -> Iterator[tuple[Reading, int]]:
        """Return a reading with its end, and with how long it lasts, where that is said."""
        until = (self._until if group.clock else self._through).match(words, at)
        if until:
            leads = any(first.has_day for first, _ in self._elements(words, until.end()))
            for last, over in self._groups(words, until.end(), Group(), 0):
                if last.clock if group.clock else group.is_day and last.is_day:
                    yield Reading(group, last, day_leads=leads), over
        for length, over in self._lasting(words, at):
            yield Reading(group, length=length), over

    def _lasting(self, words: str, at: int) -> Iterator[tuple[Length, int]]:
        """Return how long something lasts, if that is said there: "for 2 hours"."""
        if lasting := self._for.match(words, at):
            yield from self._lengths.at(words, lasting.end())

    def parts(self, words: str) -> tuple[list[str], list[str]]:
        """Return what is known among words that make no reading, and what is not: each a row of words."""
        known, unknown, at = list[str](), list[str](), 0
        while at < len(words):
            ends = [end for group, end in self._elements(words, at) if end > at]
            free = at == 0 or not words[at - 1].isalnum() or words[at - 1].isdigit()
            if ends and free:
                known.append(words[at : max(ends)])
                at = max(ends)
            elif glue := _GLUE.match(words, at):
                at = glue.end()
            else:
                word = _WORD.match(words, at)
                assert word
                unknown.append(word[0])
                at = word.end()
        return known, unknown

    def _groups(self, words: str, at: int, group: Group, depth: int) -> Iterator[tuple[Group, int]]:
        if depth:
            yield group, at
        if depth > 8:
            return
        for start, glued in _starts(words, at, depth):
            for more, end in self._elements(words, start):
                if glued == "-" and not (more.clock and not group.clock):
                    continue
                if glued == "" and depth and not _may_touch(words, start):
                    continue
                both = group.joined(more)
                if both:
                    yield from self._groups(words, end, both, depth + 1)

    def _elements(self, words: str, at: int) -> Iterator[tuple[Group, int]]:
        for rule in self._rules:
            yield from rule(words, at)


def _starts(words: str, at: int, depth: int) -> Iterator[tuple[int, str]]:
    """Return where a next part may begin, and what stands before it: nothing, a blank or a comma, or a dash."""
    if not depth:
        yield at, ""
        return
    blank = _BLANK.match(words, at)
    assert blank
    yield blank.end(), " " if blank[0] else ""
    if dash := _DASH.match(words, at):
        yield dash.end(), "-"
    if t := _T.match(words, at):
        yield t.end(), " "


def _may_touch(words: str, at: int) -> bool:
    """Say whether a part may begin right behind another: a zone behind a time, or something in parentheses."""
    return words[at : at + 1] in "+-zZ(@"
