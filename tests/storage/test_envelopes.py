"""What a platform handed over is stored once, and forgotten when it is done with."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from storage.database import Database
from storage.envelopes import KNOWN, EnvelopeStore

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


async def test_an_envelope_is_new_once(database: Database) -> None:
    store = EnvelopeStore(database)
    news = await asyncio.gather(*(store.keep("E1", {"text": "Grüße \0 💚"}, NOW) for _ in range(5)))
    assert sorted(news) == [False, False, False, False, True]
    ((key, body),) = await store.left(NOW + timedelta(seconds=1))
    assert key == "E1" and body["text"].startswith("Grüße")


async def test_what_is_done_is_forgotten_but_not_that_it_was_there(database: Database) -> None:
    store = EnvelopeStore(database)
    await store.keep("E1", {}, NOW)
    assert not await store.left(NOW)
    await store.done("E1")
    assert not await store.left(NOW + timedelta(days=1))
    assert not await store.keep("E1", {}, NOW + timedelta(hours=25))
    assert await store.keep("E1", {}, NOW + KNOWN + timedelta(minutes=1))


async def test_tries_are_counted(database: Database) -> None:
    store = EnvelopeStore(database)
    await store.keep("E1", {}, NOW)
    await store.keep("E2", {}, NOW)
    assert [await store.again("E1") for _ in range(3)] == [1, 2, 3] and await store.again("E2") == 1
    assert await store.again("nobody's") == 0
