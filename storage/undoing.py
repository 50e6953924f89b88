"""Takes away what an import wrote (`past`), some of it at a time."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Column, Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .columns import metadata
from .database import Database
from .help import HelpStore, help_, parts_of
from .imports import import_people, import_solutions, presence_hours
from .kudos import kudos
from .merging import columns_about_members
from .people import accounts, members
from .postings import postings
from .questions import KIND, QuestionStore, State, questions
from .replies import replies
from .search import ACCEPTED, PLAIN, SearchStore

AT_ONCE = 200
"""So many questions or people are removed in one transaction: a Trellis that runs beside it waits no longer."""


class UndoStore:
    """Removes what imports wrote."""

    def __init__(self, database: Database, search: SearchStore) -> None:
        self._database = database
        self._search = search

    async def undo(self, import_id: int) -> tuple[Counter[str], int]:
        """Remove some of what an import wrote; return what, and how many questions are kept. Nothing: all is gone.

        What people have used since is kept: a question on which something rests that was not imported, a person who
        came.
        """
        async with self._database.write() as connection:
            gone: Counter[str] = Counter()
            gone["questions"], used = await self._remove_questions(connection, import_id)
            if not gone["questions"]:
                await self._unsolve(connection, import_id)
                theirs = (replies.c.import_id == import_id) & replies.c.question_id.not_in(used)
                left = [*await connection.scalars(select(replies.c.question_id).where(theirs).distinct())]
                gone["answers"] = await _remove(connection, replies, import_id, replies.c.question_id.not_in(used))
                await self._write_again(connection, left)
                await _remove(connection, kudos, import_id)
                await _remove(connection, presence_hours, import_id)
                gone["people"] = await _remove_people(connection, import_id, keep_notes=bool(used))
            return +gone, len(used)

    async def _remove_questions(self, connection: AsyncConnection, import_id: int) -> tuple[int, list[int]]:
        """Remove some questions, and return how many, and which stay because something rests on them."""
        mine = questions.c.import_id == import_id
        used: set[int] = set()
        for column in _columns_about_questions():
            query = select(column).where(column.in_(select(questions.c.id).where(mine))).distinct()
            if column.table is replies:
                query = query.where(replies.c.import_id.is_(None))
            if column.table not in (import_solutions, help_):
                used.update(await connection.scalars(query))
        posted = postings.c.subject_id.in_(select(questions.c.id).where(mine)) & (postings.c.kind == KIND)
        used.update(await connection.scalars(select(postings.c.subject_id).where(posted)))
        query = select(questions.c.id).where(mine, questions.c.id.not_in(used)).order_by(questions.c.id).limit(AT_ONCE)
        ids = [*await connection.scalars(query)]
        if ids:
            sources = [f"history/{id_}" for id_ in ids]
            await connection.execute(delete(kudos).where(kudos.c.source.in_(sources), kudos.c.import_id.is_not(None)))
            for table in (replies, import_solutions):
                await connection.execute(delete(table).where(table.c.question_id.in_(ids)))
            here = select(questions.c.community_id).where(questions.c.id == ids[0])
            await HelpStore(self._database).forget_questions(await connection.scalar(here) or 0, ids)
            for id_ in ids:
                await self._search.remove(KIND, id_)
            await connection.execute(delete(questions).where(questions.c.id.in_(ids)))
        return len(ids), sorted(used)

    async def _write_again(self, connection: AsyncConnection, question_ids: list[int]) -> None:
        """Note again who helped with questions that have fewer answers now, and what they are found by."""
        for question in (await QuestionStore(self._database).get_many(question_ids)).values():
            left = select(replies).where(replies.c.question_id == question.id, replies.c.deleted_at.is_(None))
            others = left.where(replies.c.member_id != question.asker_id).order_by(replies.c.at)
            rows = (await connection.execute(others)).all()
            written = [(row.member_id, row.text, row.at) for row in rows]
            await HelpStore(self._database).put(question, parts_of(written))
            said = [(row.text, ACCEPTED if row.message == question.solution else PLAIN) for row in rows]
            place, at = (question.community_id, KIND, question.id), question.asked_at or question.created_at
            await self._search.put(*place, title=question.title, body=question.details, at=at, answers=said)

    async def _unsolve(self, connection: AsyncConnection, import_id: int) -> None:
        """Forget of an earlier import's questions what this one told of their end."""
        told = select(import_solutions.c.question_id).where(import_solutions.c.import_id == import_id)
        mine = questions.c.id.in_(told) & (questions.c.state == State.SOLVED)
        unsolved = {
            "state": State.CLOSED,
            "closed_at": questions.c.active_at,
            "solved_at": None,
            "solver_id": None,
            "helper_id": None,
            "solution": None,
            "solution_text": "",
        }
        changed = update(questions).where(mine).values(unsolved).returning(questions.c.id)
        await self._write_again(connection, [*await connection.scalars(changed)])
        await _remove(connection, import_solutions, import_id)


async def _remove(connection: AsyncConnection, table: Table, import_id: int, *conditions: Any) -> int:
    return (await connection.execute(delete(table).where(table.c.import_id == import_id, *conditions))).rowcount


async def _remove_people(connection: AsyncConnection, import_id: int, *, keep_notes: bool) -> int:
    """Remove some of whom an import made and who never came, unless anything points at them; return how many.

    Where none is left, since when the others are here is told as before, and whom another import knows too becomes
    that one's.
    """
    mine = (import_people.c.import_id == import_id) & import_people.c.made
    query = (
        select(import_people.c.member_id)
        .join(members, members.c.id == import_people.c.member_id)
        .where(mine, members.c.last_active_at.is_(None), members.c.left_at.is_not(None))
    )
    ids = {*await connection.scalars(query)}
    for column in columns_about_members():
        if not ids or column.table is accounts:
            continue
        pointing = select(column).where(column.in_(query)).distinct()
        if column.table is import_people:
            pointing = pointing.where(import_people.c.import_id != import_id)
        ids.difference_update(await connection.scalars(pointing))
    gone = sorted(ids)[:AT_ONCE]
    for table in (import_people, accounts):
        await connection.execute(delete(table).where(table.c.member_id.in_(gone)))
    await connection.execute(delete(members).where(members.c.id.in_(gone)))
    if not gone and not keep_notes:
        await _hand_over(connection, import_id)
        await _remove(connection, import_people, import_id)
    return len(gone)


async def _hand_over(connection: AsyncConnection, import_id: int) -> None:
    """Take back since when members are here by this import, and leave to others whom they know too."""
    for note in (await connection.execute(select(import_people).where(import_people.c.import_id == import_id))).all():
        others = (import_people.c.member_id == note.member_id) & (import_people.c.import_id != import_id)
        if note.joined_before:
            resting = await connection.execute(
                update(import_people)
                .where(others, import_people.c.joined_before == note.joined_at)
                .values(joined_before=note.joined_before)
            )
            if not resting.rowcount:
                theirs = (members.c.id == note.member_id) & (members.c.joined_at == note.joined_at)
                await connection.execute(update(members).where(theirs).values(joined_at=note.joined_before))
        if note.made:
            first = select(import_people.c.import_id).where(others).order_by(import_people.c.import_id).limit(1)
            other = await connection.scalar(first)
            heir = (import_people.c.member_id == note.member_id) & (import_people.c.import_id == other)
            await connection.execute(update(import_people).where(heir).values(made=True))


def _columns_about_questions() -> list[Column[Any]]:
    """Return every column that says to which question a row belongs."""
    return [
        column
        for table in metadata.tables.values()
        for column in table.columns
        if any(key.column is questions.c.id for key in column.foreign_keys)
    ]
