"""Who may be asked to help with a question: found by what they did and what they say of themselves.

However many members and questions there are, only so many rows are looked at: the past of the questions that are most
like this one, of the latest on its topic and of the latest of all, and the latest who say that they know about it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Select,
    TableValuedAlias,
    Text,
    and_,
    func,
    literal,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from .database import Database
from .peers import Offer, expertise, offers
from .people import members
from .questions import Question, State, questions
from .replies import replies

LATEST = 100
"""So many of the latest questions are looked at, of the topic and of all, and so many experts of each topic."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Help:
    """A member wrote in the thread of someone else's question; `accepted` if that is what solved it."""

    question_id: int
    member_id: int
    topic: str
    accepted: bool
    at: datetime


class CandidateStore:
    """Finds those who may be asked: who is here and not away, is open to it, and was not asked about that yet.

    Who was never seen here is not asked, whatever an import tells of them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def help_given(
        self, question: Question, similar: Collection[int], topics: Collection[str], since: datetime, now: datetime
    ) -> list[Help]:
        """Return who helped on whose questions, one row for a member and question, by when they last wrote.

        Those questions are the `similar` ones, and the latest. An answer that spared someone else their question
        counts as accepted once more. Who does not want to be asked about one of the `topics` is left out.
        """
        may_be_asked = self._may_be_asked(question, topics, now)
        community = questions.c.community_id == question.community_id
        near = union(
            select(questions.c.id).where(questions.c.id.in_(similar)),  # with the community SQLite would walk all of it
            _latest(community, questions.c.topic == question.topic),
            _latest(community),
            _latest_imported(question),
        ).subquery("near")
        written = (
            select(
                replies.c.question_id,
                replies.c.member_id,
                questions.c.topic,
                (func.coalesce(questions.c.solver_id, 0) == replies.c.member_id).label("accepted"),
                func.max(replies.c.at).label("at"),
            )
            .join_from(near, questions, questions.c.id == near.c.id)
            .join(replies, replies.c.question_id == questions.c.id)
            .join(members, members.c.id == replies.c.member_id)
            .where(
                community,
                questions.c.asker_id != replies.c.member_id,
                replies.c.at >= since,
                replies.c.deleted_at.is_(None),
                may_be_asked,
            )
            .group_by(replies.c.question_id, replies.c.member_id, questions.c.topic, questions.c.solver_id)
        )
        spared = questions.alias("spared")
        again = (
            select(
                questions.c.id, questions.c.solver_id, questions.c.topic, literal(True), spared.c.solved_at.label("at")
            )
            .join_from(near, questions, questions.c.id == near.c.id)
            .join(spared, spared.c.known_id == questions.c.id)
            .join(members, members.c.id == questions.c.solver_id)
            .where(
                community,
                spared.c.state == State.DEFLECTED,
                spared.c.solved_at >= since,
                spared.c.asker_id != questions.c.solver_id,
                may_be_asked,
            )
            .order_by(spared.c.id.desc())
            .limit(LATEST)
            .subquery("again")
        )
        async with self._database.read() as connection:
            rows = await connection.execute(union_all(written, select(again)))
            return [Help(row.question_id, row.member_id, row.topic, bool(row.accepted), row.at) for row in rows]

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
            members.c.left_at.is_(None),
            members.c.last_active_at.is_not(None),
            members.c.offers_ok == true(),
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


def _latest(*conditions: ColumnElement[bool]) -> Select[tuple[int]]:
    """Return the ids of the latest questions that were posted."""
    posted = select(questions.c.id).where(*conditions, questions.c.number.is_not(None))
    latest = posted.order_by(questions.c.number.desc()).limit(LATEST).subquery()
    return select(latest.c.id)


def _latest_imported(question: Question) -> Select[tuple[int]]:
    """Return the ids of the latest questions on a topic that were asked before Trellis came."""
    mine = (questions.c.community_id == question.community_id) & (questions.c.topic == question.topic)
    brought = select(questions.c.id).where(mine, questions.c.import_id.is_not(None))
    latest = brought.order_by(questions.c.asked_at.desc()).limit(LATEST).subquery()
    return select(latest.c.id)
