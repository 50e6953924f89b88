"""Posts cards so that each appears once, although Slack takes no key that would make it so.

Every message carries its nonce in its metadata. Where a connection broke after a message was sent, or this process
began after another one had ended, the channel is read back and the message that stands there is taken for the one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters.contract.models import Channel, MessageRef
from adapters.contract.ui import Card

from .answer import QUIET
from .api import Api, Busy, InDoubt
from .markup import Home
from .parse import channel
from .render import draw_card

log = logging.getLogger(__name__)

EVENT_TYPE = "trellis_post"
LOOK_BACK = timedelta(hours=24)
"""How far a channel is read back when this process first posts in it."""
PAGES, PAGE = 5, 200
REMEMBERED = 10_000


class Posts:
    """Posts cards, and knows which nonces have been posted."""

    def __init__(self, api: Api, home: Home, began: datetime) -> None:
        self._api = api
        self._home = home
        self._began = began
        self._posted: OrderedDict[str, MessageRef] = OrderedDict()
        self._read: set[Channel] = set()
        """The channels of which is known what was posted before this process began."""
        self._doubtful: OrderedDict[str, None] = OrderedDict()
        self._turns: dict[str, asyncio.Lock] = {}

    async def post(self, where: Channel, card: Card, nonce: str) -> MessageRef:
        """Post a card, or return the message that was posted with this nonce."""
        turn = self._turns.setdefault(nonce, asyncio.Lock())
        try:
            async with turn:
                return await self._post_once(where, card, nonce)
        finally:
            if not turn.locked():
                self._turns.pop(nonce, None)

    async def _post_once(self, where: Channel, card: Card, nonce: str) -> MessageRef:
        if where not in self._read:
            try:
                await self._read_back(where)
            except Busy as failure:
                log.warning("%s cannot be read back, so a card may appear there twice: %s", where.key, failure)
            self._read.add(where)
        if nonce in self._doubtful:
            await self._read_back(where)
            del self._doubtful[nonce]
        if nonce in self._posted:
            return self._posted[nonce]
        place, _, thread = where.id.partition(":")
        message: dict[str, Any] = {
            **draw_card(card, self._home),
            **QUIET,
            **({"thread_ts": thread} if thread else {}),
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"nonce": nonce}},
        }
        try:
            sent = await self._api.call("chat.postMessage", repeatable=False, channel=place, parse="none", **message)
        except InDoubt as doubt:
            log.warning("%s; reading back whether the message stands in %s", doubt, where.key)
            self._doubtful[nonce] = None
            if len(self._doubtful) > REMEMBERED:
                self._doubtful.popitem(last=False)
            await self._read_back(where)
            del self._doubtful[nonce]
            if nonce in self._posted:
                return self._posted[nonce]
            raise
        return self._remember(nonce, MessageRef(where, str(sent["ts"])))

    async def _read_back(self, where: Channel) -> None:
        """Take note of every message of ours that stands in a channel or thread."""
        place, _, thread = where.id.partition(":")
        method = "conversations.replies" if thread else "conversations.history"
        arguments: dict[str, Any] = {
            "channel": place,
            "oldest": f"{(self._began - LOOK_BACK).timestamp():.6f}",
            "include_all_metadata": True,
            "limit": PAGE,
            **({"ts": thread} if thread else {}),
        }
        async for message in self._api.pages(method, "messages", PAGES, **arguments):
            nonce = nonce_of(message)
            if nonce:
                root = str(message.get("thread_ts") or "")
                here = channel(where.space, place, "" if root == message["ts"] else root)
                self._remember(nonce, MessageRef(here, str(message["ts"])))

    def _remember(self, nonce: str, message: MessageRef) -> MessageRef:
        self._posted[nonce] = message
        if len(self._posted) > REMEMBERED:
            self._posted.popitem(last=False)
        return message


def nonce_of(message: Mapping[str, Any]) -> str:
    """Return the nonce with which we posted a message; nothing for any other message."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return ""
    return str((metadata.get("event_payload") or {}).get("nonce") or "")


async def find_message(api: Api, where: str, ts: str, root: str = "") -> dict[str, Any] | None:
    """Return a message as Slack has it; `root` names the thread it is in, or itself where that is not known."""
    only: dict[str, Any] = {"oldest": ts, "latest": ts, "inclusive": True, "limit": 2}
    if root:
        answer = await api.call("conversations.replies", channel=where, ts=root, **only)
    else:
        answer = await api.call("conversations.history", channel=where, **only)
    return next((message for message in answer.get("messages") or () if message.get("ts") == ts), None)
