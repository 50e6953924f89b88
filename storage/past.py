"""Writes what an import found; `undoing` takes it away again.

Everything is known by what it is on its platform: a question by its post, an answer by its message, a person by their
account. So what is there already is left as it is, whoever wrote it, and writing the same again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .arrivals import hashed
from .database import Database
from .help import HelpStore, parts_of
from .imports import Import, import_people, import_solutions, imports, presence_hours
from .kudos import Kind, kudos
from .past_things import PastAnswer, PastPerson, PastQuestion
from .people import accounts, members, spaces, tombstones
from .questions import KIND, Audience, QuestionStore, State, questions
from .replies import replies
from .search import ACCEPTED, PLAIN, SearchStore
from .words import folded


class PastStore:
    """Writes down what was before Trellis came."""

    def __init__(self, database: Database, search: SearchStore) -> None:
        self._database = database
        self._search = search
        self._help = HelpStore(database)

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
        new: Counter[str] = Counter()
        async with self._database.write() as connection:
            done = update(imports).where(imports.c.id == import_.id, imports.c.reached == since)
            if (await connection.execute(done.values(reached=reached))).rowcount != 1:
                raise LookupError(f"import {import_.id} is not where it was left")
            here = await self._meet(connection, import_, {key for one in found for key in one.accounts}, people, new)
            known = await _known(connection, found)
            answers: list[dict[str, Any]] = []
            for one in found:
                answers += await self._write(connection, import_, one, here, known.get(one.origin), new, credit=credit)
            if answers:
                said = self._database.insert(replies).on_conflict_do_nothing().returning(replies.c.id)
                new["answers"] = len((await connection.execute(said, answers)).all())
        return new

    async def write_hours(
        self, import_: Import, people: Sequence[PastPerson], hours: Mapping[str, Mapping[int, int]]
    ) -> None:
        """Note when people were around, and since when they are here, of those that are members."""
        async with self._database.write() as connection:
            query = (
                select(accounts.c.key, members.c.id, members.c.joined_at)
                .join(members, members.c.id == accounts.c.member_id)
                .where(accounts.c.key.in_([person.account for person in people]))
            )
            here = {row.key: row for row in await connection.execute(query)}
            told = [(here[person.account], person) for person in people if person.account in here]
            earlier = [(row, person) for row, person in told if person.joined_at < row.joined_at]
            for row, person in earlier:
                await self._note(connection, import_, row.id, row.joined_at, person.joined_at)
            notes = [{"import_id": import_.id, "member_id": row.id} for row, _ in told]
            if notes:
                await connection.execute(self._database.insert(import_people).on_conflict_do_nothing(), notes)
            rows = [
                {"import_id": import_.id, "member_id": row.id, "hour": hour, "messages": messages}
                for key, row in here.items()
                for hour, messages in hours.get(key, {}).items()
            ]
            if rows:
                await connection.execute(self._database.insert(presence_hours).on_conflict_do_nothing(), rows)

    async def _note(
        self, connection: AsyncConnection, import_: Import, member_id: int, before: datetime, joined_at: datetime
    ) -> None:
        """Note that a member has been here for longer than was known."""
        facts = {"joined_at": joined_at, "joined_before": before}
        noted = self._database.insert(import_people).values(import_id=import_.id, member_id=member_id, **facts)
        if await connection.scalar(noted.on_conflict_do_nothing().returning(import_people.c.member_id)):
            changed = update(members).where(members.c.id == member_id)
            await connection.execute(changed.values(joined_at=joined_at))

    async def _meet(
        self,
        connection: AsyncConnection,
        import_: Import,
        keys: Collection[str],
        people: Mapping[str, PastPerson],
        new: Counter[str],
    ) -> dict[str, int]:
        """Return the members whose accounts these are; who is new is noted as somebody who is not here (yet).

        Whoever was erased is not among them.
        """
        # Newcomers to a space pass one by one, as in `MemberStore.arrive`.
        await connection.execute(select(spaces.c.key).where(spaces.c.key == import_.space).with_for_update())
        query = select(accounts.c.key, accounts.c.member_id).where(accounts.c.key.in_(keys))
        here = {row.key: row.member_id for row in await connection.execute(query)}
        missing = {hashed(key): key for key in sorted(keys - here.keys())}
        buried = select(tombstones.c.account_hash).where(tombstones.c.account_hash.in_(missing))
        for hash_ in await connection.scalars(buried):
            del missing[hash_]
        if missing:
            here |= await _add_people(connection, import_, [people[key] for key in missing.values()])
        new["people"] += len(missing)
        return here

    async def _write(
        self,
        connection: AsyncConnection,
        import_: Import,
        one: PastQuestion,
        here: Mapping[str, int],
        known: Row[Any] | None,
        new: Counter[str],
        *,
        credit: bool,
    ) -> list[dict[str, Any]]:
        """Write a question, and return the rows of its answers."""
        asker = here.get(one.account)
        answers = [answer for answer in one.answers if here.get(answer.account, asker) != asker]
        if asker is None or not answers:
            new["erased"] += 1
            return []
        if known and (known.import_id is None or known.state == State.DROPPED):
            new["here already"] += 1
            return []
        solution = one.solution if one.solution in answers else None
        settled = solution if known and known.state == State.CLOSED else None
        if known is None:
            question_id = await self._add_question(connection, import_, one, asker, answers[0].at, solution, here)
            if question_id is None:
                new["here already"] += 1
                return []
            new["questions"] += 1
            new["solved"] += solution is not None
        else:
            question_id = known.id
            if settled:
                await self._settle(connection, import_, question_id, one, settled, here)
                new["solved"] += 1
            else:
                new["here already"] += known.import_id != import_.id
                solution = solution if known.solution == (solution and solution.message) else None
        if question := await QuestionStore(self._database).get(question_id):
            given = parts_of((here[answer.account], answer.text, answer.at) for answer in answers)
            await self._help.put(question, given, whole=False)
        if credit and solution:
            await self._credit(connection, import_, question_id, one, solution, here)
        if known is None or settled:
            said = [(answer.text, ACCEPTED if answer is solution else PLAIN) for answer in answers]
            said.sort(key=lambda part: -part[1])
            place = (import_.community_id, KIND, question_id)
            await self._search.put(*place, title=one.title, body=one.details, at=one.at, answers=said)
        return [
            {
                "message": answer.message,
                "question_id": question_id,
                "member_id": here[answer.account],
                "text": answer.text,
                "at": answer.at,
                "import_id": import_.id,
            }
            for answer in answers
        ]

    async def _add_question(
        self,
        connection: AsyncConnection,
        import_: Import,
        one: PastQuestion,
        asker: int,
        answered_at: datetime,
        solution: PastAnswer | None,
        here: Mapping[str, int],
    ) -> int | None:
        """Add a question; None if its post is one already."""
        values = {
            "community_id": import_.community_id,
            "asker_id": asker,
            "space": import_.space,
            "title": one.title,
            "details": one.details,
            "topic": one.topic,
            "audience": Audience.PEERS,
            "origin": one.origin,
            "created_at": one.at,
            "asked_at": one.at,
            "active_at": one.ended_at,
            "answered_at": answered_at,
            "import_id": import_.id,
            **(
                {"state": State.CLOSED, "closed_at": one.ended_at} if solution is None else _solved(one, solution, here)
            ),
        }
        statement = self._database.insert(questions).values(values).on_conflict_do_nothing()
        added: int | None = await connection.scalar(statement.returning(questions.c.id))
        return added

    async def _settle(
        self,
        connection: AsyncConnection,
        import_: Import,
        question_id: int,
        one: PastQuestion,
        solution: PastAnswer,
        here: Mapping[str, int],
    ) -> None:
        """Note of a question that was imported before what solved it: the earlier export was made before that."""
        solved = {**_solved(one, solution, here), "closed_at": None}
        await connection.execute(update(questions).where(questions.c.id == question_id).values(solved))
        noted = self._database.insert(import_solutions).values(import_id=import_.id, question_id=question_id)
        await connection.execute(noted.on_conflict_do_nothing())

    async def _credit(
        self,
        connection: AsyncConnection,
        import_: Import,
        question_id: int,
        one: PastQuestion,
        solution: PastAnswer,
        here: Mapping[str, int],
    ) -> None:
        """Write into the ledger that an answer helped, for no points."""
        entry = {
            "community_id": import_.community_id,
            "giver_id": here[one.account],
            "receiver_id": here[solution.account],
            "kind": Kind.ANSWER,
            "weight": 0,
            "value": "",
            "topic": one.topic,
            "reason": "",
            "source": f"history/{question_id}",
            "round": 0,
            "at": one.solved_at or solution.at,
            "import_id": import_.id,
        }
        await connection.execute(self._database.insert(kudos).values(entry).on_conflict_do_nothing())


def _solved(one: PastQuestion, solution: PastAnswer, here: Mapping[str, int]) -> dict[str, Any]:
    return {
        "state": State.SOLVED,
        "solved_at": one.solved_at or solution.at,
        "solver_id": here[solution.account],
        "helper_id": here[solution.account],
        "solution": solution.message,
        "solution_text": solution.text,
    }


async def _known(connection: AsyncConnection, found: Sequence[PastQuestion]) -> dict[str, Row[Any]]:
    """Return what is known of the posts that asked: the question that each is, or in whose thread it stands."""
    posts = [one.origin for one in found]
    facts = (questions.c.id, questions.c.import_id, questions.c.state, questions.c.solution)
    asked = select(questions.c.origin.label("post"), *facts).where(questions.c.origin.in_(posts))
    theirs = replies.c.question_id == questions.c.id
    said = (
        select(replies.c.message.label("post"), *facts)
        .join(replies, theirs)
        .where(replies.c.message.in_(posts), replies.c.import_id.is_(None))
    )
    known: dict[str, Row[Any]] = {}
    for query in (said, asked):
        known |= {row.post: row for row in await connection.execute(query)}
    return known


async def _add_people(connection: AsyncConnection, import_: Import, people: Sequence[PastPerson]) -> dict[str, int]:
    """Add some who are not here, as if they had left when they last wrote: they are back as soon as they come."""
    rows = [
        {
            "community_id": import_.community_id,
            "name": person.name,
            "folded_name": folded(person.name),
            "timezone": person.timezone,
            "joined_at": person.joined_at,
            "left_at": person.last_at,
        }
        for person in people
    ]
    added = insert(members).returning(members.c.id, sort_by_parameter_order=True)
    ids = [*(await connection.scalars(added, rows))]
    their_accounts = [
        {
            "key": person.account,
            "member_id": id_,
            "space_key": import_.space,
            "name": person.name,
            "roles": "",
            "left_at": person.last_at,
        }
        for person, id_ in zip(people, ids, strict=True)
    ]
    await connection.execute(insert(accounts), their_accounts)
    notes = [{"import_id": import_.id, "member_id": id_, "made": True} for id_ in ids]
    await connection.execute(insert(import_people), notes)
    return dict(zip((person.account for person in people), ids, strict=True))
