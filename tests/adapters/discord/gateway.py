"""The gateway of the loopback Discord: identify, resume, beat, and whatever may go wrong with a connection.

Several sessions of one token may be open at a time, such as those of two processes: each is told everything of its
shard. Which servers are a shard's is a matter of the number of shards that it was begun with.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from aiohttp import WSMsgType, web

from .world import World

JSON: TypeAlias = dict[str, Any]

TOKEN = "token-of-a-test"
CONTENT_INTENT = 1 << 15
LEFT = {1000, 1001}
"""The close codes with which a client says that it will not resume."""
GUILD = {"GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"}
"""Events that are about a server as such."""
SESSIONS = 20
"""How many sessions are kept for a resume, so that a storm of restarts does not fill the memory."""


@dataclass(eq=False, slots=True)
class Session:
    """What one client was told, for a resume, and the socket over which it is told more, while there is one."""

    id: str
    socket: web.WebSocketResponse | None
    shard: tuple[int, int] = (0, 1)
    """Its number, and of how many."""
    told: int = 0
    sent: list[JSON] = field(default_factory=list)
    beat: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def listens(self) -> bool:
        return self.socket is not None and not self.socket.closed

    def serves(self, guild: str | None) -> bool:
        """Say whether a server is one of its shard's. What is told outside of servers, shard 0 tells."""
        number, count = self.shard
        return (int(guild or 0) >> 22) % count == number

    async def tell(self, name: str, data: JSON, *, keep: bool = True) -> None:
        """Tell of an event now, or when the connection is resumed."""
        self.told += 1
        event = {"op": 0, "t": name, "s": self.told, "d": data}
        if keep:
            self.sent.append(event)
        if self.socket is not None and not self.socket.closed:
            await self.socket.send_json(event)

    async def heard(self) -> None:
        """Return when the client has read everything: it beats when asked to, with what it has read."""
        if self.socket is None or self.socket.closed:
            return
        self.beat.clear()
        await self.socket.send_json({"op": 1, "d": None})
        await asyncio.wait_for(self.beat.wait(), 30)


class Gateway:
    """All sessions of the token. What is done to one without saying which is done to the newest."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sockets: list[web.WebSocketResponse] = []
        self.sessions: list[Session] = []
        self.identified: list[JSON] = []
        self.hurried: list[JSON] = []
        """Identifies that came too soon after another one of their bucket."""
        self.resumed: list[JSON] = []
        self.resumable = True
        self.acknowledges = True
        self.dawdles = False
        """Whether a new session is told of no server yet."""
        self.is_away = False
        """Whether nobody gets a connection."""
        self.close_with: list[int] = []
        """Close codes with which the next identifies are answered."""
        self.shards, self.required = 1, 1
        """How many shards are recommended, and how many there have to be."""
        self.concurrency, self.apart = 1, 0.0
        """How many shards may begin at a time, and for how many seconds the others of their buckets may not."""
        self.budget = (999, 0)
        """How many more identifies are allowed, and in how many milliseconds again all of them."""
        self.counts: list[set[int]] = []
        """By how many shards Discord was heard after each identify: by one number, unless something is wrong."""
        self._begun: dict[int, float] = {}
        """When a shard of each bucket began last."""
        self.socket_url = ""
        self._transports: dict[web.WebSocketResponse, asyncio.Transport] = {}
        self._held: list[tuple[str, JSON]] | None = None

    @property
    def _ready(self) -> web.WebSocketResponse | None:
        """The socket of the newest session that listens."""
        return next((one.socket for one in reversed(self.sessions) if one.listens), None)

    @property
    def _told(self) -> int:
        """How much the newest session was told."""
        return self.sessions[-1].told if self.sessions else 0

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        if self.is_away:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        self.sockets.append(socket)
        assert request.transport
        self._transports[socket] = request.transport
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41250}})
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            told = message.json()
            match told["op"]:
                case 1:
                    if self.acknowledges:
                        await socket.send_json({"op": 11})
                    session = self._session_of(socket)
                    if session and told["d"] is not None and told["d"] >= session.told:
                        session.beat.set()
                case 2:
                    await self._identify(socket, told["d"])
                case 6:
                    await self._resume(socket, told["d"])
        del self._transports[socket]
        if session := self._session_of(socket):
            session.socket = None
            if socket.close_code in LEFT:
                self.sessions.remove(session)
        return socket

    @property
    def hearing(self) -> dict[int, list[Session]]:
        """The sessions that listen, by the numbers of their shards."""
        found: dict[int, list[Session]] = {}
        for session in self.sessions:
            if session.listens:
                found.setdefault(session.shard[0], []).append(session)
        return found

    def _session_of(self, socket: web.WebSocketResponse) -> Session | None:
        return next((one for one in self.sessions if one.socket is socket), None)

    async def _identify(self, socket: web.WebSocketResponse, facts: JSON) -> None:
        self.identified.append(facts)
        if facts["token"] != TOKEN or self.close_with:
            await socket.close(code=self.close_with.pop(0) if self.close_with else 4004)
            return
        if facts["intents"] & CONTENT_INTENT and not self.world.content:
            await socket.close(code=4014)
            return
        number, count = shard = tuple(facts.get("shard", (0, 1)))
        if not 0 <= number < count:
            await socket.close(code=4010)
            return
        if count < self.required:
            await socket.close(code=4011)
            return
        now, bucket = asyncio.get_running_loop().time(), number % self.concurrency
        if now - self._begun.get(bucket, float("-inf")) < self.apart:
            self.hurried.append(facts)
            await socket.send_json({"op": 9, "d": False})
            return
        self._begun[bucket] = now
        left, again = self.budget
        self.budget = left - 1, again
        if left <= 0:
            await socket.close(code=4004)  # the token is taken away
            return
        session = Session(f"session{len(self.identified)}", socket, shard)
        self.sessions = [*self.sessions[-SESSIONS + 1 :], session]
        self.counts.append({one.shard[1] for one in self.sessions if one.listens})
        here = [guild for guild in self.world.guilds if guild not in self.world.removed]
        guilds = [guild for guild in here if session.serves(guild)]
        await session.tell(
            "READY",
            {
                "v": 10,
                "user": self.world.people[self.world.bot],
                "guilds": [{"id": guild, "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.socket_url,
                "application": {"id": self.world.bot, "flags": 0},
                "private_channels": [],
                **({"shard": [*shard]} if "shard" in facts else {}),
            },
        )
        for guild in [] if self.dawdles else guilds:
            await session.tell("GUILD_CREATE", self.world.guild_create(guild))

    async def _resume(self, socket: web.WebSocketResponse, facts: JSON) -> None:
        self.resumed.append(facts)
        session = next((one for one in self.sessions if one.id == facts["session_id"]), None)
        if not self.resumable or session is None:
            await socket.send_json({"op": 9, "d": False})
            return
        session.socket = socket
        for event in [event for event in session.sent if event["s"] > facts["seq"]]:
            await socket.send_json(event)
        await session.tell("RESUMED", {})

    async def dispatch(self, name: str, data: JSON, *, keep: bool = True) -> None:
        """Tell all sessions of its shard of an event. What happens where the bot may not look is told to none."""
        channel = str(data.get("channel_id", ""))
        hidden = channel in self.world.channels and not self.world.may_read(self.world.bot, channel)
        if hidden and name.startswith("MESSAGE_"):
            return
        if self._held is not None:
            self._held.append((name, data))
            return
        guild = data["id"] if name in GUILD else data.get("guild_id")
        for session in [*self.sessions]:
            if session.serves(guild):
                await session.tell(name, data, keep=keep)

    def hold(self) -> None:
        """Keep what happens from now on to yourself, until `release`."""
        self._held = []

    async def release(self, seed: int | None = None, copies: int = 1) -> None:
        """Tell what was held, each `copies` times, and with a `seed` in an order of its own.

        Discord promises neither: an event may come never, once or many times, in any order.
        """
        held, self._held = (self._held or []) * copies, None
        if seed is not None:
            Random(seed).shuffle(held)
        for name, data in held:
            await self.dispatch(name, data)

    async def tell(self, payload: JSON) -> None:
        """Send the client a payload that is no event, such as op 7."""
        assert self._ready
        await self._ready.send_json(payload)

    async def heard(self) -> None:
        """Return when every client has read everything. Where nobody listens, there is nothing to wait for."""
        for session in [*self.sessions]:
            await session.heard()

    async def drop(self, code: int, shard: int | None = None) -> None:
        """Close the connection, the newest or that of a shard."""
        session = self._listening(shard)
        socket, session.socket = session.socket, None
        assert socket
        await socket.close(code=code)

    def cut(self) -> None:
        """Lose the connection without a word."""
        session = self._listening()
        socket, session.socket = session.socket, None
        assert socket
        self._transports[socket].abort()

    def _listening(self, shard: int | None = None) -> Session:
        found = (one for one in reversed(self.sessions) if one.listens)
        return next(one for one in found if shard in (None, one.shard[0]))
