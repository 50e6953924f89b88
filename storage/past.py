"""Writes what an import found; `undoing` takes it away again.

Everything is known by what it is on its platform: a question by its post, an answer by its message, a person by their
account. So what is there already is left as it is, whoever wrote it, and writing the same again changes nothing.

There may be a hundred thousand questions: each table is written to once for all that are given, not once for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Table, bindparam, func, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database
from .imports import Import, import_solutions, imports
from .kudos import kudos
from .past_people import PastPeopleStore
from .past_rows import PastRows, Values, rows_of, told_before
from .past_things import PastPerson, PastQuestion
from .people import accounts
from .questions import Question, questions
from .replies import ReplyStore, replies
from .retelling import RetellingStore, Telling
from .search import SearchStore


class PastStore:
    """Writes down what was before Trellis came."""

    def __init__(self, database: Database, search: SearchStore, telling: Telling) -> None:
        self._database = database
        self._retelling = RetellingStore(database, search, telling)
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
            changed = {*answers, *(part.question_id for part in new if part.question_id)}
            await self._retelling.retell(import_.community_id, changed)
            if credit:
                await self._add(connection, kudos, [part.credit(import_) for part in parts if part.is_credited])
        return Counter(
            {
                "people": met,
                "questions": sum(part.known is None for part in new),
                "solved": sum(part.solution is not None for part in new),
                "answers": answers.total(),
                "here already": sum(not (part.is_new or part.is_of(import_)) for part in parts),
                "erased": len(found) - len(parts),
            }
        )

    async def begun(self, space: str, posts: Sequence[str]) -> dict[str, PastQuestion]:
        """Return what imports told before of conversations that began with these posts, by those."""
        asked = questions.c.origin.in_(posts) & questions.c.import_id.is_not(None)
        async with self._database.read() as connection:
            found = [Question(**row._asdict()) for row in await connection.execute(select(questions).where(asked))]
            replies_to = await ReplyStore(self._database).of_questions([one.id for one in found])
            people = {one.asker_id for one in found} | {one.member_id for said in replies_to.values() for one in said}
            theirs = accounts.c.member_id.in_(people) & (accounts.c.space_key == space)
            query = select(accounts.c.member_id, func.min(accounts.c.key).label("key")).where(theirs)
            rows = await connection.execute(query.group_by(accounts.c.member_id))
            keys = {row.member_id: row.key for row in rows}
        past = (told_before(one, replies_to[one.id], keys) for one in found if one.asker_id in keys)
        return {one.origin: one for one in past}

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

    async def _add_answers(
        self, connection: AsyncConnection, import_: Import, parts: Sequence[PastRows]
    ) -> Counter[int]:
        """Add what was answered; return how many answers to each question are new."""
        if not parts:
            return Counter()
        said = self._database.insert(replies).on_conflict_do_nothing().returning(replies.c.question_id)
        rows = [row for part in parts for row in part.replies(import_)]
        return Counter(await connection.scalars(said, rows))


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
