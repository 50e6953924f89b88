"""Slack as Trellis sees it. Everything that knows Slack's dialect is in the other files of this folder."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

import aiohttp
from aiohttp import web
from slack_bolt.authorization import AuthorizeResult

from adapters.contract.adapter import Check, Gone, Receive, SpaceInfo, Unusable
from adapters.contract.commands import Command, Shortcut
from adapters.contract.models import Account, Channel, Happening, Message, MessageRef, Profile, Space
from adapters.contract.ui import Card

from . import envelope, parse, render
from .api import Api
from .check import check_channel, check_socket, check_token
from .hearing import Hearing
from .keep import Keep, MemoryKeep
from .listen import Door, Sockets, bolt_app, routes
from .markup import Home
from .people import People
from .post import Posts, find_message

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

CHANNELS_FRESH = 120.0
"""Seconds for which the list of channels is believed."""
_CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{2,}(:\d+\.\d+)?")


def _now() -> datetime:
    return datetime.now(UTC)


class Slack:
    """One workspace, with its tokens. With an app token it listens over Socket Mode, else over signed HTTP.

    `keep` is where envelopes are stored before they are acknowledged; without one they live in memory.
    """

    platform = "slack"

    def __init__(
        self,
        bot_token: str,
        *,
        app_token: str = "",
        signing_secret: str = "",
        api_url: str = "",
        command_prefix: str = "",
        keep: Keep | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        if not app_token and not signing_secret:
            raise ValueError("Slack needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)")
        self._bot_token = bot_token
        self._app_token = app_token
        self._secret = signing_secret
        self._api_url = api_url
        self._prefix = command_prefix
        self._keep = keep or MemoryKeep()
        self._now = now
        self._hearing: Hearing | None = None
        self._over = asyncio.Event()
        self._why: Unusable | None = None
        self._name = ""
        self._me = ""
        self._door: Door | None = None
        self._sockets: Sockets | None = None
        self._directs: dict[str, str] = {}
        self._channels: dict[str, str] = {}
        self._channels_at = float("-inf")

    async def start(self, receive: Receive, commands: Sequence[Command], shortcuts: Sequence[Shortcut]) -> None:  # noqa: ARG002  # the manifest offers them
        """Connect, and hand over what happens from now on until `stop`."""
        await self._connect()
        self._posts = Posts(self._api, self._home, self._now)
        self._hearing = Hearing(
            self._api, self._home, self._me, self._people, self._keep, receive, commands, self._prefix, self._now
        )
        who = AuthorizeResult(
            enterprise_id=None, team_id=self._home.space.id, bot_user_id=self._me, bot_token=self._bot_token
        )
        app = bolt_app(self._hearing.hear, self._api.client, who)
        if self._app_token:
            self._sockets = Sockets(app, self._app_token, self._api.client, self._end)
            await self._sockets.start()
        else:
            self._door = Door(app, self._secret, self._now)

    async def stop(self) -> None:
        """Stop hearing, let what is under way finish, disconnect. Safe to call twice."""
        self._over.set()
        self._door = None
        if self._sockets:
            await self._sockets.stop()
            self._sockets = None
        if self._hearing:
            await self._hearing.stop()
            self._hearing = None
            await self._api.session.close()

    async def ended(self) -> None:
        """Return after `stop`. Raises `Unusable`, with what to do, when Slack will not have us back."""
        await self._over.wait()
        if self._why:
            raise self._why

    async def idle(self) -> None:
        """Return when everything that was heard so far has been handled."""
        if self._hearing:
            await self._hearing.drained()

    def routes(self) -> Sequence[web.RouteDef]:
        """Return what to serve on the one web server: where Slack sends everything, if not over Socket Mode."""
        return [] if self._app_token else routes(self._enter)

    async def check(self, channels: Sequence[str]) -> list[Check]:
        """Ask the live workspace: token, scopes, Socket Mode, and whether the bot is in each of these channels."""
        started = self._hearing is not None
        if not started:
            self._api = Api(self._bot_token, self._api_url, aiohttp.ClientSession())
        try:
            found = await check_token(self._api)
            if found[0].ok:
                if self._app_token:
                    found.append(await check_socket(self._api, self._app_token))
                if not started:
                    await self._greet()
                for name in channels:
                    found.append(await check_channel(self._api, self._home.space, name, self.find_channel))
        finally:
            if not started:
                await self._api.session.close()
        return found

    async def spaces(self) -> Sequence[SpaceInfo]:
        """Return the workspace."""
        return [SpaceInfo(self._home.space, self._name)]

    async def find_channel(self, space: Space, name: str) -> Channel | None:
        """Return the channel of that id or name."""
        if space != self._home.space or not name:
            return None
        if _CHANNEL_ID.fullmatch(name):
            try:
                await self._api.call("conversations.info", channel=name.partition(":")[0])
            except Gone:
                return None
            return Channel(space, name)
        now = asyncio.get_running_loop().time()
        if self._channels_at < now - CHANNELS_FRESH:
            kinds = "public_channel,private_channel"
            pages = self._api.pages("conversations.list", "channels", 50, types=kinds, exclude_archived=True, limit=200)
            self._channels = {channel["name"]: channel["id"] async for channel in pages}
            self._channels_at = now
        found = self._channels.get(name.removeprefix("#").lower())
        return Channel(space, found) if found else None

    async def profile(self, account: Account) -> Profile | None:
        """Return what Slack says of a person now."""
        return await self._people.profile(account.id) if account.space == self._home.space else None

    async def post(self, channel: Channel, card: Card, *, nonce: str) -> MessageRef:
        """Post a card, once for each nonce."""
        return await self._posts.post(channel, card, nonce)

    async def direct(self, account: Account, card: Card, *, nonce: str) -> MessageRef:
        """Post a card to one person's direct channel."""
        if account.id not in self._directs:
            opened = await self._api.call("conversations.open", users=account.id)
            self._directs[account.id] = str(opened["channel"]["id"])
        return await self.post(Channel(self._home.space, self._directs[account.id]), card, nonce=nonce)

    async def edit(self, message: MessageRef, card: Card) -> None:
        """Draw a posted card anew."""
        where = message.channel.id.partition(":")[0]
        await self._api.call(
            "chat.update", channel=where, ts=message.id, parse="none", **render.message(card, self._home)
        )

    async def open_thread(self, message: MessageRef, title: str) -> Channel:  # noqa: ARG002  # threads have no title
        """Return the thread under a message, which on Slack is there as soon as somebody writes in it."""
        where, _, root = message.channel.id.partition(":")
        return Channel(message.channel.space, f"{where}:{root or message.id}")

    async def fetch(self, message: MessageRef) -> Message | None:
        """Return a message as it stands."""
        where, _, root = message.channel.id.partition(":")
        try:
            found = await find_message(self._api, where, message.id, root)
        except Gone:
            return None
        if found is None:
            return None
        body = {"type": "message_action", "message": found}
        people = await self._people.profiles(envelope.people_in(body))
        facts = parse.Facts(self._home.space, self._me, self._now(), people=people)
        return parse.read_message(found, where, facts)

    async def link(self, message: MessageRef) -> str | None:
        """Return a lasting web address of a message."""
        where = message.channel.id.partition(":")[0]
        try:
            answer = await self._api.call("chat.getPermalink", channel=where, message_ts=message.id)
        except Gone:
            return None
        return str(answer["permalink"])

    async def set_role(self, account: Account, role: str, held: bool) -> None:  # noqa: ARG002
        raise Unusable(f"roles are not given on {self.platform} yet")

    async def let_in(self, account: Account, channel: Channel) -> None:  # noqa: ARG002
        raise Unusable(f"nobody is let in on {self.platform} yet")

    async def put_happening(self, space: Space, happening: Happening, known: str | None) -> str | None:  # noqa: ARG002
        return None

    async def drop_happening(self, space: Space, known: str) -> None: ...

    async def catch_up(self, channels: Sequence[Channel], since: datetime) -> None: ...

    async def _connect(self) -> None:
        self._api = Api(self._bot_token, self._api_url, aiohttp.ClientSession())
        try:
            await self._greet()
            if self._app_token:
                await self._api.call("apps.connections.open", app_token=self._app_token)
        except BaseException:
            await self._api.session.close()
            raise

    async def _greet(self) -> None:
        who = await self._api.call("auth.test")
        self._home = Home(Space(self.platform, str(who["team_id"])), str(who.get("url") or ""))
        self._people = People(self._api, self._home.space)
        self._name, self._me = str(who.get("team") or who["team_id"]), str(who["user_id"])

    def _end(self, why: Unusable) -> None:
        self._why = why
        self._over.set()

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        return await self._door.enter(request) if self._door else web.Response(status=503)
