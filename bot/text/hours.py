"""When members want to be left alone, on their own clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage.members import Member

WAKING = (time(9), time(18))
"""When people are spoken to unasked about what can wait."""
_STEP = timedelta(minutes=15)


def zone_of(member: Member, otherwise: ZoneInfo) -> ZoneInfo:
    """Return a member's own time zone, where it is known."""
    return ZoneInfo(member.timezone) if member.timezone else otherwise


def is_quiet(member: Member, at: datetime, zone: ZoneInfo) -> bool:
    """Say whether a moment is in someone's quiet hours; `zone` is theirs."""
    if not member.quiet_from or not member.quiet_to or member.quiet_from == member.quiet_to:
        return False
    local = f"{at.astimezone(zone):%H:%M}"
    if member.quiet_from < member.quiet_to:
        return member.quiet_from <= local < member.quiet_to
    return local >= member.quiet_from or local < member.quiet_to


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
