"""What is kept in memory of communities: shared by all stores of a database, and never more than there is room for."""

from __future__ import annotations

from storage.database import Database
from storage.in_memory import InMemory


async def test_who_was_not_asked_for_longest_goes_first(database: Database, replica: Database) -> None:
    texts: InMemory[list[str]] = InMemory(len, 5)
    for community in (1, 2):
        texts.of(database, community, list).value += ["a", "b"]
    texts.of(database, 1, list)
    texts.of(database, 3, lambda: ["c", "d"])
    assert texts.of(database, 1, list).value == ["a", "b"], "it was asked for just now"
    assert texts.of(database, 2, list).value == [], "it went, and is read again"

    texts.of(database, 4, lambda: ["far"] * 9)
    assert len(texts.of(database, 4, list).value) == 9, "what is asked for is there, however large it is"
    assert texts.of(database, 1, list).value == []
    assert texts.of(replica, 4, list).value == [], "another database has its own"
