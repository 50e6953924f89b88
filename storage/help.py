"""What each member did to help with each question: what it was about, and whether it solved it.

A row of `help` is one member's part in one question, and has the terms of both texts. Every change of a community's
rows takes the next number of its own count, so whoever keeps them in memory (`HelpWindow`) reads what is behind the
number that they know, and all of it once the count is ahead of every row: then something was removed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    Table,
    UniqueConstraint,
    delete,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from .columns import UtcDateTime, WrittenText, compact_json, metadata
from .database import Database
from .dialect import Dialect, Insert, insert_into
from .in_memory import InMemory, Kept, in_thread
from .numbers import last_number, next_number
from .questions import Question, State, questions
from .search.tokens import tokens, weights

if TYPE_CHECKING:
    from .help_window import HelpWindow

COUNT = "help"
"""What the numbers of a community's changes are counted under."""
AT_ONCE = 2_000
"""If more than that is new, all is read again."""
WINDOW = 8_000
"""So much of the latest help is what people are known by: what is older hardly counts any more."""
COMMUNITIES = 50
"""Of so many communities it is kept in memory; the one that was not asked about for longest goes first."""

help_ = Table(
    "help",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("question_id", ForeignKey("questions.id"), nullable=False),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("terms", WrittenText, nullable=False),
    Column("credit", Integer, nullable=False, server_default="0"),
    Column("at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("question_id", "member_id"),
    Index(None, "community_id", "version"),
    Index(None, "community_id", "at"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class Help:
    """A member's part in a question: what they wrote there, and when last."""

    words: str
    at: datetime


def parts_of(written: Iterable[tuple[int, str, datetime]]) -> dict[int, Help]:
    """Return the parts of members in a question, by what each wrote and when."""
    parts: dict[int, Help] = {}
    for member_id, words, at in written:
        before = parts.get(member_id, Help("", at))
        parts[member_id] = Help("\n".join(filter(None, (before.words, words))), max(before.at, at))
    return parts


@dataclass(frozen=True, slots=True)
class Past:
    """What someone's help says about one question. `words`, `topic` and `month` are shares of what everyone gave.

    `words` is by what was about the same words, `topic` by what was about its topic, and `month` by all of it, the
    latest most. `asker` is how much of it was for the person who asks now, `hour` how much of their own came at about
    this hour of the day, and `days` how long ago the last was. `solved` counts questions of the topic that it solved,
    `closest` is the question of which its words were most like these, and `alike` how much.
    """

    member_id: int
    words: float = 0.0
    topic: float = 0.0
    month: float = 0.0
    asker: float = 0.0
    hour: float = 0.0
    days: float = 365.0
    helped: int = 0
    accepted: int = 0
    solved: int = 0
    closest: int = 0
    alike: float = 0.0


_WINDOWS: InMemory[HelpWindow] = InMemory(lambda _: 1, COMMUNITIES)


class HelpStore:
    """Who helped with what."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, question: Question, given: Mapping[int, Help], *, whole: bool = True) -> None:
        """Note who helped with a question, in place of what was noted of them before or, if `whole`, of everyone.

        What solved it counts for more, and again for everyone whose own question it spared.
        """
        await self.put_all(question.community_id, [(question, given)], whole=whole)

    async def put_all(
        self, community_id: int, given: Sequence[tuple[Question, Mapping[int, Help]]], *, whole: bool = True
    ) -> None:
        """Note who helped with each of some questions of a community, as `put` does with one."""
        async with self._database.write() as connection:
            query = select(help_).where(help_.c.question_id.in_([question.id for question, _ in given]))
            before = {(row.question_id, row.member_id): row for row in await connection.execute(query)}
            spared = await _spared(connection, [question.id for question, _ in given if question.solver_id])
            rows = [
                {
                    "question_id": question.id,
                    "member_id": member_id,
                    "terms": _terms(question, one),
                    "credit": 1 + spared[question.id] if member_id == question.solver_id else 0,
                    "at": one.at,
                }
                for question, parts in given
                for member_id, one in parts.items()
            ]
            changed = [row for row in rows if _differs(row, before.get((row["question_id"], row["member_id"])))]
            if changed:
                version = await next_number(self._database, connection, community_id, COUNT)
                place = {"community_id": community_id, "version": version}
                await connection.execute(_put(self._database.dialect), [{**place, **row} for row in changed])
            left = {(row["question_id"], row["member_id"]) for row in rows}
            gone = [row.id for part, row in before.items() if part not in left] if whole else []
            if gone:
                await self._remove(connection, community_id, help_.c.id.in_(gone))

    async def _remove(self, connection: AsyncConnection, community_id: int, condition: ColumnElement[bool]) -> None:
        """Remove rows: that the count is ahead of all that are left tells of it."""
        await connection.execute(delete(help_).where(condition))
        await next_number(self._database, connection, community_id, COUNT)

    async def past(self, question: Question, now: datetime, limit: int) -> list[Past]:
        """Return what their past says of those who may know an answer, the most likely first."""
        kept = await self._up_to_date(question.community_id)
        title, details = tokens(question.title), tokens(question.details)
        async with kept.lock:
            asked = title, details, question.asker_id, question.topic, now.timestamp(), limit
            if kept.value.slots > AT_ONCE:
                return await in_thread(kept.value.past, *asked)
            return kept.value.past(*asked)

    async def topics(self, community_id: int) -> dict[str, set[int]]:
        """Return who has helped lately with what, by topics without regard to case."""
        kept = await self._up_to_date(community_id)
        async with kept.lock:
            return kept.value.topics()

    async def of_member(self, member_id: int) -> list[tuple[int, datetime]]:
        """Return with which questions a member helped, and when."""
        mine = help_.c.member_id == member_id
        async with self._database.read() as connection:
            rows = await connection.execute(select(help_.c.question_id, help_.c.at).where(mine))
            return [(row.question_id, row.at) for row in rows]

    async def renew(self, community_id: int) -> None:
        """Have all of it be read again: somebody else's past is theirs now."""
        async with self._database.write() as connection:
            await next_number(self._database, connection, community_id, COUNT)

    async def forget(self, community_id: int, member_id: int) -> None:
        """Forget what a member did."""
        async with self._database.write() as connection:
            await self._remove(connection, community_id, help_.c.member_id == member_id)

    async def forget_questions(self, community_id: int, question_ids: Collection[int]) -> None:
        """Forget what anybody did to help with these questions: they are no more."""
        async with self._database.write() as connection:
            await self._remove(connection, community_id, help_.c.question_id.in_(question_ids))

    # The window

    async def _up_to_date(self, community_id: int) -> Kept[HelpWindow]:
        """Return a community's latest help, with all that is kept by now."""
        from .help_window import HelpWindow  # numpy takes a while to read

        kept = _WINDOWS.of(self._database, community_id, HelpWindow)
        async with kept.lock:
            async with self._database.read(kept=True) as connection:
                count = await last_number(connection, community_id, COUNT)
            if count == kept.version:
                return kept
            here = _READ.where(help_.c.community_id == community_id)
            behind = here.where(help_.c.version > kept.version).order_by(help_.c.version).limit(AT_ONCE)
            rows = await self._rows(behind) if kept.version else []
            if rows and rows[-1].version >= count and len(rows) < AT_ONCE and kept.value.slots < 1.5 * WINDOW:
                _add(kept.value, rows)
            else:  # it is the first time, a lot is new, or something was removed
                rows = await self._rows(here.order_by(help_.c.at.desc()).limit(WINDOW))
                kept.value = HelpWindow()
                await in_thread(_add, kept.value, rows[::-1])
            kept.version = count
        return kept

    async def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        async with self._database.read(kept=True) as connection:
            return [*await connection.execute(query)]


_READ = select(help_, questions.c.asker_id, questions.c.topic).join(questions, questions.c.id == help_.c.question_id)


@cache
def _put(dialect: Dialect) -> Insert:
    statement = insert_into(help_, dialect)
    return statement.on_conflict_do_update(
        index_elements=[help_.c.question_id, help_.c.member_id],
        set_={name: statement.excluded[name] for name in ("terms", "credit", "at", "version")},
    )


async def _spared(connection: AsyncConnection, question_ids: Sequence[int]) -> Counter[int]:
    """Return how many others did not have to ask because of each question that was solved."""
    if not question_ids:
        return Counter()
    known = questions.alias()
    query = (
        select(known.c.id, func.count().label("number"))
        .join(questions, questions.c.known_id == known.c.id)
        .where(known.c.id.in_(question_ids))
        .where(questions.c.state == State.DEFLECTED, questions.c.asker_id != known.c.solver_id)
        .group_by(known.c.id)
    )
    return Counter({row.id: row.number for row in await connection.execute(query)})


def _terms(question: Question, given: Help) -> str:
    """Return what a part in a question is found by."""
    words = "\n".join(filter(None, (question.details, given.words)))
    return compact_json(weights(question.title, words) or {"": 1})


def _differs(row: Mapping[str, Any], before: Row[Any] | None) -> bool:
    return before is None or any(before._mapping[name] != row[name] for name in ("terms", "credit", "at"))


def _add(window: HelpWindow, rows: Iterable[Row[Any]]) -> None:
    from .help_window import Given

    for row in rows:
        given = Given(row.question_id, row.member_id, row.asker_id, row.topic, row.credit, row.at.timestamp())
        window.put(row.id, given, json.loads(row.terms))
