"""What a reading means: the moments that it may stand for, seen from now and from a time zone.

Days and months are counted on the calendar, hours and minutes in real time. A time that the clocks skip in spring is as
much later as they skip; of one that comes twice in autumn the first is meant, unless the zone that was written tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from adapters.contract.text import Text, say

from .days import Days, Impossible, add, days_of
from .grammar import Clock, Group, Offset, Reading, Weekday
from .lengths import Length
from .shown import day_words, weekday_words
from .zones import by_abbreviation

_HALF_A_DAY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class When:
    """A moment that somebody wrote: when it begins and, where they said so, when it ends, in UTC.

    Without a time of day, `at` is the beginning of that day, in the zone that was meant, and of several days the last
    ones is over at `ends`. `opens` says that it was called a beginning, of which the end was left out: "from monday".
    """

    at: datetime
    ends: datetime | None = None
    has_time: bool = True
    opens: bool = False

    def lacks_time(self, now: datetime) -> bool:
        """Say whether it is a day that is not over yet, so that its time of day is what is left to say."""
        return not self.has_time and self.at + timedelta(days=1) > now


@dataclass(frozen=True, slots=True)
class Here:
    """From when and where a moment is seen."""

    now: datetime
    zone: ZoneInfo


def moments(reading: Reading, here: Here) -> Iterator[When]:
    """Return every moment that a reading may stand for. Raises `Impossible`, and `OverflowError` far away."""
    start, end = _as_now(reading.start, here), reading.end
    if end is None:
        for found in _starts(start, here):
            if reading.length and found.has_time:
                ends = later(found.at, reading.length, here.zone)
                if ends <= found.at:
                    raise Impossible(no_length())
                yield replace(found, ends=ends)
            elif not reading.length:
                yield found
        return
    if not start.clock:
        yield from _through(start, end, here)
        return
    if not end.clock:
        return
    start, end = replace(start, zone=start.zone or end.zone), replace(end, zone=end.zone or start.zone)
    if end.has_day and not start.has_day and not reading.day_leads:
        start, end = (
            replace(end, clock=start.clock, part=start.part),
            Group(clock=end.clock, part=end.part, zone=end.zone),
        )
    for first, last in _together(start, end):
        for found in _starts(first, here):
            for ends in _ends(last, found.at, here, one_part=bool(first.part) and first.part == last.part):
                yield When(found.at, ends)


def _through(start: Group, end: Group, here: Here) -> Iterator[When]:
    """Return from which day on, and until the end of which: the next such day behind the first."""
    for first in _starts(start, here):
        seen_from = here if end.is_seen_from_today else Here(max(first.at, here.now), here.zone)
        for last in _starts(end, seen_from):
            if last.at > first.at:
                day = last.at.astimezone(here.zone).date() + timedelta(days=1)
                yield When(first.at, _at(day, None, 0, here.zone), has_time=False)


def _as_now(group: Group, here: Here) -> Group:
    """Put the time that it is now in the place of "same time"; next week it is the same day of the week, too."""
    if not group.clock or not group.clock.same:
        return group
    local = here.now.astimezone(here.zone)
    weekday = Weekday(local.weekday()) if group.weeks is not None and not group.weekday else group.weekday
    return replace(group, clock=Clock(local.hour, local.minute, twelve=False), weekday=weekday)


def times_of_day(reading: Reading) -> Iterator[time]:
    """Return every time of day that a reading may stand for that says nothing else."""
    start = reading.start
    if (
        start.clock
        and not start.clock.same
        and start == Group(clock=start.clock, part=start.part)
        and not (reading.end or reading.length)
    ):
        yield from (time(hour, start.clock.minute) for hour in _hours(start) if hour < 24)


def _together(start: Group, end: Group) -> Iterator[tuple[Group, Group]]:
    """Let one "pm" or "in the evening" be that of both times, where it is written only once."""
    first, last = start.clock, end.clock
    assert first is not None
    assert last is not None
    if end.part and not start.part and first.twelve:
        start = replace(start, part=end.part)
    elif start.part and not end.part and not end.has_day and last.twelve:
        end = replace(end, part=start.part)
    if last.half and first.twelve and not start.part:
        halves = [half for half in ("am", "pm") if _minutes(replace(first, half=half)) < _minutes(last)]
        half = last.half if last.half in halves or not halves else halves[0]
        yield replace(start, clock=replace(first, half=half, bare=False)), end
    elif first.half and last.twelve and not end.part and not end.has_day:
        same = replace(last, half=first.half)
        other = replace(last, half="am" if first.half == "pm" else "pm")
        yield start, replace(end, clock=same if _minutes(first) < _minutes(same) else other)
    else:
        yield start, end


def _minutes(clock: Clock) -> int:
    return next((hour * 60 + clock.minute for hour in _hours(Group(clock=clock))), 0)


def _ends(end: Group, start: datetime, here: Here, *, one_part: bool) -> Iterator[datetime]:
    """Return when what begins at `start` may end: at that time on the same day, or as soon after as it comes.

    Of what begins and ends in the same evening (`one_part`) the next one is not meant.
    """
    if end.has_day:
        yield from (found.at for found in _starts(end, here) if found.at > start)
        return
    assert end.clock
    for zone in _zones(end, here):
        first = start.astimezone(zone).date()
        nights = (first, first + timedelta(days=1))
        found = [at for hour in _hours(end) for day in nights if (at := _at(day, end.clock, hour, zone)) > start]
        if not found:
            return
        if one_part and min(found) - start > _HALF_A_DAY:
            continue
        yield min(found)
        if end.clock.twelve and not end.part and 0 < end.clock.hour < 12:
            evening = _at(first, end.clock, end.clock.hour + 12, zone)
            if start < evening < min(found):
                yield evening


def _starts(group: Group, here: Here) -> Iterator[When]:
    if group.instant or group.now:
        yield When(group.instant or here.now)
        return
    for zone in _zones(group, here):
        for today in dict.fromkeys(here.now.astimezone(seen).date() for seen in (here.zone, zone)):
            yield from _seen_from(today, group, zone, here.now)


def _zones(group: Group, here: Here) -> Sequence[tzinfo]:
    if group.zone is None or group.zone == "own":
        return [here.zone]
    return by_abbreviation(group.zone, here.zone) if isinstance(group.zone, str) else [group.zone]


def _seen_from(today: date, group: Group, zone: tzinfo, now: datetime) -> Iterator[When]:
    if group.clock is None and not group.has_day:
        return
    if group.later and group == Group(later=group.later, zone=group.zone):
        yield When(later(now, group.later, zone))
        return
    for days in days_of(group, today):
        found = [_first(days, group.clock, hour, zone, now) for hour in (_hours(group) if group.clock else [0])]
        if group.part and not group.clock:
            last = max(hour for hour in range(24) if _IN_PART[group.part](hour, False))
            raise Impossible(no_time(_first(days, None, last, zone, now).astimezone(zone).date()))
        to_come = [at for at in found if at > now]
        for at in to_come or found:
            yield When(at, has_time=group.clock is not None)


def no_length() -> Text:
    """Ask for a length of time that was not understood, or is none."""
    return say("I couldn't read that as a length of time. Try “90 minutes”, “2 hours” or “3 days”.")


def no_time(day: date) -> Text:
    """Ask for the time of day that somebody left out."""
    return say("At what time on {day}? Add one, such as “18:00”.", day=day_words(day))


def _first(days: Days, clock: Clock | None, hour: int, zone: tzinfo, now: datetime) -> datetime:
    """Return the first moment at that hour that is still to come, or the one that is meant whether it is or not."""
    at, chosen = now, days.candidates[0]
    for chosen in days.candidates:
        at = _at(chosen, clock, hour, zone)
        if days.fixed or at > now:
            break
    if days.weekday not in (None, chosen.weekday()):
        raise Impossible(
            say(
                "{day}: that isn't a {weekday}. Which is right?",
                day=day_words(chosen),
                weekday=weekday_words(days.weekday or 0),
            )
        )
    return at


def _at(day: date, clock: Clock | None, hour: int, zone: tzinfo) -> datetime:
    """Return a time of a day in UTC; 26 o'clock is two on the day after."""
    day += timedelta(days=hour // 24)
    minute, second = (clock.minute, clock.second) if clock else (0, 0)
    return datetime(day.year, day.month, day.day, hour % 24, minute, second, tzinfo=zone).astimezone(UTC)


def later(at: datetime, length: Length, zone: tzinfo) -> datetime:
    """Go on by months and days on the calendar of a zone, and then by hours and minutes that pass."""
    if length.months or length.days:
        local = at.astimezone(zone)
        day = add(local.date(), length)
        moved = datetime.combine(day, local.time(), zone).replace(fold=local.fold)
        at = moved.astimezone(UTC)
    return at + timedelta(seconds=length.seconds)


def _hours(group: Group) -> list[int]:
    """Return the hours that a time of day may mean, from the beginning of its day; from 24 on it is the next day."""
    clock = group.clock
    assert clock
    if clock.midnight:
        if group.date == Offset(0) or group.part in ("tonight", "night"):
            return [24]
        return [0, 24] if group.has_day else [0]
    hour = clock.hour
    if clock.half == "am":
        hour = hour % 12
    elif clock.half == "pm" and hour < 12:
        hour += 12
    if not group.part:
        return [hour]
    loose = clock.twelve and not clock.half
    return [one for one in _IN_PART[group.part](hour, loose) if one >= 0]


def _morning(hour: int, _: bool) -> list[int]:
    return [hour] if hour < 12 else []


def _noon(hour: int, loose: bool) -> list[int]:
    return [hour] if 11 <= hour <= 14 else [hour + 12] if loose and 1 <= hour <= 2 else []


def _afternoon(hour: int, loose: bool) -> list[int]:
    return [hour] if 12 <= hour <= 18 else [hour + 12] if loose and 1 <= hour <= 6 else []


def _evening(hour: int, loose: bool) -> list[int]:
    return [hour] if 16 <= hour <= 24 else [hour + 12] if loose and 4 <= hour < 12 else []


def _night(hour: int, loose: bool) -> list[int]:
    if hour >= 20:
        return [hour]
    if hour < 6:
        return [hour, hour + 24]
    return [hour + 12] if loose and hour <= 12 else []


def _tonight(hour: int, loose: bool) -> list[int]:
    if hour < 4:
        return [hour, hour + 24]
    return [hour] if hour >= 16 else [hour + 12] if loose and 4 <= hour <= 12 else []


_IN_PART = {
    "morning": _morning,
    "noon": _noon,
    "afternoon": _afternoon,
    "evening": _evening,
    "night": _night,
    "tonight": _tonight,
}
"""Which hours a part of the day may mean with an hour, which is `loose` if it may be on a clock of twelve hours."""
