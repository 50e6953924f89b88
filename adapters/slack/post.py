"""Posts cards so that each appears once, although Slack takes no key that would make it so.

Every message carries its nonce in its metadata. Where a connection broke after a message was sent, or it may have been
sent before, the channel is read back and the message that stands there is taken for the one, however long Slack has us
wait for that. What nobody has tried yet is just sent: Slack lets us read a channel once in a while only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from adapters.contract.adapter import AdapterError, Away, NoAccess, Retry
from adapters.contract.memo import Memo
from adapters.contract.models import Channel, MessageRef, Space
from adapters.contract.ui import Card

from .api import Api, InDoubt, NotInvited, ScopeMissing
from .files import Files, digest, loose, names_of
from .pacing import Busy
from .parse import channel
from .render import QUIET

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]
EVENT_TYPE = "trellis_post"
SKEW = timedelta(minutes=5)
"""How far Slack's clock and ours may be apart."""
PAGES, PAGE = 10, 200
"""So many pages are read of a channel or thread at once, with so many messages each: what is posted may take a minute,
and Slack may have us wait for some of them. What has more is read on then."""
REMEMBERED = 10_000


class Posts:
    """Posts cards, and knows which nonces have been posted. `direct` returns the direct channel of a person."""

    def __init__(
        self, api: Api, files: Files, now: Callable[[], datetime], direct: Callable[[str], Awaitable[str]]
    ) -> None:
        self._api = api
        self._files = files
        self._now = now
        self._direct = direct
        self._posted: Memo[str, MessageRef] = Memo(REMEMBERED)
        self._doubtful: Memo[str, datetime] = Memo(REMEMBERED)
        """The nonces that were sent and not answered for, and when that was."""
        self._reading: Memo[Channel, tuple[datetime, str]] = Memo(REMEMBERED)
        """Where reading back goes on that was not done: since when a place is read, and the cursor."""
        self._turns: dict[str, asyncio.Lock] = {}
        self._shared: Memo[MessageRef, Sequence[str]] = Memo(REMEMBERED)
        """Which files lie beside a message: their digest, and Slack's ids."""

    async def post(self, where: Channel, card: Card, nonce: str, since: datetime | None = None) -> MessageRef:
        """Post a card, or return the message that was posted with this nonce, `since` then.

        `where` may be a person: Slack opens their direct channel, much sooner than it lets us open so many.
        """
        turn = self._turns.setdefault(nonce, asyncio.Lock())
        try:
            async with turn:
                return await self._post_once(where, card, nonce, since)
        finally:
            if not turn.locked():
                self._turns.pop(nonce, None)

    async def _post_once(self, where: Channel, card: Card, nonce: str, since: datetime | None) -> MessageRef:
        if nonce not in self._posted:
            if nonce in self._doubtful:
                await self._read_back(where, self._doubtful[nonce], nonce)
            elif since:
                await self._try_to_read_back(where, since - SKEW, nonce)
        self._doubtful.pop(nonce, None)
        if nonce in self._posted:
            return await self._found(nonce, card)
        began = self._now()
        try:
            message = await self._send(where, card, nonce)
        except InDoubt as doubt:
            log.warning("%s; reading back whether the message stands in %s", doubt, where.key)
            self._doubtful[nonce] = began - SKEW
            await self._read_back(where, began - SKEW, nonce)
            self._doubtful.pop(nonce, None)
            if nonce not in self._posted:
                raise
            return await self._found(nonce, card)
        return self._remember(nonce, message)

    async def _found(self, nonce: str, card: Card) -> MessageRef:
        """Return a message that was read back. What lies beside it is shared if need be: Slack shares a file once."""
        ref = self._posted[nonce]
        shared = self._shared.get(ref, ())
        if shared and shared[0] == digest_of(card):
            await self._share(ref, card, shared)
        return ref

    async def _send(self, where: Channel, card: Card, nonce: str) -> MessageRef:
        place, colon, thread = where.id.partition(":")
        beneath = {"thread_ts": thread} if thread else {}
        shared = await self._upload(card)
        facts = {"metadata": _metadata(nonce, shared)}

        async def send(message: JSON) -> JSON:
            return await self._api.call(
                "chat.postMessage",
                repeatable=False,
                channel=place,
                parse="none",
                **QUIET,
                **beneath,
                **facts,
                **message,
            )

        try:
            answer = await self._files.post(card, send)
        except NoAccess:
            if not is_person(place):
                raise
            place = await self._direct(place)  # which says what is in the way, if anything is
            answer = await self._files.post(card, send)
        ref = MessageRef(replace(where, id=f"{answer['channel']}{colon}{thread}"), str(answer["ts"]))
        await self._share(ref, card, shared)
        return ref

    async def edit(self, ref: MessageRef, card: Card) -> None:
        """Draw a card anew. Files beside it that are as before stay, also after a restart; others make room."""
        place, _, root = ref.channel.id.partition(":")
        before = self._shared.get(ref, ())
        now: Sequence[str] | None = None
        facts: JSON = {}
        if digest_of(card) != "".join(before[:1]):
            found = await find_message(self._api, place, ref.id, root) or {}
            before = str(payload_of(found).get("files") or "").split()
            if digest_of(card) != "".join(before[:1]):
                now = await self._upload(card)
                facts = {"metadata": _metadata(nonce_of(found), now)}

        async def send(message: JSON) -> JSON:
            return await self._api.call("chat.update", channel=place, ts=ref.id, parse="none", **facts, **message)

        await self._files.post(card, send)
        if now is not None:
            await self._share(ref, card, now)
            await self._files.drop(before[1:])

    async def _upload(self, card: Card) -> Sequence[str]:
        """Upload what is not drawn; return its digest and its ids, and nothing where there is nothing."""
        files = loose(card)
        try:
            return [digest(files), *await self._files.upload(files)] if files else []
        except AdapterError as failure:
            log.warning("%s could not be handed over: %s", names_of(files), failure)
            return []

    async def _share(self, ref: MessageRef, card: Card, shared: Sequence[str]) -> None:
        """Share what is not drawn: in the thread where the card stands, or the one beneath it."""
        if shared:
            place, _, root = ref.channel.id.partition(":")
            thread = root or ("" if place.startswith("D") else ref.id)
            await self._files.share(shared[1:], loose(card), place, thread)
        self._shared[ref] = shared

    async def _try_to_read_back(self, where: Channel, since: datetime, nonce: str) -> None:
        try:
            await self._read_back(where, since, nonce)
        except (NotInvited, ScopeMissing) as failure:
            log.warning("%s cannot be read back, so a card may appear there twice: %s", where.key, failure)

    async def _read_back(self, where: Channel, since: datetime, nonce: str) -> None:
        """Take note of the messages of ours that stand in a channel or thread, until that of a nonce.

        Raises `Busy` where Slack lets us read no more now, or this was much; the next time it goes on from there.
        """
        place, _, thread = where.id.partition(":")
        if is_person(place):
            place = await self._direct(place)
        method = "conversations.replies" if thread else "conversations.history"
        arguments: dict[str, Any] = {
            "channel": place,
            "oldest": f"{since.timestamp():.6f}",
            "include_all_metadata": True,
            "limit": PAGE,
            **({"ts": thread} if thread else {}),
        }
        begun, cursor = self._reading.get(where, (since, ""))
        cursor = cursor if begun == since else ""
        for _ in range(PAGES):
            try:
                messages, cursor = await self._api.page(method, "messages", cursor, **arguments)
            except AdapterError as failure:
                if not isinstance(failure, Retry | Away):
                    self._reading.pop(where, None)  # Slack may refuse an old cursor: the next time none is used
                raise
            for message in messages:
                self._recognize(where.space, place, message)
            if not cursor or nonce in self._posted:
                self._reading.pop(where, None)
                return
            self._reading[where] = since, cursor
        raise Busy(f"{PAGES} pages of {where.key} were read at once", 0.0)

    def _recognize(self, space: Space, place: str, message: Mapping[str, Any]) -> None:
        if nonce := nonce_of(message):
            root = str(message.get("thread_ts") or "")
            here = channel(space, place, "" if root == message["ts"] else root)
            ref = self._remember(nonce, MessageRef(here, str(message["ts"])))
            if files := str(payload_of(message).get("files") or ""):
                self._shared[ref] = files.split()

    def _remember(self, nonce: str, message: MessageRef) -> MessageRef:
        self._posted[nonce] = message
        return message


def is_person(id_: str) -> bool:
    """Say whether an id is a person's; other places are channels."""
    return id_.startswith(("U", "W"))


def digest_of(card: Card) -> str:
    """Return what tells a card's files that are not drawn from any others."""
    return digest(loose(card)) if loose(card) else ""


def _metadata(nonce: str, files: Sequence[str]) -> JSON:
    return {
        "event_type": EVENT_TYPE,
        "event_payload": {"nonce": nonce, **({"files": " ".join(files)} if files else {})},
    }


def payload_of(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what we noted in a message of ours; nothing for any other message."""
    metadata = message.get("metadata") or {}
    return (metadata.get("event_payload") or {}) if metadata.get("event_type") == EVENT_TYPE else {}


def nonce_of(message: Mapping[str, Any]) -> str:
    """Return the nonce with which we posted a message; nothing for any other message."""
    return str(payload_of(message).get("nonce") or "")


async def find_message(api: Api, where: str, ts: str, root: str = "") -> dict[str, Any] | None:
    """Return a message as Slack has it; `root` names the thread it is in, or itself where that is not known."""
    only: dict[str, Any] = {"oldest": ts, "latest": ts, "inclusive": True, "limit": 2}
    only["include_all_metadata"] = True
    if root:
        answer = await api.call("conversations.replies", channel=where, ts=root, **only)
    else:
        answer = await api.call("conversations.history", channel=where, **only)
    return next((message for message in answer.get("messages") or () if message.get("ts") == ts), None)
