"""What time it is, as an argument: nothing below the top floor asks the machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


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
        """Set the clock to `moment`; it is never set back."""
        self.offset += max(moment - self.now(), timedelta())
