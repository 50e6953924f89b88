"""Who is there: looks members up, gives them roles, lets them into channels, and finds what led them here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import discord

from adapters.contract.adapter import AdapterError, Gone, NoAccess, Unusable
from adapters.contract.memo import Memo
from adapters.contract.models import Account, Channel

from .limits import Code
from .parse_interaction import people_in
from .rest import Refused, Rest
from .servers import Servers
from .words import name_of

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

_REMEMBERED = 5000
"""Members that are remembered at most."""
_NAMED = 20
"""Of so many people who are mentioned in an answer the names are looked up."""
_VIEW = 1 << 10


class People:
    """The members of all guilds. Few are remembered, and those only until something about them changes."""

    def __init__(self, rest: Rest, servers: Callable[[], Servers]) -> None:
        self._rest = rest
        self._servers = servers
        self._met: Memo[tuple[str, str], JSON] = Memo(_REMEMBERED)
        self._uses: dict[str, dict[str, int]] = {}
        """How often each invitation was used, by guild."""
        self._counting = asyncio.Lock()

    async def member(self, guild: str, user: str) -> JSON | None:
        """Return a member as they are now; nothing for who is none."""
        try:
            path = "/guilds/{guild_id}/members/{user_id}"
            member: JSON = await self._rest.ask("GET", path, guild_id=guild, user_id=user)
        except (Gone, NoAccess):
            return None
        self.meet(guild, member)
        return member

    async def names(self, guild: str, users: Collection[str]) -> dict[str, str]:
        """Return what people are called in a guild, by their ids. Nothing that fails here keeps anyone waiting."""

        async def find(user: str) -> JSON | None:
            try:
                return self.known(guild, user) or await self.member(guild, user)
            except AdapterError as failure:
                log.info("who %s is cannot be told: %s", user, failure)
                return None

        users = sorted(users)[:_NAMED]
        found = await asyncio.gather(*map(find, users))
        return {user: name_of(member["user"], member) for user, member in zip(users, found, strict=True) if member}

    def names_known(self, payload: JSON) -> dict[str, str]:
        """Return what those are called who are mentioned in an interaction and were met, without asking anyone."""
        guild = payload.get("guild_id") or ""
        found = {user: member for user in people_in(payload) if (member := self.known(guild, user))}
        return {user: name_of(member["user"], member) for user, member in found.items()}

    async def home(self, user: str, at_home: Callable[[str], bool]) -> str | None:
        """Return the server of ours where a person is: of several the one where they were met last."""
        guilds = [str(guild.id) for guild in self._servers().guilds if at_home(str(guild.id))]
        met = [guild for guild, known in reversed(self._met) if known == user and guild in guilds]
        for guild in dict.fromkeys([*met, *guilds]):
            if self.known(guild, user) or await self.member(guild, user):
                return guild
        return None

    def known(self, guild: str, user: str) -> JSON | None:
        """Return a member as they were when they were last met, if they were."""
        return self._met.get((guild, user))

    def meet(self, guild: str, member: JSON) -> None:
        """Remember a member that an event told of."""
        self.forget(guild, member["user"]["id"])
        self._met[guild, member["user"]["id"]] = member

    def forget(self, guild: str, user: str) -> None:
        """Something about a member changed."""
        self._met.pop((guild, user), None)

    # Roles and rights

    async def set_role(self, account: Account, role: str, held: bool) -> None:
        guild = self._guild(account.space.id)
        wanted = role.removeprefix("@").casefold()
        found = next((each for each in guild.roles if wanted in (str(each.id), each.name.casefold())), None)
        if found is None or found.is_default():
            raise Gone(f"{guild.name} has no role called {role}")
        ids: JSON = {"guild_id": guild.id, "user_id": account.id, "role_id": found.id}
        rank = f"In Server Settings, Roles, allow Trellis “Manage Roles” and drag its own role above “{found.name}”."
        with _refusals(f"may not {'give' if held else 'take'} the role “{found.name}” in {guild.name}. {rank}"):
            path = "/guilds/{guild_id}/members/{user_id}/roles/{role_id}"
            await self._rest.ask("PUT" if held else "DELETE", path, **ids)
        self.forget(account.space.id, account.id)

    async def let_in(self, account: Account, channel: Channel) -> None:
        """Allow a member to see a channel, beside whatever else was settled for them there."""
        guild = self._guild(channel.space.id)
        place = guild.get_channel(int(channel.id))
        if place is None or await self.member(channel.space.id, account.id) is None:
            raise Gone(f"{account.key} or {channel.key} is gone")
        allowed, denied = place.overwrites_for(discord.Object(int(account.id))).pair()
        json = {"type": 1, "allow": allowed.value | _VIEW, "deny": denied.value & ~_VIEW}
        mend = f"Right-click #{place.name}, Edit Channel, Permissions, add Trellis, and allow “Manage Permissions”."
        with _refusals(f"may not let anyone into #{place.name} in {guild.name}. {mend}"):
            path = "/channels/{channel_id}/permissions/{overwrite_id}"
            await self._rest.ask("PUT", path, json, channel_id=place.id, overwrite_id=account.id)

    def _guild(self, id_: str) -> discord.Guild:
        guild = self._servers().get(id_)
        if guild is None:
            raise Gone(f"Trellis is not in the server {id_}")
        return guild

    # What led them here

    async def source(self, guild: str) -> str:
        """Return the invitation that was used since we last looked; nothing where that cannot be told.

        Discord does not say it, but counts how often each was used, for those who may manage the server.
        """
        async with self._counting:
            before = self._uses.get(guild)
            if before is None:
                return ""
            now = await self._count(guild)
        used = {code: uses - before.get(code, 0) for code, uses in now.items() if uses > before.get(code, 0)}
        spent = [code for code in before if code not in now]  # its last use ended it, or somebody removed it
        candidates = [*used] or spent
        return candidates[0] if len(candidates) == 1 and sum(used.values()) <= 1 else ""

    async def count(self, guild: str) -> None:
        """Begin to look how often invitations are used, where we may."""
        async with self._counting:
            self._uses.pop(guild, None)
            await self._count(guild)

    async def _count(self, guild: str) -> dict[str, int]:
        try:
            invites = await self._rest.ask("GET", "/guilds/{guild_id}/invites", guild_id=guild)
        except AdapterError as refusal:
            log.info("invitations cannot be counted: %s", refusal)
            self._uses.pop(guild, None)
            return {}
        self._uses[guild] = {invite["code"]: invite.get("uses") or 0 for invite in invites}
        return self._uses[guild]


@contextmanager
def _refusals(unable: str) -> Iterator[None]:
    """Say what to mend where Trellis lacks a right."""
    try:
        yield
    except Refused as refusal:
        if refusal.code in (Code.NO_PERMISSION, Code.INVALID_ROLE):
            raise Unusable(f"Trellis {unable}") from refusal
        raise
