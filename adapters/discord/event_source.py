"""Hears what happens in the servers: Discord's events in, ours out, with the little that has to be remembered between.

What it remembers is bounded and may be lost: then a deleted message has no author, and someone who passes a server's
screening more than a day after joining is met when they first do something.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from adapters.contract.adapter import AdapterError
from adapters.contract.events import PlatformEvent, Wants
from adapters.contract.memo import Memo
from adapters.contract.models import MessageRef, Profile

from . import glance, parse
from .gateway import Hear
from .people import People
from .rest import Rest
from .servers import Servers, parent_of

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

_ARRIVING = timedelta(days=1)
"""How long after joining an update of a member may mean that the screening is passed, for those whose joining we did
not hear. The bot remembers events for longer, so nobody arrives twice."""
_SOURCE_PATIENCE = 5.0
"""Seconds that we look for what led someone here, before we say that they are."""
_REMEMBERED = 5000
"""Authors of messages that were wanted, threads that Discord did not name, and people in screening, that are
remembered at most."""


class EventSource:
    """Turns events of the gateway into ours, and hands each on that is wanted, with the message that it is about."""

    def __init__(
        self,
        servers: Callable[[], Servers],
        at_home: Callable[[str], bool],
        wants: Wants,
        happened: Callable[[PlatformEvent, MessageRef | None], None],
        rest: Rest,
        people: People,
        ask: Callable[[Awaitable[None]], None],
    ) -> None:
        """`at_home` says whether we serve a guild; `ask` runs what has to be asked of Discord first."""
        self._servers = servers
        self._rest = rest
        self._people = people
        self._ask = ask
        self._at_home = at_home
        self._wants = wants
        self._happened = happened
        self._authors: Memo[str, Profile] = Memo(_REMEMBERED)
        self._parents: Memo[str, str | None] = Memo(_REMEMBERED)
        """The channels in which those threads hang that Discord did not name."""
        self._screened: Memo[tuple[str, str], str] = Memo(_REMEMBERED)
        """What led those here who are not past the screening yet."""

    @property
    def events(self) -> Hear:
        """What is heard, by Discord's names."""
        return {
            "MESSAGE_CREATE": self._message,
            "MESSAGE_UPDATE": self._edit,
            "MESSAGE_DELETE": self._deletion,
            "MESSAGE_DELETE_BULK": self._deletions,
            "MESSAGE_REACTION_ADD": self._reaction,
            "MESSAGE_REACTION_REMOVE": self._reaction,
            "MESSAGE_REACTION_REMOVE_ALL": self._clearing,
            "MESSAGE_REACTION_REMOVE_EMOJI": self._clearing,
            "THREAD_DELETE": self._thread_deletion,
            "CHANNEL_CREATE": self._space_change,
            "CHANNEL_UPDATE": self._space_change,
            "CHANNEL_DELETE": self._channel_deletion,
            "GUILD_ROLE_UPDATE": self._space_change,
            "GUILD_CREATE": self._home,
            "GUILD_MEMBER_ADD": self._arrival,
            "GUILD_SCHEDULED_EVENT_USER_ADD": partial(self._interest, interested=True),
            "GUILD_SCHEDULED_EVENT_USER_REMOVE": partial(self._interest, interested=False),
            "GUILD_MEMBER_UPDATE": self._change,
            "GUILD_MEMBER_REMOVE": self._leaving,
        }

    def _tell(self, event: PlatformEvent | None, about: MessageRef | None = None) -> None:
        if event and self._at_home(event.space.id):
            self._happened(event, about)

    def _message(self, data: JSON) -> None:
        if not glance.is_news(data):
            return
        if not data.get("guild_id"):
            self._ask(self._at_home_of(data["author"], data, self._direct_message))
        elif self._at_home(data["guild_id"]):
            self._where(data, self._message_in)

    def _edit(self, data: JSON) -> None:
        if not glance.is_edit(data):
            return
        if not data.get("guild_id"):
            self._ask(self._at_home_of(data["author"], data, partial(self._edit_in, parent=None)))
        elif self._at_home(data["guild_id"]):
            self._where(data, self._edit_in)

    async def _at_home_of(self, user: JSON, data: JSON, hear: Callable[[JSON], None]) -> None:
        """Hear what somebody did in a direct channel as if in a server where they are: Discord names none."""
        if guild := await self._people.home(user["id"], self._at_home):
            hear({**data, "guild_id": guild})

    def _direct_message(self, data: JSON) -> None:
        whole = {**data, "member": self._people.known(data["guild_id"], data["author"]["id"])}
        if self._wants(glance.of_message(whole, self._servers(), None, direct=True)):
            event = parse.message_posted(whole, self._servers(), None, direct=True)
            self._tell(event, event.message.ref)

    def _where(self, data: JSON, hear: Callable[[JSON, str | None], None]) -> None:
        """Hear what was written in a channel, or in a thread of the channel that it is told with."""
        servers, channel = self._servers(), data["channel_id"]
        if place := servers.place(data["guild_id"], channel):
            hear(data, parent_of(place))
        elif channel in self._parents:
            hear(data, self._parents[channel])
        else:
            self._ask(self._elsewhere(data, hear))

    async def _elsewhere(self, data: JSON, hear: Callable[[JSON, str | None], None]) -> None:
        """Discord names only the threads that are open: the person who writes in one put away opens it again."""
        parent = None
        try:
            channel = await self._rest.ask("GET", "/channels/{channel_id}", channel_id=data["channel_id"])
        except AdapterError as unknown:
            log.info("a message in a channel that cannot be seen: %s", unknown)
        else:
            parent = parse.thread_parent(channel)
            self._parents[data["channel_id"]] = parent
        hear(data, parent)

    def _message_in(self, data: JSON, parent: str | None) -> None:
        servers = self._servers()
        if not self._wants(glance.of_message(data, servers, parent)):
            return
        event = parse.message_posted(data, servers, parent)
        self._authors[data["id"]] = event.by
        if member := data.get("member"):
            self._people.meet(data["guild_id"], {**member, "user": data["author"]})
        self._tell(event, event.message.ref)

    def _edit_in(self, data: JSON, parent: str | None) -> None:
        if not self._wants(glance.of_edit(data, self._servers(), parent)):
            return
        member = data.get("member") or self._people.known(data["guild_id"], data["author"]["id"])
        if member:
            self._rewritten({**data, "member": member}, parent)
        else:
            self._ask(self._edit_by(data, parent))

    async def _edit_by(self, data: JSON, parent: str | None) -> None:
        """Hear an edit of which Discord does not say what its author is here; one who left edits nothing."""
        if member := await self._people.member(data["guild_id"], data["author"]["id"]):
            self._rewritten({**data, "member": member}, parent)

    def _rewritten(self, data: JSON, parent: str | None) -> None:
        event = parse.message_edited(data, self._servers(), parent)
        self._tell(event, event.message.ref)

    def _deletion(self, data: JSON) -> None:
        if not data.get("guild_id"):
            self._ask(self._direct_deletion(data))
            return
        author = self._authors.pop(data["id"], None)
        event = parse.message_deleted(data, author, self._servers(), datetime.now(UTC))
        if event and self._wants(event.glance):
            self._tell(event)

    async def _direct_deletion(self, data: JSON) -> None:
        """Hear that a direct message is gone: of whom, Discord says with the channel alone."""
        try:
            channel = await self._rest.ask("GET", "/channels/{channel_id}", channel_id=data["channel_id"])
        except AdapterError as unknown:
            log.info("a direct channel cannot be seen: %s", unknown)
            return
        for one in channel.get("recipients", ()):
            await self._at_home_of(one, data, self._deletion)

    def _deletions(self, data: JSON) -> None:
        for id_ in data["ids"]:
            self._deletion({**data, "id": id_})

    def _thread_deletion(self, data: JSON) -> None:
        if self._servers().forum_tags(data["guild_id"], data.get("parent_id") or "0") is not None:
            self._deletion(data)
        else:
            self._tell(parse.thread_deleted(data, datetime.now(UTC)))

    def _channel_deletion(self, data: JSON) -> None:
        self._tell(parse.channel_deleted(data, datetime.now(UTC)))

    def _space_change(self, data: JSON) -> None:
        """Something is new or open again, or we may do more: Discord does not say which."""
        self._tell(parse.space_changed(data["guild_id"], datetime.now(UTC), self._servers().delivery))

    def _reaction(self, data: JSON) -> None:
        """Discord says who it is that put an emoji on a message, and of one that is taken off only whose it was."""
        servers, guild, now = self._servers(), data.get("guild_id"), datetime.now(UTC)
        if not guild or data["user_id"] == servers.me or not self._at_home(guild):
            return
        if not self._wants(glance.of_reaction(data, servers, now)):
            return
        if member := data.get("member"):
            self._people.meet(guild, member)
        member = member or self._people.known(guild, data["user_id"])
        event = parse.reaction(data, member, servers, now, servers.delivery)
        self._tell(event, event.message if event else None)

    def _clearing(self, data: JSON) -> None:
        if data.get("guild_id"):
            servers = self._servers()
            event = parse.reactions_cleared(data, servers, datetime.now(UTC), servers.delivery)
            if self._wants(event.glance):
                self._tell(event)

    def _interest(self, data: JSON, *, interested: bool) -> None:
        """Somebody pressed “Interested” at an event of the server; Discord says only whose id that is."""
        servers = self._servers()
        if self._at_home(data["guild_id"]) and data["user_id"] != servers.me:
            self._ask(self._interest_of(data, servers.delivery, interested=interested))

    async def _interest_of(self, data: JSON, delivery: str, *, interested: bool) -> None:
        guild, user = data["guild_id"], data["user_id"]
        if member := self._people.known(guild, user) or await self._people.member(guild, user):
            now = datetime.now(UTC)
            self._tell(parse.entry_answered(data, member, self._servers(), now, delivery, interested=interested))

    def _home(self, data: JSON) -> None:
        if not data.get("unavailable") and self._at_home(data["id"]):
            self._ask(self._people.count(data["id"]))
            if "unavailable" not in data:  # so Discord tells of one that has just let us in
                self._tell(parse.space_joined(data, datetime.now(UTC), self._servers().delivery))

    def _arrival(self, data: JSON) -> None:
        if self._at_home(data["guild_id"]) and not data["user"].get("bot"):
            self._ask(self._arrival_from(data))

    async def _arrival_from(self, data: JSON) -> None:
        try:
            source = await asyncio.wait_for(self._people.source(data["guild_id"]), _SOURCE_PATIENCE)
        except TimeoutError:
            source = ""
        if data.get("pending"):
            self._screened[data["guild_id"], data["user"]["id"]] = source
        self._tell(parse.member_joined(data, self._servers(), datetime.now(UTC), source))

    def _change(self, data: JSON) -> None:
        who = (data["guild_id"], data["user"]["id"])
        self._people.meet(data["guild_id"], data)
        if data["user"]["id"] == self._servers().me:
            self._space_change(data)
            return
        joined = data.get("joined_at")
        lately = joined and datetime.now(UTC) - datetime.fromisoformat(joined) < _ARRIVING
        if not data.get("pending") and (who in self._screened or lately):
            source = self._screened.pop(who, "")
            self._tell(parse.member_joined(data, self._servers(), datetime.now(UTC), source))

    def _leaving(self, data: JSON) -> None:
        servers = self._servers()
        self._screened.pop((data["guild_id"], data["user"]["id"]), None)
        self._people.forget(data["guild_id"], data["user"]["id"])
        self._tell(parse.member_left(data, servers, datetime.now(UTC), servers.delivery))
