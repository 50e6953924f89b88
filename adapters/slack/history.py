"""Reads back what was written in a channel and its threads while nobody listened."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from adapters.contract.adapter import Gone, NoAccess
from adapters.contract.models import Channel

from .api import Api, Busy
from .envelope import edit_of

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

PAGES, PAGE = 50, 200
"""So many pages are read of one channel or thread, with so many messages each."""
THREADS_BACK = timedelta(days=7)
"""How much older than what was missed a thread may be in which it was written."""
OLDER = 1000
"""So many messages from before what was missed are looked at, the latest, for threads that went on."""
THREADS = 1000
"""So many threads of a channel are read, the latest."""
EDITS_BACK = timedelta(days=1)
"""How much older than what was missed an answer in a thread may be whose edit is looked for."""
MEMBER_PAGES, MEMBER_PAGE = 10, 1000


async def written_since(api: Api, channel: Channel, since: datetime) -> tuple[list[JSON], list[Channel]]:
    """Return Slack's messages of a channel and its threads, or of one thread, since a moment, oldest first.

    With them come older ones that were edited since. Beside them stand the places of which Slack tells only later: apps
    that are not in its marketplace may read one page in a minute.
    """
    where, _, root = channel.id.partition(":")
    oldest = f"{since.timestamp():.6f}"
    if root:
        return await _replies(api, channel, since)
    found: dict[str, JSON] = {}
    threads: list[Channel] = []
    later: list[Channel] = []
    older = 0
    back = f"{(since - THREADS_BACK).timestamp():.6f}"
    pages = {"channel": where, "oldest": back, "inclusive": True, "limit": PAGE}
    try:
        async for message in api.pages("conversations.history", "messages", PAGES, **pages):
            if _is_since(_last_written(message), oldest):
                found[message["ts"]] = message
            if _is_since(str(message.get("latest_reply") or "0"), oldest):
                threads.append(Channel(channel.space, f"{where}:{message['ts']}"))
            older += not _is_since(message["ts"], oldest)
            if older >= OLDER:  # they come newest first
                break
    except Busy as busy:
        log.info("what was written in %s is read later: %s", channel.key, busy)
        return sorted(found.values(), key=_when), [channel]
    except (Gone, NoAccess) as failure:
        log.warning("what was missed in %s cannot be read: %s", channel.key, failure)
    for thread in threads[:THREADS]:
        replies, waiting = await _replies(api, thread, since)
        found |= {message["ts"]: message for message in replies}
        later += waiting
    return sorted(found.values(), key=_when), later


async def left(api: Api, here: Collection[str]) -> list[JSON]:
    """Return who is in the workspace no more, of those who were `here` by their ids, as Slack tells of them.

    When somebody joined Slack does not say, so nobody can tell who is new.
    """
    people = api.pages("users.list", "members", MEMBER_PAGES, limit=MEMBER_PAGE, include_locale=True)
    return [user async for user in people if user.get("deleted") and user["id"] in here]


async def _replies(api: Api, thread: Channel, since: datetime) -> tuple[list[JSON], list[Channel]]:
    where, _, root = thread.id.partition(":")
    oldest, back = f"{since.timestamp():.6f}", f"{(since - EDITS_BACK).timestamp():.6f}"
    arguments: JSON = {"channel": where, "ts": root, "oldest": back, "inclusive": True, "limit": PAGE}
    try:
        found = [each async for each in api.pages("conversations.replies", "messages", PAGES, **arguments)]
    except Busy:
        return [], [thread]
    except (Gone, NoAccess):
        return [], []
    return sorted((each for each in found if _is_since(_last_written(each), oldest)), key=_when), []


def _last_written(message: Mapping[str, Any]) -> str:
    """Return when a message was written, or edited after that."""
    return edit_of(message) or str(message["ts"])


def _when(message: Mapping[str, Any]) -> float:
    return float(message["ts"])


def _is_since(ts: str, oldest: str) -> bool:
    return float(ts) >= float(oldest)
