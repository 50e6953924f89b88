"""When members want to be left alone, on their own clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage.members import Member

WAKING = (time(9), time(18))
"""When people are spoken to unasked about what can wait."""
NIGHT = ("22:00", "07:00")
"""The quiet hours of those who named none, where their own zone is known."""
_STEP = timedelta(minutes=15)


def is_zone(name: str) -> bool:
    """Say whether this is a time zone that we know."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def zone_of(member: Member, otherwise: ZoneInfo) -> ZoneInfo:
    """Return a member's own time zone, where it is known."""
    return ZoneInfo(member.timezone) if member.timezone else otherwise


def quiet_hours(member: Member) -> tuple[str, str] | None:
    """Return when someone wants to be left alone, as "HH:MM" on their own clock; None for never.

    Without a word of theirs it is the night, where their own zone is known. Hours that end when they begin are none.
    """
    if member.quiet_from and member.quiet_to:
        return (member.quiet_from, member.quiet_to) if member.quiet_from != member.quiet_to else None
    return NIGHT if member.timezone else None


def is_quiet(member: Member, at: datetime, zone: ZoneInfo) -> bool:
    """Say whether a moment is in someone's quiet hours; `zone` is theirs."""
    hours = quiet_hours(member)
    if hours is None:
        return False
    start, end = hours
    local = f"{at.astimezone(zone):%H:%M}"
    if start < end:
        return start <= local < end
    return local >= start or local < end


def awake(member: Member, at: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment from `at` on, to a quarter of an hour, that is outside someone's quiet hours."""
    return _first(at, lambda moment: not is_quiet(member, moment, zone))


def waking(member: Member, at: datetime, zone: ZoneInfo, hours: tuple[time, time] = WAKING) -> datetime:
    """Return the first moment from `at` on that is outside someone's quiet hours and within `hours` on their clock.

    Someone whose quiet hours leave nothing of them is spoken to outside the quiet hours.
    """
    start, end = hours

    def good(moment: datetime) -> bool:
        return start <= moment.astimezone(zone).time() < end and not is_quiet(member, moment, zone)

    found = _first(at, good)
    return found if good(found) else awake(member, at, zone)


def _first(at: datetime, good: Callable[[datetime], bool]) -> datetime:
    """Return the first good moment within two days, else `at`. Steps are in UTC, so clock changes do no harm."""
    if good(at):
        return at
    moment = at.astimezone(UTC).replace(second=0, microsecond=0)
    moment -= timedelta(minutes=moment.minute % 15)
    for _ in range(2 * 24 * 4):
        moment += _STEP
        if good(moment):
            return moment
    return at
