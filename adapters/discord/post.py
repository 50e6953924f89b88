"""Posts cards and finds them again. A post in a forum stands in the forum, as a message with a thread stands anywhere.

Discord sees it otherwise: there a post is a thread, whose first message has the thread's id. `Posts.where` knows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import discord

from adapters.contract.adapter import AdapterError, Away, Gone, Locked, NoAccess, Unusable
from adapters.contract.files import File
from adapters.contract.memo import Memo
from adapters.contract.models import Account, Channel, Message, MessageRef, Space
from adapters.contract.ui import Card

from . import markup, parse, render
from .attached import Attached
from .limits import NONCE, PAGE, SILENT, TAGS, THREAD_ARCHIVE, Code
from .markup import Here
from .rest import Refused, Rest
from .servers import Servers

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

_MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = f"{_MESSAGES}/{{message_id}}"
_DIRECT = 1
"""The type of a direct channel."""
_TRIES = 3
_PAGES = 10
"""Pages of a channel that are looked through for a message of ours at most."""
_SKEW = timedelta(seconds=30)
"""How far Discord's clock and ours may be apart."""
_REMEMBERED = 5000
"""Direct channels that are remembered at most."""


class Posts:
    """Everything that Trellis writes, wherever it stands."""

    def __init__(self, rest: Rest, servers: Callable[[], Servers], known: Callable[[str, str], JSON | None]) -> None:
        """`known` returns a member as last met: a message that is read back does not say who its author is."""
        self._rest = rest
        self._servers = servers
        self._known = known
        self._direct: Memo[str, Channel] = Memo(_REMEMBERED)
        self._attached = Attached()

    def where(self, message: MessageRef) -> str:
        """Return the id of the channel in which Discord has a message."""
        channel = message.channel
        is_post = self._servers().forum_tags(channel.space.id, channel.id) is not None
        return message.id if is_post else channel.id

    def here(self, space: Space, *, direct: bool = False) -> Here:
        """Return where a text is read."""
        return self._servers().here(space, direct=direct)

    async def post(self, channel: Channel, card: Card, nonce: str, since: datetime | None = None) -> MessageRef:
        available = self._servers().forum_tags(channel.space.id, channel.id)
        if available is not None:
            with self._access(channel):
                return await self._open_post(channel, card, available)
        sent = await self._send(channel, card, self.here(channel.space), nonce, since)
        if forum := self._servers().parent(channel.space.id, channel.id):
            await self._mirror(channel, {}, card, self._servers().forum_tags(channel.space.id, forum))
        return sent

    async def direct(self, account: Account, card: Card, nonce: str, since: datetime | None = None) -> MessageRef:
        channel = self._direct.get(account.key)
        if channel is None:
            opened = await self._rest.ask("POST", "/users/@me/channels", {"recipient_id": account.id})
            channel = Channel(account.space, opened["id"])
            self._direct[account.key] = channel
        return await self._send(channel, card, self.here(account.space, direct=True), nonce, since)

    async def _send(self, channel: Channel, card: Card, here: Here, nonce: str, since: datetime | None) -> MessageRef:
        """Send a message; one that may have been sent before Discord forgot the nonce is looked for first.

        A card that calls somebody is sent as words, of which a phone shows what they say, and becomes a card then; what
        is but a sentence stays one. Of what is silent no phone shows anything.
        """
        whole = render.sentence(card, here)
        words = None if whole or card.silent else render.announcement(card, here)
        drawn = whole or render.message(card, here)
        first = words or drawn
        if card.silent:
            first = {**first, "flags": first["flags"] | SILENT}
        sent = None
        if since:
            after = discord.utils.time_snowflake(since - _SKEW)
            sent = await self.find_sent(channel, [first, drawn], after)
        if sent is None:
            json = {**first, "nonce": nonce[:NONCE], "enforce_nonce": True}
            told = await self._write(channel, "POST", _MESSAGES, json, () if words else card.files)
            self._attached.note(told, () if words else card.files)
            sent = MessageRef(channel, told["id"])
        if words:
            try:
                await self._draw(channel, sent.id, render.edited(drawn), card.files)
            except Gone as gone:  # somebody was quick to delete it: to post it again is not what they want
                log.info("%s was posted, and is gone: %s", sent.key, gone)
        return sent

    async def _write(
        self, channel: Channel, method: str, path: str, json: JSON, files: Sequence[File], **ids: Any
    ) -> Any:
        """Send or edit a message; a thread that was put away is brought back for it."""
        with self._access(channel):
            try:
                return await self._rest.ask(method, path, json, files, channel_id=channel.id, **ids)
            except Refused as refusal:
                if refusal.code != Code.THREAD_ARCHIVED:
                    raise
                await self._rest.ask("PATCH", "/channels/{channel_id}", {"archived": False}, channel_id=channel.id)
                return await self._rest.ask(method, path, json, files, channel_id=channel.id, **ids)

    async def _draw(self, channel: Channel, message: str, drawn: JSON, files: Sequence[File]) -> None:
        """Draw a message again, and send only what it has not attached yet; all of it, where Discord refuses that."""
        kept, new = self._attached.keep(message, files, drawn)
        try:
            told = await self._write(channel, "PATCH", MESSAGE, kept, new, message_id=message)
        except Refused as refusal:
            if len(new) == len(files):
                raise
            log.info("what is attached to %s is sent once more: %s", message, refusal)
            told = await self._write(channel, "PATCH", MESSAGE, drawn, files, message_id=message)
        self._attached.note(told, files)

    @contextmanager
    def _access(self, channel: Channel) -> Iterator[None]:
        """Tell apart what a person can change from what is over, such as all of a server that removed us."""
        try:
            with _access(channel):
                yield
        except NoAccess as refusal:
            if self._servers().has_left(channel.space.id):
                raise Gone(f"Trellis was removed from {channel.space.key}") from refusal
            raise

    async def edit(self, message: MessageRef, card: Card) -> None:
        space, place = message.channel.space, Channel(message.channel.space, self.where(message))
        forum, direct = await self._surroundings(message, place)
        available = self._servers().forum_tags(space.id, forum) if forum else None
        before: JSON = {}
        if available:
            before = await self._rest.ask("GET", MESSAGE, channel_id=place.id, message_id=message.id)
        drawn = render.edited(render.message(card, self.here(space, direct=direct)))
        await self._draw(place, message.id, drawn, card.files)
        await self._mirror(place, before, card, available)

    async def _surroundings(self, message: MessageRef, place: Channel) -> tuple[str | None, bool]:
        """Return in which channel the thread hangs where a message stands, if it is one, and whether that is direct."""
        servers, guild = self._servers(), place.space.id
        if place != message.channel:
            return message.channel.id, False
        if servers.channel_name(guild, place.id) is not None:
            return servers.parent(guild, place.id), False
        if place in self._direct.values():
            return None, True
        told = await self._rest.ask("GET", "/channels/{channel_id}", channel_id=place.id)  # a thread that is put away
        return told.get("parent_id"), told["type"] == _DIRECT

    async def open_thread(self, message: MessageRef, title: str) -> Channel:
        space, place = message.channel.space, message.channel
        if self.where(message) != place.id:
            return Channel(space, message.id)
        if self._servers().parent(space.id, place.id):
            return place  # in a thread there are no others
        json = {"name": render.thread_name(title), "auto_archive_duration": THREAD_ARCHIVE}
        try:
            await self._rest.ask("POST", f"{MESSAGE}/threads", json, channel_id=place.id, message_id=message.id)
        except Refused as refusal:
            if refusal.code == Code.NO_PERMISSION:
                raise Unusable(
                    f"Trellis may not open threads in {place.key}. In Server Settings, Roles, Trellis, allow “Create "
                    "Public Threads”."
                ) from refusal
            if refusal.code != Code.THREAD_EXISTS:
                raise Unusable(f"no thread can be opened in {place.key}: {refusal}") from refusal
        return Channel(space, message.id)  # on Discord they share their id

    async def rename_thread(self, thread: Channel, title: str) -> None:
        """Give a thread another name. One that was put away comes back by that."""
        json = {"name": render.thread_name(title), "archived": False}
        with self._access(thread):
            await self._rest.ask("PATCH", "/channels/{channel_id}", json, channel_id=thread.id)

    async def fetch(self, message: MessageRef) -> Message | None:
        place = self.where(message)
        try:
            told = await self._rest.ask("GET", MESSAGE, channel_id=place, message_id=message.id)
        except (Gone, NoAccess):
            return None
        forum = message.channel.id if place != message.channel.id else None
        guild = message.channel.space.id
        if member := self._known(guild, told["author"]["id"]):
            told = {**told, "member": member}
        return parse.message(told, guild, self._servers(), forum)

    def link(self, message: MessageRef) -> str:
        guild = "@me" if message.channel in self._direct.values() else message.channel.space.id
        return f"https://discord.com/channels/{guild}/{self.where(message)}/{message.id}"

    async def find_sent(self, channel: Channel, drawn: Sequence[JSON], after: int) -> MessageRef | None:
        """Return our message that looks like one of these, calls whom they call, and was sent `after` another."""
        me, called = self._servers().me, {*drawn[0]["allowed_mentions"].get("users", ())}
        faces = [_face(one) for one in drawn]
        for _ in range(_PAGES):
            query = {"after": str(after), "limit": str(PAGE)}
            page = await self._rest.ask("GET", _MESSAGES, query=query, channel_id=channel.id)
            for told in page:
                if told["author"]["id"] == me and _face(told) in faces and called <= _mentioned(told):
                    return MessageRef(channel, told["id"])
            if len(page) < PAGE:
                return None
            after = max(int(told["id"]) for told in page)
        return None

    # Forums

    async def _open_post(self, forum: Channel, card: Card, available: Sequence[JSON]) -> MessageRef:
        """Open a post. Discord knows no nonce here, so one that is there is looked for before each attempt."""
        drawn = render.message(card, self.here(forum.space))
        name = render.thread_name(card.summary.plain())
        wanted: JSON = {"name": name, "auto_archive_duration": THREAD_ARCHIVE, "message": drawn}
        if mirrored := render.tags(render.card_fields(card), available):
            wanted["applied_tags"] = mirrored
        path = "/channels/{channel_id}/threads"
        for left in reversed(range(_TRIES)):
            if found := await self._find(forum, name, drawn):
                return found
            try:
                thread = await self._rest.ask_once("POST", path, wanted, card.files, channel_id=forum.id)
            except Refused as refusal:
                usable = [tag["id"] for tag in available if not tag.get("moderated")]
                if refusal.code != Code.TAG_REQUIRED or "applied_tags" in wanted or not usable:
                    raise
                wanted["applied_tags"] = usable[:1]
                continue
            except NoAccess:
                raise
            except Away as lost:
                if not left:
                    raise
                log.info("%s, looking whether it was posted", lost)
                await asyncio.sleep((_TRIES - left) / 2)
                continue
            return MessageRef(forum, thread["id"])
        raise AdapterError(f"could not post in the forum {forum.key}")

    async def _find(self, forum: Channel, name: str, drawn: JSON) -> MessageRef | None:
        """Return our post of that name with those very controls and words, if it is there."""
        me = self._servers().me
        active = await self._rest.ask("GET", "/guilds/{guild_id}/threads/active", guild_id=forum.space.id)
        for thread in active.get("threads", ()):
            if (thread.get("parent_id"), thread.get("owner_id"), thread.get("name")) != (forum.id, me, name):
                continue
            first = await self._rest.ask("GET", MESSAGE, channel_id=thread["id"], message_id=thread["id"])
            if _face(first) == _face(drawn):
                return MessageRef(forum, thread["id"])
        return None

    async def _mirror(self, thread: Channel, before: JSON, card: Card, available: Sequence[JSON] | None) -> None:
        """Bring a post's tags up to date: those that mirrored the card `before` go, people's own stay.

        The tags of a post that a member opened are left alone where Trellis may not manage threads.
        """
        stale = set(render.tags(render.told_fields(before), available or ()))
        fresh = render.tags(render.card_fields(card), available or ())
        if not stale and not fresh:
            return
        told = await self._rest.ask("GET", "/channels/{channel_id}", channel_id=thread.id)
        applied = list(told.get("applied_tags", ()))
        wanted = list(dict.fromkeys([*fresh, *(tag for tag in applied if tag not in stale)]))[:TAGS]
        if set(wanted) != set(applied) and (wanted or not applied):
            try:
                await self._rest.ask("PATCH", "/channels/{channel_id}", {"applied_tags": wanted}, channel_id=thread.id)
            except Refused as refusal:
                if refusal.code != Code.NO_PERMISSION:
                    raise
                log.info("the tags of %s stay as they are: Discord wants the permission Manage Threads", thread.key)


@contextmanager
def _access(channel: Channel) -> Iterator[None]:
    """Tell apart what a person can change from what is over: rights can be given back, a locked thread is settled."""
    try:
        yield
    except Refused as refusal:
        if refusal.code in (Code.THREAD_LOCKED, Code.THREAD_ARCHIVED):
            raise Locked(f"the thread {channel.key} is locked: {refusal}") from refusal
        if refusal.code == Code.NO_PERMISSION:
            raise NoAccess(
                f"Trellis may not write in {channel.key}. In Edit Channel, Permissions, Trellis, allow “Send "
                f"Messages” and “Send Messages in Threads” ({refusal})."
            ) from refusal
        raise


def _face(message: JSON) -> list[str]:
    """Return what tells one card from another: its controls, or its words where it has none."""
    found = [*render.components(message)]
    controls = [part["custom_id"] for part in found if "custom_id" in part]
    return controls or [message.get("content") or "", *(part["content"] for part in found if "content" in part)]


def _mentioned(message: JSON) -> set[str]:
    texts = [message.get("content") or "", *(part.get("content", "") for part in render.components(message))]
    return markup.mentioned("\n".join(texts))
