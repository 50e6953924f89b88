"""How someone comes in: what moderators are asked and decide, and what opens then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from adapters.contract.models import Account, Channel, Space
from adapters.contract.ui import Card
from bot.delivery.addressing import addressed
from bot.kernel.channels import ChannelGroup
from bot.kernel.lifecycle import Beside, Held, Lifecycle, Posting, Shown, Standing, Telling
from bot.kernel.policies import Policies
from bot.kernel.work import Work
from storage.gates import Admission, GateStore, Verdict
from storage.members import Member, MemberStore

from .cards import admitted_card, by_hand_card, refused_card, request_card, request_gone_card
from .lifecycle import STAMP, first_of_each
from .policy import Gate, Policy

CARD, BY_HAND, REFUSED, ADMITTED = "card", "by_hand", "refused", "admitted"


@dataclass(frozen=True, slots=True)
class EntrySnapshot:
    """Where someone stands at the gate; `opens` are the channels behind it."""

    now: datetime
    member: Member
    admission: Admission
    decider: Member | None
    gate: Gate | None
    moderators: tuple[Channel, ...]
    welcome: tuple[Channel, ...]
    opens: tuple[Channel, ...]
    standing: Standing

    @property
    def opened_at(self) -> datetime | None:
        """Since when the doors are open for them, if they are here and may come in."""
        inside = self.admission.verdict is Verdict.ADMITTED and self.member.left_at is None
        return self.admission.opened_at if inside else None


class EntryLifecycle(Lifecycle[EntrySnapshot]):
    """Someone who came to the gate."""

    kind = "gate"

    def __init__(
        self,
        gates: GateStore,
        members: MemberStore,
        moderators: ChannelGroup,
        welcome: ChannelGroup,
        opens: ChannelGroup,
        policies: Policies[Policy],
    ) -> None:
        super().__init__()
        self._gates = gates
        self._members = members
        self._moderators = moderators
        self._welcome = welcome
        self._opens = opens
        self._policies = policies

    async def read(self, work: Work, id_: int, standing: Standing) -> EntrySnapshot | None:
        member, admission = await self._members.get(id_), await self._gates.get(id_)
        if member is None or admission is None:
            return None
        spaces = await work.spaces()
        return EntrySnapshot(
            work.now,
            member,
            admission,
            await self._members.get(admission.decided_by_id) if admission.decided_by_id else None,
            (await self._policies.of(work.community.id)).gate,
            first_of_each(self._moderators, spaces),
            first_of_each(self._welcome, spaces),
            tuple(channel for space in spaces for channel in self._opens.within(space)),
            standing,
        )

    def is_open(self, snapshot: EntrySnapshot) -> bool:
        return snapshot.admission.verdict is Verdict.WAITING

    def shown(self, snapshot: EntrySnapshot) -> Iterator[Shown]:
        yield from _asked(snapshot)
        yield from _opened(snapshot)
        yield from _told(snapshot)

    def over(self, snapshot: EntrySnapshot | None, key: str, _people: tuple[int, ...]) -> Card | None:
        """Of what names somebody nothing is left once they are forgotten; what was said to others in time stays."""
        return request_gone_card() if snapshot is None and key in (CARD, BY_HAND, REFUSED, ADMITTED) else None


def _asked(snapshot: EntrySnapshot) -> Iterator[Shown]:
    """Show moderators who would like to come in and, once it is decided, what was decided."""
    admission, standing = snapshot.admission, snapshot.standing
    if admission.verdict is Verdict.OUTSIDE:
        return
    card = request_card(snapshot.member, admission, snapshot.decider)
    for channel in snapshot.moderators:
        if admission.verdict is Verdict.WAITING or standing.row(CARD, channel.space.key):
            yield Posting(CARD, channel, card)
    named = {channel.space for channel in snapshot.moderators}
    for space in [Space.of(row.spot) for row in standing.all(CARD) if Space.of(row.spot) not in named]:
        yield Posting(CARD, Beside(CARD, space), card)


def _opened(snapshot: EntrySnapshot) -> Iterator[Shown]:
    """Open what is behind the gate. One way in is enough; where there is none, moderators are asked to help."""
    gate, opened_at = snapshot.gate, snapshot.opened_at
    if gate is None or opened_at is None or not (gate.role or gate.channels):
        return
    ways = [*_ways(snapshot, gate, f"{opened_at:{STAMP}}")]
    yield from ways
    known = [snapshot.standing.row(way.key, way.account.key) for way in ways]
    if all(row and row.gone_at for row in known):
        missing = ", ".join([gate.role] * bool(gate.role) + [f"#{name.lstrip('#')}" for name in gate.channels])
        for channel in snapshot.moderators[:1]:
            yield Posting(BY_HAND, channel, by_hand_card(snapshot.member, missing), once=True, at=opened_at)


def _ways(snapshot: EntrySnapshot, gate: Gate, when: str) -> Iterator[Held]:
    """Return what someone is given with each of their accounts, once for each time that they come in."""
    for account in map(Account.of, snapshot.member.accounts):
        if gate.role:
            yield Held(f"role/{when}", snapshot.member, account, gate.role)
        for channel in snapshot.opens:
            if channel.space == account.space:
                yield Held(f"in/{when}/{channel.id}", snapshot.member, account, channel=channel)


def _told(snapshot: EntrySnapshot) -> Iterator[Shown]:
    """Tell someone what moderators decided: directly, or else in the channel where they arrived."""
    member, admission = snapshot.member, snapshot.admission
    if admission.verdict is Verdict.REFUSED:
        yield Telling(
            REFUSED,
            (member,),
            snapshot.welcome,
            lambda _: refused_card(admission.reason),
            lambda people, place: addressed(refused_card(), people, place),
            at=admission.decided_at,
            expected=True,
        )
    elif snapshot.opened_at and admission.how == "moderator":
        at = snapshot.opened_at
        yield Telling(ADMITTED, (member,), snapshot.welcome, lambda _: admitted_card(), at=at, expected=True)
