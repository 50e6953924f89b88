"""Where each platform keeps what it heard and may not forget, in the name of this process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from adapters.contract.adapter import Inbox
from bot.clock import Clock
from storage.inbox import InboxStore

PAUSE = timedelta(seconds=10)
"""How long we wait before what could not be handled is tried again the first time; four times as long after each."""
ATTEMPTS = 5


class PlatformInbox(Inbox):
    """The inbox of one platform."""

    def __init__(self, inbox: InboxStore, platform: str, owner: str, clock: Clock) -> None:
        self._inbox = inbox
        self._platform = platform
        self._owner = owner
        self._clock = clock

    async def keep(self, key: str, body: Mapping[str, Any]) -> bool:
        return await self._inbox.keep(key, self._platform, body, self._owner, self._clock.now())

    async def done(self, key: str) -> None:
        await self._inbox.done(key, self._clock.now())

    async def failed(self, key: str, why: str) -> None:
        await self._inbox.failed(key, why, self._clock.now(), PAUSE, ATTEMPTS)
