"""Questions that are with support: what waits for an agent, whose turn it is, and who has what in hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, case, func, select, union_all, update

from .questions import UNSETTLED, Audience, Escalation, Question, QuestionRows, State, questions

MOST_COUNTED = 1000
"""How many waiting questions are counted."""


class SupportStore(QuestionRows):
    """What agents do with questions."""

    async def escalate(self, question_id: int, reason: Escalation, at: datetime) -> Question | None:
        """It goes up to support. Nothing if it is there already, or settled."""
        return await self._change(
            question_id,
            questions.c.state.in_(UNSETTLED),
            questions.c.audience == Audience.PEERS,
            audience=Audience.AGENTS,
            state=State.OPEN,
            escalated_at=at,
            escalation=reason,
            waiting_since=at,
            hand_out_at=at,
            lead_told_at=None,
            helper_id=None,
            claimed_at=None,
            reminded_at=None,
        )

    async def offer_agent(
        self, question_id: int, agent_id: int | None, at: datetime, until: datetime | None
    ) -> Question | None:
        """It is this agent's turn until `until`, or nobody's, from then on or still. Nothing if someone took it."""
        still = questions.c.offered_agent_id.is_(None) & questions.c.offered_agent_at.is_not(None)
        return await self._change(
            question_id,
            questions.c.state == State.OPEN,
            questions.c.audience == Audience.AGENTS,
            offered_agent_id=agent_id,
            offered_agent_at=at if agent_id else case((still, questions.c.offered_agent_at), else_=at),
            hand_out_at=until,
        )

    async def end_turns(self, agent_id: int, at: datetime) -> list[Question]:
        """Have others asked at once whose turn it is instead of this agent's; return those questions."""
        theirs = (questions.c.offered_agent_id == agent_id) & (questions.c.state == State.OPEN)
        ended = update(questions).where(theirs).values(offered_agent_id=None, offered_agent_at=None, hand_out_at=at)
        async with self._database.write() as connection:
            return [self._written(row) for row in await connection.execute(ended.returning(*questions.c))]

    async def claim(self, question_id: int, agent_id: int, at: datetime) -> Question | None:
        """An agent takes it on. Nothing if someone has already, or it is settled."""
        return await self._change(
            question_id,
            questions.c.state == State.OPEN,
            questions.c.audience == Audience.AGENTS,
            state=State.CLAIMED,
            helper_id=agent_id,
            claimed_at=at,
            active_at=at,
            offered_agent_id=None,
            offered_agent_at=None,
            hand_out_at=None,
        )

    async def release(self, question_id: int, helper_id: int | None, at: datetime) -> Question | None:
        """Whoever took it on gives it back, to be asked around again. Nothing if it is not theirs any more."""
        return await self._change(
            question_id,
            questions.c.state.in_((State.CLAIMED, State.ANSWERED)),
            questions.c.helper_id == helper_id,
            state=State.OPEN,
            helper_id=None,
            claimed_at=None,
            active_at=at,
            waiting_since=at,
            hand_out_at=at,
            lead_told_at=None,
            reminded_at=None,
        )

    async def hand_out_waiting(
        self, community_id: int, at: datetime, limit: int, but_asked_by: int | None = None
    ) -> list[Question]:
        """Have an agent looked for again, for what waited longest for one; return those questions, in that order."""
        waiting = _waiting(community_id).where(questions.c.hand_out_at.is_(None))
        if but_asked_by:
            waiting = waiting.where(questions.c.asker_id != but_asked_by)
        first = update(questions).where(questions.c.id.in_(waiting.limit(limit))).values(hand_out_at=at)
        async with self._database.write() as connection:
            found = [self._written(row) for row in await connection.execute(first.returning(*questions.c))]
            return sorted(found, key=lambda question: (question.waiting_since or at, question.id))

    async def waiting(self, community_id: int, limit: int) -> list[Question]:
        """Return what waits for an agent, longest waiting first."""
        ids = _waiting(community_id).limit(limit)
        async with self._database.read() as connection:
            order = [*await connection.scalars(ids)]
        found = await self.get_many(order)
        return [found[id_] for id_ in order if id_ in found]

    async def count_waiting(self, community_id: int) -> int:
        """Return how many questions wait for an agent; more than 1000 are counted as 1000."""
        some = _waiting(community_id).order_by(None).limit(MOST_COUNTED).subquery()
        async with self._database.read() as connection:
            return await connection.scalar(select(func.count()).select_from(some)) or 0

    async def tell_lead(self, question_id: int, before: datetime | None, at: datetime) -> Question | None:
        """The lead is told that nobody took it, for the first time since `before`. Nothing if they were told since."""
        return await self._change(
            question_id,
            questions.c.state == State.OPEN,
            questions.c.lead_told_at.is_not_distinct_from(before),
            lead_told_at=at,
        )

    async def load(self, agent_ids: Collection[int]) -> dict[int, int]:
        """Return how many unsettled questions each of these agents has in hand, or is being asked to take."""
        taken = questions.c.helper_id.in_(agent_ids) & questions.c.state.in_((State.CLAIMED, State.ANSWERED))
        offered = questions.c.offered_agent_id.in_(agent_ids) & (questions.c.state == State.OPEN)
        with_support = questions.c.audience == Audience.AGENTS
        query = union_all(
            *(
                select(agent, func.count()).where(theirs, with_support).group_by(agent)
                for agent, theirs in ((questions.c.helper_id, taken), (questions.c.offered_agent_id, offered))
            )
        )
        load: Counter[int] = Counter()
        async with self._database.read() as connection:
            for agent, number in await connection.execute(query):
                load[agent] += number
        return load

    async def in_hand(self, member_id: int) -> list[Question]:
        """Return the questions that a member took on and has not answered yet."""
        return await self._find(questions.c.helper_id == member_id, questions.c.state == State.CLAIMED)


def _waiting(community_id: int) -> Select[tuple[int]]:
    """Return the ids of what waits for an agent, longest waiting first."""
    return (
        select(questions.c.id)
        .where(
            questions.c.community_id == community_id,
            questions.c.state == State.OPEN,
            questions.c.audience == Audience.AGENTS,
        )
        .order_by(questions.c.waiting_since, questions.c.id)
    )
