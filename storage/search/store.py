"""The texts that members can find, and the index of each community, kept in memory by whoever searches.

A row of `documents` holds a text and the terms that it is found by. Every change of a community's documents takes the
next number of the community's own count, so whoever keeps an index reads what is behind the number that they know. The
count's row is locked until the change is kept: no lower number appears later. What is removed leaves an empty row.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    func,
    select,
    update,
)

from ..columns import UtcDateTime, WrittenText, compact_json, metadata
from ..database import Database
from ..dialect import Dialect, Insert, insert_into
from ..in_memory import InMemory, Kept, in_thread
from ..numbers import next_number, next_numbers
from .fit import Hit, fit_of
from .tokens import other_ways, spellings, tokens, weights

if TYPE_CHECKING:
    from . import index
    from .encoders import Encoder

ACCEPTED, THANKED, PLAIN = 1.0, 0.75, 0.5
"""How much a word of an answer counts beside one of a question: it solved it, was thanked for, or neither."""
BODY_LIMIT = 100_000
"""How much of a document is kept, in characters."""
MEMORY = 300_000_000
"""How much memory indexes may take, in bytes: the one that was not searched for longest goes first."""
AT_ONCE = 2_000
"""So many documents are read at once, and more than that are searched beside the event loop."""
COUNT = "documents"
"""What the numbers of a community's changes are counted under."""

documents = Table(
    "documents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", Integer, nullable=False),
    Column("title", WrittenText, nullable=False),
    Column("body", WrittenText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("terms", WrittenText, nullable=False, server_default="{}"),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("meaning", LargeBinary),
    Column("level", Text),
    UniqueConstraint("kind", "subject_id"),
    Index(None, "community_id", "version", unique=True),
    sqlite_autoincrement=True,
)
_INDEXED = (
    *(documents.c.id, documents.c.kind, documents.c.at, documents.c.terms, documents.c.version),
    *(documents.c.meaning, documents.c.level),
)

_EMPTIED = (
    update(documents)
    .where(documents.c.id == bindparam("document"))
    .values(title="", body="", terms="{}", meaning=None, level=None, version=bindparam("number"))
)

_INDEXES: InMemory[index.Index] = InMemory(lambda kept: kept.size, MEMORY)


@dataclass(frozen=True, slots=True)
class Document:
    """What a subject is found by, and how much each of its answers counts.

    The first 100,000 characters of them together are kept.
    """

    subject_id: int
    title: str
    body: str
    at: datetime
    answers: Sequence[tuple[str, float]] = ()


class SearchStore:
    """The texts that members can find."""

    def __init__(self, database: Database, encoder: Encoder | None = None) -> None:
        self._database = database
        self._encoder = encoder

    async def put(
        self,
        community_id: int,
        kind: str,
        subject_id: int,
        *,
        title: str,
        body: str,
        at: datetime,
        answers: Sequence[tuple[str, float]] = (),
    ) -> None:
        """Make a text findable, in place of what was put for this subject before, with how much each answer counts."""
        await self.put_all(community_id, kind, [Document(subject_id, title, body, at, answers)])

    async def put_all(self, community_id: int, kind: str, written: Sequence[Document]) -> None:
        """Make texts findable, each in place of what was put for its subject before."""
        if not written:
            return
        async with self._database.write() as connection:
            versions = await next_numbers(self._database, connection, community_id, COUNT, len(written))
            place = {"community_id": community_id, "kind": kind, "meaning": None, "level": None}
            rows = [{**place, "version": version, **_row(one)} for version, one in zip(versions, written, strict=True)]
            await connection.execute(_put(self._database.dialect), rows)

    async def remove(self, kind: str, subject_id: int) -> None:
        """Forget the subject's text, if there is one."""
        await self.remove_all(kind, [subject_id])

    async def remove_all(self, kind: str, subject_ids: Collection[int]) -> None:
        """Forget the texts of these subjects, which are of one community."""
        theirs = (documents.c.kind == kind) & documents.c.subject_id.in_(subject_ids) & (documents.c.terms != "{}")
        async with self._database.write() as connection:
            rows = (await connection.execute(select(documents.c.id, documents.c.community_id).where(theirs))).all()
            if rows:
                versions = await next_numbers(self._database, connection, rows[0].community_id, COUNT, len(rows))
                gone = [{"document": row.id, "number": number} for row, number in zip(rows, versions, strict=True)]
                await connection.execute(_EMPTIED, gone)

    async def find(
        self, community_id: int, text: str, kinds: Collection[str], limit: int, *, details: str = ""
    ) -> list[Hit]:
        """Return the community's documents of these kinds that share a word with the text, the best first.

        The text is a sentence as a member types it: nothing in it is query syntax. Endings and small words do not
        matter, slips are forgiven, and words of the `details` count less. What the open unit itself has put is not
        found yet.
        """
        title, more = tokens(text), tokens(details)
        if not title and not more:
            return []
        meaning = await self._meaning_of(text, details)
        kept = await self._database.once(("index", community_id), partial(self._up_to_date, community_id))
        async with kept.lock:
            counts = self._encoder.counts if self._encoder else 0.0
            search = partial(kept.value.search, title, more, kinds, limit, meaning, counts, other_ways(text))
            found, wanted = await in_thread(search) if len(kept.value) > AT_ONCE else search()
        rows = await self._database.once_each("found", (match.id for match in found), self._rows)
        written = spellings(text) or spellings(details)
        asked = [word for word in wanted if word.term in written]
        level = self._encoder.level if self._encoder else "text"
        hits = []
        for match in found:
            if row := rows.get(match.id):
                titled, alike = spellings(row.title), None
                if self._encoder and match.titles_near is not None:
                    alike = self._encoder.alike([written[word.term] for word in asked], [*titled.values()])
                fit = fit_of(match, wanted, asked, json.loads(row.terms), [*titled], alike, level)
                hits.append(Hit(row.kind, row.subject_id, row.title, row.at, fit.ranked_by, fit))
        return sorted(hits, key=lambda hit: -hit.score)

    async def _rows(self, ids: Sequence[int]) -> dict[int, Any]:
        columns = (documents.c.id, documents.c.kind, documents.c.subject_id, documents.c.title, documents.c.at)
        async with self._database.read() as connection:
            query = select(*columns, documents.c.terms).where(documents.c.id.in_(ids), documents.c.terms != "{}")
            return {row.id: row for row in await connection.execute(query)}

    # Meaning

    async def learn(self, limit: int) -> int:
        """Find out what documents mean of which that is not known at this level, and return how many there were."""
        if self._encoder is None:
            return 0
        query = select(documents).where(_unlearned(self._encoder)).order_by(documents.c.id).limit(limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        if not rows:
            return 0
        meanings = await asyncio.to_thread(self._encoder.encode, [(row.title, row.body) for row in rows])
        async with self._database.write() as connection:
            for row, meaning in zip(rows, meanings, strict=True):
                version = await next_number(self._database, connection, row.community_id, COUNT)
                same = (documents.c.id == row.id) & (documents.c.version == row.version)
                found = {"meaning": meaning.tobytes(), "level": self._encoder.weights, "version": version}
                await connection.execute(update(documents).where(same).values(**found))
        return len(rows)

    async def unlearned(self) -> int:
        """Return of how many documents it is not known yet what they mean."""
        if self._encoder is None:
            return 0
        async with self._database.read() as connection:
            return int(await connection.scalar(select(func.count()).where(_unlearned(self._encoder))) or 0)

    async def _meaning_of(self, title: str, details: str) -> Any:
        if self._encoder is None:
            return None
        [meaning] = await asyncio.to_thread(self._encoder.encode, [(title, details)])
        return meaning.astype("float32")

    # The index

    async def _up_to_date(self, community_id: int) -> Kept[index.Index]:
        """Return a community's index, with all that is kept by now."""
        from . import index  # numpy takes a while to read, and is of no use where nobody searches

        kept = _INDEXES.of(self._database, community_id, index.Index)
        async with kept.lock:
            if kept.value.gone > max(AT_ONCE, len(kept.value)):
                kept.value, kept.version = index.Index(), 0
            ours = self._encoder.weights if self._encoder else None
            while rows := await self._behind(community_id, kept.version):
                entries = [
                    (row.id, row.kind, row.at.timestamp(), row.terms, row.meaning if row.level == ours else None)
                    for row in rows
                ]
                if len(rows) > AT_ONCE // 10:
                    await in_thread(_add, kept.value, entries)
                else:
                    _add(kept.value, entries)
                kept.version = rows[-1].version
                if len(rows) < AT_ONCE:
                    break
        return kept

    async def _behind(self, community_id: int, version: int) -> Sequence[Any]:
        behind = (documents.c.community_id == community_id) & (documents.c.version > version)
        query = select(*_INDEXED).where(behind).order_by(documents.c.version).limit(AT_ONCE)
        async with self._database.read(kept=True) as connection:
            return (await connection.execute(query)).all()


@cache
def _put(dialect: Dialect) -> Insert:
    statement = insert_into(documents, dialect)
    names = ("community_id", "title", "body", "at", "terms", "version", "meaning", "level")
    return statement.on_conflict_do_update(
        index_elements=[documents.c.kind, documents.c.subject_id],
        set_={name: statement.excluded[name] for name in names},
    )


def _row(written: Document) -> dict[str, Any]:
    """Return what of a document is kept, and the terms that it is found by."""
    title = written.title[:BODY_LIMIT]
    limit = BODY_LIMIT - len(title)
    left, answers = limit - len(written.body), list[tuple[str, float]]()
    for answer, weight in written.answers:
        answers.append((answer[: max(left, 0)], weight))
        left -= len(answer) + 2
    return {
        "subject_id": written.subject_id,
        "title": title,
        "body": "\n\n".join(filter(None, (written.body, *(answer for answer, _ in answers))))[:limit],
        "at": written.at,
        "terms": compact_json(weights(title, written.body[:limit], answers)),
    }


def _unlearned(encoder: Encoder) -> ColumnElement[bool]:
    """Choose documents of which it is not known what they mean by this encoder's weights."""
    return (documents.c.terms != "{}") & documents.c.level.is_distinct_from(encoder.weights)


def _add(to: index.Index, rows: Sequence[tuple[int, str, float, str, bytes | None]]) -> None:
    from .index import Entry

    for id_, kind, at, terms, meaning in rows:
        to.put(Entry(id_, kind, at, json.loads(terms), meaning or b""))
