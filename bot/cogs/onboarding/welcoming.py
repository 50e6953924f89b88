"""How those who came within some minutes are welcomed together: one card, in the space in which they arrived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.contract.models import Channel, Space
from adapters.contract.ui import Card
from bot.kernel.channels import ChannelGroup
from bot.kernel.lifecycle import Beside, Due, Lifecycle, Posting, Shown, Standing
from bot.kernel.work import Work
from storage.members import GONE, Member, MemberStore
from storage.welcomes import WelcomeStore

from .cards import welcome_card, welcomed_card
from .meeting import spaces_of

CARD = "card"
LATELY = timedelta(days=1)
"""For how long a welcome is said once more where its channel was deleted."""


@dataclass(frozen=True, slots=True)
class WelcomeSnapshot:
    """Who is welcomed together, when, and where."""

    now: datetime
    at: datetime
    people: tuple[Member, ...]
    channel: Channel | None
    standing: Standing


class WelcomeLifecycle(Lifecycle[WelcomeSnapshot]):
    """Some who came, from the first of them on."""

    kind = "welcome"

    def __init__(self, welcomes: WelcomeStore, members: MemberStore, channels: ChannelGroup) -> None:
        super().__init__()
        self._welcomes = welcomes
        self._members = members
        self._channels = channels

    async def read(self, work: Work, id_: int, standing: Standing) -> WelcomeSnapshot | None:
        welcome = await self._welcomes.get(id_)
        if welcome is None:
            return None
        newcomers = await self._welcomes.people(welcome)
        people = await self._members.get_many(newcomers)
        said = standing.row(CARD, welcome.space) is not None
        here = [people[id_] for id_ in newcomers if said or welcome.space in spaces_of(people[id_])]
        named = tuple(member for member in here if member.name != GONE)
        channel = self._channels.nearest(Space.of(welcome.space))
        return WelcomeSnapshot(work.now, welcome.at, named, channel, standing)

    def due(self, snapshot: WelcomeSnapshot) -> Due | None:
        return Due(snapshot.at) if snapshot.at > snapshot.now else None

    def is_open(self, snapshot: WelcomeSnapshot) -> bool:
        return snapshot.now - snapshot.at < LATELY

    def shown(self, snapshot: WelcomeSnapshot) -> Iterator[Shown]:
        if snapshot.at > snapshot.now or not snapshot.people:
            return
        card = welcome_card(snapshot.people)
        if snapshot.channel:
            yield Posting(CARD, snapshot.channel, card, at=snapshot.at)
        elif snapshot.standing.find(CARD):  # settings name no channel there any more
            yield Posting(CARD, Beside(CARD), card)

    def over(self, _snapshot: WelcomeSnapshot | None, _key: str, _people: tuple[int, ...]) -> Card | None:
        return welcomed_card()
