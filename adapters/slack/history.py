"""Reads back what was written in a channel and its threads while nobody listened."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from adapters.contract.adapter import AdapterError, Away, NoAccess, Retry
from adapters.contract.models import Channel

from .api import Api, TokenRefused
from .envelope import edit_of

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

PAGES, PAGE = 50, 200
"""So many pages are read of one channel or thread at once, with so many messages each; what has more is read later."""
THREADS_BACK = timedelta(days=7)
"""How much older than what was missed a thread may be in which it was written."""
OLDER = 1000
"""So many messages from before what was missed are looked at, the latest, for threads that went on."""
THREADS = 1000
"""So many threads of a channel are read at once, the latest; the others are read later."""
EDITS_BACK = timedelta(days=1)
"""How much older than what was missed an answer in a thread may be whose edit is looked for."""
MEMBER_PAGES, MEMBER_PAGE = 10, 1000


class History:
    """Reads channels back, each from where Slack had us stop.

    Apps that are not in its marketplace may read one page in a minute, so that what has more is read bit by bit.
    """

    def __init__(self) -> None:
        self._stopped: dict[Channel, tuple[datetime, str, int]] = {}
        """Where reading goes on in a place: since when it is read, the cursor, and how much was older than that."""

    async def written_since(self, api: Api, channel: Channel, since: datetime) -> tuple[list[JSON], list[Channel]]:
        """Return Slack's messages of a channel and its threads, or of one thread, since a moment, oldest first.

        With them come older ones that were edited since. Beside them stand the places of which Slack tells only later.
        """
        where, _, root = channel.id.partition(":")
        oldest = f"{since.timestamp():.6f}"
        if root:
            return await self._replies(api, channel, since)
        self._forget(channel, since)
        found: dict[str, JSON] = {}
        threads: list[Channel] = []
        later: list[Channel] = []
        pages = {"channel": where, "oldest": f"{(since - THREADS_BACK).timestamp():.6f}"}
        try:
            async for message in self._pages(api, "conversations.history", channel, since, pages):
                if _is_since(_last_written(message), oldest):
                    found[message["ts"]] = message
                if _is_since(str(message.get("latest_reply") or "0"), oldest):
                    threads.append(Channel(channel.space, f"{where}:{message['ts']}"))
        except Retry as asked:
            log.info("the rest of what was written in %s is read later: %s", channel.key, asked)
            return sorted(found.values(), key=_when), [channel, *threads]
        except AdapterError as failure:
            if not _is_shut(failure):
                raise
            log.warning("what was missed in %s cannot be read: %s", channel.key, failure)
        for thread in threads[:THREADS]:
            replies, waiting = await self._replies(api, thread, since)
            found |= {message["ts"]: message for message in replies}
            later += waiting
        return sorted(found.values(), key=_when), [*later, *threads[THREADS:]]

    async def _replies(self, api: Api, thread: Channel, since: datetime) -> tuple[list[JSON], list[Channel]]:
        where, _, root = thread.id.partition(":")
        oldest = f"{since.timestamp():.6f}"
        pages = {"channel": where, "ts": root, "oldest": f"{(since - EDITS_BACK).timestamp():.6f}"}
        found: dict[str, JSON] = {}
        later: list[Channel] = []
        try:
            async for message in self._pages(api, "conversations.replies", thread, since, pages):
                if _is_since(_last_written(message), oldest):
                    found[message["ts"]] = message
        except Retry:
            later.append(thread)
        except AdapterError as failure:
            if not _is_shut(failure):
                raise
            log.warning("what was missed in %s cannot be read: %s", thread.key, failure)
        return sorted(found.values(), key=_when), later

    async def _pages(
        self, api: Api, method: str, place: Channel, since: datetime, arguments: JSON
    ) -> AsyncIterator[JSON]:
        """Yield a place's messages, on from where reading stopped. Raises `Retry` where it has to stop again."""
        begun, cursor, older = self._stopped.pop(place, (since, "", 0))
        if begun != since:
            cursor, older = "", 0
        for _ in range(PAGES):
            try:
                messages, cursor = await api.page(method, "messages", cursor, **arguments, inclusive=True, limit=PAGE)
            except Retry:
                self._stopped[place] = since, cursor, older
                raise
            except AdapterError as failure:
                if not cursor or not _is_shut(failure):
                    raise
                raise Retry(f"Slack may have forgotten where reading stopped: {failure}", 0.0) from failure
            for message in messages:
                yield message
            older += sum(float(message["ts"]) < since.timestamp() for message in messages)
            if not cursor or (older >= OLDER and method == "conversations.history"):  # they come newest first
                return
        self._stopped[place] = since, cursor, older
        raise Retry(f"{PAGES} pages were read at once", 0.0)

    def _forget(self, channel: Channel, since: datetime) -> None:
        """Forget where reading of a workspace stopped that was given up: it is read again since another moment."""
        self._stopped = {
            place: state for place, state in self._stopped.items() if place.space != channel.space or state[0] == since
        }


def _is_shut(failure: AdapterError) -> bool:
    """Say whether just this place cannot be read, which keeps no other from being read."""
    return isinstance(failure, NoAccess) or not isinstance(failure, Away | TokenRefused)


async def left(api: Api, here: Collection[str]) -> list[JSON]:
    """Return who is in the workspace no more, of those who were `here` by their ids, as Slack tells of them.

    When somebody joined Slack does not say, so nobody can tell who is new.
    """
    people = api.pages("users.list", "members", MEMBER_PAGES, limit=MEMBER_PAGE, include_locale=True)
    return [user async for user in people if user.get("deleted") and user["id"] in here]


def _last_written(message: Mapping[str, Any]) -> str:
    """Return when a message was written, or edited after that."""
    return edit_of(message) or str(message["ts"])


def _when(message: Mapping[str, Any]) -> float:
    return float(message["ts"])


def _is_since(ts: str, oldest: str) -> bool:
    return float(ts) >= float(oldest)
