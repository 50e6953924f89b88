"""Keeps the connection to Discord: connects, resumes, begins afresh with patience, and says when that is pointless."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from json import JSONDecodeError
from typing import Any, TypeAlias

import discord

from adapters.contract.adapter import AdapterError, Lease, Unusable

from .gateway import Client, Hear, TooOften
from .limits import FATAL, Pace
from .rest import Rest

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]


class _Lost(Exception):
    """Another process may hear Discord now."""


class Connection:
    """One client after another. discord.py resumes by itself; where it gives up, a fresh client takes over.

    Where several processes share a `lease`, only its holder connects. The others stand by: they know the guilds from
    what they ask for, speak, and hear nothing.
    """

    def __init__(
        self,
        rest: Rest,
        token: str,
        pace: Pace,
        lease: Lease | None,
        look: Callable[[], Awaitable[Sequence[JSON]]],
        *,
        message_content: bool,
    ) -> None:
        """`look` asks for the guilds, as long as nobody tells us of them."""
        self._rest = rest
        self._lease = lease
        self._look = look
        self._token = token
        self._pace = pace
        self._task: asyncio.Task[None] | None = None
        self.hears_content = message_content
        """Whether Discord tells us what members write."""
        self.client: Client | None = None
        self.stands_by = False
        """Whether another process has the lease."""
        self._is_leaving = False
        self._renewed: Callable[[], None]

    @property
    def listens(self) -> bool:
        """Whether a session goes on."""
        return self.client is not None and self.client.listens

    async def open(self, hear: Hear, prepare: Callable[[Client], Awaitable[None]], renewed: Callable[[], None]) -> None:
        """Connect, and return once every guild is known; `prepare` comes before anything is heard.

        `renewed` is called when a session begins after that: what there was to tell before is lost. Raises `Unusable`.
        Everything else is tried again until it works.
        """
        self._renewed = renewed
        self._is_leaving = False
        hear = {name: self._only_held(heard) for name, heard in hear.items()}
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

    async def hand_over(self) -> None:
        """Let another process connect, while we answer what we have heard: this connection stays until `close`."""
        self._is_leaving = True
        if self._lease:
            await self._lease.release()

    async def close(self) -> None:
        """Disconnect, and let another process connect. Safe to call twice."""
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._lease:
            await self._lease.release()

    def _only_held(self, heard: Callable[[JSON], None]) -> Callable[[JSON], None]:
        """Hear only while the lease is surely ours: another process answers what we hear after that."""

        def hear(data: JSON) -> None:
            if self._lease is None or self._lease.is_held:
                heard(data)

        return hear

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
            except _Lost:
                continue
            except TooOften as often:
                log.warning("%s", often)
                continue
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

        begin = {"begin": self._lease.begin} if self._lease else {}
        client = Client(self._rest, hear, self._pace, message_content=self.hears_content, begun=begun, **begin)
        try:
            await client.login(self._token)
            await prepare(client)
            if not await self._take():
                log.info("another process hears Discord: this one stands by")
                self.stands_by = True
                await self._stand_by(client, ready, self._take)
            await self._while_held(self._hear(client, ready))
        finally:
            self.stands_by = client.listens = False
            for announcing in sessions:
                announcing.cancel()
            await client.close()

    async def _take(self) -> bool:
        return self._lease is None or (not self._is_leaving and await self._lease.take())

    async def _hear(self, client: Client, ready: asyncio.Event) -> None:
        self.stands_by = False
        pause = await client.permit()
        while pause:
            log.warning("too many sessions were begun: the next one with Discord begins in %.0f s", pause)
            until = asyncio.get_running_loop().time() + pause

            async def is_over(until: float = until) -> bool:
                return asyncio.get_running_loop().time() >= until

            await self._stand_by(client, ready, is_over)
            pause = await client.permit()
        self.client = client
        await client.connect()

    async def _stand_by(self, client: Client, ready: asyncio.Event, is_over: Callable[[], Awaitable[bool]]) -> None:
        """Know the guilds without being told of them, until that is over. Guilds are asked for one in a second."""
        clock, look_at = asyncio.get_running_loop().time, float("-inf")
        while not await is_over():
            if clock() >= look_at:
                guilds = await self._look()
                client.remember(guilds)
                self.client = client
                ready.set()
                look_at = clock() + max(self._pace.fresh, len(guilds))
            await asyncio.sleep(self._pace.look)

    async def _while_held(self, hearing: Coroutine[Any, Any, None]) -> None:
        """Hear until the lease is lost. Raises `_Lost`, once nothing is heard any more."""
        if self._lease is None:
            await hearing
            return
        tasks = [asyncio.create_task(hearing), asyncio.create_task(self._lease.lost())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not tasks[0].done() and not self._is_leaving:
                raise _Lost
            await tasks[0]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

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
