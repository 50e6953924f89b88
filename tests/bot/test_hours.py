"""When members are left alone: quiet hours and waking hours on their own clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.text.hours import awake, is_quiet, waking
from storage.members import Member

BERLIN, LORD_HOWE, KATHMANDU = map(ZoneInfo, ("Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"))


def member(quiet_from: str | None = None, quiet_to: str | None = None) -> Member:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Member(
        id=1,
        community_id=1,
        name="Mia",
        accounts=(),
        roles=frozenset(),
        timezone=None,
        locale=None,
        away_until=None,
        quiet_from=quiet_from,
        quiet_to=quiet_to,
        direct_ok=False,
        offers_ok=True,
        joined_at=at,
        last_active_at=at,
        left_at=None,
    )


@pytest.mark.parametrize(
    "hour,quiet",
    [(21, False), (22, True), (23, True), (0, True), (7, True), (8, False), (12, False)],
)
def test_quiet_hours_may_go_over_midnight(hour: int, quiet: bool) -> None:
    at = datetime(2026, 3, 2, hour, tzinfo=BERLIN)
    assert is_quiet(member("22:00", "08:00"), at, BERLIN) is quiet


def test_equal_hours_are_none() -> None:
    assert not is_quiet(member("08:00", "08:00"), datetime(2026, 3, 2, 8, tzinfo=BERLIN), BERLIN)


@pytest.mark.parametrize("hour,quiet", [(21, False), (22, True), (2, True), (6, True), (7, False), (12, False)])
def test_the_night_is_quiet_where_the_zone_is_known(hour: int, quiet: bool) -> None:
    at = datetime(2026, 3, 2, hour, 41, tzinfo=KATHMANDU)
    assert is_quiet(replace(member(), timezone="Asia/Kathmandu"), at, KATHMANDU) is quiet
    assert not is_quiet(member(), at, KATHMANDU), "the community's zone says nothing of someone's night"
    assert not is_quiet(replace(member("00:00", "00:00"), timezone="Asia/Kathmandu"), at, KATHMANDU)


@pytest.mark.parametrize("zone", [BERLIN, LORD_HOWE, KATHMANDU])
def test_nobody_is_woken(zone: ZoneInfo) -> None:
    for hours in range(24 * 3):
        at = datetime(2026, 3, 28, tzinfo=UTC) + timedelta(hours=hours)
        found = waking(member(), at, zone)
        assert at <= found < at + timedelta(days=1)
        assert 9 <= found.astimezone(zone).hour < 18


def test_the_night_in_which_clocks_change_is_as_long_as_it_is() -> None:
    evening = datetime(2026, 3, 28, 23, tzinfo=BERLIN)
    assert awake(member("22:00", "08:00"), evening, BERLIN) == datetime(2026, 3, 29, 8, tzinfo=BERLIN)
    evening = datetime(2026, 10, 24, 23, tzinfo=BERLIN)
    assert awake(member("22:00", "08:00"), evening, BERLIN) == datetime(2026, 10, 25, 8, tzinfo=BERLIN)


def test_quiet_hours_that_leave_no_waking_hour_still_leave_a_moment() -> None:
    found = waking(member("08:00", "20:00"), datetime(2026, 3, 2, 12, tzinfo=BERLIN), BERLIN)
    assert found.astimezone(BERLIN).hour == 20


def test_now_is_kept_when_it_is_good() -> None:
    at = datetime(2026, 3, 2, 12, 7, 30, tzinfo=BERLIN)
    assert waking(member(), at, BERLIN) == awake(member(), at, BERLIN) == at
