"""Keeps the connection to Discord: connects, resumes, begins afresh with patience, and says when that is pointless."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from json import JSONDecodeError
from typing import Any, TypeAlias

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from adapters.contract.adapter import AdapterError, Unusable
from adapters.contract.models import Space

from .limits import FATAL, LONGEST_WAIT, Pace
from .markup import Here
from .parse import RoleFacts
from .rest import Rest

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]
Hear: TypeAlias = Mapping[str, Callable[[JSON], None]]
"""What to do with each event of the gateway, by Discord's name for it."""


class Client(discord.Client):
    """discord.py's client, which caches guilds, channels, threads and roles, and no member or message.

    The events in `hear` come to us as Discord sent them, and discord.py builds nothing of them unless its cache of
    guilds and threads needs it: ordinary chatter costs little. That sets entries in its table of parsers, for this
    client alone; so does `api_url`, for which discord.py has only attributes of classes, which every client of the
    process would share.
    """

    def __init__(
        self, rest: Rest, hear: Hear, pace: Pace, *, message_content: bool, begun: Callable[[], None] = lambda: None
    ) -> None:
        """`begun` is called when a session has begun: Discord has named the guilds that we are in, and sends them."""
        intents = discord.Intents(
            guilds=True,
            members=True,
            guild_messages=True,
            dm_messages=True,
            guild_reactions=True,
            message_content=message_content,
        )
        super().__init__(
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            heartbeat_timeout=pace.heartbeat,
            max_ratelimit_timeout=LONGEST_WAIT,
        )
        self._pace = pace
        self._gateway = ""
        self._begun = begun
        self.commands: dict[str, Mapping[str, str]] = {}
        """The ids of our commands by their names, for each guild; what can be used everywhere is ""."""
        self.listens = False
        """Whether a session goes on, so that nothing is missed."""
        self.arrived = asyncio.Event()
        """Set while every guild that Discord named in this session has been sent."""
        parsers = self._connection.parsers
        for name, heard in hear.items():
            parsers[name] = _careful(name, heard, before=parsers[name] if name in _KEPT else None)
        request, connect = self.http.request, self.http.ws_connect

        async def request_there(route: Route, **kwargs: Any) -> Any:
            if not route.url.startswith(rest.base):
                route.url = rest.base + route.url.removeprefix(Route.BASE)
            return await request(route, **kwargs)

        async def connect_there(url: str, *, compress: int = 0) -> Any:
            asked = URL(url)
            if asked.origin() == DiscordWebSocket.DEFAULT_GATEWAY.origin():
                url = str(URL(self._gateway).with_query(asked.query))
            return await connect(url, compress=compress)

        self.http.request = request_there  # type: ignore[method-assign]
        self.http.ws_connect = connect_there  # type: ignore[method-assign]
        rest.http = self.http

    async def setup_hook(self) -> None:
        """Ask where the gateway is, and wait where too many connections were begun today."""
        told = await self.http.request(Route("GET", "/gateway/bot"))
        self._gateway, budget = told["url"], told.get("session_start_limit", {})
        if budget.get("remaining", 1) <= 0:
            pause = budget.get("reset_after", 0) / 1000
            log.error("Discord allows no more connections today; the next one is in %.0f s", pause)
            await asyncio.sleep(pause)

    async def before_identify_hook(self, _shard_id: int | None, *, initial: bool = False) -> None:
        if not initial:
            await asyncio.sleep(self._pace.identify)

    async def on_connect(self) -> None:
        self.listens = True
        self.arrived.clear()
        self._begun()
        self._look()

    async def on_disconnect(self) -> None:
        self.listens = False

    async def on_resumed(self) -> None:
        self.listens = True

    async def on_guild_available(self, _: discord.Guild) -> None:
        self._look()

    async def on_guild_join(self, _: discord.Guild) -> None:
        self._look()

    def _look(self) -> None:
        if not any(guild.unavailable for guild in self.guilds):
            self.arrived.set()

    @property
    def delivery(self) -> str:
        """A name for the event that is being told now, the same when it is told again after a resume."""
        socket: DiscordWebSocket | None = self.ws
        return f"{socket.session_id}-{socket.sequence}" if socket else ""

    @property
    def me(self) -> str:
        """The id of our own account, which on old apps is not the app's."""
        return str(self.user.id) if self.user else ""

    # The cache that `parse` asks

    def role(self, guild: str, role: str) -> RoleFacts | None:
        server = self.get_guild(int(guild))
        found = server.get_role(int(role)) if server else None
        return RoleFacts(found.name, found.permissions.value) if found else None

    def owner(self, guild: str) -> str | None:
        server = self.get_guild(int(guild))
        return str(server.owner_id) if server else None

    def guild_name(self, guild: str) -> str:
        server = self.get_guild(int(guild))
        return server.name if server else guild

    def here(self, space: Space, *, direct: bool = False) -> Here:
        """Return where a text is read: in a guild, or in a direct channel of somebody who is in it."""
        everywhere = self.commands.get("", {})
        commands = everywhere if direct else {**everywhere, **self.commands.get(space.id, {})}
        return Here(space, self.guild_name(space.id), commands, direct)

    def knows(self, guild: str, channel: str) -> bool:
        """Say whether Discord named a channel or thread to us."""
        server = self.get_guild(int(guild))
        return server is not None and server.get_channel_or_thread(int(channel)) is not None

    def channel_name(self, guild: str, channel: str) -> str | None:
        server = self.get_guild(int(guild))
        found = server.get_channel_or_thread(int(channel)) if server else None
        return found.name if found else None

    def parent(self, guild: str, channel: str) -> str | None:
        server = self.get_guild(int(guild))
        thread = server.get_thread(int(channel)) if server else None
        return str(thread.parent_id) if thread else None

    def forum_tags(self, guild: str, channel: str) -> list[JSON] | None:
        """Return the tags of a forum; nothing for any other channel."""
        server = self.get_guild(int(guild))
        found = server.get_channel(int(channel)) if server else None
        if not isinstance(found, discord.ForumChannel):
            return None
        return [{"id": str(tag.id), "name": tag.name, "moderated": tag.moderated} for tag in found.available_tags]


_KEPT = {
    "CHANNEL_CREATE",
    "CHANNEL_DELETE",
    "CHANNEL_UPDATE",
    "GUILD_CREATE",
    "GUILD_ROLE_UPDATE",
    "THREAD_DELETE",
}
"""Events that we hear and discord.py does too."""


def _careful(
    name: str, heard: Callable[[JSON], None], before: Callable[[JSON], object] | None = None
) -> Callable[[JSON], None]:
    """One event that cannot be read is no reason to lose the connection."""

    def hear(data: JSON) -> None:
        if before:
            before(data)
        try:
            heard(data)
        except Exception:
            log.exception("could not read %s", name)

    return hear


class Connection:
    """One client after another. discord.py resumes by itself; where it gives up, a fresh client takes over."""

    def __init__(self, rest: Rest, token: str, pace: Pace, *, message_content: bool) -> None:
        self._rest = rest
        self._token = token
        self._pace = pace
        self._task: asyncio.Task[None] | None = None
        self.hears_content = message_content
        """Whether Discord tells us what members write."""
        self.client: Client | None = None
        self._renewed: Callable[[], None]

    @property
    def listens(self) -> bool:
        """Whether a session goes on."""
        return self.client is not None and self.client.listens

    async def open(self, hear: Hear, prepare: Callable[[Client], Awaitable[None]], renewed: Callable[[], None]) -> None:
        """Connect, and return once every guild is known; `prepare` comes before anything is heard.

        `renewed` is called when a new session takes the place of one that was lost with what it had to tell. Raises
        `Unusable`. Everything else is tried again until it works.
        """
        self._renewed = renewed
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._keep(hear, prepare, ready), name="discord connection")
        self._task.add_done_callback(_report)
        waiting = asyncio.create_task(ready.wait())
        try:
            await asyncio.wait([waiting, self._task], return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if self._task.done():
            await self._task

    async def ended(self) -> None:
        """Return when the connection was closed by us. Raises `Unusable` when it cannot be kept up."""
        if self._task:
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                self._task.result()

    async def close(self) -> None:
        """Disconnect. Safe to call twice."""
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _keep(self, hear: Hear, prepare: Callable[[Client], Awaitable[None]], ready: asyncio.Event) -> None:
        clock = asyncio.get_running_loop().time
        pause = self._pace.again
        while True:
            begun = clock()
            try:
                await self._connect(hear, prepare, ready)
                log.warning("Discord ended the connection")
            except Unusable:
                raise
            except discord.LoginFailure:
                raise Unusable(FATAL[4004]) from None
            except discord.PrivilegedIntentsRequired:
                if not self.hears_content:
                    raise Unusable(FATAL[4014]) from None
                log.warning(_WITHOUT_CONTENT)
                self.hears_content = False
                await asyncio.sleep(self._pace.identify)
                continue
            except discord.ConnectionClosed as closed:
                if closed.code in FATAL:
                    raise Unusable(FATAL[closed.code]) from closed
                log.warning("Discord closed the connection with %s", closed.code)
            except Exception as lost:  # discord.py 2.7 raises AttributeError where its very first connection fails
                log.warning("no connection to Discord: %s", lost or type(lost).__name__, exc_info=not _expected(lost))
            if clock() - begun > self._pace.longest:
                pause = self._pace.again
            log.info("connecting to Discord again in %.0f s", pause)
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311  # to spread, not to hide
            pause = min(pause * 2, self._pace.longest)

    async def _connect(self, hear: Hear, prepare: Callable[[Client], Awaitable[None]], ready: asyncio.Event) -> None:
        sessions: list[asyncio.Task[None]] = []

        def begun() -> None:
            sessions.append(asyncio.create_task(self._announce(client, ready)))

        client = Client(self._rest, hear, self._pace, message_content=self.hears_content, begun=begun)
        try:
            await client.login(self._token)
            await prepare(client)
            self.client = client
            await client.connect()
        finally:
            for announcing in sessions:
                announcing.cancel()
            await client.close()

    async def _announce(self, client: Client, ready: asyncio.Event) -> None:
        """Say that we hear, once all guilds of a session are known, or once the missing ones took too long."""
        try:
            await asyncio.wait_for(client.arrived.wait(), self._pace.arrival)
        except TimeoutError:
            log.warning("Discord has not sent every server yet: going on without those")
        if ready.is_set():
            self._renewed()
        ready.set()


_WITHOUT_CONTENT = (
    "Discord refused an intent, so Trellis goes on without reading what members write: commands, buttons and message "
    "menus work, but what is written without them stays unread. To change that, switch on “Message Content Intent” "
    "(Developer Portal, your app, Bot) and restart."
)


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (wrong := task.exception()):
        log.error("Discord: %s", wrong)


def _expected(lost: Exception) -> bool:
    return isinstance(
        lost, discord.DiscordException | AdapterError | OSError | TimeoutError | AttributeError | JSONDecodeError
    )
