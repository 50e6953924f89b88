"""What can be seen of Discord's events without asking anyone: by this it is decided whether they are read at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from adapters.contract.events import Glance, MessageEdited, MessagePosted, ReactionAdded, ReactionRemoved
from adapters.contract.models import Account, Channel

from .parse import WRITTEN, Cache, mentions_us, moment, reference, reply_to, space
from .words import attached, written

JSON: TypeAlias = dict[str, Any]


def is_news(payload: JSON) -> bool:
    """Say whether MESSAGE_CREATE tells what a person wrote."""
    author = payload["author"]
    written_by_one = not author.get("bot") and not payload.get("webhook_id")
    return payload.get("type", 0) in WRITTEN and written_by_one


def is_edit(payload: JSON) -> bool:
    """Say whether MESSAGE_UPDATE tells that a person changed what they wrote in a guild, and how it reads now.

    It also comes when a preview of a link is ready, and for a pin or a thread: with the moment of the last edit, or
    none, and sometimes with little else. Where we may not read what people write, there is nothing to tell.
    """
    whole = payload.get("author") and ("content" in payload or "attachments" in payload)
    known = payload.get("content") or payload.get("attachments")
    return bool(payload.get("edited_timestamp") and whole and known) and is_news(payload)


def of_edit(payload: JSON, cache: Cache, parent: str | None) -> Glance:
    """Look at a MESSAGE_UPDATE that `is_edit`."""
    edited_at = datetime.fromisoformat(payload["edited_timestamp"])
    return replace(of_message(payload, cache, parent), kind=MessageEdited, when=edited_at)


def of_message(payload: JSON, cache: Cache, parent: str | None, *, direct: bool = False) -> Glance:
    """Look at a MESSAGE_CREATE that `is_news`. `parent` is the channel that its thread hangs in."""
    guild, channel = payload["guild_id"], payload["channel_id"]
    here = space(guild)
    is_post = bool(parent) and channel == payload["id"]
    return Glance(
        kind=MessagePosted,
        message=reference(guild, channel, payload["id"], parent),
        account=Account(here, payload["author"]["id"]),
        when=moment(payload["id"]),
        parent=Channel(here, parent) if parent and not is_post else None,
        reply_to=reply_to(payload),
        title=cache.channel_name(guild, channel) or "" if is_post else "",
        text=written(payload, guild, cache),
        mentions_us=mentions_us(payload, cache),
        direct=direct,
        has_files=bool(attached(payload)),
    )


def of_reaction(payload: JSON, cache: Cache, now: datetime) -> Glance:
    """Look at MESSAGE_REACTION_ADD and MESSAGE_REACTION_REMOVE in a guild."""
    guild, channel = payload["guild_id"], payload["channel_id"]
    return Glance(
        kind=ReactionAdded if "member" in payload else ReactionRemoved,
        message=reference(guild, channel, payload["message_id"], cache.parent(guild, channel)),
        account=Account(space(guild), payload["user_id"]),
        when=now,
        bot=bool(payload.get("member", {}).get("user", {}).get("bot")),
        emoji=payload["emoji"].get("name") or "",
    )
