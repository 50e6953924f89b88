"""Support: agents come on duty, take what peers could not answer, and hand back what they cannot either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.text import Strong, say
from bot.kernel.cog import Cog, action, command
from bot.kernel.context import Context
from bot.kernel.dashboard.contract import DashboardPage
from bot.kernel.errors import UserError, require
from bot.kernel.page import PagePart
from bot.kernel.work import Work
from storage.members import Member
from storage.moments import MomentKind
from storage.questions import UNSETTLED, Audience, Escalation

from . import cards
from .board import QuestionBoard
from .service import ON_PAGE, Questions

QUEUE = 15
"""How many waiting questions `/queue` shows."""


class Support(Cog):
    """Questions that nobody answered in time come to people whose work it is."""

    name = "support"
    room = "Questions"

    def __init__(self, questions: Questions) -> None:
        self.questions = questions

    @action
    async def drain(self, work: Work) -> None:
        """Hand out what waits."""
        await self.questions.turns.hand_out_waiting(work)

    @action
    async def call(self, ctx: Context, question_id: int) -> None:
        """The asker does not want to wait for peers."""
        question = await self.questions.get(ctx, question_id)
        mine = question.asker_id == ctx.member.id
        require(mine or ctx.role >= Role.MODERATOR, say("Only the person who asked can bring this to support."))
        require(question.state in UNSETTLED, say("This is settled. Reopen it first, then support can look at it."))
        reason = Escalation.BY_ASKER if mine else Escalation.BY_MODERATOR
        escalated = await self.questions.support.escalate(question_id, reason, ctx.now)
        if escalated is None:
            raise UserError(say("Support has this already."))
        self.questions.touch(ctx, escalated)
        opens, exists = await self.questions.support_opens(ctx), await self.questions.has_support(ctx)
        await ctx.reply(cards.called_card(opens, exists=exists))

    @action(role=Role.AGENT)
    async def claim(self, ctx: Context, question_id: int) -> None:
        """An agent takes a question on; only one can."""
        question = await self.questions.get(ctx, question_id)
        require(question.asker_id != ctx.member.id, say("You asked this yourself. Someone else has to take it."))
        claimed = await self.questions.support.claim(question_id, ctx.member.id, ctx.now)
        if claimed is None:
            current = await self.questions.get(ctx, question_id)
            view = await self.questions.view(ctx, current)
            await ctx.reply(cards.taken_card(view, mine=current.helper_id == ctx.member.id))
            return
        await self.questions.duty.took(ctx.member.id)
        self.questions.touch(ctx, claimed)
        view = await self.questions.view(ctx, claimed)
        await ctx.reply(cards.claimed_privately_card(view) if claimed.private else cards.claimed_card(view))

    @action(role=Role.AGENT)
    async def release(self, ctx: Context, question_id: int) -> None:
        """An agent hands a question back, or a moderator does for them."""
        question = await self.questions.get(ctx, question_id)
        mine = question.helper_id == ctx.member.id
        require(mine or ctx.role >= Role.MODERATOR, say("Only the person who has it can hand it back."))
        require(question.helper_id and question.audience is Audience.AGENTS, say("Nobody has this one."))
        released = await self.questions.turns.release(ctx, question, MomentKind.HANDED_BACK)
        if released is None:
            raise UserError(say("That's settled already."))
        self.questions.touch(ctx, released)
        await ctx.reply(cards.released_card())

    @command("duty on", "Come on duty: questions for support are handed to you in turn", role=Role.AGENT, personal=True)
    async def duty_on(self, ctx: Context) -> None:
        await self.questions.duty.begin(ctx.community.id, ctx.member.id, ctx.now)
        await self.questions.turns.drain(ctx)
        await self._show_duty(ctx, mine=True)

    @command("duty off", "Go off duty", role=Role.AGENT, personal=True)
    async def duty_off(self, ctx: Context) -> None:
        await self.questions.duty.end(ctx.member.id)
        await self.questions.end_turns(ctx, ctx.member.id)
        await self._show_duty(ctx, mine=False)

    async def _show_duty(self, ctx: Context, *, mine: bool) -> None:
        waiting = await self.questions.support.count_waiting(ctx.community.id)
        await ctx.reply(cards.duty_card(await self._on_duty(ctx), waiting, mine=mine))

    @command("queue", "See what waits for support", role=Role.AGENT)
    async def queue(self, ctx: Context) -> None:
        waiting = await self.questions.support.waiting(ctx.community.id, QUEUE)
        views = await self.questions.views(ctx, waiting)
        more = await self.questions.support.count_waiting(ctx.community.id) - len(views)
        await ctx.reply(cards.queue_card(views, await self._on_duty(ctx), more=max(0, more)))

    async def page(self, ctx: Context) -> PagePart | None:
        """Return what an agent has in hand, and what has waited longest for one."""
        if ctx.role < Role.AGENT:
            return None
        taken = await self.questions.support.in_hand(ctx.member.id)
        mine = [one for one in taken if one.audience is Audience.AGENTS][:ON_PAGE]
        waiting = await self.questions.support.waiting(ctx.community.id, ON_PAGE)
        theirs = [one for one in waiting if one.asker_id != ctx.member.id]
        if not mine and not theirs:
            return None
        return cards.support_part(await self.questions.views(ctx, mine), await self.questions.views(ctx, theirs))

    async def _on_duty(self, ctx: Context) -> list[Strong]:
        on = await self.questions.duty.on(ctx.community.id)
        people = await ctx.members.get_many(duty.member_id for duty in on)
        return [Strong(people[duty.member_id].name) for duty in on]

    def dashboard(self) -> Sequence[DashboardPage]:
        return (QuestionBoard(self.questions).page(Support.queue.role),)

    async def export(self, member: Member) -> dict[str, Any]:
        on = await self.questions.duty.on(member.community_id)
        return {"on_duty_since": next((duty.since for duty in on if duty.member_id == member.id), None)}

    async def erase(self, member: Member) -> None:
        await self.questions.duty.end(member.id)
