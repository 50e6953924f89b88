"""What people wrote in the threads of questions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, delete, func, select, update

from .columns import UtcDateTime, WrittenText, metadata
from .imports import imports
from .known_messages import message_keys
from .questions import UNSETTLED, Question, QuestionRows, State, questions

SPOKEN = "spoken:"
"""What begins the key of words that an asker without a name said through Trellis, in place of a message's."""
LATEST = 100
"""So many of the latest words in a thread are shown."""

replies = Table(
    "replies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message", Text, nullable=False, unique=True, info=message_keys()),
    Column("question_id", ForeignKey("questions.id"), nullable=False),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("text", WrittenText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("edited_at", UtcDateTime),
    Column("deleted_at", UtcDateTime),
    Column("import_id", ForeignKey(imports.c.id), index=True),
    Index(None, "question_id", "at"),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What someone wrote in a question's thread, as it stands. `message` is the key of the message.

    Of what was deleted, that somebody wrote it is all that is left. `import_id` is the import that brought it.
    """

    id: int
    message: str
    question_id: int
    member_id: int
    text: str
    at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    import_id: int | None = None


class ReplyStore(QuestionRows):
    """The words that a question's thread holds, by the messages that they stand in."""

    async def add(
        self,
        question: Question,
        message: str,
        member_id: int,
        text: str,
        at: datetime,
        *,
        heard: datetime | None = None,
        answers: bool = True,
        asks: bool = False,
    ) -> Question | None:
        """Note what someone wrote in the thread `at` a moment, `heard` perhaps later; nothing if it is noted already.

        Someone else's words that are meant to help (`answers`) make it an answered question. `asks` says of the asker's
        words that they call for more help.
        """
        heard = heard or at
        written = min(at, heard)  # a platform's clock may be ahead of ours
        async with self._database.write() as connection:
            new = await connection.scalar(
                self._database.insert(replies)
                .values(message=message, question_id=question.id, member_id=member_id, text=text, at=written)
                .on_conflict_do_nothing()
                .returning(replies.c.message)
            )
            if new is None:
                return None
            by_asker = member_id == question.asker_id
            helps = not by_asker and answers
            facts: dict[str, Any] = {"active_at": heard}
            if by_asker:
                facts["asker_spoke_last"] = asks
            if helps:
                facts |= {"asker_spoke_last": False, "answered_at": func.coalesce(questions.c.answered_at, heard)}
            changed = await self._change(question.id, questions.c.state.in_(UNSETTLED), **facts)
            if changed and helps and changed.state is not State.ANSWERED:
                facts = {"state": State.ANSWERED, "helper_id": func.coalesce(questions.c.helper_id, member_id)}
                changed = await self._change(question.id, **facts)
            return changed or await self.get(question.id)

    async def of(self, message: str) -> Reply | None:
        """Return what was noted of a message in a question's thread."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(replies).where(replies.c.message == message))).one_or_none()
            return Reply(**row._asdict()) if row else None

    async def within(self, thread: str) -> list[Reply]:
        """Return what was noted of the messages in a thread and is not deleted, oldest first."""
        begins = (replies.c.message > f"{thread}/") & (replies.c.message < f"{thread}0")  # "0" comes next after "/"
        query = select(replies).where(begins, replies.c.deleted_at.is_(None)).order_by(replies.c.id)
        async with self._database.read() as connection:
            return [Reply(**row._asdict()) for row in await connection.execute(query)]

    async def unsay(self, message: str, at: datetime) -> Question | None:
        """Forget the words of a message that was deleted; return the question in whose thread it stood."""
        async with self._database.write() as connection:
            reply = await self.of(message)
            if reply is None:
                return None
            await connection.execute(update(replies).where(replies.c.message == message).values(text="", deleted_at=at))
            await self._change(reply.question_id, questions.c.solution == message, solution_text="")
            return await self.get(reply.question_id)

    async def latest(self, question_id: int, limit: int = LATEST) -> list[Reply]:
        """Return the latest of what was written in the thread, oldest first."""
        query = select(replies).where(replies.c.question_id == question_id)
        query = query.order_by(replies.c.at.desc(), replies.c.id.desc()).limit(limit)
        async with self._database.read() as connection:
            return [Reply(**row._asdict()) for row in await connection.execute(query)][::-1]

    async def of_questions(self, question_ids: Collection[int]) -> dict[int, list[Reply]]:
        """Return the `latest` of what was written about each of these questions, oldest first."""
        order = (replies.c.at.desc(), replies.c.id.desc())
        place = func.row_number().over(partition_by=replies.c.question_id, order_by=order)
        theirs = select(replies.c.id, place.label("place")).where(replies.c.question_id.in_(question_ids)).subquery()
        query = select(replies).join(theirs, theirs.c.id == replies.c.id).where(theirs.c.place <= LATEST)
        found: dict[int, list[Reply]] = {id_: [] for id_ in question_ids}
        async with self._database.read() as connection:
            for row in await connection.execute(query.order_by(replies.c.at, replies.c.id)) if question_ids else ():
                found[row.question_id].append(Reply(**row._asdict()))
        return found

    async def of_member(self, member_id: int) -> list[Reply]:
        """Return all that a member wrote."""
        async with self._database.read() as connection:
            written = await connection.execute(select(replies).where(replies.c.member_id == member_id))
            return [Reply(**row._asdict()) for row in written]

    async def forget(self, member_id: int) -> None:
        """Remove all that a member wrote."""
        async with self._database.write() as connection:
            await connection.execute(delete(replies).where(replies.c.member_id == member_id))
