"""Where each platform keeps what it heard and may not forget, in the name of this process."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from adapters.contract.adapter import Adapter, AdapterError, Inbox
from bot.clock import Clock
from storage.inbox import InboxStore, Kept

log = logging.getLogger(__name__)

PAUSE = timedelta(seconds=10)
"""How long we wait before what could not be handled is tried again the first time; four times as long after each."""
ATTEMPTS = 5


class PlatformInbox(Inbox):
    """The inbox of one platform. `in_hand` are the keys of what is being handled here, of all platforms."""

    def __init__(self, inbox: InboxStore, platform: str, owner: str, clock: Clock, in_hand: set[str]) -> None:
        self._inbox = inbox
        self._platform = platform
        self._owner = owner
        self._clock = clock
        self._in_hand = in_hand

    async def keep(self, key: str, body: Mapping[str, Any]) -> bool:
        self._in_hand.add(key)
        try:
            return await self._inbox.keep(key, self._platform, body, self._owner, self._clock.now())
        except BaseException:  # it may be kept all the same, and is handed back then
            self._in_hand.discard(key)
            raise

    async def done(self, key: str) -> None:
        try:
            await self._inbox.done(key, self._clock.now())
        finally:
            self._in_hand.discard(key)

    async def failed(self, key: str, why: str) -> None:
        try:
            await self._inbox.failed(key, why, self._clock.now(), PAUSE, ATTEMPTS)
        finally:
            self._in_hand.discard(key)


class Inboxes:
    """The inboxes of all platforms, and what they hold that nobody handles."""

    def __init__(self, inbox: InboxStore, adapters: Mapping[str, Adapter], owner: str, clock: Clock) -> None:
        self._inbox = inbox
        self._adapters = adapters
        self._owner = owner
        self._clock = clock
        self._in_hand: set[str] = set()

    def of(self, platform: str) -> PlatformInbox:
        return PlatformInbox(self._inbox, platform, self._owner, self._clock, self._in_hand)

    async def take_up(self) -> None:
        """Hand back to the platforms what a dead process had kept and not handled, or this one lost sight of."""
        for kept in await self._inbox.take_over(self._owner, self._clock.now(), self._in_hand):
            self._in_hand.add(kept.key)
            try:
                await self._hand_back(kept)
            except Exception as failure:  # it keeps nothing else from being handled, and may hold secrets
                why = str(failure) if isinstance(failure, AdapterError) else type(failure).__name__
                log.warning("what was kept cannot be handled yet: %s", why)
                await self.of(kept.platform).failed(kept.key, why)

    async def _hand_back(self, kept: Kept) -> None:
        adapter = self._adapters.get(kept.platform)
        if adapter is None:
            raise AdapterError(f"{kept.platform} is not connected")
        await adapter.take_up(kept.key, kept.body)
