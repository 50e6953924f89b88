"""Hears what happens in the servers: Discord's events in, ours out, with the little that has to be remembered between.

What it remembers is bounded and may be lost: then a deleted message has no author, and someone who passes a server's
screening more than a day after joining is met when they first do something.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from adapters.contract.adapter import AdapterError
from adapters.contract.events import Event
from adapters.contract.models import MessageRef, Profile

from . import parse
from .gateway import Client, Hear
from .limits import Memo
from .rest import Rest

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

_ARRIVING = timedelta(days=1)
"""How long after joining an update of a member may mean that the screening is passed, for those whose joining we did
not hear. The bot remembers events for longer, so nobody arrives twice."""
_REMEMBERED = 5000
"""Authors of messages, and people in screening, that are remembered at most."""


class Hearing:
    """Turns events of the gateway into ours, and hands each on with the message that it is about."""

    def __init__(
        self,
        client: Callable[[], Client],
        wanted: Callable[[str], bool],
        happened: Callable[[Event, MessageRef | None], None],
        rest: Rest,
        ask: Callable[[Awaitable[None]], None],
    ) -> None:
        """`ask` runs what has to be asked of Discord first."""
        self._client = client
        self._rest = rest
        self._ask = ask
        self._wanted = wanted
        self._happened = happened
        self._authors: Memo[str, Profile] = Memo(_REMEMBERED)
        self._screened: Memo[tuple[str, str], None] = Memo(_REMEMBERED)

    @property
    def events(self) -> Hear:
        """What is heard, by Discord's names."""
        return {
            "MESSAGE_CREATE": self._message,
            "MESSAGE_DELETE": self._deletion,
            "MESSAGE_DELETE_BULK": self._deletions,
            "MESSAGE_REACTION_ADD": self._reaction,
            "GUILD_MEMBER_ADD": self._arrival,
            "GUILD_MEMBER_UPDATE": self._change,
            "GUILD_MEMBER_REMOVE": self._leaving,
        }

    def _tell(self, event: Event | None, about: MessageRef | None = None) -> None:
        if event and self._wanted(event.space.id):
            self._happened(event, about)

    def _message(self, data: JSON) -> None:
        event = parse.message_posted(data, self._client())
        if event is None:
            return
        self._authors.keep(data["id"], event.by)
        if self._client().channel_name(event.space.id, data["channel_id"]) is None:
            self._ask(self._message_elsewhere(data))
        else:
            self._tell(event, event.message.ref)

    async def _message_elsewhere(self, data: JSON) -> None:
        """Discord names only the threads that are open: whoever writes in one that was put away opens it again."""
        try:
            channel = await self._rest.ask("GET", "/channels/{channel_id}", channel_id=data["channel_id"])
        except AdapterError as unknown:
            log.info("a message in a channel that cannot be seen: %s", unknown)
            channel = {}
        event = parse.message_posted(data, self._client(), parse.thread_parent(channel))
        self._tell(event, event.message.ref if event else None)

    def _deletion(self, data: JSON) -> None:
        self._tell(parse.message_deleted(data, self._authors.pop(data["id"], None), datetime.now(UTC)))

    def _deletions(self, data: JSON) -> None:
        for id_ in data["ids"]:
            self._deletion({**data, "id": id_})

    def _reaction(self, data: JSON) -> None:
        event = parse.reaction_added(data, self._client(), datetime.now(UTC))
        self._tell(event, event.message if event else None)

    def _arrival(self, data: JSON) -> None:
        event = parse.member_joined(data, self._client(), datetime.now(UTC))
        if data.get("pending"):
            self._screened.keep((data["guild_id"], data["user"]["id"]), None)
        self._tell(event)

    def _change(self, data: JSON) -> None:
        who = (data["guild_id"], data["user"]["id"])
        joined = data.get("joined_at")
        lately = joined and datetime.now(UTC) - datetime.fromisoformat(joined) < _ARRIVING
        if not data.get("pending") and (who in self._screened or lately):
            self._screened.pop(who, None)
            self._tell(parse.member_joined(data, self._client(), datetime.now(UTC)))

    def _leaving(self, data: JSON) -> None:
        client = self._client()
        self._screened.pop((data["guild_id"], data["user"]["id"]), None)
        self._tell(parse.member_left(data, client, datetime.now(UTC), client.delivery))
