"""Support: agents come on duty, take what peers could not answer, and hand back what they cannot either."""

from __future__ import annotations

from typing import Any

from adapters.contract.commands import Role
from adapters.contract.events import MemberLeft
from adapters.contract.text import Strong, say
from bot.delivery.chat import each
from bot.kernel.cog import Cog, action, command, listener
from bot.kernel.context import Context, Work
from bot.kernel.errors import require
from storage.members import Member
from storage.questions import UNSETTLED, Audience, Escalation

from . import cards
from .desk import Desk
from .keeper import Keeper
from .solving import Solving

QUEUE = 15
"""How many waiting questions `/queue` shows."""


class Support(Cog):
    """Questions that nobody answered in time come to people whose work it is."""

    name = "support"
    room = "Questions"

    def __init__(self, desk: Desk, keeper: Keeper) -> None:
        self.desk = desk
        self.keeper = keeper

    @action
    async def tend(self, work: Work, question_id: int) -> None:
        """Look after one question."""
        await self.keeper.tend(work, question_id)

    @action
    async def drain(self, work: Work) -> None:
        """Hand out what waits."""
        await self.keeper.hand_out_waiting(work)

    @action
    async def call(self, ctx: Context, question_id: int) -> None:
        """The asker does not want to wait for peers."""
        question = await self.desk.get(ctx, question_id)
        mine = question.asker_id == ctx.member.id
        require(mine or ctx.role >= Role.MODERATOR, say("Only the person who asked can bring this to support."))
        require(question.state in UNSETTLED, say("This is settled. Reopen it first, then support can look at it."))
        reason = Escalation.BY_ASKER if mine else Escalation.BY_MODERATOR
        async with ctx.atomic():
            escalated = await self.desk.support.escalate(question_id, reason, ctx.now)
            if escalated:
                await self.desk.touch(ctx, escalated)
        require(escalated, say("Support has this already."))
        await ctx.reply(cards.called_card())

    @action(role=Role.AGENT)
    async def claim(self, ctx: Context, question_id: int) -> None:
        """An agent takes a question on; only one can."""
        question = await self.desk.get(ctx, question_id)
        require(question.asker_id != ctx.member.id, say("You asked this yourself. Someone else will take it."))
        async with ctx.atomic():
            claimed = await self.desk.support.claim(question_id, ctx.member.id, ctx.now)
            if claimed:
                await self.desk.duty.took(ctx.member.id)
                await self.desk.touch(ctx, claimed)
        if claimed is None:
            current = await self.desk.get(ctx, question_id)
            view = await self.desk.view(ctx, current)
            await ctx.reply(cards.taken_card(view, mine=current.helper_id == ctx.member.id))
            return
        view = await self.desk.view(ctx, question)
        await ctx.reply(cards.claimed_card(view, Solving.propose.call(question_id)))

    @action(role=Role.AGENT)
    async def release(self, ctx: Context, question_id: int) -> None:
        """An agent hands a question back, or a moderator does for them."""
        question = await self.desk.get(ctx, question_id)
        mine = question.helper_id == ctx.member.id
        require(mine or ctx.role >= Role.MODERATOR, say("Only whoever has it can hand it back."))
        require(question.helper_id and question.audience is Audience.AGENTS, say("Nobody has this one."))
        require(await self.keeper.release(ctx, question, gave_back=True), say("That is settled already."))
        await ctx.reply(cards.released_card())

    @command("duty on", "Come on duty: questions for support are handed to you in turn", role=Role.AGENT)
    async def duty_on(self, ctx: Context) -> None:
        async with ctx.atomic():
            await self.desk.duty.begin(ctx.community.id, ctx.member.id, ctx.now)
            await self.desk.drain(ctx)
        await self._show_duty(ctx, mine=True)

    @command("duty off", "Go off duty", role=Role.AGENT)
    async def duty_off(self, ctx: Context) -> None:
        await self.desk.duty.end(ctx.member.id)
        await self._show_duty(ctx, mine=False)

    async def _show_duty(self, ctx: Context, *, mine: bool) -> None:
        waiting = await self.desk.support.count_waiting(ctx.community.id)
        await ctx.reply(cards.duty_card(await self._on_duty(ctx), waiting, mine=mine))

    @command("queue", "See what waits for support", role=Role.AGENT)
    async def queue(self, ctx: Context) -> None:
        waiting = await self.desk.support.waiting(ctx.community.id, QUEUE)
        views = [await self.desk.view(ctx, question) for question in waiting]
        more = await self.desk.support.count_waiting(ctx.community.id) - len(views)
        await ctx.reply(cards.queue_card(views, await self._on_duty(ctx), more=max(0, more)))

    async def _on_duty(self, ctx: Context) -> list[Strong]:
        on = await self.desk.duty.on(ctx.community.id)
        people = await ctx.members.get_many(duty.member_id for duty in on)
        return [Strong(people[duty.member_id].name) for duty in on]

    @listener(MemberLeft, role=Role.GUEST)
    async def leave(self, ctx: Context, _: MemberLeft) -> None:
        """Whoever leaves is off duty, and what they had in hand goes to others."""
        await self.desk.duty.end(ctx.member.id)
        in_hand = await self.desk.support.in_hand(ctx.member.id)
        await each(self.keeper.release(ctx, question, gave_back=True) for question in in_hand)

    async def export(self, member: Member) -> dict[str, Any]:
        on = await self.desk.duty.on(member.community_id)
        return {"on_duty_since": next((duty.since for duty in on if duty.member_id == member.id), None)}

    async def erase(self, member: Member) -> None:
        await self.desk.duty.end(member.id)
