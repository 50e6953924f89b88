"""Questions from the first word to the accepted answer: what was asked, who was asked to help, and what came of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    select,
    union,
    union_all,
    update,
)

from .numbers import next_number
from .postings import postings
from .question_rows import KIND, UNPOSTED, UNSETTLED, Audience, Escalation, Question, QuestionRows, State, questions

__all__ = [
    "KIND",
    "UNPOSTED",
    "UNSETTLED",
    "Audience",
    "Escalation",
    "Question",
    "QuestionRows",
    "QuestionStore",
    "State",
    "questions",
]


class QuestionStore(QuestionRows):
    """Questions as they are asked, found and forgotten."""

    async def draft(
        self,
        community_id: int,
        asker_id: int,
        space: str,
        title: str,
        at: datetime,
        *,
        details: str = "",
        topic: str = "",
        anonymous: bool = False,
        audience: Audience = Audience.PEERS,
        private: bool = False,
        origin: str | None = None,
        screenshot_id: int | None = None,
    ) -> Question | None:
        """Keep what someone wants to ask. Nothing if the message of `origin` has become a question before."""
        values = {
            "community_id": community_id,
            "asker_id": asker_id,
            "space": space,
            "title": title,
            "details": details,
            "topic": topic,
            "anonymous": anonymous,
            "audience": audience,
            "private": private,
            "origin": origin,
            "screenshot_id": screenshot_id,
            "state": State.DRAFT,
            "created_at": at,
            "active_at": at,
        }
        statement = self._database.insert(questions).values(values)
        async with self._database.write() as connection:
            row = (await connection.execute(statement.on_conflict_do_nothing().returning(*questions.c))).one_or_none()
            return self._written(row) if row else None

    async def be_public(self, question_id: int, audience: Audience) -> Question | None:
        """Have everyone see what was to be asked privately. Nothing once it is posted: that is never made public."""
        unposted = (State.DRAFT, State.FOLLOWING)
        return await self._change(
            question_id, questions.c.state.in_(unposted), questions.c.private, private=False, audience=audience
        )

    async def grow(self, question_id: int, title: str, details: str) -> Question | None:
        """Have a question say more. Nothing if somebody has answered it, or it is settled."""
        return await self._change(
            question_id,
            questions.c.state.in_((State.DRAFT, State.OPEN)),
            questions.c.answered_at.is_(None),
            title=title,
            details=details,
        )

    async def by_thread(self, thread: str) -> Question | None:
        """Return the question whose thread this is, in its own space or another."""
        found = await self._find(questions.c.id.in_(_posted(postings.c.thread == thread)))
        return found[-1] if found else None

    async def by_origin(self, message: str) -> Question | None:
        """Return the question that was asked by posting this message."""
        found = await self._find(questions.c.origin == message)
        return found[0] if found else None

    async def by_solution(self, message: str) -> Question | None:
        """Return the question that this message solved."""
        found = await self._find(questions.c.solution == message)
        return found[0] if found else None

    async def undecided(self, member_id: int, since: datetime) -> bool:
        """Say whether a member wrote something since then of which they have not said whether it is a question."""
        drafts = (questions.c.asker_id == member_id) & (questions.c.state == State.DRAFT)
        return bool(await self._find(drafts, questions.c.origin.is_not(None), questions.c.created_at > since))

    async def by_message(self, message: str) -> Question | None:
        """Return the question that this message is about, or from which it was asked."""
        at = select(questions.c.id).where(questions.c.origin == message)
        found = await self._find(questions.c.id.in_(union(at, _posted(postings.c.message == message))))
        return found[-1] if found else None

    async def listed(
        self,
        community_id: int,
        states: Collection[State],
        limit: int,
        *,
        asker_id: int | None = None,
        audience: Audience | None = None,
        answered: bool | None = None,
        public: bool = False,
    ) -> list[Question]:
        """Return a community's latest questions in these states, of those that have a number; perhaps `public` ones."""
        listed = _listed(tuple(states), audience, answered, public=public, of_asker=asker_id is not None)
        asked = {"community": community_id, "limit": limit} | ({} if asker_id is None else {"asker": asker_id})
        async with self._database.read() as connection:
            return [Question(**row._asdict()) for row in await connection.execute(listed, asked)]

    async def post(self, question_id: int, at: datetime) -> Question | None:
        """Give a draft its number and open it, also one whose author waited for another's answer. Nothing else is."""
        unposted = (State.DRAFT, State.FOLLOWING)
        async with self._database.write() as connection:
            question = await self.get(question_id)
            if question is None or question.state not in unposted:
                return None
            number = await next_number(self._database, connection, question.community_id, "questions")
            waits = at if question.audience is Audience.AGENTS else None
            return await self._change(
                question_id,
                questions.c.state.in_(unposted),
                number=number,
                state=State.OPEN,
                known_id=None,
                asked_at=at,
                active_at=at,
                waiting_since=waits,
                hand_out_at=waits,
            )

    async def deflect(self, question_id: int, known_id: int, at: datetime) -> Question | None:
        """An old answer was enough. Nothing if somebody has taken the question on, or it is settled."""
        waiting = questions.c.state.in_((State.DRAFT, State.OPEN))
        return await self._change(question_id, waiting, state=State.DEFLECTED, known_id=known_id, solved_at=at)

    async def follow(self, question_id: int, other_id: int) -> Question | None:
        """Somebody else has asked the same: its answer is theirs. Nothing if it is no draft any more."""
        return await self._change(
            question_id, questions.c.state == State.DRAFT, state=State.FOLLOWING, known_id=other_id
        )

    async def followers(self, question_id: int) -> list[Question]:
        """Return what others would have asked who follow a question instead, because it asks the same."""
        return await self._find(questions.c.known_id == question_id, questions.c.state == State.FOLLOWING)

    async def drop(self, question_id: int, at: datetime) -> Question | None:
        """It was no question, or its author took it back. Nothing if it is settled already. A picture of it goes.

        Of what was imported nothing else is there than what its author wrote, so it is never too late.
        """
        open_ = questions.c.state.in_((State.DRAFT, *UNSETTLED))
        imported = questions.c.import_id.is_not(None) & (questions.c.state != State.DROPPED)
        return await self._change(question_id, open_ | imported, state=State.DROPPED, closed_at=at, screenshot_id=None)

    async def asked_by(self, member_id: int) -> list[Question]:
        """Return all that a member asked."""
        return await self._find(questions.c.asker_id == member_id)

    async def asked_since(self, member_id: int, since: datetime) -> list[datetime]:
        """Return when a member asked since then, also what was taken back."""
        query = select(questions.c.asked_at).where(questions.c.asker_id == member_id, questions.c.asked_at >= since)
        async with self._database.read() as connection:
            return [*await connection.scalars(query)]

    async def unsettled_of(self, member_id: int) -> list[Question]:
        """Return what a member asked, or began to ask, that is not settled."""
        return await self._find(questions.c.asker_id == member_id, questions.c.state.in_((State.DRAFT, *UNSETTLED)))

    async def private_of(self, member_id: int) -> list[Question]:
        """Return what a member asked support privately and is not settled, oldest first."""
        mine = (questions.c.asker_id == member_id) & questions.c.state.in_(UNSETTLED)
        return await self._find(mine, questions.c.private)

    async def solved_by(self, member_id: int) -> list[Question]:
        """Return all that a member solved."""
        return await self._find(questions.c.solver_id == member_id)

    async def forget(self, member_id: int) -> None:
        """Remove the words that a member asked with, and the name from those that solved something for others.

        That somebody asked, and that somebody helped, stays true without saying who. What solved a question helps on.
        """
        async with self._database.write() as connection:
            mine = questions.c.asker_id == member_id
            removed = {"title": "(removed)", "details": "", "anonymous": True, "origin": None, "screenshot_id": None}
            await connection.execute(update(questions).where(mine).values(removed))
            self._database.forget(KIND)

    async def about(self, member_id: int, after: int, limit: int) -> list[Question]:
        """Return the first questions behind the id `after` whose cards name a member, by their ids."""
        named = (questions.c.asker_id, questions.c.helper_id, questions.c.solver_id)
        ids = union(*(select(questions.c.id).where(column == member_id, questions.c.id > after) for column in named))
        query = select(questions).where(questions.c.id.in_(select(ids.subquery())))
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(questions.c.id).limit(limit))
            return [Question(**row._asdict()) for row in rows]


def _posted(condition: ColumnElement[bool]) -> Select[tuple[int]]:
    """Return the ids of questions of which such a message stands, or did."""
    return select(postings.c.subject_id).where(postings.c.kind == KIND, condition)


@cache
def _listed(
    states: tuple[State, ...], audience: Audience | None, answered: bool | None, *, public: bool, of_asker: bool
) -> Select[Any]:
    """Return what lists the latest `limit` questions of a `community`, perhaps those of an `asker`.

    It is put together once for each kind of list: to do that takes longer than to ask for one.
    """
    conditions = [questions.c.community_id == bindparam("community"), questions.c.number.is_not(None)]
    if of_asker:
        conditions.append(questions.c.asker_id == bindparam("asker"))
    if audience is not None:
        conditions.append(questions.c.audience == audience)
    if public:
        conditions.append(questions.c.private.is_(False))
    if answered is not None:
        never = questions.c.answered_at.is_(None)
        conditions.append(~never if answered else never)
    limit = bindparam("limit", type_=Integer)
    latest = select(questions).where(*conditions).order_by(questions.c.number.desc()).limit(limit)
    # One page of each state, each read off an index: together they would have to be sorted.
    pages = [select(latest.where(questions.c.state == state).subquery()) for state in states]
    together = union_all(*pages).subquery()
    return select(together).order_by(together.c.number.desc()).limit(limit)
