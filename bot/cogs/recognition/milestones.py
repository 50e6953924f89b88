"""What people reach: it is noted for good, their roles are given, and they are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import groupby

from adapters.contract.models import Account, Channel
from adapters.contract.text import Verbatim, join
from bot.kernel.channels import ChannelGroup
from bot.kernel.lifecycle import Direct, Due, Held, Lifecycle, Posting, Shown, Standing
from bot.kernel.policies import Policies
from bot.kernel.work import Work
from storage.members import Member, MemberStore
from storage.postings import IMPOSSIBLE
from storage.standing import StandingStore, Tally

from .cards import reached_card, role_failed_card
from .policy import Level, Milestone, Policy, milestones

MILESTONES = "milestones"
"""What somebody's milestones are called among tracked things: they go by the member's id."""


class Step(Enum):
    """What is done for someone."""

    REACH = "note what they have reached"


@dataclass(frozen=True, slots=True)
class MilestonesSnapshot:
    """What someone has reached by now: `noted` says since when, by name. `moderators` is where these are told."""

    now: datetime
    member: Member
    tally: Tally
    noted: Mapping[str, datetime]
    policy: Policy
    moderators: Channel | None
    standing: Standing

    @property
    def new(self) -> list[Milestone]:
        """What they have reached and is not noted yet."""
        return [one for one in milestones(self.tally, self.policy) if one.milestone not in self.noted]

    @property
    def reached(self) -> list[tuple[datetime, Milestone]]:
        """What is noted, in its order."""
        found = [(at, one) for name, at in self.noted.items() if (one := self.policy.milestone(name))]
        order = [*self.policy.levels, *self.policy.badges]
        return sorted(found, key=lambda one: (one[0], order.index(one[1])))


class MilestonesLifecycle(Lifecycle[MilestonesSnapshot]):
    """Nothing that was reached is taken back, also if what led to it is."""

    kind = MILESTONES

    def __init__(
        self, standing: StandingStore, members: MemberStore, moderators: ChannelGroup, policies: Policies[Policy]
    ) -> None:
        super().__init__()
        self._standing = standing
        self._members = members
        self._moderators = moderators
        self._policies = policies

    async def read(self, work: Work, id_: int, standing: Standing) -> MilestonesSnapshot | None:
        member = await self._members.get(id_)
        if member is None or member.community_id != work.community.id or member.left_at:
            return None
        spaces = await work.spaces()
        return MilestonesSnapshot(
            work.now,
            member,
            await self._standing.tally(id_),
            await self._standing.reached(id_),
            await self._policies.of(work.community.id),
            self._moderators.nearest(spaces[0], spaces) if spaces else None,
            standing,
        )

    def due(self, snapshot: MilestonesSnapshot) -> Due | None:
        return Due(snapshot.now, Step.REACH) if snapshot.new else None

    async def take(self, work: Work, snapshot: MilestonesSnapshot, step: Step) -> None:  # noqa: ARG002
        for one in snapshot.new:
            await self._standing.reach(work.community.id, snapshot.member.id, one.milestone, work.now)

    def is_open(self, snapshot: MilestonesSnapshot) -> bool:
        """Moderators have a role to give by hand, however late they can be told."""
        return bool(snapshot.noted)

    def shown(self, snapshot: MilestonesSnapshot) -> Iterator[Shown]:
        member = snapshot.member
        for at, together in groupby(snapshot.reached, key=lambda one: one[0]):
            new = [one for _, one in together]
            for level in new:
                if isinstance(level, Level) and level.role:
                    yield from _role(snapshot, level, at)
            names = join((Verbatim(one.name) for one in new), ", ")
            card = reached_card(names, snapshot.tally.people)
            yield Posting(f"reached/{new[-1].milestone}", Direct(member), card, once=True, at=at)


def _role(snapshot: MilestonesSnapshot, level: Level, at: datetime) -> Iterator[Shown]:
    """Give the role of a level on every account; where none could have it, moderators are told once."""
    member, key = snapshot.member, f"role/{level.milestone}"
    for account in member.accounts:
        yield Held(key, member, Account.of(account), role=level.role)
    rows = [snapshot.standing.row(key, account) for account in member.accounts]
    if snapshot.moderators and rows and all(row and row.why == IMPOSSIBLE for row in rows):
        card = role_failed_card(level.role, member)
        yield Posting(f"role-failed/{level.milestone}", snapshot.moderators, card, once=True, at=at)
