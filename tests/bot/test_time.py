"""Moments in people's words, lengths of time, and recurring moments where clocks change."""

from __future__ import annotations

import itertools
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import MovableClock
from bot.text.moments import read_duration, read_moment, spell
from bot.text.recurrence import Recurrence

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)  # a Sunday
BERLIN, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize(
    "words, zone, expected",
    [
        ("tomorrow 18:00", BERLIN, "2026-11-23T17:00"),
        ("tomorrow 18:00", KOLKATA, "2026-11-23T12:30"),
        ("in 2 days", BERLIN, "2026-11-24T10:00"),
        ("next Thursday 18:00", BERLIN, "2026-11-26T17:00"),
        ("until friday", BERLIN, "2026-11-26T23:00"),
        ("friday at 9", BERLIN, "2026-11-27T08:00"),
        ("at 9", BERLIN, "2026-11-23T08:00"),
        ("2026-12-24 18:00", BERLIN, "2026-12-24T17:00"),
        ("2026-12-24T18:00+00:00", BERLIN, "2026-12-24T18:00"),
        ("2027-03-28 02:30", BERLIN, "2027-03-28T01:30"),  # skipped in spring: an hour later
        ("2027-10-31 02:30", BERLIN, "2027-10-31T00:30"),  # twice in autumn: the first
    ],
)
def test_moments_are_read_in_the_zone_of_whoever_typed(words: str, zone: ZoneInfo, expected: str) -> None:
    assert read_moment(words, NOW, zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("words", ["", "banana", "7", "12.12", "9999-01-01", "0001-01-01", "x" * 500])
def test_what_is_no_moment_says_what_to_type(words: str) -> None:
    with pytest.raises(ValueError, match=r"Try|five years"):
        read_moment(words, NOW, BERLIN)


@given(
    st.text(max_size=40) | st.sampled_from(["29 Feb", "year 1", "24:00", "in -2 days", "2^63", "NaN", "tomorrow 99:99"])
)
def test_any_words_are_a_moment_or_a_kind_sentence(words: str) -> None:
    with suppress(ValueError):
        assert read_moment(words, NOW, BERLIN).tzinfo is UTC


@pytest.mark.parametrize(
    "words, minutes",
    [("90", 90), ("90 minutes", 90), ("1h 30m", 90), ("1.5 hours", 90), ("2 days", 2880), ("1 hour and 5 min", 65)],
)
def test_lengths_are_read(words: str, minutes: int) -> None:
    assert read_duration(words) == timedelta(minutes=minutes)


@given(st.text(max_size=30) | st.sampled_from(["0", "-5 minutes", "5 fortnights", "9" * 30, "1h1", "²"]))
def test_any_words_are_a_length_or_a_kind_sentence(words: str) -> None:
    with suppress(ValueError):
        assert timedelta() < read_duration(words) <= timedelta(days=366 * 5)


def test_lengths_are_said_in_their_largest_unit() -> None:
    assert [str(spell(timedelta(minutes=m))) for m in (0, 1, 59, 60, 1440, 2900)] == [
        "1 minute",
        "1 minute",
        "59 minutes",
        "1 hour",
        "1 day",
        "2 days",
    ]


@pytest.mark.parametrize(
    "zone, around, words",
    [
        ("Europe/Berlin", "2026-03-28T12:00", "daily 02:30"),
        ("Europe/Berlin", "2026-10-24T12:00", "daily 02:30"),
        ("America/New_York", "2026-03-07T12:00", "daily 02:30"),
        ("America/New_York", "2026-10-31T12:00", "daily 01:30"),
        ("Australia/Lord_Howe", "2026-04-04T12:00", "daily 01:45"),
        ("Australia/Lord_Howe", "2026-10-03T12:00", "daily 02:15"),
        ("Asia/Kathmandu", "2026-06-01T12:00", "daily 09:00"),
    ],
)
def test_every_local_day_has_one_occurrence_also_when_clocks_change(zone: str, around: str, words: str) -> None:
    at, recurrence = datetime.fromisoformat(around).replace(tzinfo=UTC), Recurrence.read(words)
    days = []
    for _ in range(4):
        at = recurrence.after(at, ZoneInfo(zone))
        days.append(at.astimezone(ZoneInfo(zone)).date())
    assert [second - first for first, second in itertools.pairwise(days)] == [timedelta(days=1)] * 3


def test_recurring_on_weekdays() -> None:
    recurrence = Recurrence.read("mon-fri 09:00")
    friday = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    assert recurrence.after(friday, ZoneInfo("UTC")) == datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    for wrong in ("", "09:00", "sometimes 09:00", "daily 25:00", "mon 9"):
        with pytest.raises(ValueError, match=r".+"):
            Recurrence.read(wrong)


def test_a_clock_is_only_moved_forward() -> None:
    clock = MovableClock(NOW)
    clock.move_to(NOW + timedelta(hours=1))
    clock.move_to(NOW)
    assert clock.now() == NOW + timedelta(hours=1)
