"""Which community a space belongs to, as settings plan it."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.contract.models import Space
from storage.members import Community, MemberStore


@dataclass(frozen=True, slots=True)
class CommunityPlan:
    """What settings say of communities: what one is called, its zone, and which spaces form one together."""

    name: str
    timezone: str
    joined: tuple[Space, ...] = ()

    async def founded(self, members: MemberStore, space: Space, name: str) -> Community:
        """Return the community of a space, founded when the space is first seen; `name` is what the space is called."""
        key = await self._joined_key(members) if space in self.joined else space.key
        community = await members.community(key, self.name or name or space.id, self.timezone)
        await members.join_space(space.key, community.id, name or space.id)
        return community

    async def _joined_key(self, members: MemberStore) -> str:
        """Return the key of the community of all spaces that settings join: one of them may have begun alone."""
        there = [await members.community_of(space.key) for space in self.joined]
        return next((community.key for community in there if community), self.joined[0].key)
