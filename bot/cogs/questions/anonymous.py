"""What somebody who asked without their name says in the thread, and how a moderator learns who it is."""

from __future__ import annotations

import secrets
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.text import say
from bot.kernel.cog import Cog, action
from bot.kernel.context import Context, Submission
from bot.kernel.errors import UserError, require
from bot.kernel.forms import Form, ask
from storage.members import Member
from storage.replies import SPOKEN

from . import calls, cards
from .service import Questions


class SpeakForm(Form, title="Reply as the asker"):
    """What an anonymous asker wants to add."""

    words: str = ask("Your reply", hint="Your name isn't shown.", longest=2000, lines=5, rich=True)


class Anonymous(Cog):
    """Nobody reads who asked, unless a moderator has to know."""

    name = "anonymous"
    room = "Questions"

    def __init__(self, questions: Questions) -> None:
        self.questions = questions

    @action(formerly=("asking.speak",))
    async def speak(self, ctx: Context, question_id: int) -> None:
        """An anonymous asker wants to write in the thread."""
        question = await self.questions.own(ctx, question_id)
        require(question.anonymous and not question.private, say("You asked with your name: just write in the thread."))
        await ctx.open(SpeakForm, calls.spoken(question_id), self)

    @action(formerly=("asking.spoken",))
    async def spoken(self, ctx: Submission[SpeakForm], question_id: int) -> None:
        """An anonymous asker wrote something."""
        question = await self.questions.own(ctx, question_id)
        threads = await self.questions.threads(ctx, question)
        require(threads, say("Your question has no thread yet."))
        key = f"{SPOKEN}{secrets.token_hex(8)}"
        await self.questions.replies.add(question, key, ctx.member.id, ctx.form.words, ctx.now)
        self.questions.touch(ctx, question)

    @action(role=Role.MODERATOR, formerly=("asking.reveal",))
    async def reveal(self, ctx: Context, question_id: int) -> None:
        """A moderator has to know who asked; that is written down."""
        question = await self.questions.get(ctx, question_id)
        asker = await ctx.members.get(question.asker_id)
        if asker is None:
            raise UserError(say("The person who asked is gone."))
        await self.questions.audit.add(
            ctx.community.id, ctx.now, ctx.member.id, "question.revealed", subject=f"question #{question.number}"
        )
        await ctx.reply(cards.revealed_card(asker))

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...
