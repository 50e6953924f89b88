"""What is known of all servers without asking: the gateway tells of those whose shard we hear, others are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeAlias

import discord
from discord.abc import GuildChannel

from adapters.contract.models import Channel, Space
from adapters.contract.text import Verbatim, clip
from adapters.contract.ui import LABEL, Option

from .gateway import Client
from .markup import Here
from .parse import RoleFacts

JSON: TypeAlias = dict[str, Any]


class Servers:
    """The servers, with their channels, threads and roles. Ids are Discord's, as text."""

    def __init__(self, speaker: Client) -> None:
        """`speaker` is logged in, and hears nothing."""
        self.speaker = speaker
        self.shards = 1
        """By how many shards Discord is heard."""
        self._heard: dict[int, Client] = {}
        self._asked: dict[int, discord.Guild] = {}
        self.commands: dict[str, Mapping[str, str]] = {}
        """The ids of our commands by their names, for each server; what can be used everywhere is ""."""
        self._teller: Client | None = None
        """Who tells what is told now."""

    @property
    def me(self) -> str:
        """The id of our own account, which on old apps is not the app's."""
        return str(self.speaker.user.id) if self.speaker.user else ""

    @property
    def application(self) -> str:
        """The id of the app."""
        return str(self.speaker.application_id)

    # Who tells of them

    def shard_of(self, guild: str) -> int:
        """Return by which shard Discord tells of a server."""
        return (int(guild) >> 22) % self.shards

    def hear(self, shard: int, client: Client) -> None:
        """From now on a client tells of the servers of a shard."""
        self._heard[shard] = client

    def told_by(self, shard: int) -> None:
        """What is told now, that shard tells."""
        self._teller = self._heard[shard]

    @property
    def delivery(self) -> str:
        """A name for the event that is being told now, the same when it is told again after a resume."""
        return self._teller.delivery if self._teller else ""

    def forget(self, shard: int) -> None:
        """All servers of a shard that we are still in have been told: what was known before is old."""
        self._asked = {id_: guild for id_, guild in self._asked.items() if self.shard_of(str(id_)) != shard}

    def lose(self, shard: int) -> None:
        """Nobody tells of a shard any more: what was known stays so until it is asked for."""
        if client := self._heard.pop(shard, None):
            self._asked |= {guild.id: guild for guild in client.guilds if not guild.unavailable}

    def remember(self, shards: Collection[int], guilds: Iterable[JSON]) -> None:
        """Know these servers of some shards, and no others, as they were asked for."""
        for shard in shards:
            self.forget(shard)
        state = self.speaker._connection
        seen = [discord.Guild(data=data, state=state) for data in guilds]  # type: ignore[arg-type]
        self._asked |= {guild.id: guild for guild in seen}

    def listens(self, shard: int) -> bool:
        """Say whether a shard is heard, and whatever was missed of it is known to be."""
        client = self._heard.get(shard)
        return client is not None and client.listens and client.is_announced

    def has_left(self, guild: str) -> bool:
        """Say whether the shard of a server has named all that we are in, and this one not even as unavailable."""
        return self.listens(self.shard_of(guild)) and self.get(guild) is None

    # What is known of them

    @property
    def guilds(self) -> list[discord.Guild]:
        """All servers that we are in."""
        known = {**self._asked}
        for client in self._heard.values():
            known |= {guild.id: guild for guild in client.guilds if not guild.unavailable or guild.id not in known}
        return [*known.values()]

    def get(self, guild: str) -> discord.Guild | None:
        """Return a server that we are in; while it is not told again after a new session, as it was before."""
        client, id_ = self._heard.get(self.shard_of(guild)), int(guild)
        told = client.get_guild(id_) if client else None
        return self._asked.get(id_, told) if told is None or told.unavailable else told

    def role(self, guild: str, role: str) -> RoleFacts | None:
        server = self.get(guild)
        found = server.get_role(int(role)) if server else None
        return RoleFacts(found.name, found.permissions.value) if found else None

    def owner(self, guild: str) -> str | None:
        server = self.get(guild)
        return str(server.owner_id) if server else None

    def guild_name(self, guild: str) -> str:
        server = self.get(guild)
        return server.name if server else guild

    def here(self, space: Space, *, direct: bool = False) -> Here:
        """Return where a text is read: in a guild, or in a direct channel of somebody who is in it."""
        everywhere = self.commands.get("", {})
        commands = everywhere if direct else {**everywhere, **self.commands.get(space.id, {})}
        return Here(space, self.guild_name(space.id), commands, direct, self._roles(space))

    def roles(self, space: Space) -> list[Option]:
        """Return the roles of a server, to be chosen by their names."""
        return [Option(Verbatim(clip(name, LABEL)), name) for name in self._roles(space)]

    def _roles(self, space: Space) -> dict[str, str]:
        server = self.get(space.id)
        return {role.name: str(role.id) for role in server.roles if not role.is_default()} if server else {}

    def find_channel(self, space: Space, name: str) -> Channel | None:
        """Return the channel of that id or name, or the thread of that id."""
        server, wanted = self.get(space.id), name.removeprefix("#").casefold()
        if server is None:
            return None
        places: list[GuildChannel] = [*server.text_channels, *server.forums]
        for channel in places:
            if wanted in (str(channel.id), channel.name.casefold()):
                return Channel(space, str(channel.id))
        thread = server.get_thread(int(wanted)) if wanted.isascii() and wanted.isdigit() else None
        return Channel(space, wanted) if thread else None

    def place(self, guild: str, channel: str) -> GuildChannel | discord.Thread | None:
        """Return a channel or thread; None for one that Discord did not name to us."""
        server = self.get(guild)
        return server.get_channel_or_thread(int(channel)) if server else None

    def channel_name(self, guild: str, channel: str) -> str | None:
        place = self.place(guild, channel)
        return place.name if place else None

    def parent(self, guild: str, channel: str) -> str | None:
        return parent_of(self.place(guild, channel))

    def forum_tags(self, guild: str, channel: str) -> list[JSON] | None:
        """Return the tags of a forum; nothing for any other channel."""
        found = self.place(guild, channel)
        if not isinstance(found, discord.ForumChannel):
            return None
        return [{"id": str(tag.id), "name": tag.name, "moderated": tag.moderated} for tag in found.available_tags]


def parent_of(place: GuildChannel | discord.Thread | None) -> str | None:
    """Return the channel that a thread hangs in; nothing for what is no thread."""
    return str(place.parent_id) if isinstance(place, discord.Thread) else None
