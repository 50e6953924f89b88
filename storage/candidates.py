"""Who may be asked to help with a question: because they say that they know about it, or did something like it.

However many members there are, only so many rows are looked at: the latest who said so.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    TableValuedAlias,
    Text,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY

from .database import Database
from .dialect import Dialect
from .peers import Offer, expertise, offers
from .people import Member, members, members_of, with_accounts
from .questions import Question

LATEST = 100
"""So many experts of each topic are looked at, the latest."""
_REACHABLE = (
    members.c.left_at.is_(None),
    members.c.paused_at.is_(None),
    members.c.last_active_at.is_not(None),
    members.c.offers_ok == true(),
)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)


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
        about = self._about(question, topics, now) | {"ids": [*member_ids]}
        async with self._database.read() as connection:
            return (
                members_of((await connection.execute(_askable(self._database.dialect), about)).all())
                if member_ids
                else []
            )

    async def experts(self, question: Question, topics: Collection[str], now: datetime) -> dict[int, frozenset[str]]:
        """Return who says that they know about some of these topics, and which: at most 100, the latest of each."""
        known: dict[int, set[str]] = {}
        async with self._database.read() as connection:
            experts = _experts(self._database.dialect)
            for row in await connection.execute(experts, self._about(question, topics, now)):
                known.setdefault(row.member_id, set()).add(row.topic)
        return {member: frozenset(about) for member, about in known.items()}

    async def declared(self, community_id: int, topics: Collection[str]) -> set[str]:
        """Return about which of these topics somebody who may be asked says that they know."""
        named = _named(self._database.dialect)
        theirs = (expertise.c.community_id == community_id) & (expertise.c.topic == named.c.value)
        says = select(expertise.c.member_id).join(members).where(theirs, expertise.c.wanted, *_REACHABLE)
        query = select(named.c.value).where(says.correlate(named).exists())
        async with self._database.read() as connection:
            return {*await connection.scalars(query, {"topics": self._packed(topics)})}

    async def anybody_declares(self, community_id: int) -> bool:
        """Say whether anybody who may be asked says that they know about something."""
        says = select(expertise.c.member_id).join(members).where(expertise.c.community_id == community_id)
        async with self._database.read() as connection:
            return await connection.scalar(says.where(expertise.c.wanted, *_REACHABLE).limit(1)) is not None

    async def reachable(self, member_ids: Collection[int]) -> set[int]:
        """Return who of these members may be asked about anything: they are here, were seen, and are open to it."""
        query = select(members.c.id).where(members.c.id.in_(member_ids), *_REACHABLE)
        async with self._database.read() as connection:
            return {*await connection.scalars(query)} if member_ids else set()

    async def recent_offers(self, member_ids: Collection[int], since: datetime) -> list[Offer]:
        """Return the offers that were made to these members, or answered by them, since a moment."""
        asked = {"ids": [*member_ids], "since": since}
        async with self._database.read() as connection:
            return [Offer(**row._asdict()) for row in await connection.execute(_RECENT, asked)] if member_ids else []

    def _about(self, question: Question, topics: Collection[str], now: datetime) -> dict[str, Any]:
        """Return what the statements want to know of a question."""
        asked = {"question": question.id, "asker": question.asker_id, "community": question.community_id}
        return {**asked, "topics": self._packed(topics), "now": now}

    def _packed(self, topics: Collection[str]) -> str | list[str]:
        """Return topics as the database unpacks them."""
        return json.dumps([*topics]) if self._database.dialect == "sqlite" else [*topics]


# The statements: each is put together once, which takes as long as carrying it out


_THEIRS = offers.c.member_id.in_(_IDS)
_RECENT = union(
    select(offers).where(_THEIRS, offers.c.at >= bindparam("since")),
    select(offers).where(_THEIRS, offers.c.reacted_at >= bindparam("since")),
)


@cache
def _askable(dialect: Dialect) -> Select[Any]:
    return with_accounts.where(members.c.id.in_(_IDS), _may_be_asked(dialect))


@cache
def _experts(dialect: Dialect) -> Select[Any]:
    """Choose those who say that they know about some of the topics: of each topic, the latest."""
    named, latest = _named(dialect), expertise.alias("latest")
    here: BindParameter[Any] = bindparam("community")
    same = (expertise.c.community_id == here) & (expertise.c.topic == named.c.value)
    first = (
        select(latest.c.at)
        .where(latest.c.community_id == here, latest.c.topic == named.c.value)
        .order_by(latest.c.at.desc())
        .offset(LATEST - 1)
        .limit(1)
        .correlate(named)
        .scalar_subquery()
    )
    return (
        select(expertise.c.member_id, expertise.c.topic)
        .join_from(named, expertise, and_(same, expertise.c.at >= func.coalesce(first, _EVER)))
        .join(members, members.c.id == expertise.c.member_id)
        .where(expertise.c.wanted, _may_be_asked(dialect))
        .limit(LATEST)
    )


def _may_be_asked(dialect: Dialect) -> ColumnElement[bool]:
    asked = select(offers.c.member_id).where(offers.c.question_id == bindparam("question"))
    unwanted = select(expertise.c.member_id).where(
        expertise.c.community_id == bindparam("community"),
        expertise.c.topic.in_(select(_named(dialect).c.value)),
        expertise.c.wanted.is_(False),
    )
    return and_(
        *_REACHABLE,
        or_(members.c.away_until.is_(None), members.c.away_until <= bindparam("now")),
        members.c.id != bindparam("asker"),
        members.c.id.not_in(asked),
        members.c.id.not_in(unwanted),
    )


def _named(dialect: Dialect) -> TableValuedAlias:
    """Return the topics as rows with one column, `value`."""
    if dialect == "sqlite":
        return func.json_each(bindparam("topics", type_=Text)).table_valued("value", name="named")
    topics = bindparam("topics", type_=ARRAY(Text))
    return func.unnest(topics).table_valued("value", name="named").render_derived()
