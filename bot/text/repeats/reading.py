"""How something repeats, in people's words: "every other tuesday", "am letzten Freitag im Monat", "daily, 5 times".

As with moments, every word counts: what is left over is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import regex

from adapters.contract.text import ENGLISH, Text, Translations, say
from bot.text.when import languages_of, read_clock, read_when
from bot.text.when.days import add
from bot.text.when.lengths import Length
from bot.text.when.lexicon import Lexicon, compiled, fold, normal, pattern
from bot.text.when.rules import lengths_of

from .rule import Rule

_ADVERBS = {
    "repeat.daily": Rule("DAILY"),
    "repeat.weekly": Rule("WEEKLY"),
    "repeat.fortnightly": Rule("WEEKLY", 2),
    "repeat.monthly": Rule("MONTHLY"),
    "repeat.quarterly": Rule("MONTHLY", 3),
    "repeat.half_yearly": Rule("MONTHLY", 6),
    "repeat.yearly": Rule("YEARLY"),
}
_UNITS = {
    "length.day": Rule("DAILY"),
    "length.week": Rule("WEEKLY"),
    "length.fortnight": Rule("WEEKLY", 2),
    "length.month": Rule("MONTHLY"),
    "repeat.quarter": Rule("MONTHLY", 3),
    "repeat.half_year": Rule("MONTHLY", 6),
    "length.year": Rule("YEARLY"),
}
MOST_TIMES = 999
_LONGEST_INTERVAL = 99


def read_repeat(
    words: str, first: datetime, now: datetime, zone: ZoneInfo, translations: Translations = ENGLISH
) -> Rule:
    """Read how something repeats whose first occurrence is not before `first`, on the wall clock.

    It may be in any language that we know. Raises `ValueError` with a sentence for whoever typed it.
    """
    typed = normal(words)
    problem: Text | None = None
    for languages in languages_of(translations):
        reader = _reader(languages)
        try:
            for rule in reader.rules(typed, first, now, zone, translations):
                return rule
        except ValueError as wrong:
            problem = wrong.args[0] if isinstance(wrong.args[0], Text) else None
    raise ValueError(problem or unreadable())


def is_repeat(words: str, translations: Translations = ENGLISH) -> bool:
    """Say whether words tell how something repeats, and nothing else: "weekdays", "every 2 weeks", "dienstags"."""
    return any(_reader(languages).says_how(normal(words)) for languages in languages_of(translations))


def says_never(words: str, translations: Translations = ENGLISH) -> bool:
    """Say whether words tell that it does not repeat: "no", "only once", "einmalig"."""
    return any(_reader(languages).never.fullmatch(normal(words)) for languages in languages_of(translations))


def unreadable() -> Text:
    """Ask for a repeat that was not understood."""
    return say("I couldn't read how it repeats. Try “weekly”, “every other tuesday” or “monthly on the 15th”.")


@cache
def _reader(languages: tuple[str, ...]) -> _Reader:
    return _Reader(languages)


class _Reader:
    """Reads repeats in the words of some languages."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        lexicon = Lexicon(languages)
        self._lengths = lengths_of(languages)
        self._adverbs: dict[str, Rule] = lexicon.named(_ADVERBS)
        self._units: dict[str, Rule] = lexicon.named(_UNITS)
        self._ordinals, self._numbers = lexicon.ordinals, lexicon.numbers | lexicon.named({"length.one": 1})
        ends = lexicon.words("repeat.weekday_ends")
        self._weekdays: dict[str, tuple[int, ...]] = {
            **{name + end: (number,) for name, number in lexicon.weekdays.items() for end in ("", *ends)},
            **lexicon.named({"repeat.workday": (0, 1, 2, 3, 4), "repeat.weekend": (5, 6)}),
        }
        on, of_month = lexicon.any("day.on"), lexicon.any("repeat.of_month", "repeat.monthly")
        every, other, third = (lexicon.any(f"repeat.{key}") for key in ("every", "other", "third"))
        day = rf"{pattern(self._weekdays)}\.?"
        days = rf"(?P<days>{day}(?:(?:\s?[,/]\s?|\s)(?:{lexicon.any('repeat.and')}\s)?{day})*)"
        through = rf"(?P<from>{day})(?:\s?-\s?|\s{lexicon.any('repeat.through')}\s)(?P<to>{day})"
        last, marks = lexicon.any("day.last"), lexicon.any("day.ordinal_marks")
        one = rf"(?P<nth>{pattern(self._ordinals)}|[1-5](?:{marks}|\.)|{last})"
        nth = rf"{one}(?:(?:\s?[,/]\s?|\s)(?:{lexicon.any('repeat.and')}\s)?{one})*\s(?P<weekday>{day})"
        self._last = {fold(word) for word in lexicon.words("day.last")}
        mark = lexicon.any("day.ordinal_marks")
        dated = rf"(?:(?P<date>\d{{1,2}})(?:{mark}|\.)|{lexicon.any('repeat.day')}\s(?P<date>\d{{1,2}})|"
        dated += rf"(?P<last_day>{lexicon.any('day.last_day', 'day.end')}))"
        dates = rf"{dated}(?:(?:\s?[,/]\s?|\s)(?:{lexicon.any('repeat.and')}\s)?(?:{on}\s)?{dated})+"
        named = rf"(?P<named>{pattern(self._ordinals)})"
        month_end = rf"(?P<last_day>{lexicon.any('day.month_end')})"
        number = pattern(word for word, value in self._numbers.items() if value < 32)
        often = (
            rf"(?:(?P<adverb>{pattern(self._adverbs)})|{every}\s(?:(?:(?P<interval>\d{{1,3}})(?P<rank>{mark}|\.)?|"
            rf"(?P<number>{number})|(?P<other>{other})|(?P<every_nth>{pattern(self._ordinals)}))\s)?(?P<unit>{pattern(self._units)}))"
        )
        self._forms = [
            compiled(form)
            for form in (
                often,
                rf"{often}\s(?:{on}\s)?(?P<each>{every}\s)?{days}",
                rf"{often}\s(?:{on}\s)?{through}",
                rf"{often}\s(?:{on}\s)?{nth}",
                rf"{often}\s(?:{on}\s)?(?:{dated}|{named})(?:\s{of_month})?",
                rf"(?:{often}\s)?(?:{on}\s)?{dates}(?:\s{of_month})?",
                rf"(?:{on}\s)?{days}",
                rf"(?:(?:{on}|{every})\s)?{through}",
                rf"{every}\s(?:(?P<second>{other})\s|(?P<third>{third})\s)?{days}",
                rf"(?:(?:{on}|{every})\s)?{nth}\s{of_month}",
                rf"(?:{on}\s)?{nth}",
                rf"{every}\s(?P<first>{nth})",
                rf"(?:(?:{on}|{every})\s)?(?:{dated}|{named})\s{of_month}",
                rf"(?:(?:{on}|{every}|{often}|{often}\s{on})\s)?{month_end}",
            )
        ]
        self._day = compiled(day)
        self.never = compiled(rf"{lexicon.any('repeat.never')}[.!]?")
        times = lexicon.any("repeat.times")
        self._count = compiled(
            rf"[,;]?\s?(?:{lexicon.any('for')}\s)?(?:(?P<digits>\d{{1,4}})|(?P<word>{number})\s)\s?{times}$"
        )
        self._shorter = compiled(rf",?\s\(?{lexicon.any('repeat.shorter')}\)?$")
        self._until = compiled(rf"[,;]?\s{lexicon.any('until')}\s(?P<end>.+)$")
        self._for = compiled(rf"[,;]?\s{lexicon.any('for')}\s(?P<length>.+)$")

    def rules(
        self, typed: str, first: datetime, now: datetime, zone: ZoneInfo, translations: Translations
    ) -> Iterator[Rule]:
        """Return what is read, if anything. Raises `ValueError` with a sentence for an end that is none."""
        for rest, end in self._ends(typed, first, now, zone, translations):
            for words in _without_first(self._shorter.sub("", rest), first, now, zone, translations):
                if rule := self._rule(words):
                    yield replace(rule, count=end.count, until=end.until)

    def _ends(
        self, typed: str, first: datetime, now: datetime, zone: ZoneInfo, translations: Translations
    ) -> Iterator[tuple[str, Rule]]:
        """Split off when it ends: after so many times, with a day, or after a length of time."""
        yield typed, Rule("")
        if match := self._count.search(typed):
            times = int(match["digits"]) if match["digits"] else self._numbers[fold(match["word"])]
            if not 0 < times <= MOST_TIMES:
                raise ValueError(say("It can repeat 1 to {most} times.", most=MOST_TIMES))
            yield typed[: match.start()], Rule("", count=times)
        if match := self._until.search(typed):
            last = read_when(match["end"], now, zone, translations).at.astimezone(zone)
            yield typed[: match.start()], Rule("", until=_end_of(last.date()))
        if match := self._for.search(typed):
            for length, at in self._lengths.at(match["length"], 0):
                if at == len(match["length"]) and not length.seconds:
                    day = add(first.date(), length + Length(days=-1))
                    yield typed[: match.start()], Rule("", until=_end_of(day))

    def says_how(self, words: str) -> bool:
        """Say whether words tell how something repeats; also where that may be meant in two ways."""
        try:
            return self._rule(words) is not None
        except ValueError:
            return True

    def _rule(self, words: str) -> Rule | None:
        for form in self._forms:
            if match := form.fullmatch(words):
                return self._meant(match)
        return None

    def _nths(self, match: regex.Match[str]) -> tuple[int, ...]:
        """Return which of its days of the week in a month are meant: -1 is the last."""
        said = [fold(word) for word in match.captures("nth")] if "nth" in match.groupdict() else []
        found = [-1 if word in self._last else self._ordinals.get(word) or int(word[0]) for word in said]
        return tuple(sorted(found, key=lambda number: (number < 0, number)))

    def _meant(self, match: regex.Match[str]) -> Rule | None:
        said, nths = match.groupdict(), self._nths(match)
        if said.get("third") or (said.get("first") and len(nths) == 1 and nths[0] > 1):
            raise ValueError(
                say("Every few weeks, or every month? Try “every 3 weeks” or “third tuesday of every month”.")
            )
        rule = self._often(said)
        if rule.interval > _LONGEST_INTERVAL or not rule.interval:
            return None
        if said.get("second"):
            rule = replace(rule, interval=2)
        if said.get("days"):
            found = [number for day in self._day.findall(said["days"]) for number in self._weekdays[fold(day)]]
            fits = rule.unit == "WEEKLY" or (rule.unit == "MONTHLY" and said.get("each"))
            return replace(rule, days=tuple(sorted(set(found)))) if fits else None
        if said.get("from"):
            begin, end = (self._weekdays[fold(said[key])][0] for key in ("from", "to"))
            return replace(rule, days=tuple(sorted((begin + n) % 7 for n in range((end - begin) % 7 + 1))))
        if said.get("weekday"):
            return self._nth(said, rule, nths)
        if said.get("date") or said.get("last_day") or said.get("named"):
            numbers = self._dates(match)
            monthly = rule.unit == "MONTHLY" or _says_no_unit(said)
            return replace(rule, unit="MONTHLY", month_days=numbers) if monthly and numbers else None
        return rule

    def _dates(self, match: regex.Match[str]) -> tuple[int, ...]:
        """Return which days of a month are meant, -1 for the last; nothing for what cannot be."""
        named = match.captures("named") if "named" in match.groupdict() else []
        found = [int(day) for day in match.captures("date")] if "date" in match.groupdict() else []
        found += [self._ordinals[fold(word)] for word in named]
        last = match.captures("last_day") if "last_day" in match.groupdict() else []
        longest = 28 if len(found) + len(last) > 1 else 31
        if not all(1 <= day <= longest for day in found) or len({*found}) < len(found) or len(last) > 1:
            return ()
        return (*sorted(found), *([-1] if last else []))

    def _often(self, said: dict[str, str | None]) -> Rule:
        """Return how often; without a word of it every week."""
        if adverb := said.get("adverb"):
            return self._adverbs[fold(adverb)]
        if unit := said.get("unit"):
            rule = self._units[fold(unit)]
            times = 2 if said["other"] else int(said["interval"] or 0) if said["interval"] else 1
            if said["number"]:
                times = self._numbers[fold(said["number"])]
            if said["every_nth"]:
                times = self._ordinals[fold(said["every_nth"])]
            if times == 1 and (said["every_nth"] or said["rank"]):  # "every first week" is of something else
                times = 0
            return replace(rule, interval=rule.interval * times)
        return Rule("WEEKLY")

    def _nth(self, said: dict[str, str | None], rule: Rule, nths: tuple[int, ...]) -> Rule | None:
        if _says_no_unit(said):
            rule = Rule("MONTHLY")
        days = self._weekdays[fold(said["weekday"] or "")]
        if rule.unit != "MONTHLY" or max(nths) > 4 or len(days) > 1 or len({*nths}) < len(nths):
            return None
        return replace(rule, days=days, nths=nths)


def _says_no_unit(said: dict[str, str | None]) -> bool:
    """Say whether no unit of time is named: "on the first friday" is of a month."""
    return said.get("adverb") is None and said.get("unit") is None


def _without_first(
    words: str, first: datetime, now: datetime, zone: ZoneInfo, translations: Translations
) -> Iterator[str]:
    """Leave the time or the day of the first occurrence out, if it is said once more: "every monday at 18:00".

    Of another day its time alone says nothing new: "every week on tuesday 18:00" of an event on a Thursday.
    """
    yield words
    for match in regex.finditer(r"[,;]?\s", words):
        behind = words[match.end() :]
        if (at := read_clock(behind, translations)) is not None:
            same = at == first.time()
        else:
            try:
                when = read_when(behind, now, zone, translations)
            except ValueError:
                continue
            begins = when.at.astimezone(zone)
            same = begins.date() == first.date() and begins.time() == (first.time() if when.has_time else begins.time())
            same = same and not when.ends
        if same:
            yield words[: match.start()]


def _end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day) + timedelta(days=1, seconds=-1)  # noqa: DTZ001 - on the wall clock
