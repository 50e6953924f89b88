"""Full-text search over what a community has written down: one seam over SQLite's and PostgreSQL's own.

The table `documents` holds the texts, and the terms by which they are found: words in every script with their stems,
pairs of characters where no blanks part words, and the ends of compounds (`words`). So both databases find the same.
Each indexes the terms in its own way, and keeps the index up to date itself (see the migration of terms): SQLite
by triggers in the FTS5 table `documents_fts`, PostgreSQL in the generated column `words`. Neither is part of the
`Table` below, nor of the migrations' comparison with it.
"""

from collections.abc import Collection, Iterable
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
from .words import PIECE, ends, forms, pieces, words_in

BODY_LIMIT = 100_000
"""How much of a document is kept, in characters. (PostgreSQL indexes at most one megabyte of each.)"""

WORD_LIMIT = 32
"""How many words of a query count."""

TERM_LIMIT = 20_000
"""How many different terms of a document are indexed. (PostgreSQL takes at most one megabyte of each.)"""

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
    Column("title_terms", Text, nullable=False, server_default=""),
    Column("body_terms", Text, nullable=False, server_default=""),
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
        body = body[: BODY_LIMIT - len(title)]
        content = {
            "community_id": community_id,
            "title": title,
            "body": body,
            "at": at,
            "title_terms": terms(title),
            "body_terms": terms(body),
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

        The text is a sentence as a member types it, in any script: nothing in it is query syntax. Endings, accents and
        small words do not matter, parts of compounds are found, words of the title count double, and the first 32
        words are looked for.
        """
        words = _wanted(text)
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


def terms(text: str) -> str:
    """Return the different terms of a text, as they are indexed."""
    found = dict[str, None]()
    for word in words_in(text):
        found |= dict.fromkeys((*sorted(forms(word)), *ends(word)))
        if len(found) >= TERM_LIMIT:
            break
    return " ".join(map(_coded, [*found][:TERM_LIMIT]))


def _wanted(sentence: str) -> list[tuple[str, bool]]:
    """Return the terms to look for, and whether each may go on: of the distinct words, without the small ones.

    Where there are no others, the small ones count.
    """
    words = [*dict.fromkeys(words_in(sentence))]
    words = [word for word in words if word not in _STOP_WORDS][:WORD_LIMIT] or words[:WORD_LIMIT]
    found: dict[str, bool] = {term: False for word in words for term in sorted(pieces(word))}
    for word in words:
        found |= {term: len(term) >= PIECE or not term.isascii() for term in sorted(forms(word))}
    return [(_coded(term), goes_on) for term, goes_on in found.items()]


def _coded(term: str) -> str:
    """Write a term in letters and digits that no database takes apart; what begins alike still does."""
    return "w" + "".join(letter if letter.isascii() else f"z{ord(letter):05x}" for letter in term)


def _sqlite_query(words: Iterable[tuple[str, bool]]) -> Select[tuple[str, int, str, str, datetime, float]]:
    # bm25() is better the lower it is; its weights are those of title and body.
    return (
        _found.add_columns(literal_column("-bm25(documents_fts, 2.0, 1.0)", Float).label("score"))
        .join(text("documents_fts"), literal_column("documents_fts.rowid") == documents.c.id)
        .where(
            literal_column("documents_fts").op("MATCH")(
                " OR ".join(f'"{word}"{"*" if more else ""}' for word, more in words)
            )
        )
    )


def _postgresql_query(words: Iterable[tuple[str, bool]]) -> Select[tuple[str, int, str, str, datetime, float]]:
    # The weights are those of D, C, B (body) and A (title); the 1 makes long documents count a little less.
    wanted = text("to_tsquery('simple', :wanted) AS wanted").bindparams(
        wanted=" | ".join(f"{word}:*" if more else word for word, more in words)
    )
    return (
        _found.add_columns(
            literal_column("ts_rank_cd('{0, 0, 0.5, 1}', documents.words, wanted, 1)", Float).label("score")
        )
        .join(wanted, literal(True))
        .where(literal_column("documents.words @@ wanted"))
    )
