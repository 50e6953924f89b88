"""The same question: who would ask what somebody else asks just now may follow it, and is told of the answer."""

from __future__ import annotations

from typing import Any

from adapters.contract.text import say
from bot.kernel.cog import Cog, action
from bot.kernel.context import Context
from bot.kernel.errors import require
from storage.members import Member

from . import cards
from .service import Questions


class Same(Cog):
    """One question, one thread, also where several wonder."""

    name = "same"
    room = "Questions"

    def __init__(self, questions: Questions) -> None:
        self.questions = questions

    @action
    async def follow(self, ctx: Context, draft_id: int, other_id: int) -> None:
        """Somebody waits for the answer to another's question."""
        await self.questions.own(ctx, draft_id)
        other = await self.questions.get(ctx, other_id)
        followed = await self.questions.store.follow(draft_id, other.id)
        require(followed, say("You've decided on that one already."))
        self.questions.touch(ctx, other)
        await ctx.update(cards.following_card())

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...
