"""Solving: whoever asked says what solved it; helpers may suggest it; everything can be reopened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from adapters.contract.commands import Role
from adapters.contract.events import ReactionAdded
from adapters.contract.models import Message
from adapters.contract.text import say
from adapters.contract.ui import Card
from bot.kernel.cog import Cog, action, listener, shortcut
from bot.kernel.context import Context, OnMessage
from bot.kernel.domain_events import AnswerAccepted, AnswerWithdrawn
from bot.kernel.errors import UserError, require
from storage.members import Member
from storage.moments import MomentKind
from storage.questions import KIND, UNSETTLED, Audience, Question, State
from storage.replies import Reply

from . import cards
from .service import Questions
from .shown import RELAY
from .trusted import put_together

Show: TypeAlias = Callable[[Card], Awaitable[None]]

CHECK_MARKS = frozenset({"✅", "☑️", "☑", "✔️", "✔", "white_check_mark", "heavy_check_mark"})


class Solving(Cog):
    """The end of a question, and its return."""

    name = "solving"
    room = "Questions"

    def __init__(self, questions: Questions) -> None:
        self.questions = questions

    @action
    async def solve(self, ctx: Context, question_id: int) -> None:
        """The asker says that it is solved: by the one answer, or by which of several."""
        question = await self._mine(ctx, question_id)
        require(question.state is not State.SOLVED, say("This is marked as solved already."))
        said = await self.questions.said_in_one_go(question)
        sure = len(said) == 1 and any(self.questions.is_answer(ctx, one.message, one.text) for one in said[0])
        if sure and not await self._has_lost_one(question):
            await self._settle(ctx, question, put_together(said[0]))
        else:
            await ctx.reply(await self._which(ctx, question, [put_together(each) for each in said]))

    async def _has_lost_one(self, question: Question) -> bool:
        """Say whether an answer was deleted: then it is not certain that the one that is left solved it."""
        latest = await self.questions.replies.latest(question.id)
        return any(reply.deleted_at and reply.member_id != question.asker_id for reply in latest)

    async def _which(self, ctx: Context, question: Question, answers: list[Reply]) -> Card:
        view = await self.questions.view(ctx, question, {reply.member_id for reply in answers})
        return cards.which_card(view, answers)

    @action
    async def pick(self, ctx: Context, question_id: int) -> None:
        """The asker picked the message that solved it."""
        question = await self._mine(ctx, question_id)
        picked = [reply for reply in await self.questions.answers(question) if reply.message in ctx.values]
        if not picked:
            raise UserError(say("That message is gone. Please pick another."))
        await self._settle(ctx, question, picked[0], ctx.update)

    @action
    async def alone(self, ctx: Context, question_id: int) -> None:
        """The asker found it without help."""
        await self._settle(ctx, await self._mine(ctx, question_id), None, ctx.update)

    @action
    async def not_yet(self, ctx: Context, question_id: int) -> None:
        """The asker says that it is not solved."""
        question = await self._mine(ctx, question_id)
        require(question.state is not State.SOLVED, say("It's marked as solved. “Reopen” on its card opens it again."))
        if question.state is State.CLOSED:
            await self.reopen(ctx, question_id)
            return
        if await self.questions.answers(question):
            going_on = await self.questions.solutions.keep_going(question_id, ctx.now)
        else:  # they were deleted: others may know more
            going_on = await self.questions.rewrites.unanswer(question_id, ctx.now)
        if going_on:
            self.questions.touch(ctx, going_on)
        await ctx.reply(cards.going_on_card())

    @shortcut("Mark as answer")
    async def mark(self, ctx: OnMessage) -> None:
        question = await self.questions.about(ctx.target)
        if question is None or question.community_id != ctx.community.id:
            raise UserError(say("That works on messages in the thread of a question."))
        if question.asker_id != ctx.member.id and ctx.role < Role.MODERATOR:
            await self.propose(ctx, question.id)
            return
        reply = await self._reply(ctx, question, ctx.target)
        if reply is None:
            raise UserError(say("Please pick the message that solved it."))
        require(
            question.state is not State.SOLVED, say("This is marked as solved already. Reopen it to change the answer.")
        )
        await self._settle(ctx, question, reply)

    @listener(ReactionAdded, where=lambda _, glance: glance.emoji in CHECK_MARKS)
    async def check_mark(self, ctx: Context, event: ReactionAdded) -> None:
        """The asker put a check mark on the message that solved it. Anyone else's means nothing."""
        question = await self.questions.store.by_thread(event.message.channel.key)
        if question is None and (reply := await self.questions.replies.of(event.message.key)):
            question = await self.questions.store.get(reply.question_id)
        if question is None or question.asker_id != ctx.member.id or question.state is State.SOLVED:
            return
        if question.import_id:
            return  # what was before Trellis came is over
        message = await ctx.platforms.fetch(event.message)
        reply = await self._reply(ctx, question, message) if message else None
        if reply and reply.member_id != question.asker_id:
            await self._settle(ctx, question, reply)

    async def _reply(self, ctx: Context, question: Question, message: Message) -> Reply | None:
        """Return what someone wrote in the thread, noted now if it was written while Trellis was away."""
        if message.author.bot:
            standing = await ctx.standing(KIND, question.id)
            key = next((row.key for row in standing.rows if row.message == message.ref.key), "")
            what, _, original = key.partition("/")  # it may stand for what was written in another space
            return await self.questions.replies.of(original) if what == RELAY else None
        reply, words = await self.questions.replies.of(message.ref.key), self.questions.said(ctx, message)
        if reply and reply.text != words:  # whose edit we did not hear of
            await self.questions.rewrites.rewrite_reply(reply.message, words, reply.edited_at or reply.at)
            reply = await self.questions.replies.of(reply.message)
        if reply is None:
            author = await ctx.meet(message.author)
            if author:
                await self.questions.replies.add(question, message.ref.key, author.id, words, message.at, heard=ctx.now)
                reply = await self.questions.replies.of(message.ref.key)
        return reply

    @action
    async def propose(self, ctx: Context, question_id: int) -> None:
        """A helper thinks that it is solved; the asker is asked."""
        question = await self.questions.get(ctx, question_id)
        require(question.state in UNSETTLED, say("This is settled already."))
        helped = any(reply.member_id == ctx.member.id for reply in await self.questions.answers(question))
        require(helped, say("Only someone who answered in the thread can say that it's solved."))
        await self.questions.lifecycle.lock(ctx, question_id)
        proposed = await self.questions.moments.of(question_id, question.active_at)
        if not any(one.what is MomentKind.PROPOSED and one.member_id == ctx.member.id for one in proposed):
            await self.questions.moments.add(question_id, MomentKind.PROPOSED, ctx.member.id, ctx.now)
            self.questions.touch(ctx, question)
        await ctx.reply(cards.proposed_card())

    @action
    async def reopen(self, ctx: Context, question_id: int) -> None:
        """It is not solved after all."""
        question = await self._mine(ctx, question_id)
        reopened = await self.questions.solutions.reopen(question_id, ctx.now)
        if reopened is None:
            raise UserError(say("This is open already."))
        await self.questions.moments.add(question_id, MomentKind.REOPENED, ctx.member.id, ctx.now)
        await self.questions.index(reopened)
        await self.questions.note_help(reopened)
        await self.questions.lifecycle.retry(ctx, question_id)
        if question.solver_id:
            await ctx.publish(AnswerWithdrawn(question.id, question.solver_id, question.asker_id))

    @action
    async def rate(self, ctx: Context, question_id: int, rating: int) -> None:
        """The asker says, with one tap, how the help was."""
        question = await self._mine(ctx, question_id, moderators=False)
        require(rating in cards.RATINGS, say("That isn't one of the answers."))
        await self.questions.solutions.rate(question.id, rating)
        await ctx.update(cards.rated_card())

    async def _mine(self, ctx: Context, question_id: int, *, moderators: bool = True) -> Question:
        question = await self.questions.get(ctx, question_id)
        may = question.asker_id == ctx.member.id or (moderators and ctx.role >= Role.MODERATOR)
        require(may, say("Only the person who asked can do that. Thank you for caring, though!"))
        return question

    async def _settle(self, ctx: Context, question: Question, reply: Reply | None, show: Show | None = None) -> None:
        """Note what solved it; who answered themselves found it alone, and their words may help others."""
        solver = reply.member_id if reply and reply.member_id != question.asker_id else None
        words = (await self.questions.put_together(question, reply.message) or reply.text) if reply else ""
        solved = await self.questions.solutions.solve(
            question.id,
            ctx.now,
            solver_id=solver,
            solution=reply.message if reply else None,
            text=words,
        )
        if solved is None:
            raise UserError(say("This is marked as solved already."))
        await self.questions.index(solved)
        await self.questions.note_help(solved)
        if solver:
            await ctx.publish(AnswerAccepted(question.id, solver, question.asker_id))
        if ctx.member.id != question.asker_id:
            subject = f"question #{question.number}"
            await self.questions.audit.add(ctx.community.id, ctx.now, ctx.member.id, "question.solved", subject=subject)
            await self.questions.moments.add(question.id, MomentKind.MARKED, ctx.member.id, ctx.now)
        if question.audience is Audience.AGENTS:
            await self.questions.turns.drain(ctx)
        self.questions.touch(ctx, solved)
        await self._ask_rating(ctx, solved, show or ctx.aside)

    async def _ask_rating(self, ctx: Context, question: Question, show: Show) -> None:
        """Ask the asker how it was, privately and once; somebody who found it alone is only congratulated."""
        here = ctx.member.id == question.asker_id and ctx.discreet
        asker = await ctx.members.get(question.asker_id)
        if ctx.member.id != question.asker_id:
            await show(cards.marked_card())
        if asker is None or not (here or asker.direct_ok):
            return
        if question.solver_id is None or not await self.questions.solutions.ask_rating(question.id):
            if here:
                await show(cards.congratulation_card())
            return
        view = await self.questions.view(ctx, question)
        card = cards.rating_card(view)
        if here:
            await show(card)
        else:
            ctx.tell(asker, card, key=f"question/{question.id}/rating")

    async def export(self, member: Member) -> dict[str, Any]:
        asked = await self.questions.store.asked_by(member.id)
        happened = await self.questions.moments.of_member(member.id)
        return {
            "ratings": [{"question": one.title, "rating": one.rating} for one in asked if one.rating],
            "what_you_did_with_questions": [{"what": one.what, "at": one.at} for one in happened],
        }

    async def erase(self, member: Member) -> None:
        """Ratings carry no name; the questions they belong to are the asking cog's to forget."""
        await self.questions.moments.forget(member.id)
