"""Links that work once, and sessions, on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from storage.dashboard import LINK_LIVES, SESSION_LIVES, DashboardStore, dashboard_links, dashboard_sessions
from storage.database import Database
from storage.members import Community, Member, MemberStore
from storage.merging import MergeStore

from .earlier import as_it_was

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ROWS = (
    "INSERT INTO communities (id, key, name, timezone, created_at) VALUES (1, 'slack/T1', 'Garden', 'UTC', :now)",
    "INSERT INTO members (id, community_id, name, folded_name, joined_at) VALUES (5, 1, 'Mia', 'mia', :now)",
)


@pytest.fixture
async def ada(database: Database, community: Community) -> Member:
    return (await MemberStore(database).arrive(community.id, "slack/T1/U1", "slack/T1", "Ada", NOON))[0]


async def test_one_of_two_gets_the_session_and_only_digests_are_kept(
    database: Database, replica: Database, ada: Member
) -> None:
    store = DashboardStore(database)
    key = await store.make_link(ada.community_id, ada.id, ada.accounts[0], NOON)
    assert await store.is_good(key, NOON) and await store.link_of(ada.id) == NOON + LINK_LIVES
    begun = await asyncio.gather(store.begin(key, NOON), DashboardStore(replica).begin(key, NOON))
    ((session_key, session),) = [one for one in begun if one]
    assert await store.find(session_key, NOON) == session and session.member_id == ada.id
    assert not await store.is_good(key, NOON) and await store.link_of(ada.id) is None
    async with database.read() as connection:
        rows = [
            *await connection.execute(select(dashboard_links)),
            *await connection.execute(select(dashboard_sessions)),
        ]
    assert session_key not in repr(rows) and key not in repr(rows)


async def test_both_end_in_time(database: Database, ada: Member) -> None:
    store = DashboardStore(database)
    key = await store.make_link(ada.community_id, ada.id, ada.accounts[0], NOON)
    assert not await store.is_good(key, NOON + LINK_LIVES)
    assert await store.begin(key, NOON + LINK_LIVES) is None
    begun = await store.begin(key, NOON + LINK_LIVES - SECOND)
    assert begun
    ends = NOON + LINK_LIVES - SECOND + SESSION_LIVES
    assert await store.find(begun[0], ends - SECOND) and not await store.find(begun[0], ends)
    await store.notify(begun[1].digest, "Done.\0")
    (session,) = await store.of(ada.id)
    assert session.notice == "Done."
    await store.make_link(ada.community_id, ada.id, ada.accounts[0], NOON)
    await store.prune(ends - SECOND)
    assert len(await store.of(ada.id)) == 1 and await store.link_of(ada.id) is None
    await store.prune(ends)
    assert not await store.of(ada.id)


async def test_who_is_forgotten_or_becomes_another_keeps_no_way_in(
    database: Database, ada: Member, community: Community
) -> None:
    store, members = DashboardStore(database), MemberStore(database)
    other, _ = await members.arrive(community.id, "discord/1/2", "discord/1", "Ada", NOON)
    for member in (ada, other):
        key = await store.make_link(member.community_id, member.id, member.accounts[0], NOON)
        await store.begin(key, NOON)
        await store.make_link(member.community_id, member.id, member.accounts[0], NOON)
    await MergeStore(database).merge(ada.id, other.id, NOON)
    assert {session.account for session in await store.of(ada.id)} == {"slack/T1/U1", "discord/1/2"}
    await store.forget(ada.id)
    assert not await store.of(ada.id) and await store.link_of(ada.id) is None


async def test_a_database_from_before_there_was_a_dashboard(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0035", ROWS, now=NOON))
    await database.upgrade()
    key = await DashboardStore(database).make_link(1, 5, "slack/T1/U1", NOON)
    assert await DashboardStore(database).begin(key, NOON)
    await database.close()
