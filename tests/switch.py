"""A connection to PostgreSQL that tests can cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import make_url


@asynccontextmanager
async def behind_a_switch(url: str) -> AsyncIterator[tuple[Switch, str]]:
    """Yield a switch, and the address at which a database is reached through it."""
    there = make_url(url)
    switch = Switch(there.host or "", there.port or 0)
    listening = await asyncio.start_server(switch.serve, "127.0.0.1", 0)
    async with listening:
        here = there.set(host="127.0.0.1", port=listening.sockets[0].getsockname()[1])
        yield switch, here.render_as_string(hide_password=False)


class Switch:
    """What stands between Trellis and PostgreSQL; it can be opened, and all connections with it."""

    def __init__(self, host: str, port: int) -> None:
        self._there = host, port
        self._is_open = False
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_open:
            writer.close()
            return
        there = await asyncio.open_connection(*self._there)
        self._writers |= {writer, there[1]}
        await asyncio.wait(
            [asyncio.create_task(_carry(reader, there[1])), asyncio.create_task(_carry(there[0], writer))],
            return_when=asyncio.FIRST_COMPLETED,
        )
        for end in (writer, there[1]):
            end.close()
            self._writers.discard(end)

    def open(self) -> None:
        """Let nothing through any more."""
        self._is_open = True
        self.cut()

    def close(self) -> None:
        """Let everything through again."""
        self._is_open = False

    def cut(self) -> None:
        """End every connection, and let new ones through."""
        for writer in self._writers:
            writer.transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while words := await reader.read(65536):
            writer.write(words)
            await writer.drain()
    except ConnectionError:
        return
