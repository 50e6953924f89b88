"""One workspace, as the app that was installed in it: who we are there, and everything that can be done there."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self, TypeAlias

from adapters.contract.adapter import AdapterError, Gone, NoAccess, Unusable
from adapters.contract.commands import Command
from adapters.contract.models import Account, Channel, Message, MessageRef, Space
from adapters.contract.text import Translations, say
from adapters.contract.ui import Card

from . import envelope, parse, prompts
from .api import Api, ScopeMissing
from .files import Files
from .markup import Home
from .people import People
from .post import Posts, find_message

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

CHANNELS_FRESH = 120.0
"""Seconds for which the list of channels is believed."""
_CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{2,}(:\d+\.\d+)?")


class Workspace:
    """What the adapter does, done in one workspace. `me` is the bot's own user id there."""

    def __init__(self, api: Api, who: JSON, now: Callable[[], datetime], prefix: str = "") -> None:
        self.api = api
        self.space = Space("slack", str(who["team_id"]))
        self.name, self.me = str(who.get("team") or who["team_id"]), str(who["user_id"])
        self.home = Home(self.space, str(who.get("url") or ""), prefix)
        self.people = People(api, self.space)
        self.files = Files(api, self.home)
        self.posts = Posts(api, self.files, now, self.people.direct)
        self._now = now
        self._channels: dict[str, str] = {}
        self.names: dict[str, str] = {}
        """What the channels are called, by their ids, that people mentioned without a name."""
        self._channels_at = float("-inf")

    @classmethod
    async def enter(cls, api: Api, now: Callable[[], datetime], prefix: str = "") -> Self:
        """Ask Slack whose token it is. Our commands begin with `prefix` there. Raises `AdapterError`."""
        who = await api.call("auth.test")
        if not (who.get("team_id") and who.get("user_id")):
            raise AdapterError("auth.test: what answers there is not Slack. Is SLACK_API_URL right?")
        return cls(api, who, now, prefix)

    async def look_up(self, channels: Iterable[str]) -> None:
        """Find out what channels are called. Nothing that fails here keeps an event from being heard."""
        for id_ in set(channels) - self.names.keys():
            try:
                self.names[id_] = str((await self.api.call("conversations.info", channel=id_))["channel"]["name"])
            except (AdapterError, KeyError) as failure:
                log.info("what the channel %s is called cannot be told: %s", id_, failure)

    def see_channel(self, event: Mapping[str, Any]) -> None:
        """Note what an event says of a channel, so that the list of channels need not be asked for again."""
        told, kind = event.get("channel"), str(event.get("type")).partition("_")[2]
        id_ = told["id"] if isinstance(told, dict) else told
        self._channels = {name: known for name, known in self._channels.items() if known != id_}
        if isinstance(told, dict):
            self.names[told["id"]] = told["name"]
            self._channels[told["name"]] = told["id"]
        elif kind not in {"archive", "deleted"}:  # it is there again, and its name was not told
            self._channels_at = float("-inf")

    async def find_channel(self, name: str) -> Channel | None:
        """Return the channel of that id or name."""
        if not name:
            return None
        if _CHANNEL_ID.fullmatch(name):
            try:
                await self.api.call("conversations.info", channel=name.partition(":")[0])
            except (Gone, NoAccess):
                return None
            return Channel(self.space, name)
        now = asyncio.get_running_loop().time()
        if self._channels_at < now - CHANNELS_FRESH:
            kinds = "public_channel,private_channel"
            pages = self.api.pages("conversations.list", "channels", 50, types=kinds, exclude_archived=True, limit=200)
            self._channels = {channel["name"]: channel["id"] async for channel in pages}
            self._channels_at = now
        found = self._channels.get(name.removeprefix("#").lower())
        return Channel(self.space, found) if found else None

    async def direct(self, account: Account, card: Card, nonce: str, since: datetime | None = None) -> MessageRef:
        """Post a card to one person's direct channel."""
        return await self.posts.post(Channel(self.space, account.id), card, nonce, since)

    @property
    def suggests(self) -> bool:
        """Whether prompts can be shown in direct channels here."""
        return prompts.SCOPE in self.api.scopes

    async def suggest(self, where: str, commands: Sequence[Command], translations: Translations) -> None:
        """Show somebody what can be said, in their direct channel. Nobody needs it, so that it may fail."""
        shown: JSON = {
            "title": say("What would you like to do?").localized(translations).plain(),
            "prompts": prompts.prompts_in(translations, commands),
        }
        try:
            # Not for one thread: Slack then shows an agent's prompts nowhere, and says nothing.
            await self.api.call("assistant.threads.setSuggestedPrompts", channel_id=where, **shown)
        except ScopeMissing as failure:
            log.warning("no prompts are shown until the next start: %s", failure)
            self.api.scopes -= {prompts.SCOPE}
        except AdapterError as failure:
            log.info("prompts could not be shown: %s", failure)

    async def fetch(self, message: MessageRef) -> Message | None:
        """Return a message as it stands."""
        where, _, root = message.channel.id.partition(":")
        try:
            found = await find_message(self.api, where, message.id, root)
        except (Gone, NoAccess):
            return None
        if found is None or found.get("subtype") == "tombstone":
            return None
        body = {"type": "message_action", "message": found}
        people = await self.people.profiles(envelope.people_in(body))
        await self.look_up(envelope.channels_in(body))
        facts = parse.Facts(
            self.space, self.me, self._now(), people=people, channels=self.names, groups=self.people.groups
        )
        return parse.read_message(found, where, facts)

    def link(self, message: MessageRef) -> str | None:
        """Return the web address of a message, as Slack makes them, or None where we do not know our own address."""
        where, _, root = message.channel.id.partition(":")
        if not self.home.url:
            return None
        address = f"{self.home.url.rstrip('/')}/archives/{where}/p{message.id.replace('.', '')}"
        return f"{address}?thread_ts={root}&cid={where}" if root and root != message.id else address

    async def let_in(self, account: Account, channel: Channel) -> None:
        """Let a person into a private channel."""
        try:
            await self.api.call("conversations.invite", channel=channel.id.partition(":")[0], users=account.id)
        except NoAccess as refusal:
            raise Unusable(str(refusal)) from refusal
        except AdapterError as refusal:
            if "already_in_channel" not in str(refusal):
                raise
