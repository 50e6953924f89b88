"""What each process does again and again beside its work: keeps what it has in memory fresh, and notes who was seen."""

from __future__ import annotations

from itertools import islice

from adapters.contract.models import Account
from bot.clock import Clock
from storage.known_messages import KnownMessages

from .communities import Communities
from .departures import Leaving
from .presence import Presence
from .registry import Registry
from .work import Tools, Work

MET_AT_ONCE = 15
"""How many people who only ever chatted are made known each time: Slack allows about 100 look-ups a minute."""


class Upkeep:
    """Done once a minute, but for `note_presence`."""

    def __init__(
        self,
        registry: Registry,
        leaving: Leaving,
        communities: Communities,
        presence: Presence,
        known: KnownMessages,
        tools: Tools,
        clock: Clock,
    ) -> None:
        self._registry = registry
        self._leaving = leaving
        self._communities = communities
        self._presence = presence
        self._known = known
        self._tools = tools
        self._clock = clock

    async def begin(self) -> None:
        """Look at what changed while this process was not there. The cogs come first: what they know is asked for."""
        await self._refresh_cogs()
        await self._leaving.begin()

    async def refresh(self) -> None:
        """Read again what is kept in memory."""
        await self._refresh_cogs()
        await self._communities.refresh(self._clock.now())
        await self._leaving.look()
        await self._known.refresh()
        await self._tools.database.empty_log()

    async def _refresh_cogs(self) -> None:
        for cog in self._registry.cogs:
            await cog.refresh(self._clock.now())

    async def note_presence(self) -> None:
        """Write down who was seen, and make known some of those who are no members yet, so that others find them."""
        if not self._presence.is_due():
            return
        strangers = await self._presence.write_down(self._clock.now())
        for key, at in islice(strangers.items(), MET_AT_ONCE):
            space = Account.of(key).space
            profile = await self._tools.platforms.profile(Account.of(key))
            if profile and not profile.bot and space in self._communities.known:
                await Work(self._tools, self._communities.known[space], self._clock.now()).meet(profile)
                await self._tools.members.seen({key: at})
            self._presence.forget(key)
