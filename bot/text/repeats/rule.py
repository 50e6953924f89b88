"""How something repeats: a rule, as it is kept (RFC 5545) and as it is counted on the calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self

from dateutil.rrule import rrulestr

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
UNITS = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


@dataclass(frozen=True, slots=True)
class Rule:
    """Every so many days, weeks, months or years; `days` from Monday, 0.

    In a month it is each of the `nths` of its one day (-1 is the last), or each of the `month_days` (-1 is the last),
    or that of the first occurrence. Where a month is shorter it is its last day: the 31st is 30 April, a leap day 28
    February; of several days none is a 29th or later. It ends after `count` occurrences, or with the day `until`.
    """

    unit: str
    interval: int = 1
    days: tuple[int, ...] = ()
    nths: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    count: int = 0
    until: datetime | None = None

    @classmethod
    def of(cls, kept: str) -> Self:
        """Read what `str` wrote. Raises `LookupError` or `ValueError` for anything else."""
        parts = dict(part.split("=", 1) for part in kept.split(";"))
        days = [(day[-2:], day[:-2]) for day in parts.get("BYDAY", "").split(",") if day]
        until = parts.get("UNTIL", "")
        return cls(
            UNITS[UNITS.index(parts["FREQ"])],
            int(parts.get("INTERVAL", "1")),
            tuple(dict.fromkeys(DAYS.index(day) for day, _ in days)),
            tuple(int(nth) for _, nth in days if nth),
            tuple(int(day) for day in parts.get("BYMONTHDAY", "").split(",") if day),
            int(parts.get("COUNT", "0")),
            datetime.strptime(until, "%Y%m%dT%H%M%S") if until else None,  # noqa: DTZ007 - on the wall clock
        )

    def __str__(self) -> str:
        """Write the rule as it is kept. Its end is on the wall clock."""
        days = ",".join(f"{nth}{DAYS[day]}" for day in self.days for nth in self.nths or ("",))
        parts = {
            "FREQ": self.unit,
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "BYDAY": days,
            "BYMONTHDAY": ",".join(map(str, self.month_days)),
            "COUNT": str(self.count) if self.count else "",
            "UNTIL": f"{self.until:%Y%m%dT%H%M%S}" if self.until else "",
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)

    def occurrences(self, first: datetime, after: datetime | None = None) -> Iterator[datetime]:
        """Return when it is on the wall clock, from `first` on, or after a moment.

        `first` need not be one of them: they are counted from the first day of the rule that is not before it.
        """
        begins = self._begins(first)
        rule = rrulestr(self._counted(begins.day, begins.month), dtstart=begins)
        return iter(rule.xafter(after or begins, inc=after is None))

    def _begins(self, first: datetime) -> datetime:
        """Return the day from which weeks are counted: "every other tuesday" begins with the next Tuesday."""
        if self.unit != "WEEKLY" or not self.days:
            return first
        return first + timedelta(days=min((day - first.weekday()) % 7 for day in self.days))

    def _counted(self, day: int, month: int) -> str:
        """Return the rule as programs count it, with what happens in shorter months."""
        implied = day if self.unit in ("MONTHLY", "YEARLY") and not self.days else 0
        wanted = max(self.month_days, default=implied)
        if wanted <= 28:
            return str(self)
        plain = str(replace(self, month_days=()))
        in_month = f";BYMONTH={month}" if self.unit == "YEARLY" else ""
        days = ",".join(str(number) for number in range(28, wanted + 1))
        return f"{plain}{in_month};BYMONTHDAY={days};BYSETPOS=-1"

    def clamps(self, first: date) -> bool:
        """Say whether some months are too short for it, from the day of its first occurrence on."""
        if self.days:
            return False
        if self.unit == "YEARLY":
            return (first.month, first.day) == (2, 29)
        return self.unit == "MONTHLY" and max(self.month_days, default=first.day) > 28
