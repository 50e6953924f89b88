"""How thanks go on: a card where they were said, and one where the receiver is; or that they were taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from adapters.contract.models import Channel, MessageRef, Space
from adapters.contract.ui import Card
from bot.delivery.addressing import account_in
from bot.kernel.channels import ChannelGroup
from bot.kernel.lifecycle import Lifecycle, Posting, Shown, Standing
from bot.kernel.work import Work
from storage.kudos import Kind, Kudos, KudosStore
from storage.members import Member, MemberStore
from storage.postings import IMPOSSIBLE, LOST, Posted

from .cards import People, taken_back_card, thanks_card

THANKS = "thanks"
"""What thanks are called among tracked things."""
CARD = "card"


@dataclass(frozen=True, slots=True)
class ThanksSnapshot:
    """Thanks as they are now: `places` are where they should stand, each with where they go if it takes none.

    `link` leads to the message that they are for.
    """

    now: datetime
    kudos: Kudos
    people: People
    link: str | None
    places: tuple[tuple[Channel, Channel | None], ...]
    standing: Standing


class ThanksLifecycle(Lifecycle[ThanksSnapshot]):
    """Thanks by word stay as they were said, unless they are taken back: nothing of them comes due."""

    kind = THANKS

    def __init__(self, kudos: KudosStore, members: MemberStore, digest: ChannelGroup) -> None:
        super().__init__()
        self._kudos = kudos
        self._members = members
        self._digest = digest

    async def read(self, work: Work, id_: int, standing: Standing) -> ThanksSnapshot | None:
        kudos = await self._kudos.get(id_)
        if kudos is None or kudos.kind is not Kind.THANKS:
            return None
        people = People(await self._members.get_many({kudos.receiver_id, *filter(None, [kudos.giver_id])}))
        message = MessageRef.of(kudos.message) if kudos.message else None
        place = message.channel if message else Channel.of(kudos.channel or "")
        receiver = people.known.get(kudos.receiver_id)
        return ThanksSnapshot(
            work.now,
            kudos,
            people,
            work.platforms.link(message) if message else None,
            tuple(self._places(place, _homes(receiver, await work.spaces()))),
            standing,
        )

    def _places(self, place: Channel, homes: list[Space]) -> Iterator[tuple[Channel, Channel | None]]:
        """Return where thanks stand: where they were said and, if the receiver is not there, in a space where they are.

        Where we cannot write, they stand in the channel for digests instead.
        """
        yield place, self._digest.nearest(place.space)
        if homes and place.space not in homes:
            channel = self._digest.nearest(homes[0], homes)
            if channel:
                yield channel, None

    def is_open(self, snapshot: ThanksSnapshot) -> bool:
        """Nobody read them yet, because no place took them."""
        rows = snapshot.standing.rows
        refused = any(row.why in (IMPOSSIBLE, LOST) for row in rows)
        return refused and not snapshot.kudos.reversed_at and not any(row.message for row in rows)

    def shown(self, snapshot: ThanksSnapshot) -> Iterator[Shown]:
        """Yield the card where it stands or is about to, whatever settings say by now, and where it is missing."""
        kudos = snapshot.kudos
        card = taken_back_card() if kudos.reversed_at else thanks_card(kudos, snapshot.people, snapshot.link)
        others = {place.space: other for place, other in snapshot.places}
        stands = {
            channel.space: channel
            for row in snapshot.standing.rows
            if row.key == CARD and row.gone_at is None
            for channel in [Channel.of(row.channel)]
        }
        wanted = {} if kudos.reversed_at else {place.space: place for place, _ in snapshot.places}
        for space, place in (wanted | stands).items():
            other = others.get(space)
            yield Posting(CARD, place, card, otherwise=(other,) if other else (), at=kudos.at)

    def over(self, snapshot: ThanksSnapshot | None, key: str, people: tuple[int, ...]) -> Card | None:  # noqa: ARG002
        return taken_back_card() if snapshot is None else None

    async def lost(self, work: Work, snapshot: ThanksSnapshot, row: Posted) -> None:  # noqa: ARG002
        """A moderator removed the card: so the thanks do not count any more."""
        await self._kudos.reverse_one(snapshot.kudos.id, work.now, "deleted")


def _homes(member: Member | None, spaces: list[Space]) -> list[Space]:
    """Return the spaces in which a member has an account."""
    return [space for space in spaces if member and account_in(member, space)]
