"""What the cogs of this room share: the stores, the channels, and how a deed gets into the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from adapters.contract.call import Call
from adapters.contract.models import Channel
from bot.kernel.channels import ChannelGroup
from bot.kernel.context import Work
from bot.kernel.domain_events import ThanksGiven
from bot.kernel.policies import Policies
from storage.events import EventStore
from storage.ideas import IdeaStore
from storage.kudos import BY_HAND, Deed, Full, Kudos, KudosStore, Limits
from storage.members import Member, MemberStore
from storage.questions import QuestionStore
from storage.standing import StandingStore

from . import cards
from .rules import Policy, worth


@dataclass(frozen=True, slots=True)
class Controls:
    """What the cogs of this room do for each other later, given by the cogs that do it.

    `reach` looks what a member has reached, `show` draws the card of a row, in a channel if it stands nowhere yet.
    """

    reach: Callable[[int], Call]
    show: Callable[[int, str], Call]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the cogs meet."""

    kudos: KudosStore
    standing: StandingStore
    questions: QuestionStore
    ideas: IdeaStore
    events: EventStore
    members: MemberStore
    digest: ChannelGroup
    moderators: ChannelGroup
    unlisted: ChannelGroup
    policies: Policies[Policy]
    controls: Controls

    @property
    def usual(self) -> Policy:
        """What is the same in every community: values, levels, badges, emojis."""
        return self.policies.usual

    async def policy(self, work: Work) -> Policy:
        """Return what the community's settings say."""
        return await self.policies.of(work.community.id)

    async def add(self, work: Work, deed: Deed, limits: Limits | None = None) -> Kudos | Full | None:
        """Add a deed to the ledger, by the weight that settings give it, and see to what follows from it."""
        policy = await self.policy(work)
        async with work.atomic():
            added = await self.kudos.add(
                work.community.id, deed, partial(worth, policy.weights[deed.kind]), work.now, limits
            )
            if isinstance(added, Kudos):
                for member_id in {deed.receiver_id, deed.giver_id} - {None}:
                    assert member_id
                    await work.schedule(self.controls.reach(member_id), work.now, key=f"kudos/reach/{member_id}")
                if deed.kind in BY_HAND and deed.giver_id:
                    await work.publish(ThanksGiven(deed.giver_id, deed.receiver_id))
        return added

    async def show(self, work: Work, rows: Iterable[Kudos], place: Channel | None = None) -> None:
        """Have the cards of rows drawn as the ledger says; new ones in a place."""
        for row in rows:
            call = self.controls.show(row.id, place.key if place else "")
            await work.schedule(call, work.now, key=f"kudos/show/{row.id}")

    async def people(self, rows: Iterable[Kudos], *others: int) -> cards.People:
        """Return the members that rows name."""
        ids = {member for row in rows for member in (row.giver_id, row.receiver_id) if member}
        return cards.People(await self.members.get_many(ids | set(others)))

    async def unlisted_channels(self, work: Work) -> list[str]:
        """Return the channels whose rows stand on no board."""
        return [channel.key for space in await work.spaces() for channel in self.unlisted.within(space)]

    async def unlisted_members(self, work: Work) -> set[int]:
        """Return the people whom settings keep off the boards."""
        found: set[int] = set()
        for name in (await self.policy(work)).without:
            if name.count("/") == 2:
                one = await self.members.by_account(name)
                found |= {one.id} if one else set()
            else:
                found |= {one.id for one in await self.members.by_name(work.community.id, name.lstrip("@"))}
        return found

    async def public(self, work: Work, rows: Iterable[Kudos]) -> list[Kudos]:
        """Return the rows that everyone may read of, without the names of those who want to be on no board."""
        channels = set(await self.unlisted_channels(work))
        hidden = await self.hidden(work)
        return [
            replace(row, anonymous=row.anonymous or row.giver_id in hidden)
            for row in rows
            if row.channel not in channels and row.receiver_id not in hidden
        ]

    async def hidden(self, work: Work) -> set[int]:
        """Return who stands on no board, by their own wish or by settings."""
        return await self.unlisted_members(work) | await self.standing.hidden(work.community.id)


def is_at(member: Member, channel: Channel) -> bool:
    """Say whether a member has an account where a channel is."""
    return any(account.startswith(f"{channel.space.key}/") for account in member.accounts)
