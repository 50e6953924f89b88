"""Times in people's words: one reader for events, polls, `/away`, repeats and lengths, in every language we know.

Its law: every word is accounted for, or the person is asked. All readings of the whole of what was typed are found; if
they come to the same moment, that is it, and otherwise the person is asked, with what was understood.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import regex
from babel import Locale, UnknownLocaleError

from adapters.contract.text import ENGLISH, Text, Translations, join, say

from .days import Impossible
from .grammar import LONGEST as LONGEST_TYPED
from .grammar import Grammar
from .lengths import LONGEST, read_length, spell
from .lexicon import Lexicon, compiled, known_languages, normal
from .resolve import Here, When, moments, no_length, no_time, times_of_day
from .rules import DM, MD, grammar_of, lengths_of
from .shown import day_words, moment_words, month_words, short_words, weekday_words, written
from .slips import meant

__all__ = [
    "When",
    "day_words",
    "exact",
    "find_times",
    "is_stamp",
    "languages_of",
    "moment_words",
    "month_words",
    "no_time",
    "read_clock",
    "read_duration",
    "read_moment",
    "read_when",
    "spell",
    "weekday_words",
    "written",
]

_ISO = regex.compile(
    r"\d{4}-\d\d-\d\d(?P<mark>[T ])(?P<clock>\d\d:\d\d)(?P<seconds>:\d\d(?:\.\d{1,6})?)?(?P<zone>[Zz]|[+-]\d\d:?\d\d)"
)

_QUOTES = ('""', "“”", "„“", "«»", "»«", "''", "「」")


def read_when(
    words: str, now: datetime, zone: ZoneInfo, translations: Translations = ENGLISH, locale: str = ""
) -> When:
    """Read "tomorrow 18:00", "next thursday 6-8pm", "in 2 days" or ISO, as typed at `now` by someone in `zone`.

    It may be in any language that we know; that of whoever typed it comes first, and with English beside it. The region
    of their `locale` ("en-GB") tells what "03/04/2026" is. Raises `ValueError` with a sentence for that person.
    """
    typed = _unquoted(normal(words))
    here = Here(now, zone)
    found, problem = list[When](), None
    for languages in languages_of(translations):
        found, problem = _read(typed, here, languages, _order(locale or language_of(translations)))
        if found:
            break
    if len(found) == 1:
        far = any(abs(at - now) > LONGEST for at in (found[0].at, found[0].ends) if at)
        if far:
            raise ValueError(say("That's too far away: a time within five years, please."))
        return replace(found[0], opens=found[0].ends is None and _beginning(languages).match(typed) is not None)
    if found:
        raise ValueError(_which(found, here))
    raise ValueError(problem or _not_read(typed, here, translations))


def read_moment(
    words: str, now: datetime, zone: ZoneInfo, translations: Translations = ENGLISH, locale: str = ""
) -> datetime:
    """Read one moment with a time of day; otherwise it is as with `read_when`."""
    return exact(read_when(words, now, zone, translations, locale), now, zone)


def exact(when: When, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the one moment that was meant, in UTC. Raises `ValueError` with a sentence for two, or a day to come."""
    if when.ends:
        raise ValueError(say("Those are two times, a beginning and an end. Which one do you mean?"))
    if when.lacks_time(now):
        raise ValueError(no_time(when.at.astimezone(zone).date()))
    return when.at


def read_duration(words: str, translations: Translations = ENGLISH) -> timedelta:
    """Read "90 minutes", "1h 30m" or "2 days". A bare number is minutes.

    It may be in any language that we know. Raises `ValueError` with a sentence for whoever typed it.
    """
    for languages in languages_of(translations):
        length = read_length(normal(words), lengths_of(languages))
        if length is not None and timedelta() < length <= LONGEST:
            return length
    raise ValueError(no_length())


def read_clock(words: str, translations: Translations = ENGLISH) -> time | None:
    """Read a mere time of day: "9:00", "at 9am", "um 9 Uhr", "abends um 8"; nothing where it is none, or several."""
    for languages in languages_of(translations):
        found = {at for reading in grammar_of(languages).readings(normal(words)) for at in times_of_day(reading)}
        if len(found) == 1:
            return found.pop()
    return None


def is_stamp(words: str) -> bool:
    """Say whether this is how a program writes a moment, for nobody to read: "2026-03-05T18:00+01:00"."""
    return _ISO.fullmatch(words) is not None


def find_times(words: str, translations: Translations = ENGLISH) -> list[tuple[int, int]]:
    """Return where moments stand among other words; that there are such moments is not looked at.

    Of the languages in which it may be written that one counts in which more of the words are times.
    """
    own, every = (_times_in(words, grammar_of(languages)) for languages in languages_of(translations))
    # A word alone is too easily one of another language: "Do" is Thursday in German.
    every = [(start, end) for start, end in every if regex.search(r"\d|\s", words[start:end])]
    return max(own, every, key=lambda times: sum(end - start for start, end in times))


def _times_in(words: str, grammar: Grammar) -> list[tuple[int, int]]:
    tokens = [match.span() for match in regex.finditer(r"[^\s()\[\]]+", words)]
    read = [normal(words[start:end]) for start, end in tokens]
    begins = [sum(len(word) + 1 for word in read[:number]) for number in range(len(read) + 1)]
    times = []
    for start, end in grammar.phrases(" ".join(read)):
        first, last = bisect_right(begins, start) - 1, bisect_left(begins, end) - 1
        if begins[first] == start:
            times.append((tokens[first][0], tokens[last][1] - (begins[last + 1] - 1 - end)))
    return times


def language_of(translations: Translations) -> str:
    """Return the code of a language."""
    return translations.info().get("language", "en")


def languages_of(translations: Translations) -> Iterator[tuple[str, ...]]:
    """Return the languages in which something may be written: first one's own and English, then all."""
    own = tuple(dict.fromkeys((language_of(translations), "en")))
    yield own
    yield tuple(dict.fromkeys((*own, *known_languages())))


def _read(typed: str, here: Here, languages: tuple[str, ...], order: str) -> tuple[list[When], Text | None]:
    """Return the moments that may be meant, and what is wrong with one that cannot be."""
    if moment := _iso(typed):
        return [When(moment)], None
    found, problem = dict[When, str](), None
    for reading in grammar_of(languages).readings(typed):
        try:
            found |= dict.fromkeys(moments(reading, here), reading.start.order)
        except Impossible as wrong:
            problem = wrong.words
        except OverflowError:
            problem = say("That's too far away: a time within five years, please.")
    likely = [when for when, its_order in found.items() if order and its_order == order]
    return likely or list(found), problem


@cache
def _beginning(languages: tuple[str, ...]) -> regex.Pattern[str]:
    """Return what a beginning is called by in some languages: "from", "ab"."""
    return compiled(rf"{Lexicon(languages).any('from')}\s")


def _unquoted(typed: str) -> str:
    """Return what was typed without the quotes around all of it."""
    inside = typed[1:-1]
    return inside.strip() if typed[:1] + typed[-1:] in _QUOTES and not set(inside) & set("".join(_QUOTES)) else typed


def _iso(typed: str) -> datetime | None:
    """Read a moment with its offset from UTC, as programs write it. "18:00-20:00" is from six to eight, though."""
    match = _ISO.fullmatch(typed)
    if match is None:
        return None
    is_range = match["zone"][0] == "-" and match["zone"][1:] > match["clock"]
    if is_range and match["mark"] == " " and not match["seconds"]:
        return None
    try:
        return datetime.fromisoformat(typed.upper())
    except ValueError:
        return None


@cache
def _order(locale: str) -> str:
    """Return the order of month and day in a region: "DM", "MD", or "" where it is not the same for everyone."""
    code = locale.replace("-", "_")
    if code.partition("_")[2] == "" and code == "en":
        return ""
    try:
        short = Locale.parse(code).date_formats["short"].pattern
    except (UnknownLocaleError, ValueError):
        return ""
    if short.lstrip().lower().startswith("y"):
        return ""
    return MD if short.find("M") < short.find("d") else DM


def _which(found: Sequence[When], here: Here) -> Text:
    """Ask which of several moments is meant, in few words: there is little room beside an input."""
    *others, last = list(dict.fromkeys(_shown(when, here) for when in found))[:3]
    return say("Is that {others} or {last}?", others=join(others, ", "), last=last)


def _shown(when: When, here: Here) -> Text:
    year = here.now.astimezone(here.zone).year
    if not when.has_time:
        return short_words(when.at, here.zone, year, with_time=False)
    start = short_words(when.at, here.zone, year)
    return say("{start} to {end}", start=start, end=short_words(when.ends, here.zone, year)) if when.ends else start


def _not_read(typed: str, here: Here, translations: Translations) -> Text:
    """Say what was not understood, and what was; of words with a slip in them what was meant."""
    *_, every = languages_of(translations)
    read = [grammar_of(languages).parts(typed) for languages in languages_of(translations)]
    known, unknown = min(read, key=lambda parts: len(parts[1]))
    likely, slips = meant(typed, unknown, every) if len(typed) <= LONGEST_TYPED else (typed, [])
    if slips and _read(likely, here, every, "")[0]:
        # Translators: “{words}” is all that somebody typed, with its slips mended
        return say("I don't understand {unknown}. Did you mean “{words}”?", unknown=_list(slips), words=likely)
    if not known or len(typed) > LONGEST_TYPED:
        return say("I couldn't read that as a time. Try “tomorrow 18:00”, “in 2 days” or “2026-12-24 18:00”.")
    example = say("Try “tomorrow 18:00”, “in 2 days” or “2026-12-24 18:00”.")
    parts = {"known": _list(known), "unknown": _list(unknown), "example": example}
    if unknown:
        return say("I understood {known}, but not {unknown}. {example}", **parts)
    return say("I understood {known}, but couldn't make one time of it. {example}", **parts)


def _list(parts: Sequence[str]) -> Text:
    # Translators: quotation marks around what somebody typed
    return join((say("“{words}”", words=words) for words in parts), ", ")
