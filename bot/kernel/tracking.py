"""The kernel's own cog that looks after tracked things: when something is due, and when somebody deletes a message."""

from __future__ import annotations

from typing import Any

from adapters.contract.events import MessageDeleted, ThreadDeleted
from storage.members import Member
from storage.outbox import OutboxStore
from storage.postings import PostingStore

from .cog import Cog, action, listener
from .context import Work
from .lifecycle import LOOK
from .things import Things


class Tracking(Cog):
    """Looks at tracked things."""

    name = "things"
    room = "You"
    in_units = True

    def __init__(self, things: Things, postings: PostingStore, outbox: OutboxStore) -> None:
        self._things = things
        self._postings = postings
        self._outbox = outbox

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

    async def export(self, member: Member) -> dict[str, Any]:
        told, waiting = await self._postings.of_member(member.id), await self._outbox.of_member(member.id)
        return {
            "messages_for_you": [{"about": f"{row.kind} {row.subject_id}", "at": row.at} for row in told],
            "still_to_be_said": [{"what": item.act, "at": item.at} for item in waiting],
        }

    async def erase(self, member: Member) -> None:
        await self._outbox.forget(member.id)
        await self._postings.forget_member(member.id)


assert Tracking.look.full_name == LOOK
