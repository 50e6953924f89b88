"""Arrivals: who joined is welcomed with the others of these minutes; who left and comes back is no stranger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.events import MemberJoined, MemberLeft
from bot.kernel.cog import Cog, action, listener
from bot.kernel.context import Context
from bot.kernel.domain_events import MemberErased
from bot.kernel.lifecycle import Lifecycle
from bot.kernel.work import Work
from storage.members import Member
from storage.progress import Coming

from . import calls
from .policy import Kind, Policy, choose_flow, chosen_already, returned
from .service import Newcomers


class Arrivals(Cog):
    """People come, go, and come back."""

    name = "arrivals"
    room = "Newcomers"

    def __init__(self, newcomers: Newcomers) -> None:
        self.newcomers = newcomers

    @listener(MemberJoined)
    async def join(self, ctx: Context, event: MemberJoined) -> None:
        """Someone has truly arrived: what they chose on the way in is read, and not asked again."""
        settings = await self.newcomers.policy(ctx)
        who = event.by
        flow = choose_flow(settings, roles=who.roles, source=event.source, domain=who.domain or "")
        await ctx.lock(f"welcome/{ctx.space.key}")
        coming = await self.newcomers.progress.arrive(
            ctx.community.id,
            ctx.member.id,
            ctx.space.key,
            ctx.now,
            flow=flow.name,
            source=event.source,
            roles=roles_to_keep(ctx, who.roles),
            short=settings.absence,
        )
        if coming is Coming.NEW:
            await self._begin(ctx, settings, who.roles)
        elif coming is Coming.BACK:
            await self.newcomers.plan(ctx, ctx.member)
            await ctx.schedule(Arrivals.give_back.call(ctx.member.id), ctx.now, key=f"roles/{ctx.member.id}")
        if settings.gate:
            await ctx.schedule(calls.look(ctx.member.id), ctx.now, key=f"gate/{ctx.member.id}")

    async def _begin(self, ctx: Context, settings: Policy, roles: frozenset[str]) -> None:
        """Have a newcomer welcomed with the others of these minutes, counted from the first of them."""
        room, member = self.newcomers, ctx.member
        if chosen := chosen_already(settings, roles):
            await room.store.choose(ctx.community.id, member.id, chosen, ctx.now)
            await room.do(ctx, member, Kind.INTERESTS)
        await room.plan(ctx, member)
        welcome_id, first = await room.gathering.gather(
            ctx.community.id, member.id, ctx.space.key, ctx.now, settings.batch
        )
        if first:  # nothing is to be seen of the others until then
            room.welcomes.touch(ctx, welcome_id)
        if settings.gate:
            await room.gates.arrive(ctx.community.id, member.id)
        room.watch.add(ctx.account.key)

    @listener(MemberLeft, role=Role.GUEST)
    async def leave(self, ctx: Context, event: MemberLeft) -> None:
        """Someone left: nothing more is said to them, and what they had is kept for their return."""
        self.newcomers.watch.remove(event.by.account.key)
        member = await ctx.members.get(ctx.member.id)
        if member and member.left_at:
            roles = roles_to_keep(ctx, event.by.roles)
            await self.newcomers.progress.leave(ctx.community.id, member.id, ctx.space.key, roles, ctx.now)

    @action
    async def give_back(self, work: Work, member_id: int) -> None:
        """Give someone who came back the roles that they had."""
        member = await self.newcomers.member(work, member_id)
        progress = await self.newcomers.progress.get(member_id)
        settings = await self.newcomers.policy(work)
        chosen = set(await self.newcomers.store.interests_of(member_id))
        names = {interest.role for interest in settings.interests if interest.role and interest.name in chosen}
        back = returned(settings, progress.roles if progress else (), names)
        for role in back:
            work.set_role(member, role, held=True)
        if back:
            await self.newcomers.write_down(work, None, "roles.given_back", member, ", ".join(back))

    @listener(MemberErased)
    async def take_back(self, work: Work, event: MemberErased) -> None:
        """Someone is forgotten: the card that welcomed them names the others."""
        progress = await self.newcomers.progress.get(event.member_id)
        if progress is None or progress.welcomed_at is None:
            return
        await self.newcomers.progress.leave(work.community.id, event.member_id, progress.space, (), work.now)
        if progress.welcome_id:
            self.newcomers.welcomes.touch(work, progress.welcome_id)

    def lifecycles(self) -> Sequence[Lifecycle[Any]]:
        return [self.newcomers.welcomes]

    async def export(self, member: Member) -> dict[str, Any]:
        progress = await self.newcomers.progress.get(member.id)
        if progress is None:
            return {}
        steps = await self.newcomers.progress.steps(member.id)
        return {
            "arrived_at": progress.arrived_at,
            "invited_by": progress.source,
            "journey": progress.flow,
            "roles_seen": sorted(progress.roles),
            "first_contribution": {"what": progress.contribution, "at": progress.contributed_at},
            "steps": {"done": dict(steps.done), "skipped": dict(steps.skipped), "reminded": dict(steps.nudged)},
        }

    async def erase(self, member: Member) -> None:
        await self.newcomers.progress.forget(member.id)
        for account in member.accounts:
            self.newcomers.watch.remove(account)


def roles_to_keep(ctx: Context, roles: frozenset[str]) -> frozenset[str]:
    """Return what may be given back later: nothing of someone who has rights here, for rights are given by people."""
    return roles if ctx.role is Role.MEMBER else frozenset()
