"""Reads back what was written while nobody listened."""

from __future__ import annotations

import itertools
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from adapters.contract.adapter import Gone, NoAccess
from adapters.contract.events import MemberJoined, MemberLeft, MessageEdited, MessagePosted, ReactionAdded, Wants
from adapters.contract.models import Channel

from . import glance, parse
from .limits import PAGE
from .people import People
from .rest import Refused, Rest
from .servers import Servers

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]
Missed: TypeAlias = MessagePosted | MessageEdited | ReactionAdded

_PAGES = 10
"""Pages that are read of the list of members."""
EDITS_BACK = timedelta(days=1)
"""How much earlier than what was missed somebody wrote in a thread in which edits are looked for."""
_MEMBERS = 1000
"""Members in a page of their list, the most there are."""
_REACTED = 100
"""People that are read of those who put the same emoji on a message, the most there are in a page."""
_SHUT = (Gone, NoAccess, Refused)
"""What one place says that is no more, or that we may not read: it keeps no other from being read."""


async def missed(
    rest: Rest,
    people: People,
    servers: Callable[[], Servers],
    wants: Wants,
    channels: Sequence[Channel],
    since: datetime,
) -> list[Missed]:
    """Return what people wrote in channels and their threads since then and is wanted, oldest first.

    Each is followed by how people reacted to it, where that is wanted too. Beside that stands what was edited since
    then, of the last hundred messages before it in each place where somebody wrote within a day.
    """
    found: list[tuple[int, Missed]] = []
    gone: set[tuple[str, str]] = set()
    after, back = parse.snowflake(since), since - EDITS_BACK
    for channel in channels:
        guild = channel.space.id
        places: dict[str, str | None] = {thread: channel.id async for thread in _threads(rest, channel, back)}
        if servers().forum_tags(guild, channel.id) is None:
            places[channel.id] = None
        for place, parent in places.items():
            async for told in _messages(rest, place, after):
                # What is told afterwards leaves out where it was, who the author is here, and what their roles are.
                whole, who = {**told, "guild_id": guild}, (guild, told["author"]["id"])
                is_new = int(told["id"]) > after
                is_wanted = is_new and glance.is_news(whole) and wants(glance.of_message(whole, servers(), parent))
                is_edited = glance.is_edit(whole) and datetime.fromisoformat(told["edited_timestamp"]) >= since
                is_edited = is_edited and wants(glance.of_edit(whole, servers(), parent))
                if (is_wanted or is_edited) and who not in gone:
                    member = people.known(*who) or await people.member(*who)
                    if member is None:
                        gone.add(who)
                        continue
                    whole["member"] = member
                    read = [parse.message_posted] * is_wanted + [parse.message_edited] * is_edited
                    found += [(int(told["id"]), one(whole, servers(), parent)) for one in read]
                if is_new:
                    found += [(int(told["id"]), one) async for one in _reactions(rest, people, servers(), wants, whole)]
    return [event for _, event in sorted(found, key=lambda each: each[0])]


async def came_and_went(
    rest: Rest, servers: Servers, guild: str, here: Mapping[str, str], since: datetime
) -> list[MemberJoined | MemberLeft]:
    """Return who joined a guild since then, and who left it of those `here`: names by ids.

    Who left is only known where the list of members can be read to its end.
    """
    members: dict[str, JSON] = {}
    query = {"limit": str(_MEMBERS)}
    for _ in range(_PAGES):
        page = await rest.ask("GET", "/guilds/{guild_id}/members", query=query, guild_id=guild)
        members |= {member["user"]["id"]: member for member in page}
        if len(page) < _MEMBERS:
            break
        query["after"] = page[-1]["user"]["id"]
    else:
        log.info("the server %s has too many members to find out who left it", guild)
        here = {}
    found: list[MemberJoined | MemberLeft] = []
    for member in members.values():
        joined_at = datetime.fromisoformat(member["joined_at"]) if member.get("joined_at") else None
        if joined_at and joined_at >= since:
            joined = parse.member_joined({**member, "guild_id": guild}, servers, joined_at)
            found += [joined] if joined else []
    now = datetime.now(UTC)
    for id_ in sorted(here.keys() - members.keys()):
        user = {"id": id_, "username": here[id_]}
        found.append(parse.member_left({"guild_id": guild, "user": user}, servers, now, f"missed/{since.isoformat()}"))
    return found


async def _reactions(
    rest: Rest, people: People, servers: Servers, wants: Wants, message: JSON
) -> AsyncIterator[ReactionAdded]:
    """Return what people put on a message that was read back."""
    guild, now = message["guild_id"], datetime.now(UTC)
    for each in message.get("reactions", ()):
        emoji = each["emoji"]
        told = {"guild_id": guild, "channel_id": message["channel_id"], "message_id": message["id"], "emoji": emoji}
        if not wants(glance.of_reaction({**told, "user_id": "0", "member": {}}, servers, now)):
            continue
        name = f"{emoji['name']}:{emoji['id']}" if emoji.get("id") else emoji["name"]
        path = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}"
        places: JSON = {"channel_id": message["channel_id"], "message_id": message["id"], "emoji": name}
        try:
            reacted = await rest.ask("GET", path, query={"limit": str(_REACTED)}, **places)
        except _SHUT as failure:
            log.info("how people reacted to a message cannot be read: %s", failure)
            return
        for user in reacted:
            member = people.known(guild, user["id"]) or await people.member(guild, user["id"])
            if member and user["id"] != servers.me:
                whole = {**told, "user_id": user["id"], "member": member}
                event = parse.reaction(whole, member, servers, now, "missed")
                if isinstance(event, ReactionAdded):
                    yield event


async def _threads(rest: Rest, channel: Channel, since: datetime) -> AsyncIterator[str]:
    """Return the threads of a channel in which something may have been written since."""
    after = parse.snowflake(since)
    active = await rest.ask("GET", "/guilds/{guild_id}/threads/active", guild_id=channel.space.id)
    for thread in active.get("threads", ()):
        if thread.get("parent_id") == channel.id and int(thread.get("last_message_id") or thread["id"]) > after:
            yield thread["id"]
    path, query = "/channels/{channel_id}/threads/archived/public", {"limit": str(PAGE)}
    while True:
        try:
            page = await rest.ask("GET", path, query=query, channel_id=channel.id)
        except _SHUT as failure:
            log.warning("the older threads of %s cannot be read: %s", channel.key, failure)
            return
        for thread in page["threads"]:
            put_away = thread["thread_metadata"]["archive_timestamp"]
            if datetime.fromisoformat(put_away) < since:
                return
            yield thread["id"]
            query["before"] = put_away
        if not (page["threads"] and page.get("has_more")):
            return


async def _messages(rest: Rest, channel: str, after: int) -> AsyncIterator[JSON]:
    """Return the messages of a channel that are newer than `after`, oldest first, behind a page of those before it."""
    for number in itertools.count():
        query = {"after" if number else "before": str(after), "limit": str(PAGE)}
        try:
            page = await rest.ask("GET", "/channels/{channel_id}/messages", query=query, channel_id=channel)
        except _SHUT as failure:
            log.warning("what was missed in the channel %s cannot be read: %s", channel, failure)
            return
        for told in sorted(page, key=lambda message: int(message["id"])):
            yield told
            after = max(after, int(told["id"]))
        if number and len(page) < PAGE:
            return
