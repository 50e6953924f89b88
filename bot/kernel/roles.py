"""Who may do what: platforms' roles become the rights that settings give them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from adapters.contract.commands import Role
from adapters.contract.models import Profile


@dataclass(frozen=True, slots=True)
class RoleMap:
    """Ids or names of platform roles (Discord roles, Slack user groups, listed account ids) that give each right."""

    agents: frozenset[str] = frozenset({"agent", "agents"})
    moderators: frozenset[str] = frozenset({"moderator", "moderators"})
    admins: frozenset[str] = frozenset({"admin", "admins"})

    def role(self, profile: Profile) -> Role:
        """Return the highest role that the platform's word about a person gives."""
        held = {profile.account.id.lower(), *(role.lower() for role in profile.roles)}
        if profile.admin or held & self.admins:
            return Role.ADMIN
        if held & self.moderators:
            return Role.MODERATOR
        return Role.AGENT if held & self.agents else Role.MEMBER


def highest(names: Collection[str]) -> Role:
    """Return the highest of stored role names; unknown ones count as none."""
    return max((role for role in Role if role.name.lower() in names), default=Role.MEMBER)
