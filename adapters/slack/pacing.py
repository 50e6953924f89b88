"""Waits for a turn, as Slack asks, and notices where that took so long that somebody else may have spoken instead."""

from __future__ import annotations

import asyncio

from adapters.contract.adapter import Away, Retry

from . import limits

PATIENCE = 30.0
"""Seconds that one call waits for rate limits. Where Slack asks for more, the caller is told, and tries again later."""
STOPPED = 5.0
"""Seconds that a wait may last longer than it should. After more this process was stopped, and others may take it for
dead: what it was about to do may have been done by one of them."""
MOST_CHANNELS = 1000


class Busy(Retry):
    """Slack asks to wait for longer than we do."""


async def pause(seconds: float) -> None:
    """Wait. Raises `Away` where this process was stopped meanwhile."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    await asyncio.sleep(seconds)
    if (late := loop.time() - until) > STOPPED:
        raise Away(f"this process was stopped for {late:.0f} seconds")


class Pacer:
    """Spaces out the messages of each channel, after a first few at once; no channel waits for another."""

    def __init__(self, burst: int = limits.BURST, every: float = limits.PACE) -> None:
        self._burst = burst
        self._every = every
        self._due: dict[str, float] = {}
        """When a channel would have had all its messages, had they come one by one."""

    async def turn(self, channel: str) -> None:
        """Return when a message may be sent. Raises `Busy` where too many are waiting."""
        now = asyncio.get_running_loop().time()
        due = max(self._due.get(channel, now), now)
        wait = due - now - (self._burst - 1) * self._every
        if wait > PATIENCE:
            raise Busy(f"{channel}: messages wait {wait:.0f} seconds for their turn already", wait)
        self._due[channel] = due + self._every
        if len(self._due) > MOST_CHANNELS:
            self._due = {place: at for place, at in self._due.items() if at > now}
        if wait > 0:
            await pause(wait)
