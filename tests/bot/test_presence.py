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
    noted.note(NOAH, NOON + 2 * MINUTE)
    assert noted.last_seen(two) == NOON + 2 * MINUTE


async def test_who_waits_to_be_written_down_is_seen_at_the_later_of_two_moments(noted: Presence, mia: Member) -> None:
    noted.note(MIA, NOON + MINUTE)
    noted.note(MIA, NOON + timedelta(days=31))
    noted.note(MIA, NOON)
    assert noted.last_seen(mia) == NOON + timedelta(days=31)


async def test_what_is_written_down_is_noted_again_after_a_quarter_of_an_hour(
    noted: Presence, members: MemberStore, mia: Member
) -> None:
    async def known_at() -> datetime | None:
        known = await members.get(mia.id)
        return known.last_active_at if known else None

    noted.note(MIA, NOON + MINUTE)
    assert noted.is_due() and await noted.write_down(NOON + MINUTE) == {}
    assert await known_at() == NOON + MINUTE
    noted.note(MIA, NOON + MINUTE)  # told late
    noted.note(MIA, NOON + EVERY)
    assert not noted.is_due()
    noted.note(MIA, NOON + EVERY + MINUTE)
    assert noted.is_due() and await noted.write_down(NOON + EVERY + MINUTE) == {}
    assert await known_at() == NOON + EVERY + MINUTE


async def test_strangers_wait_to_be_made_known_and_then_are_let_be(noted: Presence) -> None:
    noted.note(NOAH, NOON)
    assert await noted.write_down(NOON) == {NOAH.key: NOON}
    assert await noted.write_down(NOON + MINUTE) == {NOAH.key: NOON}
    noted.forget(NOAH.key)
    noted.note(NOAH, NOON + 2 * MINUTE)
    assert not noted.is_due()


async def test_what_comes_while_it_is_written_down_is_kept(noted: Presence, mia: Member) -> None:
    noted.note(MIA, NOON + MINUTE)
    writing = asyncio.create_task(noted.write_down(NOON))
    await asyncio.sleep(0)
    noted.note(NOAH, NOON + 3 * MINUTE)
    await writing
    assert await noted.write_down(NOON) == {NOAH.key: NOON + 3 * MINUTE}


async def test_it_is_bounded(noted: Presence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "MOST", 3)
    for number in range(5):
        noted.note(Account(HOME, f"U{number}"), NOON)
    expected = {"slack/T1/U0": NOON, "slack/T1/U1": NOON, "slack/T1/U2": NOON}
    monkeypatch.setattr(presence, "STRANGERS", 3)
    assert await noted.write_down(NOON) == expected
    monkeypatch.setattr(presence, "STRANGERS", 1)
    assert await noted.write_down(NOON) == {"slack/T1/U0": NOON}
