"""Recurring moments by the wall clock, also where clocks change."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.clock import MovableClock
from bot.text.recurrence import Recurrence

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)  # a Sunday


@pytest.mark.parametrize(
    "zone, around, words, first",
    [
        ("Europe/Berlin", "2026-03-28T12:00", "daily 02:30", "29 01:30"),
        ("Europe/Berlin", "2026-10-24T12:00", "daily 02:30", "25 00:30"),
        ("America/New_York", "2026-03-07T12:00", "daily 02:30", "08 07:30"),
        ("America/New_York", "2026-10-31T12:00", "daily 01:30", "01 05:30"),
        ("Australia/Lord_Howe", "2026-04-04T12:00", "daily 01:45", "04 14:45"),
        ("Australia/Lord_Howe", "2026-10-03T12:00", "daily 02:15", "03 15:45"),
        ("Asia/Kathmandu", "2026-06-01T12:00", "daily 09:00", "02 03:15"),
    ],
)
def test_every_local_day_has_one_occurrence_also_when_clocks_change(
    zone: str, around: str, words: str, first: str
) -> None:
    at, recurrence = datetime.fromisoformat(around).replace(tzinfo=UTC), Recurrence.read(words)
    days = []
    assert f"{recurrence.after(at, ZoneInfo(zone)):%d %H:%M}" == first, "as much later, or the first of two"
    for _ in range(4):
        at = recurrence.after(at, ZoneInfo(zone))
        days.append(at.astimezone(ZoneInfo(zone)).date())
    assert [second - one for one, second in itertools.pairwise(days)] == [timedelta(days=1)] * 3


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
