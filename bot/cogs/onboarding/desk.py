"""What the cogs of this room share: the stores, the channels, and the few things that all of them do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.contract.call import Call
from adapters.contract.models import Account, Channel, Space
from adapters.contract.ui import Card
from bot.kernel.channels import ChannelGroup
from bot.kernel.context import Context, Work
from bot.kernel.errors import UserError
from bot.kernel.policies import Policies
from storage.audit import AuditStore
from storage.gates import GateStore
from storage.journeys import Journey, JourneyStore
from storage.members import Member
from storage.newcomers import NewcomerStore

from . import cards, rules
from .rules import Facts, Kind, Policy
from .watch import Watch


@dataclass(frozen=True, slots=True)
class Controls:
    """What the buttons of this room do, and what the clock calls, given by the cogs that do it."""

    steps: cards.StepControls
    remind: Call
    look: Callable[[int], Call]
    open_gate: Callable[[int], Call]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the cogs meet."""

    journeys: JourneyStore
    newcomers: NewcomerStore
    gates: GateStore
    audit: AuditStore
    welcome_channels: ChannelGroup
    introductions_channels: ChannelGroup
    help_channels: ChannelGroup
    moderators_channels: ChannelGroup
    policies: Policies[Policy]
    watch: Watch
    controls: Controls

    async def policy(self, work: Work) -> Policy:
        return await self.policies.of(work.community.id)

    async def member(self, work: Work, member_id: int) -> Member:
        """Return a member of this community. Raises `UserError` where there is none."""
        member = await work.members.get(member_id)
        if member is None or member.community_id != work.community.id:
            raise UserError(cards.gone_words())
        return member

    async def view(self, work: Work, member: Member, journey: Journey | None = None) -> cards.StepView:
        """Return how far a member is, with what the cards of their steps need."""
        policy = await self.policy(work)
        journey = journey or await self.journeys.get(member.id)
        track = policy.track(journey.track if journey else "")
        agreed = await self.newcomers.agreed(member.id)
        facts = Facts(
            await self.journeys.steps(member.id),
            agreed=policy.guidelines is not None and policy.guidelines.version in agreed,
            zone=member.timezone is not None,
            buddies=Kind.BUDDY in track.steps and await self._has_buddies(work, member),
        )
        help_here = self.help_channels.within(work.space) if isinstance(work, Context) else []
        return cards.StepView(
            policy,
            track,
            rules.checklist(policy, track, facts),
            await self.newcomers.interests_of(member.id),
            (help_here[0], self.help_channels.names[0].rpartition("/")[2]) if help_here else None,
            work.now,
        )

    async def _has_buddies(self, work: Work, member: Member) -> bool:
        return bool(set(await self.newcomers.willing(work.community.id)) - {member.id})

    async def next_card(self, work: Work, member: Member) -> Card:
        """Return the card of the step that is next, or of the end."""
        view = await self.view(work, member)
        step = rules.next_step(view.marks)
        controls = self.controls.steps
        return cards.step_card(step, view, controls) if step else cards.finished_card(view, controls)

    async def begin(self, ctx: Context) -> Journey:
        """Return the journey of whoever is here, begun if they have none."""
        policy = await self.policy(ctx)
        await self.journeys.begin(ctx.community.id, ctx.member.id, ctx.space.key, policy.common.name, ctx.now)
        journey = await self.journeys.get(ctx.member.id)
        assert journey is not None
        return journey

    async def do(self, work: Work, member: Member, *steps: Kind) -> None:
        """Note that steps are done, and plan the next reminder."""
        async with work.atomic():
            for step in steps:
                await self.journeys.do(work.community.id, member.id, step, work.now)
            await self.plan(work, member)

    async def plan(self, work: Work, member: Member) -> None:
        """Plan when a member is to be reminded next, if at all."""
        journey = await self.journeys.get(member.id)
        if journey is None:
            return
        view = await self.view(work, member, journey)
        nudged = (await self.journeys.steps(member.id)).nudged
        zone = work.member_zone(member)
        at = rules.next_nudge(view.track, view.marks, nudged, journey, member, zone)
        if at != journey.nudge_at:
            await self.journeys.plan(member.id, at)
            await self.set_alarm(work)

    async def set_alarm(self, work: Work) -> None:
        """Have whoever is to be reminded next reminded then. One job for all of a community."""
        soonest = await self.journeys.next_nudge(work.community.id)
        if soonest:
            await work.schedule(self.controls.remind, soonest, key=f"nudges/{work.community.id}")

    async def contributed(self, work: Work, member: Member, what: str, *steps: Kind) -> None:
        """Note that a member gave something to the community, which may be a step as well."""
        if await self.journeys.get(member.id) is None:
            return
        async with work.atomic():
            await self.journeys.contribute(member.id, what, work.now)
            await self.do(work, member, *steps)
        for account in member.accounts:
            self.watch.note(account)

    async def domain_of(self, work: Work, member: Member) -> str:
        """Return the e-mail domain of a member, where a platform tells it."""
        for account in map(Account.of, member.accounts):
            profile = await work.chat.profile(account)
            if profile and profile.domain:
                return profile.domain
        return ""

    async def write_down(self, work: Work, by: Member | None, action: str, member: Member, detail: str = "") -> None:
        """Note a decision about a member in the audit log."""
        by_id = by.id if by else None
        await self.audit.add(work.community.id, work.now, by_id, action, subject=f"member {member.id}", detail=detail)

    async def places(self, work: Work, group: ChannelGroup) -> list[Channel]:
        """Return the first channel of a group in each space of the community."""
        return first_of_each(group, await work.spaces())


def first_of_each(group: ChannelGroup, spaces: Iterable[Space]) -> list[Channel]:
    """Return the first channel of a group in each space that has one."""
    return [channels[0] for space in spaces if (channels := group.within(space))]


def moment(seconds: int) -> datetime:
    """Return the moment that a call names by its seconds."""
    return datetime.fromtimestamp(seconds, tz=UTC)
