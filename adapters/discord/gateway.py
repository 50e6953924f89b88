"""discord.py's client as we use it: what it hears and remembers, where it connects, and how often it may begin."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, TypeAlias

import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from .limits import LONGEST_WAIT, Pace
from .rest import Rest

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]
Hear: TypeAlias = Mapping[str, Callable[[JSON], None]]
"""What to do with each event of the gateway, by Discord's name for it."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """What Discord says of its gateway: where it is, how many shards it recommends, and how many may begin at a time.

    So many sessions are `left`; in so many seconds again all of them.
    """

    url: str
    shards: int
    concurrency: int
    left: int
    again: float

    @classmethod
    def of(cls, told: JSON) -> Gateway:
        """Read what `GET /gateway/bot` tells."""
        limit = told.get("session_start_limit", {})
        left, again = limit.get("remaining", 1), float(limit.get("reset_after", 0)) / 1000
        return cls(told["url"], max(told.get("shards", 1), 1), max(limit.get("max_concurrency", 1), 1), left, again)


class TooOften(Exception):
    """Too many sessions were begun lately: the next one may begin `after` so many seconds."""

    def __init__(self, after: float) -> None:
        super().__init__(f"too many sessions were begun: the next one with Discord begins in {after:.0f} s")
        self.after = after


class Client(discord.Client):
    """discord.py's client, which caches guilds, channels, threads and roles, and no member or message.

    The events in `hear` come to us as Discord sent them, and discord.py builds nothing of them unless its cache of
    guilds and threads needs it: ordinary chatter costs little. That sets entries in its table of parsers, for this
    client alone; so does `api_url`, for which discord.py has only attributes of classes, which every client of the
    process would share.

    One client speaks, and connects to nothing. Each shard that we hear has another one, which is logged in with it.
    """

    def __init__(
        self,
        rest: Rest,
        hear: Hear,
        pace: Pace,
        *,
        message_content: bool,
        shard: tuple[int, int] | None = None,
        speaker: Client | None = None,
    ) -> None:
        """`shard` is a number and how many there are; None where there is no sharding."""
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
            shard_id=shard[0] if shard else None,
            shard_count=shard[1] if shard else None,
        )
        self._pace = pace
        self._socket: DiscordWebSocket | None = None
        """The last one that was opened. discord.py has it in `ws` only once a session goes on."""
        self.begun: Callable[[], None] = lambda: None
        """Called when a session has begun: Discord has named the guilds that we are in, and sends them."""
        self.permit: Callable[[], Awaitable[None]] = _freely
        """Returns when a session may begin. Raises `TooOften`."""
        self.listens = False
        """Whether a session goes on, so that nothing is missed."""
        self.is_announced = False
        """Whether it was said of the session that it has begun."""
        self.arrived = asyncio.Event()
        """Set while every guild that Discord named in this session has been sent."""
        parsers = self._connection.parsers
        for name, heard in hear.items():
            parsers[name] = _careful(name, heard, before=parsers[name] if name in _KEPT else None)
        refer = self._connection._update_references

        def know(socket: DiscordWebSocket) -> None:
            self._socket = socket
            refer(socket)

        self._connection._update_references = know  # type: ignore[assignment, method-assign]
        if speaker:
            self.http = self._connection.http = copy(speaker.http)
            self.http.close = _left_open  # type: ignore[method-assign]
            return
        request = self.http.request

        async def request_there(route: Route, **kwargs: Any) -> Any:
            if not route.url.startswith(rest.base):
                route.url = rest.base + route.url.removeprefix(Route.BASE)
            return await request(route, **kwargs)

        self.http.request = request_there  # type: ignore[method-assign]
        rest.http = self.http

    def goes_to(self, gateway: Callable[[], str]) -> None:
        """Begin sessions at that address. discord.py knows another one for a resume only."""
        connect = self.http.ws_connect

        async def connect_there(url: str, *, compress: int = 0) -> Any:
            asked = URL(url)
            if asked.origin() == DiscordWebSocket.DEFAULT_GATEWAY.origin():
                url = str(URL(gateway()).with_query(asked.query))
            return await connect(url, compress=compress)

        self.http.ws_connect = connect_there  # type: ignore[method-assign]

    async def close(self) -> None:
        """Disconnect, also where a session was broken off before it began: a thread would keep that alive for ever."""
        self.listens = False
        if self._socket and self._socket is not self.ws:
            await self._socket.close()
        await super().close()

    async def before_identify_hook(self, _shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002
        """Every new session is counted, also those that discord.py begins by itself. Raises `TooOften`."""
        await self.permit()

    async def on_connect(self) -> None:
        self.listens, self.is_announced = True, False
        self.arrived.clear()
        self.begun()
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


async def _freely() -> None:
    """Let a session begin: nobody counts them."""


async def _left_open() -> None:
    """What the client that speaks has opened it closes itself."""


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
