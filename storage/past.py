"""Writes what an import found; `undoing` takes it away again.

Everything is known by what it is on its platform: a question by its post, an answer by its message, a person by their
account. So what is there already is left as it is, whoever wrote it, and writing the same again changes nothing.

There may be a hundred thousand questions: each table is written to once for all that are given, not once for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Table, bindparam, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database
from .help import HelpStore
from .imports import Import, import_solutions, imports
from .kudos import kudos
from .past_people import PastPeopleStore
from .past_rows import PastRows, Values, rows_of
from .past_things import PastPerson, PastQuestion
from .questions import KIND, QuestionStore, questions
from .replies import replies
from .search import SearchStore


class PastStore:
    """Writes down what was before Trellis came."""

    def __init__(self, database: Database, search: SearchStore) -> None:
        self._database = database
        self._search = search
        self._help = HelpStore(database)
        self._people = PastPeopleStore(database)

    async def write(
        self,
        import_: Import,
        found: Sequence[PastQuestion],
        people: Mapping[str, PastPerson],
        since: int,
        reached: int,
        *,
        credit: bool,
    ) -> Counter[str]:
        """Write some of what was found and how far that reaches, all of it or nothing; return what is new.

        Raises `LookupError` where the import has not reached `since`: it is being undone, or run by somebody else.
        """
        async with self._database.write() as connection:
            done = update(imports).where(imports.c.id == import_.id, imports.c.reached == since)
            if (await connection.execute(done.values(reached=reached))).rowcount != 1:
                raise LookupError(f"import {import_.id} is not where it was left")
            here, met = await self._people.meet(import_, {key for one in found for key in one.accounts}, people)
            known = await _known(connection, found)
            parts = [part for one in found if (part := rows_of(one, here, known.get(one.origin)))]
            await self._add_questions(connection, import_, [part for part in parts if part.known is None])
            await self._settle(connection, import_, [part for part in parts if part.settles])
            new = [part for part in parts if part.is_new]
            answers = await self._add_answers(connection, import_, [part for part in parts if part.question_id])
            if credit:
                await self._add(connection, kudos, [part.credit(import_) for part in parts if part.is_credited])
            await self._search.put_all(import_.community_id, KIND, [part.document() for part in new])
        return Counter(
            {
                "people": met,
                "questions": sum(part.known is None for part in new),
                "solved": sum(part.solution is not None for part in new),
                "answers": answers,
                "here already": sum(not (part.is_new or part.is_of(import_)) for part in parts),
                "erased": len(found) - len(parts),
            }
        )

    async def _add(self, connection: AsyncConnection, table: Table, rows: Sequence[Values]) -> None:
        """Add those rows that are not there."""
        if rows:
            await connection.execute(self._database.insert(table).on_conflict_do_nothing(), rows)

    async def _add_questions(self, connection: AsyncConnection, import_: Import, parts: Sequence[PastRows]) -> None:
        """Add questions, and note which each became; none whose post has become one meanwhile."""
        if parts:
            added = self._database.insert(questions).on_conflict_do_nothing()
            rows = [part.question(import_) for part in parts]
            found = await connection.execute(added.returning(questions.c.origin, questions.c.id), rows)
            ids = {row.origin: row.id for row in found}
            for part in parts:
                part.question_id = ids.get(part.past.origin)

    async def _settle(self, connection: AsyncConnection, import_: Import, parts: Sequence[PastRows]) -> None:
        """Note of questions that were imported before what solved them: the earlier export was made before that."""
        if parts:
            changed = update(questions).where(questions.c.id == bindparam("question_id"))
            await connection.execute(changed, [{"question_id": part.question_id, **part.end()} for part in parts])
            notes = [{"import_id": import_.id, "question_id": part.question_id} for part in parts]
            await self._add(connection, import_solutions, notes)

    async def _add_answers(self, connection: AsyncConnection, import_: Import, parts: Sequence[PastRows]) -> int:
        """Add what was answered, and who helped by that; return how many answers are new."""
        if not parts:
            return 0
        there = await QuestionStore(self._database).get_many([part.question_id for part in parts if part.question_id])
        given = [(there[part.question_id], part.help()) for part in parts if part.question_id in there]
        await self._help.put_all(import_.community_id, given, whole=False)
        said = self._database.insert(replies).on_conflict_do_nothing().returning(replies.c.id)
        rows = [row for part in parts for row in part.replies(import_)]
        return len((await connection.execute(said, rows)).all())


async def _known(connection: AsyncConnection, found: Sequence[PastQuestion]) -> dict[str, Row[Any]]:
    """Return what is known of the posts that asked: the question that each is, or in whose thread it stands.

    Where the first answer stands under another question, that is of an export which told how the conversation began:
    no import counts as having brought it under this post, so nothing is written of it.
    """
    posts = [one.origin for one in found]
    firsts = {one.answers[0].message: one.origin for one in found}
    facts = (questions.c.id, questions.c.import_id, questions.c.state, questions.c.solution)
    asked = select(questions.c.origin.label("post"), *facts).where(questions.c.origin.in_(posts))
    theirs = replies.c.question_id == questions.c.id
    said = (
        select(replies.c.message.label("post"), *facts)
        .join(replies, theirs)
        .where(replies.c.message.in_(posts), replies.c.import_id.is_(None))
    )
    elsewhere = (questions.c.id, null().label("import_id"), questions.c.state, questions.c.solution)
    begun = select(replies.c.message, *elsewhere).join(replies, theirs).where(replies.c.message.in_(firsts))
    known = {firsts[row.message]: row for row in await connection.execute(begun)}
    for query in (said, asked):
        known |= {row.post: row for row in await connection.execute(query)}
    return known
