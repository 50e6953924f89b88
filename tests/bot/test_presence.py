"""When people were last seen: noted in memory, written down now and then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.contract.models import Account, Space
from bot.kernel import presence
from bot.kernel.presence import EVERY, Presence
from storage.database import Database
from storage.members import Member, MemberStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOME = Space("slack", "T1")
MIA, NOAH = Account(HOME, "UMIA"), Account(HOME, "UNOAH")


@pytest.fixture
async def members(database_file: Path) -> AsyncIterator[MemberStore]:
    database = Database(f"sqlite:///{database_file}")
    yield MemberStore(database)
    await database.close()


@pytest.fixture
async def mia(members: MemberStore) -> Member:
    """A member, last active at noon."""
    community = await members.community(HOME.key, "Home", "UTC")
    await members.join_space(HOME.key, community.id, "Home")
    return (await members.arrive(community.id, MIA.key, HOME.key, "Mia", NOON))[0]


@pytest.fixture
def noted(members: MemberStore) -> Presence:
    return Presence(members)


async def test_the_latest_that_is_known_counts(noted: Presence, mia: Member) -> None:
    never, two = replace(mia, last_active_at=None), replace(mia, accounts=(MIA.key, NOAH.key))
    assert noted.last_seen(mia) == NOON and noted.last_seen(never) is None
    noted.note(MIA, NOON - MINUTE)
    assert noted.last_seen(mia) == NOON and noted.last_seen(never) == NOON - MINUTE
    noted.note(MIA, NOON + MINUTE)
    noted.note(MIA, NOON)  # told late
    assert noted.last_seen(mia) == NOON + MINUTE
    noted.note(NOAH, NOON + 2 * MINUTE)
    assert noted.last_seen(two) == NOON + 2 * MINUTE


async def test_what_is_written_down_is_forgotten_and_what_comes_meanwhile_is_not(
    noted: Presence, members: MemberStore, mia: Member
) -> None:
    noted.note(MIA, NOON + MINUTE)
    noted.note(NOAH, NOON)
    assert await noted.write_down(NOON) == {NOAH.key: NOON}
    assert noted.last_seen(mia) == NOON, "what the store knows is not kept twice"
    known = await members.get(mia.id)
    assert known and known.last_active_at == NOON + MINUTE
    noted.forget(NOAH.key, NOON)
    assert await noted.write_down(NOON) == {}
    noted.note(MIA, NOON + 2 * MINUTE)
    writing = asyncio.create_task(noted.write_down(NOON))
    await asyncio.sleep(0)
    noted.note(MIA, NOON + 3 * MINUTE)
    await writing
    assert noted.last_seen(mia) == NOON + 3 * MINUTE


async def test_it_is_written_down_every_quarter_of_an_hour(noted: Presence) -> None:
    assert not noted.is_due(NOON) and not noted.is_due(NOON + EVERY - MINUTE)
    assert noted.is_due(NOON + EVERY)
    await noted.write_down(NOON + EVERY)
    assert not noted.is_due(NOON + EVERY + MINUTE)


async def test_it_is_bounded(noted: Presence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "MOST", 3)
    for number in range(5):
        noted.note(Account(HOME, f"U{number}"), NOON)
    noted.note(Account(HOME, "U1"), NOON + MINUTE)
    expected = {"slack/T1/U0": NOON, "slack/T1/U1": NOON + MINUTE, "slack/T1/U2": NOON}
    monkeypatch.setattr(presence, "STRANGERS", 3)
    assert await noted.write_down(NOON) == expected
    monkeypatch.setattr(presence, "STRANGERS", 1)
    assert await noted.write_down(NOON) == {"slack/T1/U0": NOON}
