"""Who may be asked to help with a question: because they say that they know about it, or did something like it.

However many members there are, only so many rows are looked at: the latest who said so.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    TableValuedAlias,
    Text,
    and_,
    func,
    literal,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY

from .database import Database
from .peers import Offer, expertise, offers
from .people import Member, members, members_of, with_accounts
from .questions import Question

LATEST = 100
"""So many experts of each topic are looked at, the latest."""
DECLARED = 10_000
"""So many of what people say they know are looked at, the latest."""
_REACHABLE = (members.c.left_at.is_(None), members.c.last_active_at.is_not(None), members.c.offers_ok == true())
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class CandidateStore:
    """Finds those who may be asked: who is here and not away, is open to it, and was not asked about that yet.

    Who was never seen here is not asked, whatever an import tells of them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def askable(
        self, question: Question, member_ids: Collection[int], topics: Collection[str], now: datetime
    ) -> list[Member]:
        """Return those of these members who may be asked about a question that is about these topics, or names them."""
        query = with_accounts.where(members.c.id.in_(member_ids), self._may_be_asked(question, topics, now))
        async with self._database.read() as connection:
            return members_of((await connection.execute(query)).all()) if member_ids else []

    async def experts(self, question: Question, topics: Collection[str], now: datetime) -> dict[int, frozenset[str]]:
        """Return who says that they know about some of these topics, and which: at most 100, the latest of each."""
        named = self._rows([*topics])
        same = (expertise.c.community_id == question.community_id) & (expertise.c.topic == named.c.value)
        latest = expertise.alias("latest")
        first = (
            select(latest.c.at)
            .where(latest.c.community_id == question.community_id, latest.c.topic == named.c.value)
            .order_by(latest.c.at.desc())
            .offset(LATEST - 1)
            .limit(1)
            .correlate(named)
            .scalar_subquery()
        )
        query = (
            select(expertise.c.member_id, expertise.c.topic)
            .join_from(named, expertise, and_(same, expertise.c.at >= func.coalesce(first, _EVER)))
            .join(members, members.c.id == expertise.c.member_id)
            .where(expertise.c.wanted, self._may_be_asked(question, topics, now))
            .limit(LATEST)
        )
        known: dict[int, set[str]] = {}
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                known.setdefault(row.member_id, set()).add(row.topic)
        return {member: frozenset(about) for member, about in known.items()}

    async def declared(self, community_id: int) -> set[str]:
        """Return what those who may be asked say that they know: of so many, the latest."""
        query = (
            select(expertise.c.topic)
            .join(members, members.c.id == expertise.c.member_id)
            .where(expertise.c.community_id == community_id, expertise.c.wanted, *_REACHABLE)
            .order_by(expertise.c.at.desc())
            .limit(DECLARED)
        )
        async with self._database.read() as connection:
            return {*await connection.scalars(query)}

    async def reachable(self, member_ids: Collection[int]) -> set[int]:
        """Return who of these members may be asked about anything: they are here, were seen, and are open to it."""
        query = select(members.c.id).where(members.c.id.in_(member_ids), *_REACHABLE)
        async with self._database.read() as connection:
            return {*await connection.scalars(query)} if member_ids else set()

    async def recent_offers(self, member_ids: Collection[int], since: datetime) -> list[Offer]:
        """Return the offers that were made to these members, or answered by them, since a moment."""
        theirs = offers.c.member_id.in_(member_ids)
        query = union(
            select(offers).where(theirs, offers.c.at >= since),
            select(offers).where(theirs, offers.c.reacted_at >= since),
        )
        async with self._database.read() as connection:
            return [Offer(**row._asdict()) for row in await connection.execute(query)] if member_ids else []

    def _may_be_asked(self, question: Question, topics: Collection[str], now: datetime) -> ColumnElement[bool]:
        asked = select(offers.c.member_id).where(offers.c.question_id == question.id)
        named = self._rows([*topics])
        unwanted = select(expertise.c.member_id).where(
            expertise.c.community_id == question.community_id,
            expertise.c.topic.in_(select(named.c.value)),
            expertise.c.wanted.is_(False),
        )
        return and_(
            *_REACHABLE,
            or_(members.c.away_until.is_(None), members.c.away_until <= now),
            members.c.id != question.asker_id,
            members.c.id.not_in(asked),
            members.c.id.not_in(unwanted),
        )

    def _rows(self, texts: list[str]) -> TableValuedAlias:
        """Return texts as rows with one column, `value`."""
        if self._database.dialect == "sqlite":
            return func.json_each(json.dumps(texts)).table_valued("value", name="named")
        return func.unnest(literal(texts, ARRAY(Text))).table_valued("value", name="named").render_derived()
