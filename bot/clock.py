"""What time it is, as an argument: nothing below the top floor asks the machine."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady() -> float:
    """Return seconds by a clock that nobody sets, and that goes on while this process or the machine is stopped."""
    return time.clock_gettime(_STEADY)


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """A clock that can be moved: the machine's time and an offset, or a time that stands still until it is moved.

    `start` makes it stand still there (tests); without it the machine's time goes on (the playground).
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._still = start
        self.offset = timedelta()

    def now(self) -> datetime:
        return (self._still or datetime.now(UTC)) + self.offset

    def move_to(self, moment: datetime) -> None:
        """Let time pass until `moment`; it never runs backwards."""
        self.offset += max(moment - self.now(), timedelta())

    def is_set(self, by: timedelta) -> None:
        """Set the clock forward or back, as somebody does with a machine's."""
        self.offset += by
