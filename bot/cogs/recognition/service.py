"""What the cogs of this room share: the stores, the channels, and how an entry gets into the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from adapters.contract.models import Channel
from bot.kernel.channels import ChannelGroup
from bot.kernel.domain_events import ThanksGiven
from bot.kernel.lifecycle import look_again
from bot.kernel.policies import Policies
from bot.kernel.work import Work
from storage.kudos import BY_HAND, Full, Kudos, KudosStore, LedgerEntry, Limits
from storage.members import MemberStore
from storage.questions import QuestionStore
from storage.reactions import ReactionStore
from storage.standing import StandingStore

from .cards import People
from .lifecycle import ThanksLifecycle
from .milestones import MilestonesLifecycle
from .policy import Policy, worth


@dataclass(frozen=True, slots=True)
class Recognition:
    """The ledger of a community, and where its members stand by it."""

    kudos: KudosStore
    reactions: ReactionStore
    standing: StandingStore
    questions: QuestionStore
    members: MemberStore
    digest: ChannelGroup
    moderators: ChannelGroup
    unlisted: ChannelGroup
    policies: Policies[Policy]
    thanks: ThanksLifecycle
    milestones: MilestonesLifecycle

    @property
    def default(self) -> Policy:
        """What is the same in every community: values, levels, badges, emojis."""
        return self.policies.default

    async def policy(self, work: Work) -> Policy:
        """Return what the community's settings say."""
        return await self.policies.of(work.community.id)

    async def add(self, work: Work, entry: LedgerEntry, limits: Limits | None = None) -> Kudos | Full | None:
        """Add an entry to the ledger, by the weight that settings give it, and see to what follows from it."""
        policy = await self.policy(work)
        weigh = partial(worth, policy.weights[entry.kind])
        added = await self.kudos.add(work.community.id, entry, weigh, work.now, limits)
        if isinstance(added, Kudos):
            for member_id in filter(None, dict.fromkeys((entry.receiver_id, entry.giver_id))):
                kind = self.milestones.kind
                await work.schedule(look_again(kind, member_id), work.now, key=f"{kind}/{member_id}")
            if entry.kind in BY_HAND and entry.giver_id:
                await work.publish(ThanksGiven(entry.giver_id, entry.receiver_id))
        return added

    async def topic(self, place: Channel) -> str:
        """Return what a thread is about, if it is a question's."""
        question = await self.questions.by_thread(place.key)
        return question.topic if question else ""

    async def people(self, rows: Iterable[Kudos], *others: int) -> People:
        """Return the members that rows name."""
        ids = {member for row in rows for member in (row.giver_id, row.receiver_id) if member}
        return People(await self.members.get_many(ids | set(others)))

    async def unlisted_channels(self, work: Work) -> list[str]:
        """Return the channels whose rows stand on no leaderboard."""
        return [channel.key for space in await work.spaces() for channel in self.unlisted.within(space)]

    async def unlisted_members(self, work: Work) -> set[int]:
        """Return the people whom settings keep off the leaderboards."""
        found: set[int] = set()
        for name in (await self.policy(work)).without:
            if name.count("/") == 2:
                one = await self.members.by_account(name)
                found |= {one.id} if one else set()
            else:
                found |= {one.id for one in await self.members.by_name(work.community.id, name.lstrip("@"))}
        return found

    async def hidden(self, work: Work) -> set[int]:
        """Return who stands on no leaderboard, by their own wish or by settings."""
        return await self.unlisted_members(work) | await self.standing.hidden(work.community.id)

    async def public(self, work: Work, rows: Iterable[Kudos]) -> list[Kudos]:
        """Return the rows that everyone may read of, without the names of those who want to be on no leaderboard."""
        channels = set(await self.unlisted_channels(work))
        hidden = await self.hidden(work)
        return [
            replace(row, anonymous=row.anonymous or row.giver_id in hidden)
            for row in rows
            if row.channel not in channels and row.receiver_id not in hidden
        ]
