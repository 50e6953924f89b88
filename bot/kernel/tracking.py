"""The kernel's own cog that looks after tracked things: when something is due, and when somebody deletes a message."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from adapters.contract.codec import dump_card
from adapters.contract.events import ChannelDeleted, MessageDeleted, SpaceChanged, ThreadDeleted
from bot.delivery.gate import leave_out
from bot.delivery.outgoing import Act
from storage.inbox import InboxStore
from storage.members import Member
from storage.namings import NamingStore
from storage.outbox import OutboxStore
from storage.postings import Posted, PostingStore

from .cog import Cog, action, listener
from .domain_events import MemberErased
from .lifecycle import LOOK
from .planning import forgotten_card
from .things import Things
from .work import Work

AT_ONCE = 50
"""So many messages that lost their place are looked at in one unit."""
REMEMBERED = timedelta(days=30)
"""How long ago a place may have been lost for which another one is looked for."""


def places_key(community_id: int) -> str:
    """Return the key of the job that looks for other places, of which each community has one."""
    return f"things/places/{community_id}"


class Tracking(Cog):
    """Looks at tracked things."""

    name = "things"
    room = "You"

    def __init__(
        self, things: Things, postings: PostingStore, namings: NamingStore, outbox: OutboxStore, inbox: InboxStore
    ) -> None:
        self._things = things
        self._postings = postings
        self._namings = namings
        self._outbox = outbox
        self._inbox = inbox

    @action
    async def look(self, work: Work, kind: str, id_: int) -> None:
        """Something of a thing is due."""
        if kind in self._things.kinds:
            work.touch(kind, id_)

    @listener(MessageDeleted, where=lambda _, glance: glance.known)
    async def delete(self, work: Work, event: MessageDeleted) -> None:
        """Somebody deleted a message: if it stood for a thing, its lifecycle says what follows."""
        standing = await self._postings.by_message(event.message.key)
        if not any(row.gone_at is None for row in standing):
            return
        await work.lock(f"{standing[0].kind}/{standing[0].subject_id}")
        for row in await self._postings.lose(event.message.key, work.now):
            await self._things.lose(work, row)

    @listener(ThreadDeleted)
    async def delete_thread(self, work: Work, event: ThreadDeleted) -> None:
        """Somebody deleted a thread: what it hung under may have another one."""
        hung = await self._postings.by_thread(event.thread.key)
        if hung:
            await work.lock(f"{hung[0].kind}/{hung[0].subject_id}")
            for row in await self._postings.lose_thread(event.thread.key, work.now):
                self._things.touch(work, row)

    @listener(ChannelDeleted)
    async def delete_channel(self, work: Work, event: ChannelDeleted) -> None:
        """A channel is gone: what stood in it, or was to be said there, needs another place."""
        await self._postings.lose_channel(event.channel.key, work.now)
        await self._outbox.lose_channel(event.channel.key, work.now)
        await work.schedule(Tracking.find_places.call(0), work.now, key=places_key(work.community.id))

    @listener(SpaceChanged)
    async def change_space(self, work: Work, event: SpaceChanged) -> None:
        """Something may be possible by now that was not before."""
        await self._outbox.hasten(event.space.key, work.now)
        if await self._postings.placeless(work.community.id, work.now - REMEMBERED, 0, 1):
            await work.schedule(Tracking.find_places.call(0), work.now, key=places_key(work.community.id))

    @action
    async def find_places(self, work: Work, after: int) -> None:
        """Look at the things whose messages lost their place, some at a time: there may be another one by now."""
        rows = await self._postings.placeless(work.community.id, work.now - REMEMBERED, after, AT_ONCE)
        for row in rows:
            self._things.touch(work, row)
        if len(rows) == AT_ONCE:
            await work.schedule(Tracking.find_places.call(rows[-1].id), work.now, key=places_key(work.community.id))

    @listener(MemberErased)
    async def take_off(self, work: Work, _: MemberErased) -> None:
        """Somebody was forgotten: nothing names them any more."""
        await self.take_off_next(work, 0)

    @action
    async def take_off_next(self, work: Work, after: int) -> None:
        """Draw again what names somebody who was forgotten, some at a time."""
        rows = await self._namings.stale(work.community.id, after, AT_ONCE)
        for row in rows:
            if row.kind in self._things.kinds:
                self._things.touch(work, row)
            else:
                await self._say_differently(work, row)
        if len(rows) == AT_ONCE:
            call = Tracking.take_off_next.call(rows[-1].id)
            await work.schedule(call, work.now, key=f"things/names/{work.community.id}")

    async def _say_differently(self, work: Work, row: Posted) -> None:
        """Draw again what belongs to no thing, whether it stands or is still to be said."""
        shown = {"draw": row.draw} if row.draw else {"card": dump_card(forgotten_card())}
        await self._postings.look({row.id: ""})
        if row.message:
            work.outgoing.acts.append(Act("edit", row.channel, {"message": row.message, **shown}))
            return
        for item in await self._outbox.in_lanes([row.channel]):
            if item.posting_id == row.id:
                await self._outbox.rewrite(replace(item, payload={**item.payload, **shown}))

    async def export(self, member: Member) -> dict[str, Any]:
        told, waiting = await self._postings.of_member(member.id), await self._outbox.of_member(member.id)
        named = await self._namings.of(member.id)
        return {
            "messages_for_you": [{"about": f"{row.kind} {row.subject_id}", "at": row.at} for row in told],
            "messages_that_name_you": [{"about": f"{row.kind} {row.subject_id}", "at": row.at} for row in named],
            "still_to_be_said": [{"what": item.act, "at": item.at} for item in waiting],
        }

    async def erase(self, member: Member) -> None:
        unsaid = [row for row in await self._postings.of_member(member.id) if row.message is None]
        waiting = await self._outbox.in_lanes({row.channel for row in unsaid})
        for item in leave_out(waiting, {row.id for row in unsaid}):
            await self._outbox.rewrite(item)
        await self._outbox.forget(member.id)
        await self._inbox.forget(member.id)
        await self._namings.forget(member.id)
        await self._postings.forget_member(member.id)


assert Tracking.look.full_name == LOOK
