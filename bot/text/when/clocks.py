"""Times of day: "18:30", "1830 hrs", "6.30pm", "six thirty", "half past six", "halb sieben", as Discord writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import regex

from .grammar import Clock, Group
from .lexicon import Lexicon, compiled, fold, pattern

_HOUR = r"[01]?\d|2[0-4]"


class Clocks:
    """The rule for times of day in the words of some languages."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._numbers = {word: number for word, number in lexicon.numbers.items() if number <= 60}
        number = pattern(word for word, value in self._numbers.items() if value <= 24)
        minutes = pattern(self._numbers)
        at = rf"(?:(?P<at>{lexicon.any('clock.at', 'from')}|@)\s?)?"
        self._from = compiled(rf"{lexicon.any('from')}\s")
        self._am = {fold(word) for word in lexicon.words("clock.am")}
        self._on = {fold(word) for word in lexicon.words("day.on")}
        half = rf"(?:\s?(?P<half>{lexicon.any('clock.am', 'clock.pm')}))?"
        oclock, hours = lexicon.any("clock.oclock"), lexicon.any("clock.oclock", "clock.hours")

        def timed(form: str) -> regex.Pattern[str]:
            return compiled(rf"{at}{form}(?:\s{lexicon.any('clock.sharp')}(?!\w))?")

        self._digits = timed(
            rf"(?P<hour>{_HOUR})(?:(?P<mark>[:.h])(?P<minute>[0-5]\d))(?::(?P<second>[0-5]\d)(?:[.,]\d+)?)?"
            rf"(?:\s?(?:{oclock}|(?<=\d\d[:.]\d\d\s?){hours}))?{half}(?![\d:/]|\.\d|\.(?=\s*\d)|(?=\w)(?!z\b|utc|gmt))"
        )
        self._row = timed(
            rf"(?P<hour>[01]\d|2[0-4])(?P<minute>[0-5]\d)(?P<sure>\s?{hours})?(?![\w:/]|\.\d|-\d{{1,2}}(?!\d))"
        )
        day = lexicon.any("day.today", "day.tomorrow", "day.after_tomorrow", "day.tonight")
        self._no_year = compiled(
            rf"(?:(?<!\w){pattern(lexicon.weekdays)}\.?|(?<!\w){day}|(?<=\d{{4}})-|(?<=\d{{4}}\s?)(?:->|→|-\s|\s{lexicon.any('to')}))"
            r",?\s?$"
        )
        self._packed = regex.compile(r"(?<=\d[Tt])(?P<hour>[01]\d|2[0-4])(?P<minute>[0-5]\d)(?P<second>[0-5]\d)?(?!\d)")
        self._oclock = timed(
            rf"(?:(?P<hour>{_HOUR})\s?|(?P<word>{number})\s){oclock}"
            rf"(?:\s(?P<minute>[0-5]\d(?![\d.:/])|{minutes}(?!\w)))?{half}(?!\w)"
        )
        twenty = [word for word, value in self._numbers.items() if value == 20]
        by_minute = pattern(word for word, value in self._numbers.items() if 10 <= value < 60)
        self._spoken = timed(rf"(?!{pattern(twenty)}\s)(?P<word>{number})[-\s](?P<spoken>{by_minute}){half}(?!\w)")
        self._hour = timed(rf"(?:(?P<hour>{_HOUR})|(?P<word>{number})){half}(?![\w:/]|\.\d)")
        self._month = compiled(rf"\s{pattern(lexicon.months)}(?!\w)")
        keys = ("half_past", "half_to", "quarter_past", "quarter_to", "quarter_of", "three_quarters_of")
        named = "|".join(rf"(?P<{key}>{lexicon.any(f'clock.{key}')})" for key in keys)
        said = rf"(?P<minute>\d{{1,2}}|{minutes})(?:\s{lexicon.any('clock.minutes')})?"
        past, before = lexicon.any("clock.past"), lexicon.any("clock.before")
        self._named = timed(
            rf"(?:(?:{said}\s(?:(?P<past>{past})|(?P<before>{before}))(?:\s(?P<half_hour>{lexicon.any('clock.half_to')}))?)|{named})"
            rf"\s(?:(?P<hour>{_HOUR})|(?P<word>{number}))(?:\s{oclock})?{half}(?![\w:/]|\.\d)"
        )
        self._noon = timed(rf"(?:{lexicon.any('clock.noon')})(?!\w)")
        self._midnight = timed(rf"(?:{lexicon.any('clock.midnight')})(?!\w)")
        self._same = timed(rf"(?:{lexicon.any('clock.same')})(?!\w)")
        self._discord = regex.compile(r"<t:(?P<seconds>\d{1,12})(?::[tTdDfFsSR])?>")

    def __call__(self, words: str, at: int) -> Iterator[tuple[Group, int]]:
        if match := self._noon.match(words, at):
            yield Group(clock=Clock(12, twelve=False)), match.end()
        if match := self._midnight.match(words, at):
            yield Group(clock=Clock(0, midnight=True)), match.end()
        if match := self._same.match(words, at):
            yield Group(clock=Clock(0, same=True)), match.end()
        if match := self._discord.match(words, at):
            try:
                yield Group(instant=datetime.fromtimestamp(int(match["seconds"]), UTC)), match.end()
            except (ValueError, OverflowError, OSError):
                return
        for form in (self._digits, self._packed, self._row, self._oclock, self._spoken, self._named, self._hour):
            match = form.match(words, at)
            if match is None or self._is_else(match, form):
                continue
            for said, end in _variants(match):
                clock = self._clock(said, form)
                if clock and not (clock.bare and self._month.match(words, end)):
                    yield Group(clock=clock), end

    def _is_else(self, match: regex.Match[str], form: regex.Pattern[str]) -> bool:
        """Say whether it only looks like a time of day: "11.12." is a day, 2026 a year, "from 6 to 8pm" two hours."""
        if form is self._digits:
            return match["mark"] == "." and match.string.startswith(".", match.end())
        if form is self._row:  # four digits are a year as well
            return not (match["at"] or match["sure"] or self._no_year.search(match.string[: match.start()]))
        unlike = form is self._named and match["before"] is not None
        return unlike and (self._from.match(match[0]) is not None or not _is_round(match["minute"]))

    def _clock(self, said: Mapping[str, str], form: regex.Pattern[str]) -> Clock | None:
        written = said.get("hour") or said["word"]
        hour = int(written) if written.isdigit() else self._numbers[fold(written)]
        minute, second = self._number(said.get("minute") or said.get("spoken")), self._number(said.get("second"))
        half = ("am" if fold(said["half"]) in self._am else "pm") if said.get("half") else ""
        twelve = hour <= 12 and not (written.startswith("0") or (form is self._digits and said["mark"] == "h"))
        if form is self._named:
            if not 1 <= hour < 24 or not 0 <= minute < 60:
                return None
            hour, minute = _named(said, hour, minute)
        if (hour == 24 and (minute or second)) or not _agrees(hour, half):
            return None
        bare = form is self._hour and not said.get("at") and not half
        doubtful = bool(half) and fold(said["half"]) in self._on
        return Clock(hour, minute, second, half, twelve and not half, bare, doubtful=doubtful)

    def _number(self, written: str | None) -> int:
        return (int(written) if written.isdigit() else self._numbers[fold(written)]) if written else 0


def _variants(match: regex.Match[str]) -> Iterator[tuple[dict[str, str], int]]:
    """Return what was said and where it ends, also without what may belong to what follows.

    "20 Uhr am Freitag" has no "am" of its own, and "18h 20 March" no minutes.
    """
    said = match.groupdict("")
    yield said, match.end()
    if said.get("half"):
        yield {**said, "half": ""}, len(match.string[: match.start("half")].rstrip())
    elif said.get("minute") and "past" not in said and match.string[match.start("minute") - 1] == " ":
        yield {**said, "minute": ""}, match.start("minute") - 1


def _named(said: Mapping[str, str], hour: int, minute: int) -> tuple[int, int]:
    """Return the time of day that words like "half past" and an hour mean; before one o'clock is after twelve."""
    if said["half_past"]:
        minutes = hour * 60 + 30
    elif said["half_to"]:
        minutes = hour * 60 - 30
    elif said["quarter_past"]:
        minutes = hour * 60 + 15
    elif said["quarter_to"] or said["three_quarters_of"]:
        minutes = hour * 60 - 15
    elif said["quarter_of"]:
        minutes = hour * 60 - 45
    else:
        minutes = hour * 60 + (minute if said["past"] else -minute) - (30 if said["half_hour"] else 0)
    hour, minute = divmod(minutes, 60)
    return hour or 12, minute


def _is_round(minute: str) -> bool:
    """Say whether somebody may say that it is so many minutes to an hour: five, ten, twenty."""
    return not minute.isdigit() or int(minute) % 5 == 0


def _agrees(hour: int, half: str) -> bool:
    """Say whether an hour can be of that half of the day: "18:00 pm" can, "13am" and "0pm" cannot."""
    return not half or (hour <= 12 if half == "am" else 0 < hour < 24)
