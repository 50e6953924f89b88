"""What Trellis does on the memory platform."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from aiohttp import web

from adapters.contract.adapter import (
    Check,
    Closed,
    Gone,
    Inbox,
    Need,
    Receive,
    Responder,
    SpaceInfo,
    Unusable,
)
from adapters.contract.commands import Command, Shortcut, Suggest
from adapters.contract.events import (
    EntryAnswered,
    MemberLeft,
    ReactionAdded,
    Wants,
)
from adapters.contract.models import Account, CalendarEntry, Channel, Message, MessageRef, Profile, Space
from adapters.contract.ui import Card

from .answer import Answer
from .platform import Platform
from .records import TRELLIS, ChannelRecord


class Memory(Platform):
    """The adapter."""

    async def start(
        self,
        receive: Receive,
        wants: Wants,
        commands: Sequence[Command],
        shortcuts: Sequence[Shortcut],
        suggest: Suggest | None = None,
        inbox: Inbox | None = None,  # noqa: ARG002  # nothing has to be kept here
    ) -> None:
        self._receive, self._wants, self._suggest = receive, wants, suggest
        self.commands = {command.name: command for command in commands}
        self.shortcuts = {shortcut.name: shortcut for shortcut in shortcuts}

    async def hear_no_more(self) -> None:
        self._receive = None

    async def stop(self) -> None:
        await self.hear_no_more()
        self._over.set()

    async def ended(self) -> None:
        await self._over.wait()

    def routes(self) -> Sequence[web.RouteDef]:
        return ()

    async def check(self, channels: Sequence[str], needs: Collection[Need] = ()) -> Sequence[Check]:  # noqa: ARG002
        return [Check(name in self.places, f"The channel {name}") for name in channels]

    async def spaces(self) -> Sequence[SpaceInfo]:
        return [] if self.removed else [SpaceInfo(self.space, "Memory Lane")]

    async def has_left(self, space: Space) -> bool:
        return self.removed or space != self.space

    async def find_channel(self, space: Space, name: str) -> Channel | None:
        found = (place.id for place in self.places.values() if not place.parent and name in (place.id, place.name))
        return next((Channel(space, id_) for id_ in found), None) if space == self.space else None

    async def profile(self, account: Account) -> Profile | None:
        return self.people.get(account.id)

    async def post(
        self,
        channel: Channel,
        card: Card,
        *,
        nonce: str,
        since: datetime | None = None,  # noqa: ARG002  # nonces are never forgotten here
    ) -> MessageRef:
        if nonce in self._nonces:
            return self._nonces[nonce]
        self._nonces[nonce] = self.put(channel, TRELLIS, card=card).ref
        return self._nonces[nonce]

    async def direct(
        self,
        account: Account,
        card: Card,
        *,
        nonce: str,
        since: datetime | None = None,
    ) -> MessageRef:
        if account.id in self.closed:
            raise Closed(account.key)
        if account.id not in self.people:
            raise Gone(account.key)
        return await self.post(self.direct_channel(account.id), card, nonce=nonce, since=since)

    async def open_thread(self, message: MessageRef, title: str) -> Channel:
        if self.threadless:
            raise Unusable("no threads may be opened")
        thread = Channel(self.space, f"t-{self._stored(message).ref.id}")
        self.places.setdefault(thread.id, ChannelRecord(thread.id, title, parent=message.channel.id))
        return thread

    async def rename_thread(self, thread: Channel, title: str) -> None:
        if thread.id not in self.places:
            raise Gone(thread.key)
        self.places[thread.id] = replace(self.places[thread.id], name=title)

    async def fetch(self, message: MessageRef) -> Message | None:
        posted = self.messages.get(message.id)
        return self._message(posted) if posted else None

    async def read_file(self, space: Space, answer: str, most: int) -> bytes | None:  # noqa: ARG002
        if answer not in self.chosen:
            raise Gone(answer)
        return self.chosen[answer] if len(self.chosen[answer]) <= most else None

    def link(self, message: MessageRef) -> str | None:
        return f"https://memory.example/{message.channel.id}/{message.id}"

    def responder(self, token: Mapping[str, Any]) -> Responder:
        pressed = MessageRef.of(token["pressed"]) if token["pressed"] else None
        channel = Channel(Space.of(token["space"]), token["channel"])
        return Answer(self, token["who"], channel, pressed, page=token["page"])

    async def take_up(self, key: str, body: Mapping[str, Any]) -> None:
        raise ValueError(f"nothing is kept for this platform, so {key} with {len(body)} facts is not its")

    async def set_role(self, account: Account, role: str, held: bool) -> None:
        if role not in self.roles or account.id not in self.people:
            raise Gone(f"{role} for {account.key}")
        profile = self.people[account.id]
        roles = profile.roles | {role} if held else profile.roles - {role}
        self.people[account.id] = replace(profile, roles=roles)

    async def let_in(self, account: Account, channel: Channel) -> None:
        if channel.id not in self.places or account.id not in self.people:
            raise Gone(f"{account.key} into {channel.key}")
        place = self.places[channel.id]
        if place.readers:
            self.places[channel.id] = replace(place, readers=place.readers | {account.id})

    async def answer_entry(self, who: str, entry: str, interested: bool) -> None:
        """Say in the platform's own calendar whether a meeting interests one."""
        await self._happen(who, EntryAnswered(**self._event(who), entry=entry, interested=interested))

    async def put_entry(self, _: Space, entry: CalendarEntry, known: str | None, *, new: bool) -> str | None:  # noqa: ARG002
        self._may_fail()
        if self.calendar_closed:
            raise Unusable("the calendar is closed to us")
        known = known or f"h{next(self._ids)}"
        self.calendar[known] = entry
        return known

    async def drop_entry(self, _: Space, known: str) -> None:
        self.calendar.pop(known, None)

    async def catch_up(self, channels: Sequence[Channel], since: datetime) -> Sequence[Channel]:
        some = len(channels) if self.read_at_once == 0 else self.read_at_once
        for posted in [*self.messages.values()]:
            place = self.places[posted.ref.channel.id]
            near = {channel.id for channel in channels[:some]} & {place.id, place.parent}
            if near and max(posted.at, posted.edited_at or posted.at) >= since and posted.author in self.people:
                await self._happen(posted.author, self._said(posted))
                if posted.edited_at:
                    await self._happen(posted.author, self._edited(posted, posted.edited_at))
                for emoji, people in [*posted.reactions.items()]:
                    for who in sorted(people):
                        facts = self._facts(who, f"reaction/{posted.ref.id}/{who}/{emoji}")
                        await self._happen(who, ReactionAdded(**facts, message=posted.ref, emoji=emoji))
        return channels[some:]

    async def catch_up_people(self, _: Space, here: Mapping[str, str], since: datetime) -> None:
        for who, event in [*self._joined.items()]:
            if event.at >= since:
                await self._happen(who, event)
        for who in sorted(here.keys() & self._left):
            await self._happen(who, MemberLeft(**self._facts(who, f"leave/{who}")))
