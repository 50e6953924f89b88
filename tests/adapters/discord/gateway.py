"""The gateway of the loopback Discord: identify, resume, beat, and whatever may go wrong with a connection."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

from aiohttp import WSMsgType, web

from .world import World

JSON: TypeAlias = dict[str, Any]

TOKEN = "token-of-a-test"
CONTENT_INTENT = 1 << 15


class Gateway:
    """One session at a time, whose events are kept for a resume."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sockets: list[web.WebSocketResponse] = []
        self.identified: list[JSON] = []
        self.resumed: list[JSON] = []
        self.resumable = True
        self.acknowledges = True
        self.close_with: list[int] = []
        """Close codes with which the next identifies are answered."""
        self.socket_url = ""
        self._sent: list[JSON] = []
        self._beat: asyncio.Event = asyncio.Event()
        self._told = 0
        self._transport: asyncio.Transport | None = None
        self._ready: web.WebSocketResponse | None = None

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        self.sockets.append(socket)
        self._transport = request.transport
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41250}})
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            told = message.json()
            match told["op"]:
                case 1:
                    if self.acknowledges:
                        await socket.send_json({"op": 11})
                    if socket is self._ready and told["d"] is not None and told["d"] >= self._told:
                        self._beat.set()
                case 2:
                    await self._identify(socket, told["d"])
                case 6:
                    await self._resume(socket, told["d"])
        if self._ready is socket:
            self._ready = None
        return socket

    async def _identify(self, socket: web.WebSocketResponse, facts: JSON) -> None:
        self.identified.append(facts)
        if facts["token"] != TOKEN or self.close_with:
            await socket.close(code=self.close_with.pop(0) if self.close_with else 4004)
            return
        if facts["intents"] & CONTENT_INTENT and not self.world.content:
            await socket.close(code=4014)
            return
        self._sent.clear()
        self._told = 0
        self._ready = socket
        await self.dispatch(
            "READY",
            {
                "v": 10,
                "user": self.world.people[self.world.bot],
                "guilds": [{"id": self.world.guild, "unavailable": True}],
                "session_id": f"session{len(self.identified)}",
                "resume_gateway_url": self.socket_url,
                "application": {"id": self.world.bot, "flags": 0},
                "private_channels": [],
            },
        )
        await self.dispatch("GUILD_CREATE", self.world.guild_create())

    async def _resume(self, socket: web.WebSocketResponse, facts: JSON) -> None:
        self.resumed.append(facts)
        if not self.resumable or facts["session_id"] != f"session{len(self.identified)}":
            await socket.send_json({"op": 9, "d": False})
            return
        self._ready = socket
        for event in [event for event in self._sent if event["s"] > facts["seq"]]:
            await socket.send_json(event)
        await self.dispatch("RESUMED", {})

    async def dispatch(self, name: str, data: JSON, *, keep: bool = True) -> None:
        """Tell of an event now, or when the connection is resumed."""
        self._told += 1
        event = {"op": 0, "t": name, "s": self._told, "d": data}
        if keep:
            self._sent.append(event)
        if self._ready and not self._ready.closed:
            await self._ready.send_json(event)

    async def tell(self, payload: JSON) -> None:
        """Send the client a payload that is no event, such as op 7."""
        assert self._ready
        await self._ready.send_json(payload)

    async def heard(self) -> None:
        """Return when the client has read everything that was sent: it beats when asked to, with what it has read.

        Where nobody listens, there is nothing to wait for.
        """
        if self._ready is None or self._ready.closed:
            return
        self._beat.clear()
        await self.tell({"op": 1, "d": None})
        await asyncio.wait_for(self._beat.wait(), 5)

    async def drop(self, code: int) -> None:
        """Close the connection."""
        assert self._ready
        socket, self._ready = self._ready, None
        await socket.close(code=code)

    def cut(self) -> None:
        """Lose the connection without a word."""
        assert self._transport
        self._ready = None
        self._transport.abort()
