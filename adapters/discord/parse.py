"""Hears Discord: its dicts in, our events out. Pure; what a dict leaves out is asked of the `Cache`.

`None` means that nothing happened that anyone here could want: a bot's words, a system message, a place that belongs
to no guild.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol, TypeAlias

from adapters.contract.events import (
    ChannelDeleted,
    EntryAnswered,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Reaction,
    ReactionAdded,
    ReactionRemoved,
    ReactionsCleared,
    SpaceChanged,
    SpaceJoined,
    ThreadDeleted,
    nobody,
)
from adapters.contract.models import Account, Channel, Message, MessageRef, Named, Profile, Space, is_picture

from .limits import HAS_THREAD
from .words import attached, mentioned, name_of, named, written

JSON: TypeAlias = dict[str, Any]
PLATFORM = "discord"

ADMINISTRATOR, MANAGE_GUILD = 1 << 3, 1 << 5
_GUEST = 1 << 4
WRITTEN = {0, 19}
"""Types of messages that a person wrote: a message, and a reply to one."""
_THREADS = {10, 11, 12}
_EPOCH = 1420070400000


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role's name and the bits of its permissions."""

    name: str
    permissions: int


class Cache(Protocol):
    """What is known of a guild without asking. Ids are Discord's, as text; `me` is that of our own account."""

    @property
    def me(self) -> str: ...

    def role(self, guild: str, role: str) -> RoleFacts | None:
        """Return a role."""

    def owner(self, guild: str) -> str | None:
        """Return who owns the guild."""

    def channel_name(self, guild: str, channel: str) -> str | None:
        """Return the name of a channel or a thread."""

    def parent(self, guild: str, channel: str) -> str | None:
        """Return the channel that a thread hangs in; nothing for what is no thread."""


@lru_cache(1000)
def space(guild: str) -> Space:
    """Return the space that a guild is."""
    return Space(PLATFORM, guild)


def moment(snowflake: str) -> datetime:
    """Return when something was made, which its id tells."""
    return datetime.fromtimestamp(((int(snowflake) >> 22) + _EPOCH) / 1000, UTC)


def snowflake(at: datetime) -> int:
    """Return the id that something made at a moment would have."""
    return (int(at.timestamp() * 1000) - _EPOCH) << 22


def profile(guild: str, user: JSON, member: JSON | None, cache: Cache, locale: str | None = None) -> Profile:
    """Return what Discord says of a person. `member` is missing for who has left, and where Discord leaves it out.

    Nobody counts as more than a guest on whom Discord is silent; nor does who came by a guest invite, to one channel.
    """
    member = member or {}
    held = {id_: cache.role(guild, id_) for id_ in (*member.get("roles", ()), guild)}
    if "permissions" in member:
        rights = int(member["permissions"])
    else:
        rights = 0
        for role in held.values() if member else ():
            rights |= role.permissions if role else 0
    names = {id_: role.name for id_, role in held.items() if role and id_ != guild}
    return Profile(
        Account(space(guild), user["id"]),
        name_of(user, member) or "someone",
        locale=locale,
        roles=frozenset(names) | frozenset(names.values()),
        admin=bool(rights & (ADMINISTRATOR | MANAGE_GUILD)) or (bool(member) and cache.owner(guild) == user["id"]),
        guest=not member or bool(member.get("flags", 0) & _GUEST),
        bot=bool(user.get("bot")),
    )


def reference(guild: str, channel: str, message: str, parent: str | None) -> MessageRef:
    """Name a message. `parent` is the channel that its thread hangs in.

    The first message of a forum's post, which shares the thread's id, stands in the forum: its thread hangs under it.
    """
    return MessageRef(Channel(space(guild), parent if parent and channel == message else channel), message)


def message(payload: JSON, guild: str, cache: Cache, parent: str | None = None, *, direct: bool = False) -> Message:
    """Read a message. `parent` is the channel that its thread hangs in, where the caller knows better."""
    here = space(guild)
    channel = payload["channel_id"]
    user = payload["author"]
    user = {**user, "bot": user.get("bot") or bool(payload.get("webhook_id"))}
    author = profile(guild, user, payload.get("member"), cache)
    parent = parent or cache.parent(guild, channel)
    is_post = bool(parent) and channel == payload["id"]
    has_thread = is_post or payload.get("thread") or payload.get("flags", 0) & HAS_THREAD
    return Message(
        reference(guild, channel, payload["id"], parent),
        author,
        written(payload, guild, cache),
        moment(payload["id"]),
        parent=Channel(here, parent) if parent and not is_post else None,
        thread=Channel(here, payload["id"]) if has_thread else None,
        title=cache.channel_name(guild, channel) or "" if is_post else "",
        reply_to=reply_to(payload),
        mentions_us=mentions_us(payload, cache),
        direct=direct,
        has_files=bool(files := attached(payload)),
        only_pictures=bool(files) and all(is_picture(file.get("content_type")) for file in files),
        named=tuple(_named(payload, guild, cache)),
        emojis=frozenset(each["emoji"].get("name") or "" for each in payload.get("reactions", ())),
    )


def _named(payload: JSON, guild: str, cache: Cache) -> Iterator[Named]:
    here = space(guild)
    for told, shown in named(payload, guild, cache):
        id_ = told[1:]
        key = Channel(here, id_).key if told[0] == "#" else Account(here, id_).key
        yield Named("" if id_ == cache.me else key, shown)


def reply_to(payload: JSON) -> str:
    """Return the id of the message that one answers. What was forwarded refers to its source, but answers nothing."""
    reference = payload.get("message_reference") or {}
    return reference.get("message_id") or "" if not reference.get("type") else ""


def mentions_us(payload: JSON, cache: Cache) -> bool:
    """Say whether a message mentions us in its words; who replies to us notifies us too, but says nothing."""
    words = payload.get("content") or ""
    return "<@" in words and cache.me in mentioned(words)


def message_posted(payload: JSON, cache: Cache, parent: str | None, *, direct: bool = False) -> MessagePosted:
    """Read a MESSAGE_CREATE that `glance.is_news`. `parent` is the channel that its thread hangs in."""
    read = message(payload, payload["guild_id"], cache, parent, direct=direct)
    return MessagePosted(id=payload["id"], at=read.at, by=read.author, message=read)


def message_edited(payload: JSON, cache: Cache, parent: str | None) -> MessageEdited:
    """Read a MESSAGE_UPDATE that `glance.is_edit`, or a message that was read back and is edited."""
    read = message(payload, payload["guild_id"], cache, parent)
    edited_at = datetime.fromisoformat(payload["edited_timestamp"])
    return MessageEdited(id=f"edit/{payload['id']}/{edited_at.isoformat()}", at=edited_at, by=read.author, message=read)


def thread_parent(channel: JSON) -> str | None:
    """Return the channel that a thread hangs in; nothing for any other channel."""
    return channel.get("parent_id") if channel.get("type") in _THREADS else None


def message_deleted(payload: JSON, author: Profile | None, cache: Cache, now: datetime) -> MessageDeleted | None:
    """Read MESSAGE_DELETE, which does not say who wrote the message nor who removed it.

    THREAD_DELETE reads so too: a forum's post goes with its thread.
    """
    guild = payload.get("guild_id")
    if not guild:
        return None
    channel = payload.get("channel_id") or payload["id"]
    parent = payload.get("parent_id") or cache.parent(guild, channel)
    return MessageDeleted(
        id=f"delete/{payload['id']}",
        at=now,
        by=author or nobody(space(guild)),
        message=reference(guild, channel, payload["id"], parent),
    )


def thread_deleted(payload: JSON, now: datetime) -> ThreadDeleted:
    """Read THREAD_DELETE of a thread under a message."""
    here = space(payload["guild_id"])
    return ThreadDeleted(id=f"thread/{payload['id']}", at=now, by=nobody(here), thread=Channel(here, payload["id"]))


def channel_deleted(payload: JSON, now: datetime) -> ChannelDeleted:
    """Read CHANNEL_DELETE."""
    here = space(payload["guild_id"])
    return ChannelDeleted(id=f"channel/{payload['id']}", at=now, by=nobody(here), channel=Channel(here, payload["id"]))


def space_joined(guild: JSON, now: datetime, delivery: str) -> SpaceJoined:
    """Read GUILD_CREATE of a guild that has just let us in."""
    by = nobody(space(guild["id"]))
    return SpaceJoined(id=f"joined/{delivery}", at=now, by=by, name=guild.get("name") or guild["id"])


def space_changed(guild: str, now: datetime, delivery: str) -> SpaceChanged:
    """Read any event by which channels, roles or permissions of a guild changed."""
    return SpaceChanged(id=f"change/{delivery}", at=now, by=nobody(space(guild)))


def reaction(payload: JSON, member: JSON | None, cache: Cache, now: datetime, delivery: str) -> Reaction | None:
    """Read MESSAGE_REACTION_ADD and MESSAGE_REACTION_REMOVE, of which only the former says who the `member` is.

    Nothing else may be known of them: they may be gone, and it need not be them who takes a reaction off. It has no id,
    and may be done and taken back again and again; `delivery` names this telling of it.
    """
    guild, channel = payload["guild_id"], payload["channel_id"]
    user = member["user"] if member else {"id": payload["user_id"]}
    if user.get("bot"):
        return None
    emoji = payload["emoji"].get("name") or ""
    facts: Any = {
        "id": f"reaction/{payload['message_id']}/{payload['user_id']}/{payload['emoji'].get('id') or emoji}/{delivery}",
        "at": now,
        "by": profile(guild, user, member, cache),
        "message": reference(guild, channel, payload["message_id"], cache.parent(guild, channel)),
        "emoji": emoji,
    }
    return ReactionAdded(**facts) if "member" in payload else ReactionRemoved(**facts)


def reactions_cleared(payload: JSON, cache: Cache, now: datetime, delivery: str) -> ReactionsCleared:
    """Read MESSAGE_REACTION_REMOVE_ALL, and MESSAGE_REACTION_REMOVE_EMOJI, which names the emoji."""
    guild, channel = payload["guild_id"], payload["channel_id"]
    return ReactionsCleared(
        id=f"cleared/{payload['message_id']}/{delivery}",
        at=now,
        by=nobody(space(guild)),
        message=reference(guild, channel, payload["message_id"], cache.parent(guild, channel)),
        emoji=payload.get("emoji", {}).get("name") or "",
    )


def entry_answered(
    payload: JSON, member: JSON, cache: Cache, now: datetime, delivery: str, *, interested: bool
) -> EntryAnswered:
    """Read GUILD_SCHEDULED_EVENT_USER_ADD and GUILD_SCHEDULED_EVENT_USER_REMOVE of a `member`."""
    entry = payload["guild_scheduled_event_id"]
    by = profile(payload["guild_id"], member["user"], member, cache)
    return EntryAnswered(
        id=f"interest/{entry}/{by.account.id}/{delivery}", at=now, by=by, entry=entry, interested=interested
    )


def member_joined(payload: JSON, cache: Cache, now: datetime, source: str = "") -> MemberJoined | None:
    """Read GUILD_MEMBER_ADD and GUILD_MEMBER_UPDATE: nobody has arrived before the guild's screening is passed.

    One stay in the guild is one event, so an update of someone who arrived before tells nothing new.
    """
    if payload.get("pending") or payload["user"].get("bot"):
        return None
    by = profile(payload["guild_id"], payload["user"], payload, cache)
    return MemberJoined(id=f"join/{by.account.id}/{payload.get('joined_at')}", at=now, by=by, source=source)


def member_left(payload: JSON, cache: Cache, now: datetime, delivery: str) -> MemberLeft:
    """Read GUILD_MEMBER_REMOVE. `delivery` names this telling of it, the same when the connection is resumed."""
    by = profile(payload["guild_id"], payload["user"], None, cache)
    return MemberLeft(id=f"leave/{by.account.id}/{delivery}", at=now, by=by)
