"""Buddies: members who are willing show newcomers around, each a few."""

from __future__ import annotations

from typing import Any

from adapters.contract.commands import Role
from adapters.contract.events import MemberLeft
from bot.kernel.cog import Cog, action, listener
from bot.kernel.context import Context
from bot.kernel.domain_events import MemberErased
from bot.kernel.errors import require
from bot.kernel.work import Work
from storage.members import Member

from . import cards
from .service import Newcomers


class Buddies(Cog):
    """Nobody has to find their way alone."""

    name = "buddies"
    room = "Newcomers"

    def __init__(self, newcomers: Newcomers) -> None:
        self.newcomers = newcomers

    @action
    async def volunteer(self, ctx: Context) -> None:
        """Someone is willing to show newcomers around."""
        await self.newcomers.store.volunteer(ctx.community.id, ctx.member.id, ctx.now)
        await ctx.update(cards.with_note(cards.buddy_words(), await ctx.page()))

    @action
    async def stop(self, ctx: Context) -> None:
        """Someone is no buddy any more."""
        await self.newcomers.store.withdraw(ctx.member.id)
        await ctx.update(cards.with_note(cards.no_longer_buddy_words(), await ctx.page()))

    @action
    async def cannot(self, ctx: Context, newcomer_id: int, buddy_id: int) -> None:
        """A buddy has no time after all: somebody else is asked."""
        require(ctx.member.id == buddy_id, cards.not_your_buddy_words())
        await self.newcomers.lifecycle.lock(ctx, newcomer_id)
        newcomer = await self.newcomers.member(ctx, newcomer_id)
        passed = await self.newcomers.store.passes(newcomer_id, buddy_id, ctx.now)
        require(passed, cards.decided_already_words())
        await self._give_another(ctx, newcomer)

    @listener(MemberLeft, role=Role.GUEST)
    async def leave(self, ctx: Context, _: MemberLeft) -> None:
        """A buddy is gone, unless only from one of two platforms: somebody else is asked in their place."""
        member = await ctx.members.get(ctx.member.id)
        if member and member.left_at:
            await self._replace(ctx, member.id)

    @listener(MemberErased)
    async def take_back(self, work: Work, event: MemberErased) -> None:
        """Someone is forgotten: no card names them any more, and whose buddy they were gets another one."""
        for pairing in await self.newcomers.store.pairings_with(event.member_id):
            self.newcomers.lifecycle.touch(work, pairing.newcomer_id)
        await self._replace(work, event.member_id)

    async def _replace(self, work: Work, buddy_id: int) -> None:
        """Give those who were shown around by somebody another buddy, if they are still there and anybody has time."""
        for pairing in await self.newcomers.store.pairings_with(buddy_id):
            newcomer = await work.members.get(pairing.newcomer_id)
            mine = pairing.buddy_id == buddy_id and pairing.passed_at is None
            if mine and newcomer and newcomer.accounts and newcomer.left_at is None:
                await self.newcomers.lifecycle.lock(work, newcomer.id)
                if await self.newcomers.store.passes(newcomer.id, buddy_id, work.now):
                    await self._give_another(work, newcomer)

    async def _give_another(self, work: Work, newcomer: Member) -> None:
        had = {pairing.buddy_id for pairing in await self.newcomers.store.pairings(newcomer.id)}
        await self.newcomers.give_buddy(work, newcomer, had)
        self.newcomers.lifecycle.touch(work, newcomer.id)

    async def export(self, member: Member) -> dict[str, Any]:
        willing = member.id in await self.newcomers.store.willing(member.community_id)
        pairings = await self.newcomers.store.pairings_with(member.id)
        had = sum(pairing.newcomer_id == member.id for pairing in pairings)
        return {"willing_to_be_a_buddy": willing, "had_a_buddy": had, "was_a_buddy": len(pairings) - had}

    async def erase(self, member: Member) -> None:
        """Buddies are forgotten with all that newcomers say of themselves."""
