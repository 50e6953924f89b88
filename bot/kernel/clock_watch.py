"""Notices that the machine's clock was set, by another one of its clocks that nobody sets.

What a clock that was set forward skips is found by looking for what is due, again and again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from bot.clock import steady

from .runner import Runner

log = logging.getLogger(__name__)

LEAST = 1.0
"""Seconds. By less no clock is set that anybody would notice; NTP slews half a millisecond a second."""


class ClockWatch:
    """Has what recurs looked at again where the clock was set."""

    def __init__(
        self, runner: Runner, wall: Callable[[], float] = time.time, steady: Callable[[], float] = steady
    ) -> None:
        self._runner = runner
        self._wall = wall
        self._steady = steady
        self._ahead = wall() - steady()

    async def look(self) -> None:
        """Compare the clocks with how they were when this was last asked: every few seconds."""
        before, self._ahead = self._ahead, self._wall() - self._steady()
        moved = self._ahead - before
        if abs(moved) >= LEAST:
            log.warning("this machine's clock was set %s by %.0f s", "forward" if moved > 0 else "back", abs(moved))
            await self._runner.bring_forward()
