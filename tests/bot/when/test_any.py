"""Any moment in any spelling is read back as the same instant; what is garbled is asked."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.text.language import Locales
from bot.text.when import moment_words, read_duration, read_moment, read_when, written
from bot.text.when.shown import is_twice, offset_of

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ZONES = tuple(
    map(
        ZoneInfo,
        "Europe/Berlin America/New_York America/Sao_Paulo Asia/Tokyo Asia/Kolkata Asia/Kathmandu Australia/Lord_Howe "
        "Pacific/Auckland Africa/Casablanca America/St_Johns UTC".split(),
    )
)
TONGUES = Locales()
NAMES = {language: Locale.parse(language) for language in ("en", "de")}


WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
SPOKEN = {15: ("fifteen", "fünfzehn"), 30: ("thirty", "dreißig"), 45: ("forty-five", "fünfundvierzig")}
"""Minutes as they are said."""


@dataclass(frozen=True)
class Typed:
    """A moment as somebody typed it."""

    words: str
    at: datetime
    zone: ZoneInfo
    language: str
    locale: str = ""

    def read(self, words: str | None = None) -> datetime:
        return read_moment(words or self.words, NOW, self.zone, TONGUES.of(self.language), self.locale)


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _days(local: datetime, language: str) -> list[tuple[str, str]]:
    """Return a day in each spelling, and the locale in which that is what it is."""
    day, month, year = local.day, local.month, local.year
    weekday = NAMES[language].days["format"]["wide"][local.weekday()]
    short = NAMES[language].days["format"]["abbreviated"][local.weekday()]
    name = NAMES[language].months["format"]["wide"][month]
    dates = [f"{local:%Y-%m-%d}", f"{day}.{month}.{year}", f"{local:%d.%m.%Y}", f"{local:%Y/%m/%d}"]
    if language == "de":
        dates += [f"{day}. {name} {year}", f"{weekday}, den {day}. {name} {year}", f"{short} {day}.{month}.{year}"]
        dates += [f"am {day}. {name} {year}", f"{day}/{month}/{year}"]
    else:
        dates += [f"{day} {name} {year}", f"{name} {_ordinal(day)}, {year}", f"{weekday} {day} {name} {year}"]
        dates += [
            f"{weekday}, {name} {day}, {year}",
            f"the {_ordinal(day)} of {name} {year}",
            f"{short} {day} {name} {year}",
        ]
    dates += [f"{local:%G-W%V-%u}", f"{weekday} KW {local:%V}/{local:%G}"]
    found = [(date, "") for date in dates]
    if language == "en":
        found += [(f"{day}/{month}/{year}", "en-GB"), (f"{month}/{day}/{year}", "en-US")]
    if timedelta(days=2) < local.astimezone(UTC) - NOW < timedelta(days=340):
        found += [(f"{day}.{month}.", ""), (f"{day}. {name}" if language == "de" else f"{name} {day}", "")]
    ahead = (local.date() - NOW.astimezone(local.tzinfo).date()).days
    if 0 < ahead < 7:
        found += [(weekday, ""), (("nächsten " if language == "de" else "next ") + weekday, "")]
    if ahead == 1:
        found.append(("morgen" if language == "de" else "tomorrow", ""))
    if 0 < ahead < 60 and local.weekday() < 5:
        today = NOW.astimezone(local.tzinfo).date()
        between = sum((today + timedelta(days=one)).weekday() < 5 for one in range(1, ahead + 1))
        found.append((f"in {between} Arbeitstagen" if language == "de" else f"in {between} working days", ""))
    if 1 < ahead < 60:
        found.append((f"in {ahead} Tagen" if language == "de" else f"in {ahead} days", ""))
    return found


def _clocks(local: datetime, language: str) -> list[str]:
    hour, minute = local.hour, local.minute
    twelve, half = hour % 12 or 12, "am" if hour < 12 else "pm"
    times = [f"{hour:02}:{minute:02}", f"{hour}.{minute:02}", f"{hour}h{minute:02}"]
    times += [f"{hour:02}{minute:02}h", f"{'um' if language == 'de' else 'at'} {hour:02}{minute:02}"]
    if minute in SPOKEN:
        spoken = SPOKEN[minute][language == "de"]
        times.append(f"{hour} Uhr {spoken}" if language == "de" else f"{WORDS[twelve]} {spoken} {half}")
    if language == "de":
        times += [f"{hour}:{minute:02} Uhr", f"um {hour}.{minute:02} Uhr", f"um {hour} Uhr {minute:02}"]
        if minute == 0:
            times += [f"{hour} Uhr", f"um {hour} Uhr", f"{hour}h"]
    else:
        times += [
            f"{twelve}:{minute:02}{half}",
            f"at {twelve}:{minute:02} {half.upper()}",
            f"{twelve}.{minute:02} {half}",
        ]
        if minute == 0:
            times += [f"{twelve}{half}", f"at {twelve} {half[0]}.m.", f"{hour}h", f"{twelve} o'clock {half}"]
        if minute == 30:
            times.append(f"half past {twelve} {half}")
    return times


@st.composite
def typed(draw: st.DrawFn) -> Typed:
    """Make any moment of the next three years, in any spelling, seen from any zone."""
    zone, language = draw(st.sampled_from(ZONES)), draw(st.sampled_from(("en", "de")))
    soon = draw(st.booleans())
    minutes = draw(st.integers(1, 60 * 24 * 7 if soon else 60 * 24 * 365 * 3))
    at = NOW + timedelta(minutes=minutes)
    if draw(st.booleans()):
        at = at.replace(minute=draw(st.sampled_from((0, 15, 30, 45))))
    assume(at > NOW + timedelta(hours=1))
    there = draw(st.sampled_from((zone, *ZONES)))
    local = at.astimezone(there)
    day, locale = draw(st.sampled_from(_days(local, language)))
    clock = draw(st.sampled_from(_clocks(local, language)))
    assume(not (day.startswith("in ") and "h" in clock))  # "in 2 days 11h" may be two days and eleven hours
    if there is not zone and not day[0].isdigit():
        day, locale = f"{local:%Y-%m-%d}", ""
    if there is not zone and day.count(".") == 2 and day.endswith("."):
        day = f"{day}{local.year}"
    city = moment_words(at, there).localized(TONGUES.of(language)).plain().partition(" (")[2]
    zones = [f" {offset_of(local)}", f" {local:%z}" if local.utcoffset() else " UTC", f" ({city}" if city else " UTC"]
    named = "" if there is zone and not is_twice(local) else draw(st.sampled_from(zones))
    assume(not (is_twice(local) and city and "UTC" not in named and named[1:2] == "("))
    glue = draw(st.sampled_from((" ", ", ", "  "))) if clock[0].isdigit() else " "
    words = f"{day}{glue}{clock}{named}" if named or draw(st.booleans()) else f"{clock} {day}"
    loud = draw(st.booleans())
    apart = draw(st.booleans())
    words = unicodedata.normalize("NFD" if apart else "NFC", words.upper() if loud else words)
    return Typed(words, at, zone, language, locale)


@given(typed())
def test_any_moment_is_read_back_as_the_same_instant(said: Typed) -> None:
    assert said.read() == said.at


@given(typed(), st.sampled_from(("same time {}", "{}, same time", "um die gleiche Zeit {}")))
def test_the_same_time_on_any_day_is_the_time_that_it_is_now(said: Typed, form: str) -> None:
    now = NOW.astimezone(said.zone)
    on = said.at.astimezone(said.zone).replace(hour=now.hour, minute=now.minute)
    assume(on > now and not is_twice(on) and on.astimezone(UTC).astimezone(said.zone).hour == now.hour)
    assert said.read(form.format(f"{on:%Y-%m-%d}")) == on


@given(st.integers(1, 60 * 24 * 365 * 3), st.sampled_from(ZONES), st.sampled_from(ZONES), st.sampled_from(("en", "de")))
def test_what_trellis_says_can_be_typed(minutes: int, zone: ZoneInfo, reader: ZoneInfo, language: str) -> None:
    at, translations = NOW + timedelta(minutes=minutes), TONGUES.of(language)
    assert read_moment(moment_words(at, zone).localized(translations).plain(), NOW, reader, translations) == at
    assert read_moment(written(at, zone), NOW, zone, translations) == at


STRANGE = (
    "xyzzy",
    "cabbage",
    "Blumenkohl",
    "?",
    "%",
    "🌱",
    "25:00",
    "and",
    "or",
    "oder",
    "31.13.",
    "tomorow",
    "frday",
    "0",
)


@given(typed(), st.sampled_from(STRANGE), st.integers(0, 20))
def test_a_word_too_many_is_asked_about(said: Typed, strange: str, place: int) -> None:
    words = said.words.split()
    words.insert(min(place, len(words)), strange)
    with pytest.raises(ValueError, match=r"."):
        said.read(" ".join(words))


@given(typed(), typed(), st.booleans())
def test_two_moments_are_not_one(said: Typed, other: Typed, behind: bool) -> None:
    for words in (f"{said.words} {said.words}", f"{said.words} {other.words}"):
        with pytest.raises(ValueError, match=r"."):
            said.read(words)


@given(
    st.text(max_size=40)
    | st.lists(
        st.sampled_from(
            "in at 2 days next friday 18:00 - to am pm 5. march utc 12 tomorrow the of half past , 3/4".split()
        ),
        max_size=7,
    ).map(" ".join)
)
def test_any_words_are_a_moment_or_a_question(words: str) -> None:
    for zone in ZONES[:3]:
        with suppress(ValueError):
            assert read_when(words, NOW, zone).at.utcoffset() == timedelta()
        with suppress(ValueError):
            assert timedelta() < read_duration(words) <= timedelta(days=366 * 5)
