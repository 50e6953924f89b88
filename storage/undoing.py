"""Takes away what an import wrote (`past`), some of it at a time: each table is written to once for all of those."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, CompoundSelect, and_, delete, func, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .columns import metadata
from .database import Database
from .help import HelpStore, help_
from .imports import Import, import_people, import_solutions, presence_hours
from .kudos import kudos
from .merging import columns_about_members
from .people import accounts, members
from .postings import postings
from .questions import KIND, State, questions
from .replies import replies
from .retelling import RetellingStore, Telling
from .search import SearchStore

AT_ONCE = 200
"""So many questions or people are removed in one transaction: a Trellis that runs beside it waits no longer."""


class UndoStore:
    """Removes what imports wrote."""

    def __init__(self, database: Database, search: SearchStore, telling: Telling) -> None:
        self._database = database
        self._search = search
        self._retelling = RetellingStore(database, search, telling)

    async def undo(self, import_: Import) -> tuple[Counter[str], int]:
        """Remove what an import wrote; return how much of what, and how many questions are kept.

        What people have used since is kept: a question on which something rests that was not imported, a person who
        came. Broken off, it can be begun again.
        """
        gone, last = Counter[str](), 0
        while some := await self._next(questions.c.id, questions.c.import_id == import_.id, last):
            gone["questions"] += await self._remove_questions(import_, some)
            last = some[-1]
        theirs = import_solutions.c.import_id == import_.id
        while some := await self._next(import_solutions.c.question_id, theirs):
            await self._unsolve(import_, some)
        while some := await self._next(replies.c.question_id, _said_elsewhere(import_)):
            gone["answers"] += await self._unsay(import_, some)
        async with self._database.write() as connection:
            for table in (kudos, presence_hours):
                await connection.execute(delete(table).where(table.c.import_id == import_.id))
        last = 0
        while some := await self._next(import_people.c.member_id, _made_and_gone(import_), last):
            gone["people"] += await self._remove_people(import_, some)
            last = some[-1]
        async with self._database.write() as connection:
            query = select(func.count()).select_from(questions).where(questions.c.import_id == import_.id)
            kept = await connection.scalar(query) or 0
            if not kept:
                await _hand_over(connection, import_)
        return +gone, kept

    async def _next(self, column: Column[int], condition: ColumnElement[bool], last: int = 0) -> list[int]:
        """Return the next ids behind the last one, as many as are looked at together."""
        query = select(column).where(condition, column > last).distinct().order_by(column).limit(AT_ONCE)
        async with self._database.read() as connection:
            return [*await connection.scalars(query)]

    async def _remove_questions(self, import_: Import, ids: Sequence[int]) -> int:
        """Remove questions unless something rests on them; return how many."""
        async with self._database.write() as connection:
            await connection.execute(select(questions.c.id).where(questions.c.id.in_(ids)).with_for_update())
            used = {*await connection.scalars(_used(ids))}
            free = [id_ for id_ in ids if id_ not in used]
            sources = [f"history/{id_}" for id_ in free]
            await connection.execute(delete(kudos).where(kudos.c.source.in_(sources), kudos.c.import_id.is_not(None)))
            for table in (replies, import_solutions):
                await connection.execute(delete(table).where(table.c.question_id.in_(free)))
            await HelpStore(self._database).forget_questions(import_.community_id, free)
            await self._search.remove_all(KIND, free)
            return (await connection.execute(delete(questions).where(questions.c.id.in_(free)))).rowcount

    async def _unsolve(self, import_: Import, ids: Sequence[int]) -> None:
        """Forget of an earlier import's questions what this one told of their end."""
        unsolved = {
            "state": State.CLOSED,
            "closed_at": questions.c.active_at,
            "solved_at": None,
            "solver_id": None,
            "helper_id": None,
            "solution": None,
            "solution_text": "",
        }
        mine = questions.c.id.in_(ids) & (questions.c.state == State.SOLVED)
        notes = (import_solutions.c.import_id == import_.id) & import_solutions.c.question_id.in_(ids)
        async with self._database.write() as connection:
            changed = await connection.scalars(update(questions).where(mine).values(unsolved).returning(questions.c.id))
            await self._retelling.retell(import_.community_id, [*changed])
            await connection.execute(delete(import_solutions).where(notes))

    async def _unsay(self, import_: Import, ids: Sequence[int]) -> int:
        """Remove what this import added to questions that it did not bring; return how many answers."""
        async with self._database.write() as connection:
            said = delete(replies).where(replies.c.import_id == import_.id, replies.c.question_id.in_(ids))
            gone = (await connection.execute(said)).rowcount
            await self._retelling.retell(import_.community_id, ids)
            return gone

    async def _remove_people(self, import_: Import, ids: Sequence[int]) -> int:
        """Remove people unless anything points at them; return how many."""
        async with self._database.write() as connection:
            await connection.execute(select(members.c.id).where(members.c.id.in_(ids)).with_for_update())
            used = set[int]()
            for column in columns_about_members():
                pointing = select(column).where(column.in_(ids)).distinct()
                if column.table is import_people:
                    pointing = pointing.where(import_people.c.import_id != import_.id)
                if column.table is not accounts:
                    used.update(await connection.scalars(pointing))
            free = [id_ for id_ in ids if id_ not in used]
            for table in (import_people, accounts):
                await connection.execute(delete(table).where(table.c.member_id.in_(free)))
            return (await connection.execute(delete(members).where(members.c.id.in_(free)))).rowcount


def _said_elsewhere(import_: Import) -> ColumnElement[bool]:
    """Choose answers that an import added to questions that it did not bring."""
    mine = select(questions.c.id).where(questions.c.import_id == import_.id)
    return and_(replies.c.import_id == import_.id, replies.c.question_id.not_in(mine))


def _made_and_gone(import_: Import) -> ColumnElement[bool]:
    """Choose whom an import made and who never came."""
    never = select(members.c.id).where(members.c.last_active_at.is_(None), members.c.left_at.is_not(None))
    made = (import_people.c.import_id == import_.id) & import_people.c.made
    return and_(made, import_people.c.member_id.in_(never))


def _used(ids: Sequence[int]) -> CompoundSelect[tuple[int]]:
    """Choose those of some questions on which something rests that was not imported."""
    resting = [select(postings.c.subject_id).where(postings.c.kind == KIND, postings.c.subject_id.in_(ids))]
    for column in _columns_about_questions():
        query = select(column).where(column.in_(ids))
        if column.table is replies:
            query = query.where(replies.c.import_id.is_(None))
        if column.table not in (import_solutions, help_):
            resting.append(query)
    return union(*resting)


async def _hand_over(connection: AsyncConnection, import_: Import) -> None:
    """Take back since when members are here by this import, and leave to others whom they know too."""
    note, other = import_people.alias("note"), import_people.alias("other")
    earlier = select(note.c.joined_before).where(note.c.import_id == import_.id, note.c.joined_before.is_not(None))
    others = select(other.c.import_id).where(other.c.import_id != import_.id)
    resting = others.where(other.c.member_id == note.c.member_id, other.c.joined_before == note.c.joined_at).exists()
    here = earlier.where(note.c.member_id == members.c.id, note.c.joined_at == members.c.joined_at, ~resting)
    by_this = update(members).where(here.exists())
    await connection.execute(by_this.values(joined_at=here.scalar_subquery()))
    theirs = import_people.c.member_id
    under = earlier.where(note.c.member_id == theirs, note.c.joined_at == import_people.c.joined_before)
    on_this = update(import_people).where(import_people.c.import_id != import_.id, under.exists())
    await connection.execute(on_this.values(joined_before=under.scalar_subquery()))
    made = select(note.c.import_id).where(note.c.import_id == import_.id, note.c.made, note.c.member_id == theirs)
    first = others.where(other.c.member_id == theirs).order_by(other.c.import_id).limit(1).scalar_subquery()
    heirs = update(import_people).where(made.exists(), import_people.c.import_id == first)
    await connection.execute(heirs.values(made=True))
    await connection.execute(delete(import_people).where(import_people.c.import_id == import_.id))


def _columns_about_questions() -> list[Column[Any]]:
    """Return every column that says to which question a row belongs."""
    return [
        column
        for table in metadata.tables.values()
        for column in table.columns
        if any(key.column is questions.c.id for key in column.foreign_keys)
    ]
