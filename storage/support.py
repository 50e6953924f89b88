"""Questions that are with support: what waits for an agent, whose turn it is, and who has what in hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, func, select, update

from .questions import UNSETTLED, Audience, Escalation, Question, QuestionRows, State, questions


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
        """It is this agent's turn until `until`, or nobody's. Nothing if someone took it."""
        return await self._change(
            question_id,
            questions.c.state == State.OPEN,
            questions.c.audience == Audience.AGENTS,
            offered_agent_id=agent_id,
            offered_agent_at=at if agent_id else None,
            hand_out_at=until,
        )

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

    async def release(self, question_id: int, helper_id: int, at: datetime) -> Question | None:
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

    async def hand_out_waiting(self, community_id: int, at: datetime) -> list[Question]:
        """Have an agent looked for again, for whatever waits for one; return those questions, longest waiting first."""
        waiting = (
            update(questions)
            .where(
                questions.c.community_id == community_id,
                questions.c.state == State.OPEN,
                questions.c.audience == Audience.AGENTS,
                questions.c.hand_out_at.is_(None),
            )
            .values(hand_out_at=at)
            .returning(*questions.c)
        )
        async with self._database.write() as connection:
            found = [Question(**row._asdict()) for row in await connection.execute(waiting)]
            return sorted(found, key=lambda question: (question.waiting_since or at, question.id))

    async def tell_lead(self, question_id: int, at: datetime) -> Question | None:
        """The lead is told that nobody took it. Nothing if they know."""
        return await self._change(
            question_id,
            questions.c.state == State.OPEN,
            questions.c.lead_told_at.is_(None),
            lead_told_at=at,
        )

    async def load(self, community_id: int) -> dict[int, int]:
        """Return how many unsettled questions each agent has in hand, or is being asked to take."""
        agent = case((questions.c.state == State.OPEN, questions.c.offered_agent_id), else_=questions.c.helper_id)
        query = (
            select(agent, func.count())
            .where(
                questions.c.community_id == community_id,
                questions.c.audience == Audience.AGENTS,
                questions.c.state.in_(UNSETTLED),
                agent.is_not(None),
            )
            .group_by(agent)
        )
        async with self._database.read() as connection:
            return {row[0]: row[1] for row in await connection.execute(query)}

    async def in_hand(self, member_id: int) -> list[Question]:
        """Return the questions that a member took on and has not answered yet."""
        return await self._find(questions.c.helper_id == member_id, questions.c.state == State.CLAIMED)
