"""How questions end: solved, closed because nobody wrote any more, and reopened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, func

from .questions import UNSETTLED, Escalation, Question, QuestionRows, State, questions


class SolutionStore(QuestionRows):
    """What an asker says of the answers."""

    async def solve(
        self, question_id: int, at: datetime, *, solver_id: int | None, solution: str | None, text: str
    ) -> Question | None:
        """Someone's message solved it; without a solver the asker found it alone. Nothing if it is solved already."""
        return await self._change(
            question_id,
            questions.c.state.in_((*UNSETTLED, State.CLOSED)),
            state=State.SOLVED,
            solved_at=at,
            solver_id=solver_id,
            solution=solution,
            solution_text=text,
            answered_at=func.coalesce(questions.c.answered_at, at),
            active_at=at,
        )

    async def remind(self, question_id: int, at: datetime) -> Question | None:
        """The asker is asked whether it is solved. Nothing unless it has an answer and waits for them."""
        return await self._change(question_id, questions.c.state == State.ANSWERED, reminded_at=at)

    async def close(self, question_id: int, at: datetime) -> Question | None:
        """Nothing came any more. Nothing unless it has an answer and the asker was reminded."""
        return await self._change(
            question_id,
            questions.c.state == State.ANSWERED,
            questions.c.reminded_at >= questions.c.active_at,
            state=State.CLOSED,
            closed_at=at,
        )

    async def leave(self, question_id: int, at: datetime) -> Question | None:
        """Whoever asked is not there any more: nobody is to be called. Nothing if it is settled."""
        return await self._change(
            question_id, questions.c.state.in_(UNSETTLED), state=State.CLOSED, closed_at=at, helper_id=None
        )

    async def resume(self, question_id: int, left_at: datetime, at: datetime) -> Question | None:
        """Whoever asked is back: it goes on where it was. Nothing unless it was closed when they left."""
        answered = questions.c.answered_at.is_not(None)
        return await self._change(
            question_id,
            questions.c.state == State.CLOSED,
            questions.c.closed_at == left_at,
            state=case((answered, State.ANSWERED), else_=State.OPEN),
            closed_at=None,
            reminded_at=None,
            claimed_at=None,
            active_at=at,
            wave_at=at,
            waiting_since=at,
            hand_out_at=at,
            lead_told_at=None,
            offered_agent_id=None,
            offered_agent_at=None,
        )

    async def reopen(self, question_id: int, at: datetime) -> Question | None:
        """It is not settled after all; it is asked around once more. Nothing if it is not settled."""
        return await self._change(
            question_id,
            questions.c.state.in_((State.SOLVED, State.CLOSED)),
            state=State.OPEN,
            waves_before=questions.c.waves,
            wave_at=None,
            solved_at=None,
            solver_id=None,
            solution=None,
            solution_text="",
            closed_at=None,
            reminded_at=None,
            helper_id=None,
            claimed_at=None,
            escalation=Escalation.REOPENED,
            waiting_since=at,
            hand_out_at=at,
            lead_told_at=None,
            offered_agent_id=None,
            offered_agent_at=None,
            active_at=at,
            asker_spoke_last=True,
        )

    async def keep_going(self, question_id: int, at: datetime) -> Question | None:
        """The asker says that it is not solved yet."""
        return await self._change(
            question_id, questions.c.state == State.ANSWERED, active_at=at, reminded_at=None, asker_spoke_last=True
        )

    async def ask_rating(self, question_id: int) -> bool:
        """Say whether the asker is to be asked for a rating now: once for each question."""
        return await self._change(question_id, questions.c.rating_asked.is_(False), rating_asked=True) is not None

    async def rate(self, question_id: int, rating: int) -> Question | None:
        """Note how the help was, 1 to 3. Nothing if it was rated before."""
        return await self._change(question_id, questions.c.rating.is_(None), rating=rating)
