"""What the cogs of this room share: the stores, the channels, and the few things that all of them do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from adapters.contract.models import Channel
from adapters.contract.ui import Card
from bot.kernel.channels import ChannelGroup
from bot.kernel.context import Context
from bot.kernel.errors import UserError
from bot.kernel.policies import Policies
from bot.kernel.work import Work
from storage.audit import AuditStore
from storage.gates import GateStore
from storage.members import Member
from storage.newcomers import NewcomerStore
from storage.postings import PostingStore
from storage.progress import OnboardingProgress, ProgressStore
from storage.welcomes import WelcomeStore

from . import calls, cards, policy
from .entry import EntryLifecycle
from .lifecycle import NewcomerLifecycle, first_of_each
from .meeting import Match, choose_buddy
from .policy import Facts, Kind, Policy
from .watch import Watch
from .welcoming import WelcomeLifecycle

MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Newcomers:
    """The room's newcomers."""

    progress: ProgressStore
    store: NewcomerStore
    gathering: WelcomeStore
    gates: GateStore
    audit: AuditStore
    postings: PostingStore
    welcome: ChannelGroup
    introductions: ChannelGroup
    help: ChannelGroup
    moderators: ChannelGroup
    policies: Policies[Policy]
    watch: Watch
    lifecycle: NewcomerLifecycle
    welcomes: WelcomeLifecycle
    entries: EntryLifecycle

    async def policy(self, work: Work) -> Policy:
        return await self.policies.of(work.community.id)

    async def member(self, work: Work, member_id: int) -> Member:
        """Return a member of this community. Raises `UserError` where there is none."""
        member = await work.members.get(member_id)
        if member is None or member.community_id != work.community.id:
            raise UserError(cards.gone_words())
        return member

    async def places(self, work: Work, group: ChannelGroup) -> tuple[Channel, ...]:
        """Return the first channel of a group in each space of the community."""
        return first_of_each(group, await work.spaces())

    async def write_down(self, work: Work, by: Member | None, action: str, member: Member, detail: str = "") -> None:
        """Note a decision about a member in the audit log."""
        by_id = by.id if by else None
        await self.audit.add(work.community.id, work.now, by_id, action, subject=f"member {member.id}", detail=detail)

    # How far someone is

    async def view(self, work: Work, member: Member, progress: OnboardingProgress | None = None) -> cards.StepView:
        """Return how far a member is, with what the cards of their steps need."""
        settings = await self.policy(work)
        progress = progress or await self.progress.get(member.id)
        flow = settings.flow(progress.flow if progress else "")
        agreed = await self.store.agreed(member.id)
        facts = Facts(
            await self.progress.steps(member.id),
            agreed=settings.guidelines is not None and settings.guidelines.version in agreed,
            zone=member.timezone is not None,
            buddies=Kind.BUDDY in flow.steps and await self._has_buddies(work, member),
        )
        help_here = self.help.within(work.near) if work.near else []
        return cards.StepView(
            settings,
            flow,
            policy.checklist(settings, flow, facts),
            await self.store.interests_of(member.id),
            (help_here[0], self.help.names[0].rpartition("/")[2]) if help_here else None,
            work.now,
        )

    async def _has_buddies(self, work: Work, member: Member) -> bool:
        return bool(set(await self.store.willing(work.community.id)) - {member.id})

    async def next_card(self, work: Work, member: Member) -> Card:
        """Return the card of the step that is next, or of the end."""
        view = await self.view(work, member)
        step = policy.next_step(view.marks)
        return cards.step_card(step, view) if step else cards.finished_card(view)

    async def begin(self, ctx: Context) -> OnboardingProgress:
        """Return how far the person who is here is, begun if they had not."""
        settings = await self.policy(ctx)
        await self.progress.begin(ctx.community.id, ctx.member.id, ctx.space.key, settings.common.name, ctx.now)
        progress = await self.progress.get(ctx.member.id)
        assert progress is not None
        return progress

    async def do(self, work: Work, member: Member, *steps: Kind) -> None:
        """Note that steps are done, and plan the next reminder."""
        for step in steps:
            await self.progress.do(work.community.id, member.id, step, work.now)
        await self.plan(work, member)

    async def is_news(self, member_id: int, *steps: Kind) -> bool:
        """Say whether this would be a member's first contribution, or one of these steps is still to be done."""
        return await self.progress.lacks(member_id, steps)

    async def contributed(self, work: Work, member: Member, what: str, *steps: Kind) -> None:
        """Note that a member gave something to the community, which may be a step as well."""
        if await self.progress.get(member.id) is None:
            return
        await self.progress.contribute(member.id, what, work.now)
        await self.do(work, member, *steps)
        for account in member.accounts:
            self.watch.note(account)

    # Reminders

    async def plan(self, work: Work, member: Member) -> None:
        """Plan when a member is to be reminded next, if at all."""
        progress = await self.progress.get(member.id)
        if progress is None:
            return
        view = await self.view(work, member, progress)
        nudged = (await self.progress.steps(member.id)).nudged
        at = policy.next_nudge(view.flow, view.marks, nudged, progress, member, work.member_zone(member))
        if at != progress.nudge_at:
            await self.progress.plan(member.id, at)
            await self.set_alarm(work)

    async def set_alarm(self, work: Work) -> None:
        """Have whoever is to be reminded next reminded then. One job for all of a community."""
        soonest = await self.progress.next_nudge(work.community.id)
        if soonest:
            await work.schedule(calls.remind(), soonest, key=f"nudges/{work.community.id}")

    # Buddies

    async def give_buddy(self, work: Work, newcomer: Member, passed: set[int]) -> Match | None:
        """Give a newcomer the best buddy who still has time when it comes to it, and have the two meet."""
        settings, since = await self.policy(work), work.now - MONTH
        willing = await work.members.get_many(await self.store.willing(work.community.id))
        likes = await self.store.interests(work.community.id)
        load, most = await self.store.load(work.community.id, since), settings.buddy_load
        zone = work.member_zone(newcomer)
        while match := choose_buddy(newcomer, [*willing.values()], likes, load, passed, work.now, zone, most):
            buddy = match.buddy.id
            if await self.store.pair(work.community.id, newcomer.id, buddy, work.now, since=since, most=most):
                await self.do(work, newcomer, Kind.BUDDY)
                self.lifecycle.touch(work, newcomer.id)
                return match
            passed = passed | {buddy}
        return None
