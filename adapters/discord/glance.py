"""What can be seen of Discord's events without asking anyone: by this it is decided whether they are read at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

from adapters.contract.events import Glance, MessagePosted, ReactionAdded, ReactionRemoved
from adapters.contract.models import Account, Channel

from .parse import WRITTEN, Cache, mentions, moment, reference, reply_to, space
from .words import written

JSON: TypeAlias = dict[str, Any]


def is_news(payload: JSON) -> bool:
    """Say whether MESSAGE_CREATE tells what a person wrote in a guild."""
    author = payload["author"]
    written_by_one = not author.get("bot") and not payload.get("webhook_id")
    return bool(payload.get("guild_id")) and payload.get("type", 0) in WRITTEN and written_by_one


def of_message(payload: JSON, cache: Cache, parent: str | None) -> Glance:
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
        mentions_us=mentions(payload, cache.me),
        has_files=bool(payload.get("attachments")),
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
