"""Peers: who was asked to help and what they made of it, what they say they know, and who wants to be left alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, Column, ColumnElement, ForeignKey, Index, Integer, Table, delete, select, true, update

from .columns import UtcDateTime, WrittenText, metadata, names_of
from .questions import UNSETTLED, Audience, Question, QuestionRows, State, questions


class Reaction(StrEnum):
    """What a member made of being asked. `LEFT`: they are not in the community any more."""

    HELPING = "helping"
    DECLINED = "declined"
    SNOOZED = "snoozed"
    LEFT = "left"


offers = Table(
    "offers",
    metadata,
    Column("question_id", ForeignKey("questions.id"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("wave", Integer, nullable=False),
    Column("reason", WrittenText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reaction", names_of(Reaction)),
    Column("reacted_at", UtcDateTime),
    Index(None, "member_id", "at"),
    Index(None, "member_id", "reacted_at"),
)

expertise = Table(
    "expertise",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("topic", WrittenText, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("wanted", Boolean, nullable=False, server_default=true()),
    Index(None, "community_id", "topic", "at"),
)
"""What members say of themselves and a topic: that they know about it, or do not want to be asked about it."""

left_alone = Table(
    "left_alone",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A member was asked to help, for this reason, in this wave."""

    question_id: int
    member_id: int
    wave: int
    reason: str
    at: datetime
    reaction: Reaction | None
    reacted_at: datetime | None


class PeerStore(QuestionRows):
    """Offers of a question to peers, and peers' own word on themselves."""

    async def begin_wave(self, question_id: int, wave: int, at: datetime) -> Question | None:
        """Note that a wave of peers is asked. Nothing if that wave has been, or nobody needs to be asked any more."""
        return await self._change(
            question_id, questions.c.state == State.OPEN, questions.c.waves == wave - 1, waves=wave, wave_at=at
        )

    async def help(self, question_id: int, helper_id: int, at: datetime) -> Question | None:
        """A peer takes it on. Nothing if someone has already, or it is settled."""
        return await self._change(
            question_id,
            questions.c.state == State.OPEN,
            questions.c.audience == Audience.PEERS,
            state=State.CLAIMED,
            helper_id=helper_id,
            claimed_at=at,
        )

    async def hasten(self, question_id: int, wave: int, wave_at: datetime) -> Question | None:
        """Count a wave as sent at an earlier moment: everyone in it has said no."""
        return await self._change(
            question_id, questions.c.state == State.OPEN, questions.c.waves == wave, wave_at=wave_at
        )

    async def offer(self, question_id: int, wave: int, reasons: dict[int, str], at: datetime) -> None:
        """Note whom a wave asks, and why. Whoever was asked about this question before is not asked again."""
        rows = [
            {"question_id": question_id, "member_id": member, "wave": wave, "reason": reason, "at": at}
            for member, reason in reasons.items()
        ]
        if rows:
            async with self._database.write() as connection:
                await connection.execute(self._database.insert(offers).on_conflict_do_nothing(), rows)

    async def react(
        self, question_id: int, member_id: int, reaction: Reaction, at: datetime, *, first: bool = False
    ) -> None:
        """Note what a member made of being asked; with `first`, only if nothing is noted yet."""
        theirs = [offers.c.question_id == question_id, offers.c.member_id == member_id]
        if first:
            theirs.append(offers.c.reaction.is_(None))
        async with self._database.write() as connection:
            await connection.execute(update(offers).where(*theirs).values(reaction=reaction, reacted_at=at))

    async def offers(self, question_id: int) -> list[Offer]:
        """Return whom this question was offered to, first wave first."""
        return await self._offers(offers.c.question_id == question_id)

    async def offers_to(self, member_id: int) -> list[Offer]:
        """Return everything that a member was asked."""
        return await self._offers(offers.c.member_id == member_id)

    async def latest_to(self, member_id: int, limit: int) -> list[Offer]:
        """Return the latest of what a member was asked."""
        query = select(offers).where(offers.c.member_id == member_id)
        query = query.order_by(offers.c.at.desc(), offers.c.question_id.desc()).limit(limit)
        async with self._database.read() as connection:
            return [Offer(**row._asdict()) for row in await connection.execute(query)]

    async def open_to(self, member_id: int, since: datetime, limit: int) -> list[Question]:
        """Return the questions that a member was asked about since then, and has not answered yet; the latest first."""
        query = (
            select(questions)
            .join(offers, offers.c.question_id == questions.c.id)
            .where(
                offers.c.member_id == member_id,
                offers.c.at >= since,
                offers.c.reaction.is_(None),
                questions.c.state == State.OPEN,
                questions.c.audience == Audience.PEERS,
            )
            .order_by(offers.c.at.desc())
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [Question(**row._asdict()) for row in await connection.execute(query)]

    async def unsettled_of(self, member_ids: Collection[int], limit: int) -> list[Question]:
        """Return what these members ask themselves and nobody has settled yet, the latest first."""
        if not member_ids:
            return []
        query = select(questions).where(questions.c.asker_id.in_(member_ids), questions.c.state.in_(UNSETTLED))
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(questions.c.id.desc()).limit(limit))
            return [Question(**row._asdict()) for row in rows]

    async def snoozed(self, member_ids: Collection[int], since: datetime) -> set[int]:
        """Return who of these members said since then that they do not want to be asked for a while."""
        theirs = offers.c.member_id.in_(member_ids) & (offers.c.reacted_at > since)
        query = select(offers.c.member_id).where(theirs, offers.c.reaction == Reaction.SNOOZED)
        async with self._database.read() as connection:
            return {*await connection.scalars(query)}

    async def set_expertise(
        self, community_id: int, member_id: int, topic: str, at: datetime, *, wanted: bool = True
    ) -> None:
        """Note that a member knows about a topic, or does not want to be asked about it, whatever they answered."""
        statement = self._database.insert(expertise).values(
            community_id=community_id, member_id=member_id, topic=topic, at=at, wanted=wanted
        )
        changed = statement.on_conflict_do_update(
            index_elements=["member_id", "topic"],
            set_={"at": at, "wanted": wanted},
            where=expertise.c.wanted.is_distinct_from(wanted),
        )
        async with self._database.write() as connection:
            await connection.execute(changed)

    async def expertise(self, member_id: int, *, wanted: bool = True) -> list[str]:
        """Return the topics that a member says they know, or does not want to be asked about."""
        mine = (expertise.c.member_id == member_id) & (expertise.c.wanted == wanted)
        query = select(expertise.c.topic).where(mine).order_by(expertise.c.topic)
        async with self._database.read() as connection:
            return [*await connection.scalars(query)]

    async def leave_alone(self, member_id: int, at: datetime) -> None:
        """What this member posts is no longer read as a question."""
        statement = self._database.insert(left_alone).values(member_id=member_id, at=at)
        async with self._database.write() as connection:
            await connection.execute(statement.on_conflict_do_nothing())

    async def is_left_alone(self, member_id: int) -> bool:
        """Say whether this member wants their posts not to be read as questions."""
        async with self._database.read() as connection:
            found = await connection.scalar(select(left_alone.c.at).where(left_alone.c.member_id == member_id))
            return found is not None

    async def forget(self, member_id: int) -> None:
        """Remove all that is known of a member here."""
        async with self._database.write() as connection:
            for table in (offers, expertise, left_alone):
                await connection.execute(delete(table).where(table.c.member_id == member_id))

    async def _offers(self, *conditions: ColumnElement[bool]) -> list[Offer]:
        query = select(offers).where(*conditions).order_by(offers.c.wave, offers.c.at, offers.c.member_id)
        async with self._database.read() as connection:
            return [Offer(**row._asdict()) for row in await connection.execute(query)]
