"""Hears one shard of Discord, as long as its lease is ours: until discord.py, which resumes by itself, gives up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import discord

from adapters.contract.adapter import AdapterError, Unusable
from adapters.contract.shards import Budget, Leases

from .gateway import Client, Gateway, Hear, TooOften
from .limits import FATAL, PERIOD, Pace, identifies
from .rest import Rest
from .servers import Servers

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]


class TooFew(Exception):
    """Discord wants more shards than there are."""


class Shard:
    """One shard of `count`, heard by a client of its own, which is logged in with the one that speaks."""

    def __init__(
        self,
        number: int,
        count: int,
        servers: Servers,
        leases: Leases,
        pace: Pace,
        ask: Callable[[float], Awaitable[Gateway]],
    ) -> None:
        """`ask` returns what Discord says of its gateway, at most so many seconds ago."""
        self.number = number
        self._count = count
        self._servers = servers
        self._leases = leases
        self._pace = pace
        self._ask = ask
        self._gateway: Gateway
        self._announcing: asyncio.Task[None] | None = None

    async def hear(self, rest: Rest, hear: Hear, announce: Callable[[Client], None], *, message_content: bool) -> None:
        """Hear until that ends; `announce` is called with each session that begins, once its servers are known.

        Raises `TooOften`, `TooFew`, `Unusable`, and what discord.py and `Rest` raise.
        """
        await self._look()
        held = {name: self._only_held(heard) for name, heard in hear.items()}
        shard = (self.number, self._count) if self._count > 1 else None
        speaker = self._servers.speaker
        client = Client(rest, held, self._pace, message_content=message_content, shard=shard, speaker=speaker)
        client.goes_to(lambda: self._gateway.url)
        client.permit = self._permit

        def begun() -> None:
            if self._announcing:
                self._announcing.cancel()
            self._announcing = asyncio.create_task(self._announce(client, announce))

        client.begun = begun
        try:
            async with client:
                self._servers.hear(self.number, client)
                await client.connect()
        except discord.ConnectionClosed as closed:
            if closed.code == TOO_FEW and (await self._ask(0.0)).shards > self._count:
                raise TooFew from closed
            if closed.code in FATAL and closed.code != 4014:
                raise Unusable(FATAL[closed.code]) from closed
            raise AdapterError(f"Discord closed the connection with {closed.code}") from closed
        finally:
            if self._announcing:
                self._announcing.cancel()
            self._servers.lose(self.number)

    def _only_held(self, heard: Callable[[JSON], None]) -> Callable[[JSON], None]:
        """Hear only while the lease is surely ours: another process answers what we hear after that."""

        def hear(data: JSON) -> None:
            if self._leases.is_held(self.number):
                self._servers.told_by(self.number)
                heard(data)

        return hear

    async def _look(self) -> None:
        """Ask where the gateway is. Raises `TooOften` where Discord lets no session begin now."""
        self._gateway = await self._ask(self._pace.identify)
        if self._gateway.left <= 0:
            raise TooOften(max(self._gateway.again, 1.0))

    async def _permit(self) -> None:
        """Return when a session may begin, which is counted. Raises `TooOften` where that takes long."""
        await self._look()
        most, at_once = identifies(self._count)
        bucket = f"bucket {self.number % self._gateway.concurrency}"
        budgets = Budget("", most, PERIOD, at_once), Budget(bucket, 1, self._pace.identify, 1)
        while pause := await self._leases.begin(*budgets):
            if pause > self._pace.identify:
                raise TooOften(pause)
            await asyncio.sleep(pause)

    async def _announce(self, client: Client, announce: Callable[[Client], None]) -> None:
        """Say that we hear, once all guilds of a session are known, or once the missing ones took too long."""
        try:
            await asyncio.wait_for(client.arrived.wait(), self._pace.arrival)
        except TimeoutError:
            log.warning("Discord has not sent every server yet: going on without those")
        self._servers.forget(self.number)
        announce(client)
        await asyncio.sleep(0)  # whoever is told has to know it before we count as hearing
        client.is_announced = True


TOO_FEW = 4011
"""The close code with which Discord wants more shards."""
