"""A small Discord in memory: servers with people, roles, channels, threads and messages, as Discord has them.

There is one server, and more where `add_guild` makes them: all people are in all of them, with the same roles.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeAlias

from .spec import COMPONENTS_V2, components

JSON: TypeAlias = dict[str, Any]

EPOCH = 1420070400000
TEXT, DIRECT, THREAD, FORUM = 0, 1, 11, 15
EPHEMERAL = 64
SILENT = 1 << 12
ADMINISTRATOR, VIEW, SEND, SEND_IN_THREADS, OPEN_THREADS = 1 << 3, 1 << 10, 1 << 11, 1 << 38, 1 << 35
EVERYTHING = 0x1FFFFFFFFFFFFF
ORDINARY = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 16 | 1 << 35 | 1 << 38 | 1 << 6
RIGHTS = {"agent": 0, "mentor": 0, "moderator": 1 << 13, "admin": 1 << 5}
OURS = 1 << 5 | 1 << 15 | 1 << 28 | 1 << 44
"""What Trellis's own role allows beyond what everyone may do."""


class Problem(Exception):
    """Discord says no."""

    def __init__(self, status: int, code: int, words: str) -> None:
        super().__init__(words)
        self.status, self.code, self.words = status, code, words


@dataclass(slots=True)
class Kept:
    """A message, who alone sees it, whom it notified when it was posted, and what their phones showed of it."""

    data: JSON
    reader: str = ""
    pinged: frozenset[str] = frozenset()
    push: str = ""
    nonce: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    """What is attached, by the attachment's id."""
    reactions: dict[str, list[str]] = field(default_factory=dict)
    """Who put which emoji on it, in their order."""


@dataclass(slots=True)
class World:
    """Everything that Discord knows. Ids are snowflakes that differ above bit 22."""

    now: Callable[[], datetime]
    last: int = 0
    people: dict[str, JSON] = field(default_factory=dict)
    members: dict[str, JSON] = field(default_factory=dict)
    roles: dict[str, JSON] = field(default_factory=dict)
    channels: dict[str, JSON] = field(default_factory=dict)
    messages: dict[str, Kept] = field(default_factory=dict)
    events: dict[str, JSON] = field(default_factory=dict)
    invites: dict[str, int] = field(default_factory=dict)
    """How often each invitation was used."""
    chosen: dict[str, bytes] = field(default_factory=dict)
    """The files that were chosen in forms or for commands, by their ids."""
    gone: set[str] = field(default_factory=set)
    """Those of which Discord has nothing any more."""
    closed: set[str] = field(default_factory=set)
    """Who takes no direct messages."""
    locales: dict[str, str] = field(default_factory=dict)
    """The language of whose client is not British English."""
    content: bool = True
    """Whether the app may read what members write."""
    removed: set[str] = field(default_factory=set)
    """The servers that have removed the bot."""
    guild: str = ""
    """The server that was there first."""
    guilds: dict[str, str] = field(default_factory=dict)
    """What each server is called."""
    bot: str = ""

    def __post_init__(self) -> None:
        self.guild = self.add_guild("Greenhouse")
        self.bot = self.id()
        self.people[self.bot] = {**self.user(self.bot, "Trellis"), "bot": True}
        self.roles["@everyone"] = self._role(self.guild, "@everyone", ORDINARY)
        for name, rights in RIGHTS.items():
            self.roles[name] = self._role(self.id(), name, rights)
        self.roles["Trellis"] = {**self._role(self.id(), "Trellis", OURS), "position": 2, "managed": True}
        self.roles["crown"] = {**self._role(self.id(), "crown", 0), "position": 3}
        self.members[self.bot] = self.member_facts("Trellis")

    def id(self) -> str:
        self.last = max(int(self.now().timestamp() * 1000) - EPOCH, self.last + 1)
        return str(self.last << 22)

    # People and places

    def add_guild(self, name: str, shard: int = 0, of: int = 1) -> str:
        """Have Trellis be in a server of a shard; return its id."""
        id_ = self.id()
        while (int(id_) >> 22) % of != shard:
            id_ = self.id()
        self.guilds[id_] = name
        return id_

    def choose(self, content: bytes) -> str:
        """Have a file chosen in a form or for a command; return its id."""
        id_ = self.id()
        self.chosen[id_] = content
        return id_

    def attached(self, id_: str, url: str) -> JSON:
        """Return what Discord tells of a file that was chosen; its `url` is not good for ever."""
        size = len(self.chosen[id_])
        facts = {"filename": "screen shot.png", "content_type": "image/png", "size": size, "ephemeral": True}
        return {"id": id_, "url": f"{url.removesuffix('/api')}/attachments/{id_}", **facts}

    def add_person(self, name: str, *roles: str, pending: bool = False, new: bool = False) -> str:
        """Have someone be here, for long unless they are `new` or still `pending`."""
        id_ = self.id()
        self.people[id_] = self.user(id_, name)
        joined_at = self.stamp() if new or pending else "2020-01-01T00:00:00.000000+00:00"
        self.members[id_] = {**self.member_facts(*roles), "pending": pending, "joined_at": joined_at}
        return id_

    def add_channel(
        self, name: str, type_: int = TEXT, readers: tuple[str, ...] = (), tags: tuple[str, ...] = (), guild: str = ""
    ) -> str:
        """Add a channel; `readers` are ids, of everyone where there are none."""
        id_, guild = self.id(), guild or self.guild
        overwrites = [{"id": guild, "type": 0, "allow": "0", "deny": str(1 << 10)}] if readers else []
        allowed = (*readers, self.bot) if readers else ()
        overwrites += [{"id": one, "type": 1, "allow": str(1 << 10), "deny": "0"} for one in allowed]
        self.channels[id_] = {
            "id": id_,
            "type": type_,
            "guild_id": guild,
            "name": name,
            "position": len(self.channels),
            "permission_overwrites": overwrites,
            "nsfw": False,
            "parent_id": None,
        }
        if type_ == FORUM:
            nothing = {"moderated": False, "emoji_id": None, "emoji_name": None}
            self.channels[id_]["available_tags"] = [{"id": self.id(), "name": tag, **nothing} for tag in tags]
        return id_

    def direct(self, user: str) -> JSON:
        for channel in self.channels.values():
            if channel["type"] == DIRECT and channel["recipients"][0]["id"] == user:
                return channel
        id_ = self.id()
        self.channels[id_] = {"id": id_, "type": DIRECT, "recipients": [self.people[user]], "last_message_id": None}
        return self.channels[id_]

    def add_thread(self, id_: str, parent: str, name: str, owner: str) -> JSON:
        self.channels[id_] = {
            "id": id_,
            "type": THREAD,
            "guild_id": self.channels[parent]["guild_id"],
            "parent_id": parent,
            "owner_id": owner,
            "name": name,
            "applied_tags": [],
            "message_count": 0,
            "member_count": 1,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 1440,
                "archive_timestamp": self.stamp(),
                "locked": False,
                "create_timestamp": self.stamp(),
            },
        }
        return self.channels[id_]

    def channels_of(self, guild: str, *, threads: bool = False) -> list[JSON]:
        """Return the channels of a server, or its threads."""
        there = [channel for channel in self.channels.values() if channel.get("guild_id") == guild]
        return [channel for channel in there if (channel["type"] == THREAD) is threads]

    def guild_create(self, guild: str = "") -> JSON:
        guild = guild or self.guild
        threads = [one for one in self.channels_of(guild, threads=True) if not _archived(one)]
        return {
            **self.guild_facts(guild),
            "joined_at": self.stamp(),
            "large": False,
            "unavailable": False,
            "member_count": len(self.members),
            "voice_states": [],
            "members": [{**self.members[self.bot], "user": self.people[self.bot]}],
            "channels": self.channels_of(guild),
            "threads": threads,
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def guild_facts(self, guild: str = "") -> JSON:
        guild = guild or self.guild
        return {
            "id": guild,
            "name": self.guilds[guild],
            "owner_id": "1",
            "roles": [{**role, "id": guild} if role["id"] == self.guild else role for role in self.roles.values()],
            "emojis": [],
            "stickers": [],
            "features": [],
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "afk_timeout": 300,
            "premium_tier": 0,
            "preferred_locale": "en-US",
            "system_channel_flags": 0,
        }

    # Messages

    def post(self, author: str, channel: str, body: JSON, *, reader: str = "", id_: str = "", **facts: Any) -> JSON:
        """Keep a message, as Discord would tell of it."""
        id_ = id_ or self.id()
        data: JSON = {
            "id": id_,
            "channel_id": channel,
            "type": 19 if body.get("message_reference") else 0,
            "author": self.people[author],
            "content": body.get("content") or "",
            "embeds": body.get("embeds") or [],
            "components": numbered(body.get("components") or []),
            "text": words_of({"components": body.get("components") or []}),  # for scripts; Discord tells no such thing
            "flags": body.get("flags") or 0,
            "mentions": [],
            "mention_roles": [],
            "mention_everyone": False,
            "attachments": [],
            "timestamp": self.stamp(),
            "edited_timestamp": None,
            "tts": False,
            "pinned": False,
            **facts,
        }
        self._note_mentions(data)
        self.messages[id_] = Kept(data, reader, pinged(body), data["content"], str(body.get("nonce") or ""))
        self._attach(self.messages[id_], body)
        return data

    def _note_mentions(self, data: JSON) -> None:
        names = re.findall(r"<@!?(\d+)>", words_of(data))
        data["mentions"] = [self.people[name] for name in dict.fromkeys(names) if name in self.people]

    def _attach(self, kept: Kept, body: JSON) -> None:
        """Keep what `body` names of the attachments that were there, and what is sent now; nothing else."""
        if body.get("attachments") is None:
            return
        before = {one["id"]: one for one in kept.data["attachments"]}
        kept.data["attachments"] = []
        held, kept.files = kept.files, {}
        for named in body["attachments"]:
            if named["id"] in before:
                told, content = before[named["id"]], held[named["id"]]
            else:
                content, id_ = named["content"], self.id()
                facts = {"id": id_, "size": len(content), "url": f"https://cdn.example/{id_}", "proxy_url": ""}
                told = {"filename": named["filename"], "description": named.get("description"), **facts}
            kept.data["attachments"].append(told)
            kept.files[told["id"]] = content

    def find(self, channel: str, message: str) -> Kept:
        if channel not in self.channels:
            raise Problem(404, 10003, "Unknown Channel")
        kept = self.messages.get(message)
        if kept is None or kept.data["channel_id"] != channel:
            raise Problem(404, 10008, "Unknown Message")
        return kept

    def edit(self, kept: Kept, body: JSON) -> JSON:
        """Change what is named. A message of words becomes one of components only without its words and embeds."""
        is_v2 = (kept.data["flags"] | (body.get("flags") or 0)) & COMPONENTS_V2
        after = {key: body.get(key, kept.data[key]) for key in ("content", "embeds", "components")}
        if is_v2 and (after["content"] or after["embeds"] or not after["components"]):
            raise Problem(400, 50035, "Invalid Form Body: MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")
        if kept.data["flags"] & COMPONENTS_V2 and "flags" in body and not (body["flags"] or 0) & COMPONENTS_V2:
            raise Problem(400, 50035, "Invalid Form Body: the flag can't be taken off")
        kept.data |= {"content": after["content"] or "", "embeds": after["embeds"] or []}
        kept.data |= {"components": numbered(after["components"] or []), "flags": kept.data["flags"] | is_v2}
        kept.data["text"] = words_of({"components": kept.data["components"]})
        self._note_mentions(kept.data)
        self._attach(kept, body)
        kept.data["edited_timestamp"] = self.tick()
        return kept.data

    def may_read(self, who: str, channel: str) -> bool:
        return bool(self.rights_in(channel, who) & VIEW)

    def rights_in(self, channel: str, who: str = "") -> int:
        """Return what somebody, or the bot, may do in a channel: by their roles, and then by its overwrites."""
        who, place = who or self.bot, self.channels[channel]
        if place["type"] == DIRECT:
            return EVERYTHING if who in (self.bot, place["recipients"][0]["id"]) else 0
        if place["type"] == THREAD:
            return self.rights_in(place["parent_id"], who)
        if who not in self.members:
            return 0
        rights = int(self.member(who)["permissions"])
        if rights & ADMINISTRATOR:
            return EVERYTHING
        told = {one["id"]: one for one in place["permission_overwrites"]}
        for level in ([place["guild_id"]], self.members[who]["roles"], [who]):
            found = [told[id_] for id_ in level if id_ in told]
            for one in found:
                rights &= ~int(one["deny"])
            for one in found:
                rights |= int(one["allow"])
        return rights if rights & VIEW else 0

    def shown(self, data: JSON) -> JSON:
        """Return a message as the app may see it: without the intent, no word of what others write."""
        reactions = self.messages[data["id"]].reactions if data["id"] in self.messages else {}
        if found := [
            {"emoji": {"id": None, "name": emoji}, "count": len(people), "me": self.bot in people}
            for emoji, people in reactions.items()
            if people
        ]:
            data = {**data, "reactions": found}
        is_told = data["author"]["id"] == self.bot or any(user["id"] == self.bot for user in data.get("mentions", ()))
        if self.content or is_told or "guild_id" not in self.channels.get(data["channel_id"], {"guild_id": ""}):
            return data
        return {**data, "content": "", "embeds": [], "components": [], "attachments": []}

    def member(self, user: str) -> JSON:
        """Return a member as interactions and messages carry it, with what they may do."""
        member = self.members[user]
        held = [role for role in self.roles.values() if role["id"] in member["roles"] or role["id"] == self.guild]
        rights = 0
        for role in held:
            rights |= int(role["permissions"])
        return {**member, "permissions": str(rights)}

    def tick(self) -> str:
        """Return a moment that no other thing has."""
        return datetime.fromtimestamp(((int(self.id()) >> 22) + EPOCH) / 1000, UTC).isoformat()

    def stamp(self) -> str:
        return self.now().astimezone(UTC).isoformat()

    def user(self, id_: str, name: str) -> JSON:
        return {"id": id_, "username": name.lower(), "global_name": name, "discriminator": "0", "avatar": None}

    def member_facts(self, *roles: str) -> JSON:
        held = [self.roles[role]["id"] for role in roles]
        facts = {"nick": None, "deaf": False, "mute": False, "flags": 0, "pending": False}
        return {"roles": held, "joined_at": self.stamp(), **facts}

    def _role(self, id_: str, name: str, permissions: int) -> JSON:
        return {
            "id": id_,
            "name": name,
            "permissions": str(permissions),
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "position": 0 if name == "@everyone" else 1,
            "managed": False,
            "mentionable": True,
            "flags": 0,
        }


def words_of(message: JSON) -> str:
    """Return what is written in a message, in its words and in all its components."""
    texts = [part["content"] for part in components(message) if "content" in part]
    return "\n".join(filter(None, [message.get("content"), *texts]))


def numbered(parts: list[JSON]) -> list[JSON]:
    """Return components with the numbers that Discord gives those that have none."""
    parts = copy.deepcopy(parts)
    everything = [*components({"components": parts})]
    taken = {part["id"] for part in everything if part.get("id")}
    free = (number for number in count(1) if number not in taken)
    for part in everything:
        part["id"] = part.get("id") or next(free)
    return parts


def _archived(thread: JSON) -> bool:
    return bool(thread["thread_metadata"]["archived"])


def pinged(body: JSON) -> frozenset[str]:
    """Say whom a message notifies, by Discord's own rules. `everyone` and roles by their marks."""
    content, allowed = words_of(body), body.get("allowed_mentions")
    users, roles = set(re.findall(r"<@!?(\d+)>", content)), set(re.findall(r"<@&(\d+)>", content))
    all_ = {"everyone"} if re.search(r"@(everyone|here)", content) else set()
    if allowed is not None:
        parse = allowed.get("parse") or []
        users = users if "users" in parse else users & set(allowed.get("users") or ())
        roles = roles if "roles" in parse else roles & set(allowed.get("roles") or ())
        all_ = all_ if "everyone" in parse else set()
    return frozenset(users | roles | all_)
