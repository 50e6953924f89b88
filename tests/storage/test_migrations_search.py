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


async def test_what_was_taken_for_a_small_word_is_found(empty_url: str) -> None:
    database = Database(empty_url)
    rows = (
        *ROWS[:1],
        "INSERT INTO counters (community_id, name, value) VALUES (1, 'documents', 3)",
        "INSERT INTO documents (id, community_id, kind, subject_id, title, body, at, terms, version) VALUES"
        " (1, 1, 'question', 7, 'Passwort ändern', 'Suche', :now, '{\"passwort\": 9}', 1),"
        " (2, 1, 'idea', 8, 'Tea', '', :now, '{\"tea\": 4}', 2), (3, 1, 'idea', 9, '', '', :now, '{}', 3)",
    )
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0045", rows, now=NOW))
    search = SearchStore(database)
    assert not await search.find(1, "ändern", ("question",), 5)
    await database.upgrade()
    for asked in ("ändern", "aendern", "suche"):
        assert [hit.subject_id for hit in await search.find(1, asked, ("question", "idea"), 5)] == [7]
    async with database.read() as connection:
        kept = [*await connection.scalars(text("SELECT terms FROM documents ORDER BY id"))]
    assert '"passwort":9' in kept[0]
    assert kept[1:] == ['{"tea": 4}', "{}"]
    await search.put(1, "idea", 8, title="Kuchen", body="", at=NOW)
    assert await search.find(1, "kuchen", ("idea",), 5), "the count goes on"
    await database.close()
