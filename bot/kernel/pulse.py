"""This process's sign of life to the others, by which they know that what it has in hand is its own."""

from __future__ import annotations

import logging
from collections.abc import Callable

from bot.clock import steady
from storage.processes import FREE_SECONDS, Process, ProcessStore

log = logging.getLogger(__name__)


class Pulse:
    """Beats for one process, and knows until when the others surely take it to be alive."""

    def __init__(self, processes: ProcessStore, process: Process, now: Callable[[], float] = steady) -> None:
        self._processes = processes
        self._process = process
        self._now = now
        self._until = float("-inf")

    async def begin(self) -> None:
        """Note that this process begins, and bury those that are over."""
        await self._begin()
        await self.bury()

    async def _begin(self) -> None:
        asked = self._now()
        await self._processes.begin(self._process)
        self._until = asked + FREE_SECONDS

    async def beat(self) -> bool:
        """Say that this process is alive. False where the others took it for dead: what it had in hand is theirs."""
        asked = self._now()
        is_known = await self._processes.beat(self._process)
        if is_known:
            self._until = asked + FREE_SECONDS
        else:
            log.warning("the others took this process for dead; it goes on under its name")
            await self._begin()
        return is_known

    def may_be_over(self) -> bool:
        """Say whether another process may take this one for dead, and take over what it has in hand."""
        return self._processes.are_several and self._now() >= self._until

    async def bury(self) -> bool:
        """Forget who is dead, and say whether anybody was."""
        return await self._processes.bury(self._process)

    async def end(self) -> None:
        """Note that this process is over."""
        await self._processes.end(self._process)
