"""What moderators see: who acts like a champion, and whose thanks stay among themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.models import MessageRef
from bot.kernel.cog import Cog, action, command, every
from bot.kernel.context import Context, Work
from bot.kernel.roles import highest
from storage.members import Member

from . import cards, rules
from . import rings as circles
from .desk import Desk

LINKS = 5
"""How many messages of a ring are linked."""


class Moderating(Cog):
    """Shows evidence to people who can judge it, and does nothing by itself."""

    name = "champions"
    room = "Recognition"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @command("champions", "See who acts like a champion, before you ask them", role=Role.MODERATOR)
    async def champions(self, ctx: Context) -> None:
        rows = await self.desk.kudos.between(ctx.community.id, ctx.now - rules.WATCHED, ctx.now)
        found = rules.champions(rows, ctx.now)
        people = await self.desk.people((), *(one.member_id for one in found))
        candidates = [
            one
            for one in found
            if (member := people.known.get(one.member_id))
            and not member.left_at
            and highest(member.roles) < Role.MODERATOR
        ]
        await ctx.reply(cards.champions_card(candidates, people))

    @every("mon 08:00")
    async def week(self, work: Work) -> None:
        """The week is over: look for rings."""
        await work.schedule(Moderating.rings.call(), work.now, key=f"rings/{work.community.id}")

    @action
    async def rings(self, work: Work) -> None:
        """Report the rings that had new thanks this week."""
        spaces = await work.spaces()
        place = self.desk.moderators.nearest(spaces[0], spaces) if spaces else None
        if place is None:
            return
        rows = await self.desk.kudos.between(work.community.id, work.now - circles.WATCHED, work.now)
        for ring in circles.rings(rows):
            if max(row.at for row in ring.rows) < work.now - timedelta(days=7):
                continue
            messages = [MessageRef.of(row.message) for row in reversed(ring.rows) if row.message]
            links = [link for message in messages[:LINKS] if (link := await work.chat.link(message))]
            names = "-".join(map(str, ring.members))
            card = cards.ring_card(ring, await self.desk.people(ring.rows), links)
            await work.chat.post(place, card, key=f"ring/{work.community.id}/{work.now.date()}/{names}")

    async def export(self, member: Member) -> dict[str, Any]:  # noqa: ARG002
        return {}

    async def erase(self, member: Member) -> None: ...
