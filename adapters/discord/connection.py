"""Keeps the connection to Discord: hears the shards that are ours, and says when connecting is pointless."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from json import JSONDecodeError
from typing import Any, TypeAlias

import discord

from adapters.contract.adapter import AdapterError, Unusable
from adapters.contract.shards import Hearing, Leases, Share

from .gateway import Client, Gateway, Hear, TooOften
from .limits import FATAL, Pace
from .rest import Rest
from .servers import Servers
from .shard import Shard, TooFew

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]


class Connection:
    """One client for each shard that is ours by its lease.

    discord.py resumes by itself; where it gives up, the lease is given back, and a fresh client takes over, here or in
    another process. Of the shards that others hear, the servers are known from what is asked for over HTTP.
    """

    def __init__(
        self,
        rest: Rest,
        token: str,
        pace: Pace,
        leases: Leases,
        look: Callable[[Callable[[str], bool]], Awaitable[Sequence[JSON]]],
        *,
        content: bool,
    ) -> None:
        """`look` asks for the guilds that are wanted, as long as nobody tells us of them."""
        self._rest = rest
        self._leases = leases
        self._look = look
        self._token = token
        self._pace = pace
        self.hears_content = content
        """Whether Discord tells us what members write."""
        self.servers: Servers | None = None
        self._hear: Hear = {}
        self._renewed: Callable[[Client], None]
        self._main: asyncio.Task[None] | None = None
        self._is_leaving = False
        self._ready = asyncio.Event()
        self._fatal: asyncio.Future[None]
        self._gateway: Gateway
        self._asked_at = float("-inf")
        """When Discord was asked for its gateway last."""
        self._share = Share(1)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        """What hears each shard that is ours."""
        self._given: set[int] = set()
        self._beginning: dict[int, float] = {}
        """Since when the shards are ours of which nothing was heard yet."""
        self._known: set[int] = set()
        """The shards of which the servers are known."""
        self._rests_until = float("-inf")
        self._pause = pace.again
        self._is_outgrown = False
        self._stands_by = False
        """Whether others hear, and we nothing."""
        self._round = asyncio.Lock()
        """Held while leases are looked at and taken."""
        self._looked = asyncio.Event()

    def hears(self, guild: str) -> bool:
        """Say whether we are told what happens in a server."""
        return self.servers is not None and self._hearing(self.servers.shard_of(guild)) is Hearing.HERE

    @property
    def shards(self) -> Mapping[int, Hearing]:
        """Who hears each shard."""
        return {number: self._hearing(number) for number in range(self._share.count)}

    @property
    def rests(self) -> bool:
        """Whether connecting failed, so that we want to hear nothing for a while."""
        return asyncio.get_running_loop().time() < self._rests_until

    def _hearing(self, shard: int) -> Hearing:
        if self.servers and self._leases.is_held(shard):
            return Hearing.HERE if self.servers.listens(shard) else Hearing.BEGINNING
        return Hearing.ELSEWHERE if shard in self._share.elsewhere else Hearing.NOBODY

    async def open(
        self, hear: Hear, prepare: Callable[[Servers], Awaitable[None]], renewed: Callable[[Client], None]
    ) -> None:
        """Connect, and return once every guild is known; `prepare` comes before anything is heard.

        `renewed` is called when a session begins after that: what there was to tell before is lost. Raises `Unusable`.
        Everything else is tried again until it works.
        """
        self._hear, self._renewed = hear, renewed
        self._is_leaving = False
        self._ready.clear()
        self._main = asyncio.create_task(self._keep(prepare), name="discord connection")
        self._main.add_done_callback(_report)
        waiting = asyncio.create_task(self._ready.wait())
        try:
            await asyncio.wait([waiting, self._main], return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if self._main.done():
            await self._main

    async def ended(self) -> None:
        """Return when the connection was closed by us. Raises `Unusable` when it cannot be kept up."""
        if self._main:
            await asyncio.wait([self._main])
            if not self._main.cancelled():
                self._main.result()

    async def hand_over(self) -> None:
        """Let other processes connect, while we answer what we have heard: this connection stays until `close`."""
        self._is_leaving = True
        async with self._round:
            await self._leases.leave()

    async def close(self) -> None:
        """Disconnect, and let other processes connect. Safe to call twice."""
        if self._main and not self._main.done():
            self._main.cancel()
            await asyncio.wait([self._main])
        await self._leases.leave()

    async def _keep(self, prepare: Callable[[Servers], Awaitable[None]]) -> None:
        speaker = await self._log_in(prepare)
        self._fatal = asyncio.get_running_loop().create_future()
        going = [asyncio.create_task(self._share_out()), asyncio.create_task(self._stay_informed())]
        try:
            done, _ = await asyncio.wait([*going, self._fatal], return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
        finally:
            for number in self._tasks:
                self._end(number)
            for one in going:
                one.cancel()
            await asyncio.wait([*going, *self._tasks.values()])
            await speaker.close()

    async def _log_in(self, prepare: Callable[[Servers], Awaitable[None]]) -> Client:
        """Return the client that speaks, however long that takes. It hears nothing."""
        while True:
            speaker = Client(self._rest, {}, self._pace, message_content=self.hears_content)
            try:
                await speaker.login(self._token)
                await self._ask()
                servers = Servers(speaker)
                await prepare(servers)
                self.servers = servers
                return speaker
            except BaseException as failure:
                await speaker.close()
                if isinstance(failure, discord.LoginFailure):
                    raise Unusable(FATAL[4004]) from None
                if isinstance(failure, Unusable) or not isinstance(failure, Exception):
                    raise
                await asyncio.sleep(self._later(failure))

    def _later(self, failure: Exception, lasted: float = 0.0) -> float:
        """Return how long to wait after a failure: longer each time, unless it went well for so many seconds before."""
        if lasted > self._pace.longest:
            self._pause = self._pace.again
        log.warning("no connection to Discord: %s", failure or type(failure).__name__, exc_info=not _expected(failure))
        pause, self._pause = self._pause, min(self._pause * 2, self._pace.longest)
        log.info("connecting to Discord again in %.0f s", pause)
        return pause * random.uniform(0.8, 1.2)  # noqa: S311  # to spread, not to hide

    async def _ask(self, longest: float = 0.0) -> Gateway:
        """Return what Discord says of its gateway, at most so many seconds ago."""
        now = asyncio.get_running_loop().time()
        if now - self._asked_at > longest:
            self._gateway = Gateway.of(await self._rest.ask("GET", "/gateway/bot"))
            self._asked_at = now
        return self._gateway

    # Which shards are ours

    async def _share_out(self) -> None:
        """Hear what is ours and nothing else, as leases come and go."""
        while True:
            async with self._round:
                if not self._is_leaving:
                    rests, needed = self.rests, self._is_outgrown
                    share = await self._leases.look(self._gateway.shards, needed=needed, resting=rests)
                    for number in self._tasks:
                        if not self._leases.is_held(number):
                            self._end(number)
                    if share:
                        await self._obey(share)
            self._looked.set()
            await asyncio.sleep(self._pace.look)

    async def _obey(self, share: Share) -> None:
        assert self.servers
        if share.count != self.servers.shards:
            if self._tasks:
                return  # they end, and are of the number of shards that there was
            log.info("Discord is heard by %d shards", share.count)
            self.servers.shards, self._is_outgrown = share.count, False
            self._known.clear()
        self._share = share
        for number in share.give:
            if number in self._tasks and number not in self._given:
                log.info("shard %d is given up, for another process or another number of shards", number)
                self._end(number)
        for number in share.free:
            if self._may_begin(number) and number not in self._tasks and await self._leases.take(number):
                self._beginning[number] = asyncio.get_running_loop().time()
                self._tasks[number] = asyncio.create_task(self._run(number), name=f"discord shard {number}")
        stood_by, self._stands_by = self._stands_by, not self._tasks and bool(share.elsewhere)
        if self._stands_by and not stood_by:
            log.info("another process hears Discord: this one stands by")

    def _may_begin(self, shard: int) -> bool:
        """Say whether a shard that is taken now may begin at once: one of each bucket may, and the others later."""
        now, buckets = asyncio.get_running_loop().time(), self._gateway.concurrency
        busy = [number for number, since in self._beginning.items() if now - since < self._pace.begin]
        return shard % buckets not in {number % buckets for number in busy}

    def _end(self, number: int) -> None:
        if number not in self._given:
            self._given.add(number)
            self._tasks[number].cancel()

    async def _run(self, number: int) -> None:
        """Hear a shard until that ends, and let go of it."""
        assert self.servers
        clock = asyncio.get_running_loop().time
        begun, rest = clock(), 0.0
        shard = Shard(number, self.servers.shards, self.servers, self._leases, self._pace, self._ask)
        announce = partial(self._announce, number)
        try:
            await shard.hear(self._rest, self._hear, announce, message_content=self.hears_content)
            rest = self._later(AdapterError("Discord ended the connection"), clock() - begun)
        except TooFew:
            log.warning("Discord wants more than %d shards", self.servers.shards)
            self._is_outgrown = True
        except Unusable as unusable:
            if not self._fatal.done():
                self._fatal.set_exception(unusable)
        except TooOften as often:
            log.warning("%s", often)
            rest = often.after
        except discord.PrivilegedIntentsRequired:
            if self.hears_content:
                log.warning(_WITHOUT_CONTENT)
                self.hears_content, rest = False, self._pace.identify
            elif not self._fatal.done():
                self._fatal.set_exception(Unusable(FATAL[4014]))
        except Exception as lost:  # discord.py 2.7 raises AttributeError where its very first connection fails
            rest = self._later(lost, clock() - begun)
        finally:
            self._given.add(number)  # ended in the midst of letting go, it would never be let go of
            self._beginning.pop(number, None)
            if rest:
                self._rests_until = max(self._rests_until, clock() + rest)
            await self._leases.release(number)
            self._given.discard(number)
            del self._tasks[number]

    def _announce(self, number: int, client: Client) -> None:
        """A session has begun, and its servers are known."""
        self._beginning.pop(number, None)
        if self._ready.is_set():
            self._renewed(client)
        self._know([number])

    def _know(self, shards: Collection[int]) -> None:
        """Be ready once the servers of all shards are known, or once the missing ones took too long."""
        if not self._known:
            begin = self._pace.identify * self._share.count / self._gateway.concurrency
            asyncio.get_running_loop().call_later(begin + self._pace.arrival, self._ready.set)
        self._known |= {*shards}
        if len(self._known) >= self._share.count:
            self._ready.set()

    # The other shards

    async def _stay_informed(self) -> None:
        """Know the guilds of shards without being told of them. They are asked for one in a second."""
        assert self.servers
        servers, clock, look_at = self.servers, asyncio.get_running_loop().time, float("-inf")
        while True:
            await self._looked.wait()
            self._looked.clear()
            others = {number for number in range(self._share.count) if number not in self._tasks}
            if not self.rests:
                others &= self._share.elsewhere
            try:
                await self._ask(self._pace.recount)
                if others and (clock() >= look_at or others - self._known):
                    guilds = await self._look(partial(_is_of, servers, others))
                    servers.remember(others, guilds)
                    self._know(others)
                    look_at = clock() + max(self._pace.fresh, len(guilds))
            except Exception as failure:
                await asyncio.sleep(self._later(failure))


_WITHOUT_CONTENT = (
    "Discord refused an intent, so Trellis goes on without reading what members write: commands, buttons and message "
    "menus work, but what is written without them stays unread. To change that, switch on “Message Content Intent” "
    "(Developer Portal, your app, Bot) and restart."
)


def _is_of(servers: Servers, shards: Collection[int], guild: str) -> bool:
    return servers.shard_of(guild) in shards


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (wrong := task.exception()):
        log.error("Discord: %s", wrong)


def _expected(lost: Exception) -> bool:
    return isinstance(
        lost, discord.DiscordException | AdapterError | OSError | TimeoutError | AttributeError | JSONDecodeError
    )
