"""The weekly digest: once a week, at the community's own time, it names people and what they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.text import Words
from adapters.contract.ui import Card
from bot.kernel.cog import Cog, drawing, every
from bot.kernel.context import Context
from bot.kernel.work import Reading, Work
from storage.kudos import Kind, Kudos
from storage.members import Member

from .cards import LINES, digest_card, empty_digest_card, room_words
from .policy import Milestone, digest_week
from .service import Recognition


@dataclass(frozen=True, slots=True)
class Week:
    """What is told in words, who else was thanked, and who else came to events."""

    told: Sequence[Kudos]
    thanked: Sequence[int]
    came: Sequence[int]


class Digest(Cog):
    """Tells what people did for each other. An empty week is left in peace."""

    name = "digest"
    room = "Recognition"

    def __init__(self, recognition: Recognition) -> None:
        self.recognition = recognition

    @every(lambda cog: cog.recognition.default.digest)
    async def week(self, work: Work) -> None:
        """The week is over: tell of it in each space, unless nothing happened."""
        policy = await self.recognition.policy(work)
        since, until = digest_week(policy.digest, work.now, ZoneInfo(work.community.timezone))
        card = await self._card(work, since, until)
        if card is None:
            return
        for space in await work.spaces():
            if channel := self.recognition.digest.nearest(space):
                key = f"digest/{work.community.id}/{until.date()}/{space.key}"
                work.say(channel, card, key=key, draw=Digest.told.call(since.isoformat(), until.isoformat()))

    @drawing
    async def told(self, work: Reading, since: str, until: str) -> Card:
        """Tell of that week once more, without somebody who was forgotten."""
        week = datetime.fromisoformat(since), datetime.fromisoformat(until)
        return await self._card(work, *week) or empty_digest_card()

    async def _card(self, work: Work, since: datetime, until: datetime) -> Card | None:
        """Return what is told of a week; None where nothing happened."""
        recognition, policy = self.recognition, await self.recognition.policy(work)
        rows = await recognition.public(work, await recognition.kudos.between(work.community.id, since, until))
        if not rows:
            return None
        reached: dict[int, Milestone] = {}
        hidden = await recognition.hidden(work)
        for member, name in await recognition.standing.reached_between(work.community.id, since, until):
            milestone = policy.milestone(name)
            if milestone and member not in hidden:
                reached[member] = milestone
        week = chosen(rows)
        return digest_card(week.told, week.thanked, week.came, reached, await recognition.people(rows, *reached))

    async def room_words(self, ctx: Context) -> Words:
        return room_words(self.recognition.digest.links(ctx.space), self.recognition.default.values)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...


def chosen(rows: Sequence[Kudos]) -> Week:
    """Return what of a week is told.

    Everyone comes once before anyone comes twice; of what each person did the weightiest are told first. What one
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
    first = [row for _, _, row in sorted(turns, key=lambda entry: entry[:2])[:LINES]]
    named = {row.receiver_id for row in first}
    came = {row.receiver_id: None for row in rows if row.kind is Kind.ATTEND and row.receiver_id not in named}
    thanked = {row.receiver_id: None for row in rows if row.kind is not Kind.ATTEND and row.receiver_id not in named}
    return Week(first, [*thanked], [member for member in came if member not in thanked])
