"""Who somebody is to us, and what they may do here: judged once, for whatever they do next."""

from __future__ import annotations

from dataclasses import replace

from adapters.contract.commands import Role
from adapters.contract.events import MemberJoined, MemberLeft, PlatformEvent
from adapters.contract.models import Profile
from bot.text.hours import is_zone
from storage.members import Community, Member

from .cog import Cog
from .registry import Registry
from .roles import RoleMap, highest
from .work import Tools


class Admission:
    """Makes known whoever does something, with the rights that they have at this moment."""

    def __init__(self, registry: Registry, tools: Tools, roles: RoleMap) -> None:
        self._tools = tools
        self._roles = roles
        self._gates = [cog for cog in registry.cogs if type(cog).is_held is not Cog.is_held]

    async def meet(self, event: PlatformEvent, community: Community, *, in_passing: bool = False) -> Member:
        """Return the member, made known by whatever they do first, in a unit of its own.

        Raises `Erased` for who was forgotten and was only heard `in_passing`.
        """
        who = event.by
        if not in_passing:
            self._tools.presence.note(who.account, event.at)
        member, _ = await self._tools.members.arrive(
            community.id,
            who.account.key,
            event.space.key,
            who.name,
            event.at,
            timezone=who.timezone if who.timezone and is_zone(who.timezone) else None,
            locale=who.locale,
            roles=frozenset({self._roles.role(who).name.lower()}),
            named=who.named,
            by_themselves=not in_passing,
        )
        if isinstance(event, MemberLeft):
            await self._tools.members.leave(who.account.key, event.at)
        # That somebody comes or goes is heard in any case: it is how they come to a gate.
        return member if isinstance(event, MemberJoined | MemberLeft) else await self._held(member, who)

    async def known(self, who: Profile) -> tuple[Member | None, Role]:
        """Return the member that an account belongs to, if any, and what they may do; nothing is written."""
        member = await self._tools.members.by_account(who.account.key)
        role = self._roles.role(who)
        if member is None or role is not Role.MEMBER:
            return member, role
        return member, highest((await self._held(member, who)).roles)

    async def _held(self, member: Member, who: Profile) -> Member:
        """Return the member as a newcomer where a gate still holds them. Who has rights of their own is not held."""
        if highest(member.roles) is Role.MEMBER:
            for cog in self._gates:
                if await cog.is_held(member, who):
                    return replace(member, roles=frozenset({Role.NEWCOMER.name.lower()}))
        return member
