"""Full-text search over what a community has written down: one seam over SQLite's and PostgreSQL's own.

The table `documents` holds the texts. Each database indexes them in its own way, and keeps the index up to
date itself (see the first migration): SQLite by triggers in the FTS5 table `documents_fts`, PostgreSQL in the
generated column `words`. Neither is part of the `Table` below, nor of the migrations' comparison with it.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Select,
    Table,
    Text,
    UniqueConstraint,
    delete,
    literal,
    literal_column,
    select,
    text,
)

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database

BODY_LIMIT = 100_000
"""How much of a document is kept, in characters. (PostgreSQL indexes at most one megabyte of each.)"""

WORD_LIMIT = 32
"""How many words of a query count."""

_WORD = re.compile(r"\w{1,100}")

_STOP_WORDS = frozenset(
    """
    a about after all also am an and any are as at be because been before being but by can could d did
    do does doing don for from had has have having he her here him his how i if in into is it its just
    ll m me my no nor not now of off on once only or our out over own re s same she should so some such
    t than that the their them then there these they this those through to too under until up ve very
    was we were what when where which while who whom why will with would you your
    """.split()
)

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
    UniqueConstraint("kind", "subject_id"),
    Index(None, "community_id", "kind"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A document found. A higher `score` is a better match; scores compare only within one answer."""

    kind: str
    subject_id: int
    title: str
    body: str
    at: datetime
    score: float


class SearchStore:
    """The texts that members can find."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, community_id: int, kind: str, subject_id: int, *, title: str, body: str, at: datetime) -> None:
        """Make a text findable, in place of what was put for this subject before.

        The first 100,000 characters of title and body together are kept.
        """
        title = title[:BODY_LIMIT]
        content = {
            "community_id": community_id,
            "title": title,
            "body": body[: BODY_LIMIT - len(title)],
            "at": at,
        }
        statement = self._database.insert(documents).values(kind=kind, subject_id=subject_id, **content)
        async with self._database.write() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=[documents.c.kind, documents.c.subject_id], set_=content)
            )

    async def remove(self, kind: str, subject_id: int) -> None:
        """Forget the subject's text, if there is one."""
        async with self._database.write() as connection:
            await connection.execute(
                delete(documents).where(documents.c.kind == kind, documents.c.subject_id == subject_id)
            )

    async def find(self, community_id: int, text: str, kinds: Collection[str], limit: int) -> list[Hit]:
        """Return the community's documents of these kinds that share a word with the text, the best first.

        The text is a sentence as a member types it: nothing in it is query syntax. English endings and small
        words do not matter, words of the title count double, and the first 32 words are looked for.
        """
        words = _words(text)
        if not words:
            return []
        query = _sqlite_query(words) if self._database.dialect == "sqlite" else _postgresql_query(words)
        query = (
            query.where(documents.c.community_id == community_id, documents.c.kind.in_(kinds))
            .order_by(literal_column("score").desc(), documents.c.at.desc(), documents.c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [Hit(**row._asdict()) for row in await connection.execute(query)]


_found = select(documents.c.kind, documents.c.subject_id, documents.c.title, documents.c.body, documents.c.at)


def _words(sentence: str) -> list[str]:
    """Return what to look for: the distinct words, without the small ones unless there are no others."""
    words = dict.fromkeys(_WORD.findall(sentence.lower()))
    return [word for word in words if word not in _STOP_WORDS][:WORD_LIMIT] or list(words)[:WORD_LIMIT]


def _sqlite_query(words: list[str]) -> Select[tuple[str, int, str, str, datetime, float]]:
    # bm25() is better the lower it is; its weights are those of title and body.
    return (
        _found.add_columns(literal_column("-bm25(documents_fts, 2.0, 1.0)", Float).label("score"))
        .join(text("documents_fts"), literal_column("documents_fts.rowid") == documents.c.id)
        .where(literal_column("documents_fts").op("MATCH")(" OR ".join(f'"{word}"' for word in words)))
    )


def _postgresql_query(words: list[str]) -> Select[tuple[str, int, str, str, datetime, float]]:
    # The weights are those of D, C, B (body) and A (title); the 1 makes long documents count a little less.
    wanted = text("to_tsquery('english', :wanted) AS wanted").bindparams(
        wanted=" | ".join(f"'{word}'" for word in words)
    )
    return (
        _found.add_columns(
            literal_column("ts_rank_cd('{0, 0, 0.5, 1}', documents.words, wanted, 1)", Float).label("score")
        )
        .join(wanted, literal(True))
        .where(literal_column("documents.words @@ wanted"))
    )
