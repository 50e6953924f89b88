"""Arrivals: who joined is welcomed with the others of these minutes; who left and comes back is no stranger."""

from __future__ import annotations

from typing import Any

from adapters.contract.commands import Role
from adapters.contract.events import MemberJoined, MemberLeft
from adapters.contract.models import Space
from bot.kernel.cog import Cog, action, listener
from bot.kernel.context import Context, Work
from bot.kernel.domain_events import MemberErased
from storage.journeys import Coming
from storage.members import GONE, Member

from . import cards
from .desk import Desk, moment
from .meeting import spaces_of
from .rules import Kind, choose_track, chosen_already, returned


class Arrivals(Cog):
    """People come, go, and come back."""

    name = "arrivals"
    lasting = ("welcome/",)
    room = "Newcomers"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @listener(MemberJoined)
    async def join(self, ctx: Context, event: MemberJoined) -> None:
        """Someone has truly arrived: what they chose on the way in is read, and not asked again."""
        policy = await self.desk.policy(ctx)
        who, journeys = event.by, self.desk.journeys
        track = choose_track(policy, roles=who.roles, source=event.source, domain=who.domain or "")
        async with ctx.atomic():
            coming = await journeys.arrive(
                ctx.community.id,
                ctx.member.id,
                ctx.space.key,
                ctx.now,
                track=track.name,
                source=event.source,
                roles=roles_to_keep(ctx, who.roles),
                short=policy.absence,
            )
            if coming is Coming.NEW:
                if chosen := chosen_already(policy, who.roles):
                    await self.desk.newcomers.choose(ctx.community.id, ctx.member.id, chosen, ctx.now)
                    await self.desk.do(ctx, ctx.member, Kind.INTERESTS)
                await self.desk.plan(ctx, ctx.member)
                await self._gather(ctx, ctx.space.key)
            elif coming is Coming.BACK:
                await self.desk.plan(ctx, ctx.member)
                await ctx.schedule(Arrivals.give_back.call(ctx.member.id), ctx.now, key=f"roles/{ctx.member.id}")
            if policy.gate:
                if coming is Coming.NEW:
                    await self.desk.gates.arrive(ctx.community.id, ctx.member.id)
                await ctx.schedule(self.desk.controls.look(ctx.member.id), ctx.now, key=f"gate/{ctx.member.id}")
        if coming is Coming.NEW:
            self.desk.watch.add(ctx.account.key)

    async def _gather(self, work: Work, space: str) -> None:
        """Have those whom nobody welcomed yet welcomed together, counted from the first of them."""
        since = await self.desk.journeys.waiting_since(work.community.id, space)
        if since:
            batch = int((since + (await self.desk.policy(work)).batch).timestamp()) + 1
            await work.schedule(Arrivals.welcome.call(space, str(batch)), moment(batch), key=f"welcome/{space}/{batch}")

    @action
    async def welcome(self, work: Work, space: str, batch: str) -> None:
        """Welcome all who arrived until then in one card, without those who are gone again."""
        newcomers = await self.desk.journeys.welcome(work.community.id, space, moment(int(batch)))
        people = await work.members.get_many(newcomers)
        here = [people[id_] for id_ in newcomers if space in spaces_of(people[id_])]
        channels = self.desk.welcome_channels.within(Space.of(space))
        if here and channels:
            card = cards.welcome_card(here, self.desk.controls.steps.start)
            await work.chat.post(channels[0], card, key=f"welcome/{space}/{batch}")
        await self._gather(work, space)

    @listener(MemberLeft, role=Role.GUEST)
    async def leave(self, ctx: Context, event: MemberLeft) -> None:
        """Someone left: nothing more is said to them, and what they had is kept for their return."""
        self.desk.watch.remove(event.by.account.key)
        member = await ctx.members.get(ctx.member.id)
        if member and member.left_at:
            roles = roles_to_keep(ctx, event.by.roles)
            await self.desk.journeys.leave(ctx.community.id, member.id, ctx.space.key, roles, ctx.now)

    @action
    async def give_back(self, work: Work, member_id: int) -> None:
        """Give someone who came back the roles that they had."""
        member = await self.desk.member(work, member_id)
        journey = await self.desk.journeys.get(member_id)
        policy = await self.desk.policy(work)
        chosen = set(await self.desk.newcomers.interests_of(member_id))
        names = {interest.role for interest in policy.interests if interest.role and interest.name in chosen}
        back = returned(policy, journey.roles if journey else (), names)
        given = [role for role in back if await work.chat.set_role(member, role, True)]
        if given:
            await self.desk.write_down(work, None, "roles.given_back", member, ", ".join(given))

    @listener(MemberErased)
    async def take_back(self, work: Work, event: MemberErased) -> None:
        """Someone is forgotten: the card that welcomed them names the others."""
        journey = await self.desk.journeys.get(event.member_id)
        if journey is None or journey.welcomed_at is None:
            return
        await self.desk.journeys.leave(work.community.id, event.member_id, journey.space, (), work.now)
        key = f"welcome/{journey.space}/{int(journey.welcomed_at.timestamp())}"
        people = await work.members.get_many(await self.desk.journeys.welcomed_with(journey))
        named = [member for member in people.values() if member.name != GONE]
        card = cards.welcome_card(named, self.desk.controls.steps.start) if named else cards.welcomed_card()
        for message in (await work.chat.said(key)).values():
            await work.chat.edit(message, card)

    async def export(self, member: Member) -> dict[str, Any]:
        journey = await self.desk.journeys.get(member.id)
        if journey is None:
            return {}
        steps = await self.desk.journeys.steps(member.id)
        return {
            "arrived_at": journey.arrived_at,
            "invited_by": journey.source,
            "journey": journey.track,
            "roles_seen": sorted(journey.roles),
            "first_contribution": {"what": journey.contribution, "at": journey.contributed_at},
            "steps": {"done": dict(steps.done), "skipped": dict(steps.skipped), "reminded": dict(steps.nudged)},
        }

    async def erase(self, member: Member) -> None:
        await self.desk.journeys.forget(member.id)
        for account in member.accounts:
            self.desk.watch.remove(account)


def roles_to_keep(ctx: Context, roles: frozenset[str]) -> frozenset[str]:
    """Return what may be given back later: nothing of someone who has rights here, for rights are given by people."""
    return roles if ctx.role is Role.MEMBER else frozenset()
