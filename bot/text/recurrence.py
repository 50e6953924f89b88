"""Recurring moments by the wall clock: "mon-fri 09:00" is nine in the morning all year round."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Self
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from adapters.contract.text import say

_WORDS = re.compile(r"(?P<days>daily|[a-z]{3}(?:[-,][a-z]{3})*) (?P<hour>\d{1,2}):(?P<minute>\d{2})")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`days` as cron writes them ("mon-fri", "*"), at one time of the day."""

    days: str
    hour: int
    minute: int

    @classmethod
    def read(cls, words: str) -> Self:
        """Read "daily 04:00", "mon 09:00" or "mon-fri 09:00". Raises `ValueError` for anything else."""
        match = _WORDS.fullmatch(words)
        if match is None:
            raise ValueError(say("I don't understand “{part}”. Try “daily 04:00” or “mon-fri 09:00”.", part=words))
        recurrence = cls("*" if match["days"] == "daily" else match["days"], int(match["hour"]), int(match["minute"]))
        recurrence.after(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))
        return recurrence

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """Return the next occurrence after `moment`, in UTC: one for each local date, also when clocks change.

        A time that is skipped in spring is an hour later that day; one that comes twice in autumn is the first. The
        rule is applied to the wall clock alone, because cron over a zone fires twice in autumn.
        """
        trigger = _trigger(self.days, self.hour, self.minute)
        wall = moment.astimezone(zone).replace(tzinfo=UTC)
        while True:
            found = trigger.get_next_fire_time(None, wall)
            if found is None:
                raise ValueError(f"{self} never happens")
            occurrence: datetime = found.replace(tzinfo=zone).astimezone(UTC)
            if occurrence > moment:
                return occurrence
            wall = found + timedelta(minutes=1)


@cache
def _trigger(days: str, hour: int, minute: int) -> CronTrigger:
    return CronTrigger(day_of_week=days, hour=hour, minute=minute, timezone=UTC)
