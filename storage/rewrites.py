"""Words that are changed after they were kept, and what follows for the question. The later of two edits counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, case, func, or_, update

from .questions import UNSETTLED, Audience, Question, QuestionRows, State, questions
from .replies import replies


class RewriteStore(QuestionRows):
    """What a question's own post and its answers say since they were edited or deleted."""

    async def rewrite(
        self, question_id: int, title: str, details: str, topic: str, edited_at: datetime
    ) -> Question | None:
        """The post that asked was edited. Nothing if it says so already, was edited later, or was taken back."""
        differs = or_(questions.c.title != title, questions.c.details != details)
        return await self._change(
            question_id,
            questions.c.state != State.DROPPED,
            _is_newest(questions.c.edited_at, edited_at),
            differs,
            title=title,
            details=details,
            topic=topic,
            edited_at=edited_at,
        )

    async def rewrite_reply(self, message: str, text: str, edited_at: datetime) -> Question | None:
        """A message in the thread was edited; return its question.

        Nothing if it says so already, was edited later, or is deleted. Where it solved the question, it
        does so in its new words.
        """
        newer = replies.c.message == message, replies.c.deleted_at.is_(None), replies.c.text != text
        statement = update(replies).where(*newer, _is_newest(replies.c.edited_at, edited_at))
        async with self._database.write() as connection:
            question_id = await connection.scalar(
                statement.values(text=text, edited_at=edited_at).returning(replies.c.question_id)
            )
            if question_id is None:
                return None
            await self._change(question_id, questions.c.solution == message, solution_text=text)
            return await self.get(question_id)

    async def rewrite_solution(self, question_id: int, message: str, text: str) -> Question | None:
        """What solved a question says something else, and nothing is kept of who wrote it. Nothing if it says so."""
        solves = questions.c.solution == message, questions.c.solution_text != text
        return await self._change(question_id, *solves, solution_text=text)

    async def answer(self, question_id: int, helper_id: int, at: datetime) -> Question | None:
        """What was none became an answer. Nothing if it has one, or is settled."""
        return await self._change(
            question_id,
            questions.c.state.in_((State.OPEN, State.CLAIMED)),
            state=State.ANSWERED,
            helper_id=func.coalesce(questions.c.helper_id, helper_id),
            answered_at=func.coalesce(questions.c.answered_at, at),
            asker_spoke_last=False,
            active_at=at,
        )

    async def unanswer(self, question_id: int, at: datetime) -> Question | None:
        """The only answer is none any more: it is asked around again. Nothing unless it was answered."""
        with_support = questions.c.audience == Audience.AGENTS
        changed = await self._change(
            question_id,
            questions.c.state == State.ANSWERED,
            state=State.OPEN,
            helper_id=None,
            claimed_at=None,
            answered_at=None,
            reminded_at=None,
            active_at=at,
        )
        waits = {"waiting_since": at, "hand_out_at": at, "lead_told_at": None}
        return (await self._change(question_id, with_support, **waits) or changed) if changed else None

    async def unsolve(self, question_id: int, solution: str, at: datetime) -> Question | None:
        """What solved it is gone: whoever asked is to say what did. Nothing unless that solved it.

        Of what was imported nobody is asked: it is closed then.
        """
        return await self._change(
            question_id,
            questions.c.state == State.SOLVED,
            questions.c.solution == solution,
            state=case((questions.c.import_id.is_(None), State.ANSWERED), else_=State.CLOSED),
            solved_at=None,
            solver_id=None,
            solution=None,
            solution_text="",
            reminded_at=None,
            asker_spoke_last=False,
            active_at=at,
        )

    async def speak_last(self, question_id: int, asks: bool) -> Question | None:
        """Whoever asked edited the last word: it calls for more help, or not."""
        return await self._change(
            question_id,
            questions.c.state.in_(UNSETTLED),
            questions.c.asker_spoke_last.is_(not asks),
            asker_spoke_last=asks,
        )


def _is_newest(column: ColumnElement[datetime | None], edited_at: datetime) -> ColumnElement[bool]:
    return column.is_(None) | (column <= edited_at)
