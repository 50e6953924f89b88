"""What a moment may be put together from, in the words of some languages: days as seen from today, and dates."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import regex

from .clocks import Clocks
from .grammar import Date, DayOf, Grammar, Group, Nth, Offset, Week, Weekday, Workdays
from .lengths import Lengths
from .lexicon import Lexicon, compiled, fold, pattern
from .places import Zones

_OFFSETS = {
    "day.today": 0,
    "day.tomorrow": 1,
    "day.after_tomorrow": 2,
    "day.yesterday": -1,
    "day.before_yesterday": -2,
}
_WHICH = {"day.this": 0, "day.coming": 0, "day.next": 1, "day.last": -1}
"""Which of the days of the week that have a name: the coming Friday is this one."""
_PERIODS = {**_WHICH, "day.coming": 1, "day.after_next": 2}
"""Which week, month or year, from this one: the coming one is the next."""
PARTS = ("morning", "noon", "afternoon", "evening", "night")
MD, DM = "MD", "DM"
"""The two orders of month and day in a date with slashes."""


@cache
def grammar_of(languages: tuple[str, ...]) -> Grammar:
    """Return the grammar of some languages together, by their codes."""
    lexicon, lengths = Lexicon(languages), lengths_of(languages)
    rules = (
        Days(lexicon, lengths),
        Dates(lexicon),
        Parts(lexicon),
        Zones(lexicon, languages),
        Clocks(lexicon),
    )
    before, through = lexicon.any("until", "from"), pattern({*lexicon.words("to")} - {*lexicon.words("repeat.and")})
    return Grammar(rules, lengths, before, lexicon.any("to"), through, lexicon.any("for"))


@cache
def lengths_of(languages: tuple[str, ...]) -> Lengths:
    """Return what reads lengths in some languages, by their codes."""
    return Lengths(Lexicon(languages))


class Days:
    """Days as seen from today: "tomorrow", "next friday", "in 2 days"."""

    def __init__(self, lexicon: Lexicon, lengths: Lengths) -> None:
        self._lengths = lengths
        self._offsets = lexicon.named(_OFFSETS)
        self._which = lexicon.named(_WHICH)
        self._periods = lexicon.named(_PERIODS)
        self._weekdays = lexicon.weekdays
        self._parts = lexicon.named({f"part.after_day.{part}": part for part in PARTS})
        on, which, parts = lexicon.any("day.on"), pattern(self._which), pattern(self._parts)
        period = pattern(self._periods)
        of, day, weekday = lexicon.any("day.of", "day.on"), pattern(self._offsets), pattern(self._weekdays)
        self._now = compiled(rf"{lexicon.any('now')}(?!\w)")
        self._tonight = compiled(rf"{lexicon.any('day.tonight')}(?!\w)")
        self._this_part = compiled(rf"{lexicon.any('day.this', 'day.coming')}\s(?P<part>{parts})(?!\w)")
        self._offset = compiled(rf"(?P<day>{day})(?:\s(?P<part>{parts}))?(?!\w)")
        self._weekday = compiled(
            rf"(?P<open>\()?(?:{on}\s)?(?:(?P<which>{which})\s)?(?P<day>{weekday})\.?(?:\s?(?P<part>{parts}))?(?!\w)"
            r"(?(open)\))"
        )
        self._week = compiled(rf"(?:{of}\s)?(?P<which>{period})\s{lexicon.any('day.week')}(?!\w)")
        self._year = compiled(rf"(?:{of}\s)?(?P<which>{period})\s{lexicon.any('day.year')}(?!\w)")
        self._number = compiled(
            rf"(?:(?:{of}|{lexicon.any('length.in')})\s)?{lexicon.any('day.week_number')}\s?(?P<week>\d{{1,2}})"
            r"(?:\s?[/\s]\s?(?P<year>\d{4}))?(?![\w:/]|\.\d)"
        )
        self._iso = compiled(r"(?P<year>\d{4})-?w(?P<week>\d\d)(?:-?(?P<day>[1-7]))?(?!\d)")
        self._numbers = lexicon.numbers | lexicon.named({"length.one": 1})
        number = rf"(?P<number>\d{{1,3}}|{pattern(self._numbers)})"
        workdays = rf"(?:(?P<five>{lexicon.any('length.workday')})|{lexicon.any('length.workday_or_saturday')})"
        self._workdays = compiled(
            rf"(?:{lexicon.any('length.in')}\s{number}\s{workdays}|{number}\s{workdays}\s{lexicon.any('length.hence')})(?!\w)"
        )
        self._in = compiled(rf"{lexicon.any('length.in')}\s")
        self._past = compiled(rf"{lexicon.any('length.past')}\s")
        self._hence = compiled(rf"\s{lexicon.any('length.hence')}(?!\w)")
        self._ago = compiled(rf"\s{lexicon.any('length.ago')}(?!\w)")
        self._after = compiled(rf"(?=\s{day}(?!\w))|\s{lexicon.any('length.after')}(?=\s(?:{day}|{weekday})(?!\w))")
        self._time = compiled(rf"'?\s{lexicon.any('length.time')}(?!\w)")

    def __call__(self, words: str, at: int) -> Iterator[tuple[Group, int]]:
        if match := self._now.match(words, at):
            yield Group(now=True), match.end()
        if match := self._tonight.match(words, at):
            yield Group(date=Offset(0), part="tonight"), match.end()
        if match := self._this_part.match(words, at):
            yield Group(date=Offset(0), part=self._part(match)), match.end()
        if match := self._offset.match(words, at):
            yield Group(date=Offset(self._offsets[fold(match["day"])]), part=self._part(match)), match.end()
        if match := self._weekday.match(words, at):
            which = {1: "next", -1: "last"}.get(self._which[fold(match["which"])], "") if match["which"] else ""
            weekday = Weekday(self._weekdays[fold(match["day"])], which)
            yield Group(weekday=weekday, part=self._part(match)), match.end()
        if match := self._week.match(words, at):
            yield Group(weeks=self._periods[fold(match["which"])]), match.end()
        if match := self._year.match(words, at):
            yield Group(years=self._periods[fold(match["which"])]), match.end()
        if match := self._number.match(words, at):
            yield Group(weeks=Week(int(match["week"]), _year(match["year"]))), match.end()
        if match := self._iso.match(words, at):
            day = Weekday(int(match["day"]) - 1) if match["day"] else None
            yield Group(weeks=Week(int(match["week"]), int(match["year"])), weekday=day), match.end()
        if match := self._workdays.match(words, at):
            number = int(match["number"]) if match["number"].isdigit() else self._numbers[fold(match["number"])]
            for saturdays in (False,) if match["five"] else (False, True):  # a "Werktag" is both
                yield Group(date=Workdays(number, saturdays)), match.end()
        yield from self._later(words, at)

    def _part(self, match: regex.Match[str]) -> str:
        return self._parts[fold(match["part"])] if match["part"] else ""

    def _later(self, words: str, at: int) -> Iterator[tuple[Group, int]]:
        before, past = self._in.match(words, at), self._past.match(words, at)
        for length, end in self._lengths.at(words, before.end() if before else past.end() if past else at):
            if before or past:
                yield Group(later=length if before else -length), end
                if before and (time := self._time.match(words, end)):
                    yield Group(later=length), time.end()
            elif hence := self._hence.match(words, end):
                yield Group(later=length), hence.end()
            elif ago := self._ago.match(words, end):
                yield Group(later=-length), ago.end()
            elif not length.seconds and (after := self._after.match(words, end)):
                yield Group(later=length), after.end()
            elif at == 0 and end == len(words):
                yield Group(later=length), end


class Dates:
    """Days of the calendar: "2026-03-05", "5.3.", "March 5th", "the last friday of april"."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._months = lexicon.months
        self._weekdays = lexicon.weekdays
        self._ordinals = lexicon.ordinals
        self._periods = lexicon.named(_PERIODS)
        on, of, mark = lexicon.any("day.on"), lexicon.any("day.of"), lexicon.any("day.ordinal_marks")
        month, which, weekday = pattern(self._months), pattern(self._periods), pattern(self._weekdays)
        nth, last, last_day = pattern(self._ordinals), lexicon.any("day.last"), lexicon.any("day.last_day")
        year = r"(?P<year>\d{4})(?![\d:])"
        some_month = rf"(?:(?P<which>{which}|the|dem|des)\s)?{lexicon.any('day.month')}"
        its_month = rf"\s{of}\s(?:(?P<month>{month})(?:\s?,?\s?{year})?|{some_month})(?!\w)"

        def dated(form: str) -> regex.Pattern[str]:
            return compiled(rf"(?:{on}\s)?{form}")

        self._numeric = (
            dated(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)"),
            dated(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?=T\d)"),
            dated(r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.(?:\s?(?P<year>\d{4})|(?P<short>\d\d))(?![\d:.])"),
            dated(r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})(?:\.|(?![\d.:]))"),
        )
        self._slashed = dated(
            r"(?P<one>\d{1,2})(?P<mark>[/-])(?P<two>\d{1,2})(?:(?P=mark)(?P<year>\d{4}|(?<=/)\d\d))?"
            r"(?![\d:/]|\.\d|-\d)"
        )
        self._named = (
            dated(
                rf"(?:(?P<day>\d{{1,2}})(?:{mark}|\.)?|(?P<nth>{nth}))\s?(?:{of}\s)?(?P<month>{month})\.?"
                rf"(?:\s?,?\s?{year})?(?!\w)"
            ),
            dated(
                rf"(?P<month>{month})\.?\s(?:the\s)?(?:(?P<day>\d{{1,2}})(?:{mark})?|(?P<nth>{nth}))"
                rf"(?![\d:]|\.\d)(?:\s?,?\s?{year})?(?!\w)"
            ),
        )
        self._day_of = compiled(
            rf"(?:(?:{on}\s)?(?P<day>\d{{1,2}})(?:{mark}|\.)|{on}\s(?P<nth>{nth}))(?:\s{of}\s{some_month})?(?![\w:]|\.\d)"
        )
        self._nth = dated(
            rf"(?:(?P<nth>{nth})|(?P<digit>[1-5])(?:{mark}|\.)|(?P<last>{last}))\s(?P<weekday>{weekday}){its_month}"
        )
        end = lexicon.any("day.end")
        self._last = dated(
            rf"(?:{last_day}{its_month}|{end}\s(?:{of}\s)?(?:(?P<month>{month})(?:\s?,?\s?{year})?|{some_month})(?!\w)|"
            rf"{lexicon.any('day.month_end')}(?!\w))"
        )
        self._year_end = dated(rf"{lexicon.any('day.year_end')}(?!\w)")

    def __call__(self, words: str, at: int) -> Iterator[tuple[Group, int]]:
        for form in self._numeric:
            if match := form.match(words, at):
                said = match.groupdict()
                year = _year(said.get("year") or said.get("short"))
                yield Group(date=Date(int(match["month"]), int(match["day"]), year)), match.end()
        if (match := self._slashed.match(words, at)) and (match["mark"] == "/" or match["year"]):
            one, two, year = int(match["one"]), int(match["two"]), _year(match["year"])
            for order, (month, day) in {DM: (two, one), MD: (one, two)}.items():
                if 1 <= month <= 12:
                    yield Group(date=Date(month, day, year), order=order if 1 <= day <= 12 else ""), match.end()
        for form in self._named:
            if match := form.match(words, at):
                date = Date(self._months[fold(match["month"])], self._day(match), _year(match["year"]))
                yield Group(date=date), match.end()
        if match := self._day_of.match(words, at):
            yield Group(date=DayOf(self._day(match), self._months_on(match))), match.end()
        if match := self._nth.match(words, at):
            number = -1 if match["last"] else int(match["digit"] or 0) or self._ordinals[fold(match["nth"])]
            yield self._of_month(match, number, self._weekdays[fold(match["weekday"])]), match.end()
        if match := self._last.match(words, at):
            yield self._of_month(match, -1, 7), match.end()
        if match := self._year_end.match(words, at):
            yield Group(date=Date(12, 31)), match.end()

    def _day(self, match: regex.Match[str]) -> int:
        return int(match["day"]) if match["day"] else self._ordinals[fold(match["nth"])]

    def _months_on(self, match: regex.Match[str]) -> int | None:
        return self._periods.get(fold(match["which"]), 0) if match["which"] else None

    def _of_month(self, match: regex.Match[str], number: int, weekday: int) -> Group:
        if match["month"]:
            month, year = self._months[fold(match["month"])], _year(match["year"])
            return Group(date=Nth(number, weekday, month, year=year))
        return Group(date=Nth(number, weekday, months=self._months_on(match) or 0))


class Parts:
    """Parts of the day where they stand by themselves: "in the evening", "abends"."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._parts = lexicon.named({f"part.free.{part}": part for part in PARTS})
        self._free = compiled(rf"(?P<part>{pattern(self._parts)})(?!\w)")

    def __call__(self, words: str, at: int) -> Iterator[tuple[Group, int]]:
        if match := self._free.match(words, at):
            yield Group(part=self._parts[fold(match["part"])]), match.end()


def _year(written: str | None) -> int | None:
    return None if written is None else int(written) + 2000 * (len(written) == 2)
