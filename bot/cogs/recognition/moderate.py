"""What moderators see: who acts like a champion, and whose thanks stay among themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.models import MessageRef
from bot.kernel.cog import Cog, command, every
from bot.kernel.context import Context
from bot.kernel.roles import highest
from bot.kernel.work import Work
from storage.members import Member

from .cards import champions_card, ring_card
from .policy import WATCHED, champions
from .rings import WATCHED as LATELY
from .rings import rings
from .service import Recognition

LINKS = 5
"""How many messages of a ring are linked."""


class Moderate(Cog):
    """Shows evidence to people who can judge it, and does nothing by itself."""

    name = "moderate"
    room = "Recognition"

    def __init__(self, recognition: Recognition) -> None:
        self.recognition = recognition

    @command(
        "champions",
        "See who acts like a champion, before you ask them",
        role=Role.MODERATOR,
        formerly=("champions.champions",),
    )
    async def champions(self, ctx: Context) -> None:
        rows = await self.recognition.kudos.between(ctx.community.id, ctx.now - WATCHED, ctx.now)
        found = champions(rows, ctx.now)
        people = await self.recognition.people((), *(one.member_id for one in found))
        candidates = [
            one
            for one in found
            if (member := people.known.get(one.member_id))
            and not member.left_at
            and highest(member.roles) < Role.MODERATOR
        ]
        await ctx.reply(champions_card(candidates, people))

    @every("mon 08:00")
    async def week(self, work: Work) -> None:
        """The week is over: report the rings that had new thanks in it."""
        spaces = await work.spaces()
        place = self.recognition.moderators.nearest(spaces[0], spaces) if spaces else None
        if place is None:
            return
        rows = await self.recognition.kudos.between(work.community.id, work.now - LATELY, work.now)
        for ring in rings(rows):
            if max(row.at for row in ring.rows) < work.now - timedelta(days=7):
                continue
            messages = [MessageRef.of(row.message) for row in reversed(ring.rows) if row.message]
            links = [link for message in messages[:LINKS] if (link := work.platforms.link(message))]
            names = "-".join(map(str, ring.members))
            card = ring_card(ring, await self.recognition.people(ring.rows), links)
            work.say(place, card, key=f"ring/{work.community.id}/{work.now.date()}/{names}")

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...
