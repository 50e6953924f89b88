"""discord.py's client as we use it: what it hears and remembers, where it connects, and how often it may begin."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeAlias

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from adapters.contract.models import Space

from .limits import IDENTIFIES, LONGEST_WAIT, PERIOD, Pace
from .markup import Here
from .parse import RoleFacts
from .rest import Rest

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]
Hear: TypeAlias = Mapping[str, Callable[[JSON], None]]
"""What to do with each event of the gateway, by Discord's name for it."""
Begin: TypeAlias = Callable[[int, float], Awaitable[float]]
"""Notes that a session is begun, at most so often in so many seconds; else says in how many seconds to ask again."""


class TooOften(Exception):
    """Too many sessions were begun lately: the next one may begin `after` so many seconds."""

    def __init__(self, after: float) -> None:
        super().__init__(f"no session may begin for {after:.0f} s")
        self.after = after


async def _freely(_most: int, _seconds: float) -> float:
    """Let a session begin: nobody counts them."""
    return 0.0


class Client(discord.Client):
    """discord.py's client, which caches guilds, channels, threads and roles, and no member or message.

    The events in `hear` come to us as Discord sent them, and discord.py builds nothing of them unless its cache of
    guilds and threads needs it: ordinary chatter costs little. That sets entries in its table of parsers, for this
    client alone; so does `api_url`, for which discord.py has only attributes of classes, which every client of the
    process would share.
    """

    def __init__(
        self,
        rest: Rest,
        hear: Hear,
        pace: Pace,
        *,
        message_content: bool,
        begun: Callable[[], None] = lambda: None,
        begin: Begin = _freely,
    ) -> None:
        """`begun` is called when a session has begun: Discord has named the guilds that we are in, and sends them.

        `begin` is asked before.
        """
        intents = discord.Intents(
            guilds=True,
            members=True,
            guild_messages=True,
            dm_messages=True,
            guild_reactions=True,
            guild_scheduled_events=True,
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
        self._begin = begin
        self._may_begin = False
        self._socket: DiscordWebSocket | None = None
        """The last one that was opened. discord.py has it in `ws` only once a session goes on."""
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

        refer = self._connection._update_references

        def know(socket: DiscordWebSocket) -> None:
            self._socket = socket
            refer(socket)

        self._connection._update_references = know  # type: ignore[assignment, method-assign]
        self.http.request = request_there  # type: ignore[method-assign]
        self.http.ws_connect = connect_there  # type: ignore[method-assign]
        rest.http = self.http

    async def close(self) -> None:
        """Disconnect, also where a session was broken off before it began: a thread would keep that alive for ever."""
        if self._socket and self._socket is not self.ws:
            await self._socket.close()
        await super().close()

    async def permit(self) -> float:
        """Ask where the gateway is and whether a session may begin: return 0, or in how many seconds to ask again."""
        told = await self.http.request(Route("GET", "/gateway/bot"))
        self._gateway, budget = told["url"], told.get("session_start_limit", {})
        if budget.get("remaining", 1) <= 0:
            return max(float(budget.get("reset_after", 0)) / 1000, 1.0)
        pause = await self._begin(IDENTIFIES, PERIOD)
        self._may_begin = not pause
        return pause

    async def before_identify_hook(self, _shard_id: int | None, *, initial: bool = False) -> None:
        """Every new session is counted, also those that discord.py begins by itself. Raises `TooOften`."""
        if not initial:
            await asyncio.sleep(self._pace.identify)
        if not self._may_begin and (pause := await self.permit()):
            raise TooOften(pause)
        self._may_begin = False

    def remember(self, guilds: Iterable[JSON]) -> None:
        """Know these guilds and no others, as they were asked for: nobody tells us of them while we stand by."""
        seen = [discord.Guild(data=data, state=self._connection) for data in guilds]  # type: ignore[arg-type]
        self._connection._guilds = {guild.id: guild for guild in seen}

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
