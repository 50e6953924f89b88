"""Texts and names of a living database, as they were before they were compared in every script."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from storage.database import Database
from storage.search import SearchStore

from .earlier import as_it_was

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ROWS = (
    "INSERT INTO communities (id, key, name, timezone, created_at) VALUES (1, 'slack/T1', 'Garden', 'UTC', :now)",
    "INSERT INTO members (id, community_id, name, folded_name, joined_at) VALUES"
    " (5, 1, 'Mi\u200ba', 'mi\u200ba', :now), (6, 1, 'Noah', 'noah', :now)",
    "INSERT INTO documents (id, community_id, kind, subject_id, title, body, at) VALUES"
    " (1, 1, 'question', 7, 'パスワードを忘れました', 'Der Datenbankumzug', :now), (2, 1, 'idea', 7, 'Tea', '', :now)",
)


async def test_what_was_written_before_is_found_in_every_script(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0024", ROWS, now=NOW))
    await database.upgrade()
    search = SearchStore(database)
    for asked in ("パスワード", "Umzug", "datenbank"):
        assert [hit.subject_id for hit in await search.find(1, asked, ("question", "idea"), 5)] == [7]
    await search.put(1, "question", 7, title="Cats", body="", at=NOW)
    assert not await search.find(1, "パスワード", ("question",), 5), "the index follows"
    async with database.read() as connection:
        names = {*await connection.scalars(text("SELECT folded_name FROM members"))}
    assert names == {"mia", "noah"}
    await database.close()
