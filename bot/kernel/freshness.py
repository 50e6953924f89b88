"""Keeps what happens to a message in its order, and has a message that is told late handled as it stands by now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from weakref import WeakValueDictionary

from adapters.contract.adapter import AdapterError
from adapters.contract.events import Glance, MessageDeleted, MessageEdited, MessagePosted, Overheard, Reaction
from adapters.contract.memo import Memo
from adapters.contract.models import Message, MessageRef

log = logging.getLogger(__name__)

REMEMBERED = 10_000
"""So many messages are remembered that were edited or deleted last."""


class Freshness:
    """Platforms tell in any order, and tell again what could not be kept: a message after its edit or its deletion.

    What is remembered is bounded and may be lost: what was missed is read back as it stands anyway.
    """

    def __init__(self, fetch: Callable[[MessageRef], Awaitable[Message | None]]) -> None:
        self._fetch = fetch
        self._changed: Memo[str, type[Overheard]] = Memo(REMEMBERED)
        """What happened last to each message."""
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def note(self, glance: Glance) -> None:
        """Remember a message that was edited or deleted, whether anyone wants it or not."""
        if glance.kind in (MessageEdited, MessageDeleted):
            self._changed[glance.message.key] = glance.kind

    @asynccontextmanager
    async def turn(self, event: Overheard) -> AsyncIterator[None]:
        """Wait for what was heard before of the same message, or of the same person's reactions to it."""
        glance = event.glance
        key = f"{glance.message.key}/{glance.account.key}" if isinstance(event, Reaction) else glance.message.key
        turn = self._turns.setdefault(key, asyncio.Lock())  # gone once nobody holds it
        async with turn:
            yield

    async def current(self, event: Overheard) -> Overheard | None:
        """Return an event as it is to be handled: nothing for the words of a message that was deleted by now."""
        if not isinstance(event, MessagePosted | MessageEdited):
            return event
        change = self._changed.get(event.message.ref.key)
        if change is MessageDeleted:
            return None
        if change is None or isinstance(event, MessageEdited):
            return event
        try:
            message = await self._fetch(event.message.ref)
        except AdapterError as failure:
            log.info("a message that was changed is handled as it was: %s", failure)
            return event
        return replace(event, message=replace(event.message, text=message.text)) if message else event
