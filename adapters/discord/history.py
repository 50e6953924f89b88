"""Reads back what was written while nobody listened."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from adapters.contract.adapter import Gone, NoAccess
from adapters.contract.events import MessagePosted, Wants
from adapters.contract.models import Channel

from . import glance, parse
from .gateway import Client
from .limits import PAGE
from .people import People
from .rest import Rest

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

_PAGES = 10
"""Pages that are read of one channel or thread, and of the list of its threads."""


async def missed(
    rest: Rest,
    people: People,
    client: Callable[[], Client],
    wants: Wants,
    channels: Sequence[Channel],
    since: datetime,
) -> list[MessagePosted]:
    """Return what people wrote in channels and their threads since then and is wanted, oldest first."""
    found: list[MessagePosted] = []
    gone: set[tuple[str, str]] = set()
    after = parse.snowflake(since)
    for channel in channels:
        guild = channel.space.id
        places: dict[str, str | None] = {thread: channel.id async for thread in _threads(rest, channel, since)}
        if client().forum_tags(guild, channel.id) is None:
            places[channel.id] = None
        for place, parent in places.items():
            async for told in _messages(rest, place, after):
                # What is told afterwards leaves out where it was, who the author is here, and what their roles are.
                whole, who = {**told, "guild_id": guild}, (guild, told["author"]["id"])
                if not glance.is_news(whole) or who in gone or not wants(glance.of_message(whole, client(), parent)):
                    continue
                member = people.known(*who) or await people.member(*who)
                if member is None:
                    gone.add(who)
                else:
                    found.append(parse.message_posted({**whole, "member": member}, client(), parent))
    return sorted(found, key=lambda event: int(event.id))


async def _threads(rest: Rest, channel: Channel, since: datetime) -> AsyncIterator[str]:
    """Return the threads of a channel in which something may have been written since."""
    after = parse.snowflake(since)
    active = await rest.ask("GET", "/guilds/{guild_id}/threads/active", guild_id=channel.space.id)
    for thread in active.get("threads", ()):
        if thread.get("parent_id") == channel.id and int(thread.get("last_message_id") or thread["id"]) > after:
            yield thread["id"]
    path, query = "/channels/{channel_id}/threads/archived/public", {"limit": str(PAGE)}
    for _ in range(_PAGES):
        page = await rest.ask("GET", path, query=query, channel_id=channel.id)
        for thread in page["threads"]:
            put_away = thread["thread_metadata"]["archive_timestamp"]
            if datetime.fromisoformat(put_away) < since:
                return
            yield thread["id"]
            query["before"] = put_away
        if not page.get("has_more"):
            return


async def _messages(rest: Rest, channel: str, after: int) -> AsyncIterator[JSON]:
    """Return the messages of a channel that are newer than `after`, oldest first."""
    for _ in range(_PAGES):
        query = {"after": str(after), "limit": str(PAGE)}
        try:
            page = await rest.ask("GET", "/channels/{channel_id}/messages", query=query, channel_id=channel)
        except (Gone, NoAccess):
            return
        for told in sorted(page, key=lambda message: int(message["id"])):
            yield told
            after = int(told["id"])
        if len(page) < PAGE:
            return
    log.warning("more was written in %s than could be read back", channel)
