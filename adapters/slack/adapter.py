"""Slack as Trellis sees it. Everything that knows Slack's dialect is in the other files of this folder."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import aiohttp
from aiohttp import web
from slack_sdk.oauth.installation_store import Bot

from adapters.contract.adapter import (
    Check,
    Feature,
    Inbox,
    Need,
    Receive,
    Responder,
    SpaceInfo,
    Unusable,
    Whole,
)
from adapters.contract.commands import Command, Shortcut, Suggest
from adapters.contract.events import Wants
from adapters.contract.models import Account, CalendarEntry, Channel, Message, MessageRef, Profile, Space
from adapters.contract.text import ENGLISH
from adapters.contract.ui import Card

from . import limits
from .answer import Addresses, Answer
from .api import Api, Tokens
from .check import check_rotation, check_socket, check_workspace
from .envelope import Origin
from .event_source import EventSource, TranslationsOf
from .listen import Sockets, WebhookReceiver, bolt_app, routes
from .oauth import INSTALL, Installer, OAuth
from .register import REDIRECT, scopes
from .workspaces import Workspaces

log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Slack(Whole):
    """One workspace by its token, or with `oauth` as many as install the app.

    With an app token it listens over Socket Mode, else over signed HTTP. `welcome` names the channels that mean the
    community: the people who come in join it. `translations_of` gives the language of a locale, for the adapter's own
    few words. Where it `suggests` what can be said, the app is to have the scope for that. `burst` is how many messages
    a channel gets at once before they come one by one.
    """

    platform = "slack"
    features: frozenset[Feature] = frozenset()

    def __init__(
        self,
        bot_token: str = "",
        *,
        oauth: OAuth | None = None,
        app_token: str = "",
        signing_secret: str = "",
        api_url: str = "",
        command_prefix: str = "",
        suggests: bool = False,
        welcome: Sequence[str] = (),
        translations_of: TranslationsOf = lambda _: ENGLISH,
        now: Callable[[], datetime] = _now,
        burst: int = limits.BURST,
    ) -> None:
        if not bot_token and not oauth:
            raise ValueError("Slack needs SLACK_BOT_TOKEN (one workspace) or SLACK_CLIENT_ID (many)")
        if bot_token.startswith("xoxe."):
            raise ValueError(
                "SLACK_BOT_TOKEN is good for twelve hours only, because the app rotates its tokens: set "
                "SLACK_CLIENT_ID instead, and let the app into the workspace at /slack/install."
            )
        if not app_token and not signing_secret:
            raise ValueError("Slack needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)")
        self._bot_token = bot_token
        self._oauth = oauth
        self._installer: Installer | None = None
        self._app_token = app_token
        self._secret = signing_secret
        self._api_url = api_url
        self._prefix = command_prefix
        self._scopes = scopes(suggests=suggests)
        self._welcome = welcome
        self._translations_of = translations_of
        self._now = now
        self._burst = burst
        self._session: aiohttp.ClientSession
        self._workspaces = Workspaces(bot_token, oauth, self._api, now, command_prefix, self._end, translations_of)
        self._hearing: EventSource | None = None
        self._over = asyncio.Event()
        self._why: Unusable | None = None
        self._receiver: WebhookReceiver | None = None
        self._sockets: Sockets | None = None

    async def start(
        self,
        receive: Receive,
        wants: Wants,
        commands: Sequence[Command],
        shortcuts: Sequence[Shortcut],  # noqa: ARG002  # the manifest offers them, and the commands
        suggest: Suggest | None = None,  # noqa: ARG002
        inbox: Inbox | None = None,
    ) -> None:
        """Connect, and hand over what happens from now on until `stop`."""
        self._session = aiohttp.ClientSession()
        app_api = self._api("")
        try:
            await self._workspaces.enter_all()
            if self._app_token:
                await app_api.call("apps.connections.open", app_token=self._app_token)
        except BaseException:
            await self._session.close()
            raise
        self._hearing = EventSource(
            self._workspaces.of,
            self._workspaces.find,
            self._workspaces.look_whether_left,
            inbox,
            receive,
            wants,
            commands,
            self._prefix,
            self._welcome,
            self._translations_of,
            self._now,
        )
        if self._oauth:
            self._installer = Installer(self._oauth, [*self._scopes], app_api.client, self._join)
        app, ignores = bolt_app(self._hearing.hear, app_api.client), self._hearing.ignores
        if self._app_token:
            renewed = partial(self._hearing.reconnected, self._workspaces.entered.values())
            self._sockets = Sockets(app, ignores, self._app_token, app_api.client, self._end, renewed)
            await self._sockets.start()
        else:
            self._receiver = WebhookReceiver(app, ignores, self._secret, self._now)

    async def hear_no_more(self) -> None:
        """Stop hearing, and let what is under way finish. What we say is said until `stop`. Safe to call twice."""
        self._receiver = self._installer = None
        if self._sockets:
            await self._sockets.stop()
        if self._hearing:
            await self._hearing.drained()

    async def stop(self) -> None:
        """Hear no more, and disconnect. Safe to call twice."""
        self._over.set()
        await self.hear_no_more()
        self._sockets = None
        if self._hearing:
            self._hearing = None
            await self._workspaces.renewed()
            await self._workspaces.idle()
            await self._session.close()

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
        """Return what to serve on the one web server: where Slack sends what happens, where admins install the app."""
        pages = [web.get(INSTALL, self._begin_install), web.get(REDIRECT, self._end_install)] if self._oauth else []
        return [*([] if self._app_token else routes(self._let_in_event)), *pages]

    async def check(self, channels: Sequence[str], needs: Collection[Need] = ()) -> list[Check]:  # noqa: ARG002
        """Ask each live workspace: token, scopes, Socket Mode, and whether the bot is in each of these channels."""
        started = self._hearing is not None
        if not started:
            self._session = aiohttp.ClientSession()
        found = []
        try:
            if self._bot_token:
                found += await check_workspace(self._api(self._bot_token), self._scopes, self._now, channels)
            for bot in await self._oauth.installed.workspaces() if self._oauth else ():
                rotation, api = self._workspaces.renewing(bot)
                found += await check_workspace(api, self._scopes, self._now, channels, INSTALL)
                found += check_rotation(rotation)
            if not found:
                mend = f"Open {INSTALL} at the public address of Trellis, and let it into a workspace."
                found.append(Check(False, "The app is installed nowhere yet.", mend))
            if self._app_token:
                found.append(await check_socket(self._api(""), self._app_token))
        finally:
            if not started:
                await self._session.close()
        return found

    async def spaces(self) -> Sequence[SpaceInfo]:
        """Return the workspaces."""
        return [SpaceInfo(workspace.space, workspace.name) for workspace in self._workspaces.entered.values()]

    async def has_left(self, space: Space) -> bool:
        """Say whether a workspace has removed the app; of one whose token stands in settings nobody knows."""
        if self._oauth is None or self._hearing is None or space.id in self._workspaces.entered:
            return False
        return await self._oauth.installed.workspace(space.id) is None

    async def find_channel(self, space: Space, name: str) -> Channel | None:
        """Return the channel of that id or name."""
        workspace = await self._workspaces.find(space.id)
        return await workspace.find_channel(name) if workspace else None

    async def profile(self, account: Account) -> Profile | None:
        """Return what Slack says of a person now."""
        workspace = await self._workspaces.find(account.space.id)
        return await workspace.people.profile(account.id) if workspace else None

    async def post(self, channel: Channel, card: Card, *, nonce: str, since: datetime | None = None) -> MessageRef:
        """Post a card, once for each nonce."""
        return await (await self._workspaces.reach(channel.space)).posts.post(channel, card, nonce, since)

    async def direct(self, account: Account, card: Card, *, nonce: str, since: datetime | None = None) -> MessageRef:
        """Post a card to one person's direct channel."""
        return await (await self._workspaces.reach(account.space)).direct(account, card, nonce, since)

    async def edit(self, message: MessageRef, card: Card) -> None:
        """Draw a posted card anew."""
        await (await self._workspaces.reach(message.channel.space)).posts.edit(message, card)

    async def open_thread(self, message: MessageRef, title: str) -> Channel:  # noqa: ARG002  # threads have no title
        """Return the thread under a message, which on Slack is there as soon as somebody writes in it."""
        where, _, root = message.channel.id.partition(":")
        return Channel(message.channel.space, f"{where}:{root or message.id}")

    async def rename_thread(self, thread: Channel, title: str) -> None:
        """Do nothing: threads have no title."""

    async def fetch(self, message: MessageRef) -> Message | None:
        """Return a message as it stands."""
        workspace = await self._workspaces.find(message.channel.space.id)
        return await workspace.fetch(message) if workspace else None

    async def read_file(self, space: Space, answer: str, most: int) -> bytes | None:
        """Return what somebody chose in a form."""
        return await (await self._workspaces.reach(space)).files.read(answer, most)

    def link(self, message: MessageRef) -> str | None:
        """Return a lasting web address of a message."""
        workspace = self._workspaces.entered.get(message.channel.space.id)
        return workspace.link(message) if workspace else None

    def responder(self, token: Mapping[str, Any]) -> Responder:
        """Return what answers an event that was heard before, perhaps by another process."""
        facts = {**token["origin"], "trigger": "", "shown": tuple(token["origin"]["shown"])}
        now = asyncio.get_running_loop().time()
        return Answer(self._workspaces.at(Space.of(token["space"])), token["key"], Origin(**facts), Addresses(), now)

    async def take_up(self, key: str, body: Mapping[str, Any]) -> None:
        """Handle what a dead process had kept."""
        if self._hearing:
            await self._hearing.take_up(key, body)

    async def set_role(self, account: Account, role: str, held: bool) -> None:
        """Put a person into a user group, or take them out."""
        await (await self._workspaces.reach(account.space)).people.set_role(account.id, role, held)

    async def let_in(self, account: Account, channel: Channel) -> None:
        """Let a person into a private channel that we are in."""
        await (await self._workspaces.reach(channel.space)).let_in(account, channel)

    async def put_entry(
        self,
        space: Space,  # noqa: ARG002
        entry: CalendarEntry,  # noqa: ARG002
        known: str | None,  # noqa: ARG002
        *,
        new: bool,  # noqa: ARG002
    ) -> str | None:
        """Return nothing: Slack has no calendar of its own."""
        return None

    async def drop_entry(self, space: Space, known: str) -> None:
        """Do nothing: Slack has no calendar of its own."""

    async def catch_up(self, channels: Sequence[Channel], since: datetime) -> Sequence[Channel]:
        """Hand over what was written since then; return where Slack lets us read only later."""
        return await self._hearing.catch_up(channels, since) if self._hearing else ()

    async def catch_up_people(self, space: Space, here: Mapping[str, str], since: datetime) -> None:  # noqa: ARG002
        """Hand over who left. When somebody joined Slack does not say."""
        if self._hearing and space.id in self._workspaces.entered:
            await self._hearing.catch_up_people(self._workspaces.entered[space.id], here.keys())

    @property
    def connected(self) -> bool:
        """Whether Slack reaches us; at our own address always, so far as we know."""
        return self._hearing is not None and (self._sockets is None or self._sockets.connected)

    @property
    def skew(self) -> float:
        return self._receiver.skew if self._receiver else 0.0

    def _api(self, token: str, tokens: Tokens | None = None) -> Api:
        if token or not self._oauth:
            return Api(token, self._api_url, self._session, burst=self._burst)
        mend = f"install the app again at {INSTALL}"
        return Api(token, self._api_url, self._session, tokens=tokens, burst=self._burst, mend=mend)

    async def _join(self, bot: Bot) -> None:
        """Set to work in a workspace that has just installed the app, perhaps once more."""
        await self._workspaces.enter(bot)
        if self._hearing:
            await self._hearing.joined(self._workspaces.entered[str(bot.team_id)])

    def _end(self, why: Unusable) -> None:
        self._why = why
        self._over.set()

    async def _let_in_event(self, request: web.Request) -> web.StreamResponse:
        return await self._receiver.enter(request) if self._receiver else web.Response(status=503)

    async def _begin_install(self, request: web.Request) -> web.StreamResponse:
        return await self._installer.begin(request) if self._installer else web.Response(status=503)

    async def _end_install(self, request: web.Request) -> web.StreamResponse:
        return await self._installer.end(request) if self._installer else web.Response(status=503)
