"""The knowledge base: answers worth keeping, in words that a moderator edited and their authors agreed to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, Column, ColumnElement, ForeignKey, Integer, Table, delete, exists, select, update

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database

articles = Table(
    "articles",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False, index=True),
    Column("question_id", ForeignKey("questions.id"), nullable=False, unique=True),
    Column("title", WrittenText, nullable=False),
    Column("answer", WrittenText, nullable=False),
    Column("saved_by", ForeignKey("members.id"), nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),
    sqlite_autoincrement=True,
)

consents = Table(
    "consents",
    metadata,
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("agreed", Boolean),
    Column("at", UtcDateTime),
)


@dataclass(frozen=True, slots=True)
class Article:
    """An entry. `authors` are the members whose words it rests on; it is published once all of them agreed."""

    id: int
    community_id: int
    question_id: int
    title: str
    answer: str
    saved_by: int
    saved_at: datetime
    published_at: datetime | None
    authors: tuple[int, ...] = ()


class KnowledgeStore:
    """Articles and their authors' word on them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(
        self,
        community_id: int,
        question_id: int,
        title: str,
        answer: str,
        saved_by: int,
        authors: Collection[int],
        at: datetime,
    ) -> Article:
        """Keep an article, in place of the question's earlier one. With new words, every author is asked anew."""
        words = {"title": title, "answer": answer, "saved_by": saved_by, "saved_at": at, "published_at": None}
        statement = self._database.insert(articles).values(community_id=community_id, question_id=question_id, **words)
        async with self._database.write() as connection:
            article_id = await connection.scalar(
                statement.on_conflict_do_update(index_elements=[articles.c.question_id], set_=words).returning(
                    articles.c.id
                )
            )
            await connection.execute(delete(consents).where(consents.c.article_id == article_id))
            if authors:
                rows = [{"article_id": article_id, "member_id": author} for author in sorted(set(authors))]
                await connection.execute(self._database.insert(consents), rows)
            article = await self.get(article_id or 0)
            assert article is not None
            return article

    async def get(self, article_id: int) -> Article | None:
        """Return the article of this id."""
        found = await self._find(articles.c.id == article_id)
        return found[0] if found else None

    async def get_many(self, ids: Collection[int]) -> dict[int, Article]:
        """Return those articles that there are, by their id."""
        return {article.id: article for article in await self._find(articles.c.id.in_(ids))} if ids else {}

    async def of_questions(self, question_ids: Collection[int]) -> dict[int, Article]:
        """Return the articles that rest on these questions, by the question's id."""
        about = articles.c.question_id.in_(question_ids)
        return {article.question_id: article for article in await self._find(about)} if question_ids else {}

    async def consent(self, article_id: int, member_id: int, agreed: bool, at: datetime) -> bool:
        """Note an author's word; say whether it was asked for and is new."""
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(consents)
                .where(
                    consents.c.article_id == article_id,
                    consents.c.member_id == member_id,
                    consents.c.agreed.is_(None) | (consents.c.agreed != agreed),
                )
                .values(agreed=agreed, at=at)
            )
            return changed.rowcount > 0

    async def publish(self, article_id: int, at: datetime) -> Article | None:
        """Publish an article that all its authors agreed to. Nothing if one has not, or it is published already."""
        waits = exists().where(consents.c.article_id == articles.c.id, consents.c.agreed.is_not(True))
        async with self._database.write() as connection:
            published = await connection.scalar(
                update(articles)
                .where(articles.c.id == article_id, articles.c.published_at.is_(None), ~waits)
                .values(published_at=at)
                .returning(articles.c.id)
            )
            return await self.get(published) if published else None

    async def withdraw(self, article_id: int) -> None:
        """Unpublish an article: an author no longer agrees."""
        async with self._database.write() as connection:
            await connection.execute(update(articles).where(articles.c.id == article_id).values(published_at=None))

    async def by_author(self, member_id: int) -> list[Article]:
        """Return the articles that rest on a member's words."""
        theirs = select(consents.c.article_id).where(consents.c.member_id == member_id)
        return await self._find(articles.c.id.in_(theirs))

    async def waiting_for(self, member_id: int) -> list[Article]:
        """Return the articles to which a member has yet to say whether they agree."""
        asked = select(consents.c.article_id).where(consents.c.member_id == member_id, consents.c.agreed.is_(None))
        return await self._find(articles.c.id.in_(asked))

    async def _find(self, condition: ColumnElement[bool]) -> list[Article]:
        query = select(articles).where(condition).order_by(articles.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
            asked = select(consents.c.article_id, consents.c.member_id).order_by(consents.c.member_id)
            authors: dict[int, list[int]] = {}
            if rows:
                about = consents.c.article_id.in_([row.id for row in rows])
                for row in await connection.execute(asked.where(about)):
                    authors.setdefault(row.article_id, []).append(row.member_id)
            return [Article(**row._asdict(), authors=tuple(authors.get(row.id, ()))) for row in rows]

    async def forget(self, article_id: int) -> None:
        """Remove an article for good."""
        async with self._database.write() as connection:
            await connection.execute(delete(articles).where(articles.c.id == article_id))
