"""Coming and going: what becomes of someone's questions, and of what they were asked, when they leave and come back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.events import MemberJoined, MemberLeft
from bot.kernel.cog import Cog, listener
from bot.kernel.context import Context
from bot.kernel.domain_events import MemberErased
from bot.kernel.work import Work
from storage.imports import ImportStore
from storage.members import Member
from storage.moments import MomentKind
from storage.peers import Reaction
from storage.questions import KIND, State

from .service import Questions

ASKED = timedelta(days=7)
"""How long ago someone was asked to help, at most, for others to be asked when they leave."""
MOST = 100
"""So many questions are looked at, of those that someone was asked about."""


class Presence(Cog):
    """Hears of members who go, and who come back."""

    name = "presence"
    room = "Questions"

    def __init__(self, questions: Questions, imports: ImportStore) -> None:
        self.questions = questions
        self.imports = imports

    @listener(MemberLeft, role=Role.GUEST)
    async def leave(self, ctx: Context, _: MemberLeft) -> None:
        """Somebody is gone, unless only from one of two platforms: others are asked, and nobody for them."""
        member = await ctx.members.get(ctx.member.id)
        if member and member.left_at is None:
            return
        for question_id in await self._leave(ctx, ctx.member.id):
            await self.questions.moments.add(question_id, MomentKind.ASKER_LEFT, ctx.member.id, ctx.now)

    @listener(MemberErased)
    async def forget(self, work: Work, event: MemberErased) -> None:
        """Somebody was forgotten: nobody waits for an answer any more."""
        await self._leave(work, event.member_id)

    async def _leave(self, work: Work, member_id: int) -> list[int]:
        """See to it that nothing waits for someone; return the questions of theirs that were closed."""
        room = self.questions
        await room.duty.end(member_id)
        await room.end_turns(work, member_id)
        for question in await room.support.in_hand(member_id):
            if released := await room.turns.release(work, question, MomentKind.HELPER_LEFT):
                room.touch(work, released)
        for question in await room.peers.open_to(member_id, work.now - ASKED, MOST):
            await room.pass_on(work, question, member_id, Reaction.LEFT)
        closed = []
        for question in await room.store.unsettled_of(member_id):
            if question.state is State.DRAFT:
                await room.store.drop(question.id, work.now)
                await room.search.remove(KIND, question.id)
            elif settled := await room.solutions.leave(question.id, work.now):
                room.touch(work, settled)
                closed.append(question.id)
        await room.turns.drain(work)
        return closed

    @listener(MemberJoined, role=Role.GUEST)
    async def join(self, ctx: Context, _: MemberJoined) -> None:
        """Somebody is back: what they had asked when they left goes on."""
        for moment in await self.questions.moments.of_member(ctx.member.id):
            if moment.what is MomentKind.ASKER_LEFT:
                resumed = await self.questions.solutions.resume(moment.question_id, moment.at, ctx.now)
                if resumed:
                    await self.questions.moments.add(resumed.id, MomentKind.ASKER_BACK, ctx.member.id, ctx.now)
                    await self.questions.lifecycle.retry(ctx, resumed.id)

    async def export(self, member: Member) -> dict[str, Any]:
        hours = await self.imports.hours_of(member.id)
        return {
            "messages_by_hour_of_the_week_before_trellis": {str(hour): count for hour, count in hours.items()},
            "found_in_imports": await self.imports.naming(member.id),
        }

    async def erase(self, member: Member) -> None:
        await self.imports.forget_member(member.id)
