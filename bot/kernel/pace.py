"""How often a card is drawn anew while many people press its buttons at once."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from adapters.contract.memo import Memo

PAUSE = timedelta(seconds=3)
BURST = 5
REMEMBERED = 1000
"""For how many cards we know when they were drawn."""


class Pace:
    """Draws a card at once for the first few changes, and then for all that come within a pause together."""

    def __init__(self, pause: timedelta = PAUSE, burst: int = BURST) -> None:
        self._pause = pause
        self._burst = burst
        self._planned: Memo[int, deque[datetime]] = Memo(REMEMBERED)

    def due(self, id_: int, now: datetime) -> datetime:
        """Return when the card of that id is to be drawn for a change that was made now."""
        self._planned[id_] = planned = self._planned.get(id_, deque(maxlen=self._burst))
        if planned and planned[-1] > now + self._pause:
            planned.clear()  # the clock was set back
        if planned and planned[-1] > now:
            return planned[-1]
        hurried = len(planned) == self._burst and planned[0] + self._pause * self._burst > now
        planned.append(max(now, planned[-1] + self._pause) if hurried else now)
        return planned[-1]
