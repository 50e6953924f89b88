"""Asking support privately: what is said first, what the asker writes to support, and taking it back."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from adapters.contract.events import MessagePosted
from adapters.contract.models import MessageRef
from adapters.contract.text import say
from adapters.contract.ui import Card
from bot.kernel.cog import Cog, action, listener
from bot.kernel.context import Context, Submission
from bot.kernel.errors import UserError, require
from bot.kernel.forms import Form, ask
from storage.members import Member
from storage.questions import KIND, UNPOSTED, Audience, Question, State
from storage.replies import SPOKEN

from . import calls, cards
from .policy import reads_as_content
from .service import DECIDED_ALREADY, Questions

MOST = 3
"""Somebody is asked about so many of their questions, the newest, which of them a message is about."""


Show: TypeAlias = Callable[[Card], Awaitable[None]]
_GONE = say("That message is gone. “Reply to support” works, though.")


class WriteForm(Form, title="Write to support", submit="Send"):
    """What somebody who asked privately wants to add."""

    words: str = ask("Your message", hint="Only support reads it.", longest=2000, lines=5, rich=True)


class Private(Cog):
    """What is for support alone never stands where others read."""

    name = "private"
    room = "Questions"

    def __init__(self, questions: Questions) -> None:
        self.questions = questions

    # Before it is posted

    @action
    async def send(self, ctx: Context, question_id: int) -> None:
        """The asker has read who sees it, and sends it to support."""
        draft = await self._draft(ctx, question_id)
        if await self.questions.support_place(ctx) is None:
            await ctx.update(cards.no_place_card(draft))
            return
        await self._open(ctx, draft)

    @action
    async def publish(self, ctx: Context, question_id: int) -> None:
        """There is nowhere to ask it privately, and the asker would have everyone see it."""
        draft = await self._draft(ctx, question_id)
        if await self.questions.support_place(ctx):
            await ctx.update(await self.questions.before(ctx, draft))
            return
        await self.questions.require_channel(ctx, ctx.space)
        topic = self.questions.topic(draft.topic)
        audience = Audience.AGENTS if topic and topic.agents_only else Audience.PEERS
        await self.questions.store.be_public(draft.id, audience)
        await self._open(ctx, draft)

    async def _draft(self, ctx: Context, question_id: int) -> Question:
        """Return what somebody would ask support privately, and has not yet."""
        draft = await self.questions.own(ctx, question_id)
        unposted = draft.state in (State.DRAFT, State.FOLLOWING)
        require(unposted and draft.private and draft.title, DECIDED_ALREADY)
        await self.questions.require_room(ctx)
        return draft

    async def _open(self, ctx: Context, draft: Question) -> None:
        await self.questions.open(ctx, draft.id)
        await ctx.update_once(calls.posted(draft.id), (KIND, draft.id))

    # What the asker writes

    @action
    async def write(self, ctx: Context, question_id: int) -> None:
        """The asker wants to write to support."""
        await self._mine(ctx, question_id)
        await ctx.open(WriteForm, calls.written(question_id), self)

    @action
    async def written(self, ctx: Submission[WriteForm], question_id: int) -> None:
        """The asker wrote something."""
        question = await self._mine(ctx, question_id)
        await self._add(ctx, question, f"{SPOKEN}{secrets.token_hex(8)}", ctx.form.words)

    @listener(MessagePosted, where=lambda _, glance: bool(glance.direct and glance.reply_to))
    async def reply(self, ctx: Context, event: MessagePosted) -> None:
        """Somebody answers, by the platform's own reply, what they were told directly of their question."""
        message = event.message
        answered = MessageRef(message.parent or message.ref.channel, message.reply_to).key
        question = await self.questions.store.by_message(answered)
        if question and question.private and self._may_write(ctx, question):
            await self._add(ctx, question, message.ref.key, self.questions.said(ctx, message))

    async def spoken_to(self, ctx: Context, event: MessagePosted, words: str) -> bool:  # noqa: ARG002
        """Who writes to Trellis while support has something of theirs is asked whether it is for support."""
        message = event.message
        if ctx.answered or not message.direct:
            return ctx.answered
        mine = await self.questions.store.private_of(ctx.member.id)
        if mine:
            await ctx.aside(cards.for_support_card(await self.questions.views(ctx, mine[-MOST:]), message.ref))
        return bool(mine)

    @action
    async def pass_on(self, ctx: Context, question_id: int, message: str) -> None:
        """It is for support."""
        question = await self._mine(ctx, question_id)
        try:
            ref = MessageRef.of(message)
        except ValueError:
            raise UserError(_GONE) from None
        said = await ctx.platforms.fetch(ref) if ref.channel.space in await ctx.spaces() else None
        if said is None or said.author.account.key not in ctx.member.accounts:
            raise UserError(_GONE)
        await self._add(ctx, question, said.ref.key, self.questions.said(ctx, said), show=ctx.update)

    async def _add(
        self,
        ctx: Context,
        question: Question,
        key: str,
        words: str,
        show: Callable[[Card], Awaitable[None]] | None = None,
    ) -> None:
        """Note what the asker wrote, to be passed on, and tell them so."""
        asks = not reads_as_content(words)
        changed = await self.questions.replies.add(question, key, ctx.member.id, words, ctx.now, asks=asks)
        if changed:
            self.questions.touch(ctx, changed)
        card, view = cards.passed_on_card(), await self.questions.view(ctx, changed or question)
        if asks and view.question.state in (State.SOLVED, State.CLOSED):
            card = cards.not_solved_card(view)
        elif not asks and view.question.state is State.ANSWERED:
            card = cards.content_card(view)
        await (show or ctx.aside)(card)

    # Later

    @action
    async def show(self, ctx: Context, question_id: int) -> None:
        """Show the asker what was written, wherever they are: they may not be reached directly."""
        question = await self._mine(ctx, question_id)
        replies = await self.questions.replies.latest(question_id)
        view = await self.questions.view(ctx, question, {reply.member_id for reply in replies})
        await ctx.reply(cards.conversation_card(view, replies))

    @action
    async def take_back(self, ctx: Context, question_id: int) -> None:
        """The asker does not want it to be with support any more."""
        await self._mine(ctx, question_id)
        dropped = await self.questions.store.drop(question_id, ctx.now)
        if dropped is None:
            raise UserError(say("That's settled already."))
        self.questions.touch(ctx, dropped)
        await self.questions.turns.drain(ctx)
        await ctx.reply(cards.taken_back_card())

    async def _mine(self, ctx: Context, question_id: int) -> Question:
        """Return what the person asked support privately. Raises `UserError` for anything else."""
        question = await self.questions.own(ctx, question_id)
        require(self._may_write(ctx, question), say("That question is gone."))
        return question

    @staticmethod
    def _may_write(ctx: Context, question: Question) -> bool:
        return question.private and question.asker_id == ctx.member.id and question.state not in UNPOSTED

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None:
        """What members asked and wrote is the other cogs' to forget."""
