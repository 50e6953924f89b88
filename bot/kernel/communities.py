"""Which community a space belongs to, as settings plan it, and which of its channels they name."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.contract.adapter import AdapterError
from adapters.contract.models import Channel, Space
from bot.delivery.platforms import Platforms
from storage.members import Community, MemberStore

from .channels import ChannelGroup

log = logging.getLogger(__name__)

LATELY = timedelta(minutes=5)
"""For how long each process looks again, once a minute, where another one heard that something is different: longer
than a platform's list of channels is believed."""


@dataclass(frozen=True, slots=True)
class CommunityPlan:
    """What settings say of communities: what one is called, its zone, and which spaces form one together."""

    name: str
    timezone: str
    joined: tuple[Space, ...] = ()

    async def founded(self, members: MemberStore, space: Space, name: str, *, here: bool = False) -> Community:
        """Return the community of a space, founded when the space is first seen; `name` is what the space is called.

        Where we are surely `here`, the space has let us in again, if it had removed us.
        """
        key = await self._joined_key(members) if space in self.joined else space.key
        community = await members.community(key, self.name or name or space.id, self.timezone)
        await members.join_space(space.key, community.id, name or space.id, here=here)
        return community

    async def _joined_key(self, members: MemberStore) -> str:
        """Return the key of the community of all spaces that settings join: one of them may have begun alone."""
        there = [await members.community_of(space.key) for space in self.joined]
        return next((community.key for community in there if community), self.joined[0].key)


class Communities:
    """The communities of the spaces in which this process is.

    `begun` is called with each community whose space is seen for the first time.
    """

    def __init__(
        self,
        plan: CommunityPlan,
        members: MemberStore,
        channels: Sequence[ChannelGroup],
        platforms: Platforms,
        begun: Callable[[Community], Awaitable[None]],
    ) -> None:
        self._plan = plan
        self._members = members
        self._channels = channels
        self._platforms = platforms
        self._begun = begun
        self._settling_in = asyncio.Lock()
        self.known: dict[Space, Community] = {}

    async def get(self, id_: int) -> Community | None:
        """Return the community of this id: what it is called and its zone are this process's settings."""
        here = (community for community in self.known.values() if community.id == id_)
        return next(here, None) or await self._members.community_by_id(id_)

    async def of(self, space: Space, name: str = "") -> Community:
        """Return the community that a space belongs to, founded when the space is first seen.

        `name` is what the platform calls a space in which it has just said that we are.
        """
        here = bool(name)
        if known := self.known.get(space):
            return known
        if not name:  # Trellis came into it while it was running
            spaces = await self._platforms.at(space).spaces()
            name = next((info.name for info in spaces if info.space == space), "")
        community = await self._plan.founded(self._members, space, name, here=here)
        for group in self._channels:
            await group.resolve(self._platforms, space)
            if group.names and not group.within(space):
                log.warning("no %s channel in %s: none is named %s", group.purpose, space.key, " or ".join(group.names))
        await self._begun(community)
        self.known[space] = community
        return community

    async def settle_in(self, space: Space, name: str = "") -> Community | None:
        """Find our way in a space into which we came while running: only then it can be told what is wanted there."""
        try:
            async with self._settling_in:
                return await self.of(space, name)
        except Exception:
            log.exception("could not begin in %s", space.key)
            return None

    def drop(self, space: Space) -> None:
        """Know nothing of a space any more: we were removed from it, or are let in anew."""
        self.known.pop(space, None)
        for group in self._channels:
            group.forget(space)

    async def find_channels(self, space: Space, deleted: Channel | None) -> None:
        """Find once more what settings name in a space, after its channels have changed."""
        try:
            for group in self._channels:
                await group.look_again(self._platforms, space, deleted)
        except AdapterError as failure:
            log.warning("the channels of %s could not be found again: %s", space.key, failure)

    async def note_change(self, space: Space, deleted: Channel | None, now: datetime) -> None:
        """The channels of a space are different: find ours once more, and let other processes do so."""
        await self.find_channels(space, deleted)
        try:
            await self._members.note_change(space.key, now)
        except Exception as failure:
            log.warning("other processes do not hear that %s has changed: %r", space.key, failure)

    async def refresh(self, now: datetime) -> None:
        """Find the channels once more of the spaces of which some process has just heard that they are different."""
        for key in await self._members.changed_since(now - LATELY):
            if (space := Space.of(key)) in self.known:
                await self.find_channels(space, None)

    def name_of(self, channel: Channel) -> str:
        """Return what settings call a channel, else its id."""
        return next(filter(None, (group.name(channel) for group in self._channels)), channel.id)
