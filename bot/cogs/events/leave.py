"""Leaving: what becomes of someone's seats, and of what they host, when they go, are forgotten, or were two people."""

from __future__ import annotations

from typing import Any

from adapters.contract.commands import Role
from adapters.contract.events import MemberLeft
from bot.kernel.cog import Cog, listener
from bot.kernel.context import Context
from bot.kernel.domain_events import MemberErased, MembersLinked
from bot.kernel.work import Work
from storage.members import Member
from storage.signups import Choice

from .service import Events


class Leave(Cog):
    """Hears of members who go."""

    name = "leave"
    room = "Events"

    def __init__(self, events: Events) -> None:
        self.events = events

    @listener(MemberLeft, role=Role.GUEST)
    async def leave(self, ctx: Context, _: MemberLeft) -> None:
        """Somebody is gone, perhaps from one of two platforms only: then they may still come."""
        member = await ctx.members.get(ctx.member.id)
        if member and member.left_at is None:
            return
        for event, _choice in await self.events.turnout.coming(ctx.member.id, ctx.now):
            await self.events.signups.sign_up(event.id, ctx.member.id, Choice.NO, ctx.now)
            await self.events.look_later(ctx, event.id)

    @listener(MembersLinked)
    async def link(self, work: Work, event: MembersLinked) -> None:
        """Two turned out to be one: they are named once, and a seat that they had twice goes to the waitlist."""
        for one, _choice in await self.events.turnout.coming(event.kept_id, work.now):
            await self.events.look_later(work, one.id)

    @listener(MemberErased)
    async def forget(self, work: Work, _: MemberErased) -> None:
        """Somebody was forgotten: their name goes off the cards, their seats to the waitlist, their events are off."""
        for event in await self.events.store.take_stale(work.community.id):
            if event.host_id is None:
                await self.events.store.cancel(event.id, work.now)
                if event.series_id:
                    await self.events.series.end(event.series_id, work.now)
            await self.events.look_later(work, event.id)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...
