"""Which messages the store knows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from storage import known_messages
from storage.database import Database
from storage.known_messages import KnownMessages
from storage.kudos import Kind, Kudos, KudosStore, LedgerEntry
from storage.members import Member, MemberStore
from storage.postings import PostingStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOME = "slack/T1"


@pytest.fixture
async def mia(database: Database) -> Member:
    members = MemberStore(database)
    community = await members.community(HOME, "Home", "UTC")
    await members.join_space(HOME, community.id, "Home")
    return (await members.arrive(community.id, f"{HOME}/U1", HOME, "Mia", NOON))[0]


async def thank(database: Database, mia: Member, message: str) -> None:
    """Note that someone was thanked for a message, and the card that says so."""
    entry = LedgerEntry(Kind.THANKS, mia.id, f"thanks/{message}", reason="Well said", message=message)
    given = await KudosStore(database).add(mia.community_id, entry, lambda earlier, mutual: 100, NOON)
    assert isinstance(given, Kudos)
    row: dict[str, Any] = dict.fromkeys(("member_id", "thread", "gone_at"))
    row |= {"community_id": mia.community_id, "kind": "thanks", "subject_id": given.id, "key": "card", "spot": HOME}
    row |= {"channel": f"{HOME}/C1", "message": f"{message}9", "digest": "", "at": NOON, "why": ""}
    assert await PostingStore(database).add([row])


async def test_everything_may_be_known_until_it_was_read(database: Database) -> None:
    known = KnownMessages(database)
    assert f"{HOME}/C1/1" in known
    await known.refresh()
    assert f"{HOME}/C1/1" not in known
    known.add(f"{HOME}/C1/1")
    for no_message in ("77", "done"):  # a calendar's entry, a role that was given
        known.add(no_message)
    assert f"{HOME}/C1/1" in known and f"{HOME}/C1/2" not in known and "slack/T2/C1/1" not in known


async def test_a_message_is_known_wherever_it_is_said_to_stand(database: Database) -> None:
    known = KnownMessages(database)
    await known.refresh()
    known.add("slack/T1/C1:1700.1/1700.2")
    assert "slack/T1/C1/1700.2" in known


async def test_what_another_process_wrote_is_known_after_the_next_look(
    database: Database, replica: Database, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_messages, "PAGE", 2)
    monkeypatch.setattr(known_messages, "OVERLAP", 1)
    messages = [f"{HOME}/C1/{number}" for number in range(100, 107)]
    for message in messages[:5]:
        await thank(replica, mia, message)
    known = KnownMessages(database)
    await known.refresh()
    assert all(message in known and f"{message}9" in known for message in messages[:5])
    for message in messages[5:]:
        await thank(replica, mia, message)
    assert not any(message in known for message in messages[5:])
    await known.refresh()
    assert all(message in known and f"{message}9" in known for message in messages)


def test_few_others_are_taken_for_known(database: Database) -> None:
    known = KnownMessages(database)
    known._is_read = True
    for number in range(100_000):
        known.add(f"discord/1/2/{number}")
    assert all(f"discord/1/2/{number}" in known for number in range(0, 100_000, 7))
    wrong = sum(f"discord/1/2/{number}" in known for number in range(100_000, 120_000))
    assert wrong < 20
