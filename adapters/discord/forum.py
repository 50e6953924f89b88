"""Posts in forum channels: a post is a thread with its first message, and tags show what state it is in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, TypeAlias

from adapters.contract.adapter import AdapterError, Gone
from adapters.contract.models import Channel, MessageRef
from adapters.contract.ui import Card

from . import render
from .limits import TAGS, THREAD_ARCHIVE, Code
from .rest import Refused, Rest

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

_TRIES = 3


async def post(rest: Rest, me: str, forum: Channel, card: Card, available: Sequence[JSON]) -> MessageRef:
    """Open a post. Discord knows no nonce here, so one that is there already is looked for before each attempt."""
    drawn = render.message(card, forum.space)
    name = render.thread_name(card.summary.plain())
    wanted: JSON = {"name": name, "auto_archive_duration": THREAD_ARCHIVE, "message": drawn}
    if mirrored := render.tags(render.card_fields(card), available):
        wanted["applied_tags"] = mirrored
    for left in reversed(range(_TRIES)):
        if found := await _find(rest, me, forum, name, drawn):
            return found
        try:
            thread = await rest.ask_once("POST", "/channels/{channel_id}/threads", wanted, channel_id=forum.id)
        except Refused as refusal:
            usable = [tag["id"] for tag in available if not tag.get("moderated")]
            if refusal.code != Code.TAG_REQUIRED or "applied_tags" in wanted or not usable:
                raise
            wanted["applied_tags"] = usable[:1]
            continue
        except Gone:
            raise
        except AdapterError as lost:
            if not left:
                raise
            log.info("%s, looking whether it was posted", lost)
            await asyncio.sleep((_TRIES - left) / 2)
            continue
        return MessageRef(Channel(forum.space, thread["id"]), thread["id"])
    raise AdapterError(f"could not post in the forum {forum.key}")


async def mirror(
    rest: Rest, post_: MessageRef, card: Card, before: JSON, thread: JSON, available: Sequence[JSON]
) -> None:
    """Bring a post's tags up to date: those that mirrored the card `before` go, people's own stay."""
    was = [(field["name"], field["value"]) for embed in before.get("embeds", ()) for field in embed.get("fields", ())]
    stale = set(render.tags(was, available))
    applied = list(thread.get("applied_tags", ()))
    fresh = render.tags(render.card_fields(card), available)
    wanted = list(dict.fromkeys([*fresh, *(tag for tag in applied if tag not in stale)]))[:TAGS]
    if set(wanted) != set(applied) and (wanted or not applied):
        await rest.ask("PATCH", "/channels/{channel_id}", {"applied_tags": wanted}, channel_id=post_.channel.id)


async def _find(rest: Rest, me: str, forum: Channel, name: str, drawn: JSON) -> MessageRef | None:
    """Return our post of that name with those very controls and words, if it is there."""
    active = await rest.ask("GET", "/guilds/{guild_id}/threads/active", guild_id=forum.space.id)
    for thread in active.get("threads", ()):
        if (thread.get("parent_id"), thread.get("owner_id"), thread.get("name")) != (forum.id, me, name):
            continue
        ref = MessageRef(Channel(forum.space, thread["id"]), thread["id"])
        first = await rest.ask(
            "GET", "/channels/{channel_id}/messages/{message_id}", channel_id=thread["id"], message_id=thread["id"]
        )
        if _face(first) == _face(drawn):
            return ref
    return None


def _face(message: JSON) -> list[Any]:
    """Return what tells one card from another: its controls, or its words where it has none."""
    controls = [control.get("custom_id") for row in message.get("components", ()) for control in row["components"]]
    return controls or [embed.get("description") for embed in message.get("embeds", ())]
