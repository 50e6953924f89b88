"""Who may do what: platforms' roles become the rights that settings give them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from adapters.contract.commands import Role
from adapters.contract.models import Profile


@dataclass(frozen=True, slots=True)
class RoleMap:
    """Ids or names of platform roles (Discord roles, Slack user groups, listed account ids) that give each right."""

    members: frozenset[str] = frozenset()
    """What makes a member of someone who would be a guest; everybody else is one in any case."""
    agents: frozenset[str] = frozenset({"agent", "agents"})
    moderators: frozenset[str] = frozenset({"moderator", "moderators"})
    admins: frozenset[str] = frozenset({"admin", "admins"})

    def role(self, profile: Profile) -> Role:
        """Return the highest role that the platform's word about a person gives.

        A guest has what settings name them for, however they run a space of their own.
        """
        held = {profile.account.id.lower(), *(role.lower() for role in profile.roles)}
        if held & self.admins or (profile.admin and not profile.guest):
            return Role.ADMIN
        if held & self.moderators:
            return Role.MODERATOR
        if held & self.agents:
            return Role.AGENT
        return Role.GUEST if profile.guest and not held & self.members else Role.MEMBER


def highest(names: Collection[str]) -> Role:
    """Return the highest of stored role names; without any, someone is a guest."""
    return max((role for role in Role if role.name.lower() in names), default=Role.GUEST)
