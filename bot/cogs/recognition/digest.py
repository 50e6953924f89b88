"""The weekly digest: once a week, at the community's own time, it names people and what they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.models import Space
from adapters.contract.text import Words
from bot.kernel.cog import Cog, action, every
from bot.kernel.context import Context, Work
from storage.kudos import Kind, Kudos
from storage.members import Member

from . import cards
from .desk import Desk
from .rules import Milestone, digest_week


@dataclass(frozen=True, slots=True)
class Week:
    """The deeds that are told in words, who else was thanked, and who else came to events."""

    deeds: Sequence[Kudos]
    thanked: Sequence[int]
    came: Sequence[int]


class Digest(Cog):
    """Tells what people did for each other. An empty week is left in peace."""

    name = "digest"
    room = "Recognition"

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @every(lambda cog: cog.desk.usual.digest)
    async def week(self, work: Work) -> None:
        """The week is over: tell of it in each space, each in its own time if a platform is down."""
        for space in await work.spaces():
            await work.schedule(Digest.tell.call(space.key), work.now, key=f"digest/{work.community.id}/{space.key}")

    @action
    async def tell(self, work: Work, space: str) -> None:
        """Tell of the week in one space, unless nothing happened."""
        places = self.desk.digest.within(Space.of(space))
        policy = await self.desk.policy(work)
        since, until = digest_week(policy.digest, work.now, ZoneInfo(work.community.timezone))
        rows = await self.desk.public(work, await self.desk.kudos.between(work.community.id, since, until))
        if not rows or not places:
            return
        reached: dict[int, Milestone] = {}
        hidden = await self.desk.hidden(work)
        for member, name in await self.desk.standing.reached_between(work.community.id, since, until):
            milestone = policy.milestone(name)
            if milestone and member not in hidden:
                reached[member] = milestone
        week = chosen(rows)
        card = cards.digest_card(week.deeds, week.thanked, week.came, reached, await self.desk.people(rows, *reached))
        await work.chat.post(places[0], card, key=f"digest/{work.community.id}/{until.date()}/{space}")

    async def room_words(self, ctx: Context) -> Words:
        return cards.room_words(self.desk.digest.links(ctx.space), self.desk.usual.values)

    async def export(self, member: Member) -> dict[str, Any]:  # noqa: ARG002
        return {}

    async def erase(self, member: Member) -> None: ...


def chosen(rows: Sequence[Kudos]) -> Week:
    """Return what of a week is told.

    Everyone comes once before anyone comes twice; of each person's deeds the weightiest are told first. What one
    person thanked another for is told once.
    """
    told = [row for row in rows if row.kind not in (Kind.REACTION, Kind.ATTEND)]
    pairs = {(row.giver_id, row.receiver_id): row for row in reversed(told) if row.kind is Kind.THANKS}
    told = [row for row in told if row.kind is not Kind.THANKS or pairs[row.giver_id, row.receiver_id] is row]
    by_person = sorted(told, key=lambda row: (row.receiver_id, -row.weight, row.at))
    turns = [
        (turn, row.at, row)
        for _, own in groupby(by_person, key=lambda row: row.receiver_id)
        for turn, row in enumerate(own)
    ]
    deeds = [row for _, _, row in sorted(turns, key=lambda entry: entry[:2])[: cards.LINES]]
    named = {row.receiver_id for row in deeds}
    came = {row.receiver_id: None for row in rows if row.kind is Kind.ATTEND and row.receiver_id not in named}
    thanked = {row.receiver_id: None for row in rows if row.kind is not Kind.ATTEND and row.receiver_id not in named}
    return Week(deeds, [*thanked], [member for member in came if member not in thanked])
