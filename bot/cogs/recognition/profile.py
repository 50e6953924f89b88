"""Profiles: what someone is recognised for."""

from __future__ import annotations

from typing import Any

from bot.kernel.cog import Cog, command, shortcut
from bot.kernel.context import Context, OnPerson, Submission
from bot.kernel.forms import Form, ask
from storage.kudos import Kind
from storage.members import Member

from .cards import profile_card
from .policy import reached
from .service import Recognition

LATEST = 3
"""How many thanks a profile shows."""


class ProfileForm(Form, title="Profile", submit="Show"):
    """Whose profile is shown."""

    member: Member | None = ask("Whose?", hint="Empty: your own.", required=False)


class Profile(Cog):
    """Members look at what they, or others, are recognised for."""

    name = "profile"
    room = "Recognition"

    def __init__(self, recognition: Recognition) -> None:
        self.recognition = recognition

    @command("profile", "See what someone, or you, are recognised for", formerly=("boards.profile",))
    async def profile(self, ctx: Submission[ProfileForm]) -> None:
        await self._show(ctx, ctx.form.member or ctx.member)

    @shortcut("Profile")
    async def profile_of_person(self, ctx: OnPerson) -> None:
        await self._show(ctx, await ctx.person())

    async def _show(self, ctx: Context, member: Member) -> None:
        tally = await self.recognition.standing.tally(member.id)
        noted = await self.recognition.standing.reached(member.id)
        latest = await self.recognition.kudos.latest(member.id, Kind.THANKS, LATEST)
        if member.id != ctx.member.id:
            channels = await self.recognition.unlisted_channels(ctx)
            latest = [row for row in latest if row.channel not in channels]
        policy = await self.recognition.policy(ctx)
        people = await self.recognition.people(latest)
        await ctx.reply(profile_card(member, tally, reached(tally, noted, policy), latest, people))

    async def export(self, member: Member) -> dict[str, Any]:
        return {"reached": sorted(await self.recognition.standing.reached(member.id))}

    async def erase(self, member: Member) -> None:
        await self.recognition.standing.forget_milestones(member.id)
