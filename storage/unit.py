"""What one event or one job reads and writes, as one transaction."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

log = logging.getLogger(__name__)

Claim: TypeAlias = Callable[[], Awaitable[None]]


class Unit:
    """What one event or one job changes: one transaction, which its first write opens.

    Until then it reads without holding anything. `claim` is called as soon as the transaction is open, before that
    first write: it takes the event or the job, and raises where somebody else has it.
    """

    def __init__(self, open_: Callable[[], AbstractAsyncContextManager[AsyncConnection]], claim: Claim | None) -> None:
        self._open = open_
        self._claim = claim
        self._stack = AsyncExitStack()
        self._last: list[Callable[[], Awaitable[None]]] = []
        self._then: list[Callable[[], None]] = []
        self.connection: AsyncConnection | None = None
        """What the transaction runs on; None before the first write."""
        self.traceless = False
        self.read: dict[tuple[str, int], object] = {}
        """What is read again and again, and was read in this unit."""

    async def begin(self) -> AsyncConnection:
        """Open the transaction, unless it is open: from now on nobody else changes what is read here on SQLite."""
        if self.connection is None:
            self.connection = await self._stack.enter_async_context(self._open())
            if self._claim:
                await self._claim()
        return self.connection

    def at_last(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write something as the last of all, right before the commit: nobody waits long for its locks."""
        self._last.append(write)

    def when_kept(self, call: Callable[[], None]) -> None:
        """Call something once all of it is on disk; never if it is not. What it raises is logged."""
        self._then.append(call)

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """Keep what is written until the block ends, or nothing of it after an exception."""
        async with self._stack:
            yield
            for write in self._last:
                await write()

    def is_kept(self) -> None:
        """All of it is on disk: call what waits for that."""
        for call in self._then:
            try:
                call()
            except Exception:  # whoever waits must not be told that it is not kept
                log.exception("what should have followed from something that is kept failed")
