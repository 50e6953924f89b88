"""Deliveries, the inbox and the audit: what is done once, and what is written down."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete

from storage.audit import AuditStore
from storage.database import Database
from storage.deliveries import DeliveryStore
from storage.members import Community, MemberStore, members

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def test_what_was_said_is_not_said_again(database: Database) -> None:
    deliveries = DeliveryStore(database)
    assert await deliveries.begin("remind/7", "slack/T1/C1", NOON) is None
    assert await deliveries.begin("remind/7", "slack/T1/C1", NOON) is None, "nobody knows whether it went out"
    assert (await deliveries.starting("remind/7")).get("remind/7") is None

    await deliveries.sent("remind/7", "slack/T1/C1/100.1", NOON)
    await deliveries.sent("remind/7", "slack/T1/C1/200.2", NOON)
    assert await deliveries.begin("remind/7", "slack/T1/C1", NOON) == "slack/T1/C1/100.1"
    assert (await deliveries.starting("remind/7")).get("remind/7") == "slack/T1/C1/100.1"
    assert (await deliveries.starting("remind/8")).get("remind/8") is None


async def test_deliveries_begun_at_once_are_one(database: Database) -> None:
    deliveries = DeliveryStore(database)
    begun = [deliveries.begin("a", "slack/T1/C1", NOON) for _ in range(10)]
    assert set(await asyncio.gather(*begun)) == {None}
    assert await deliveries.prune(NOON + MINUTE) == 1


async def test_old_deliveries_are_forgotten(database: Database) -> None:
    deliveries = DeliveryStore(database)
    for key, begun, sent in (("unsent", 0, None), ("old", 0, 1), ("late", 0, 5), ("new", 5, 5)):
        await deliveries.begin(key, "slack/T1/C1", NOON + begun * MINUTE)
        if sent is not None:
            await deliveries.sent(key, f"message {key}", NOON + sent * MINUTE)

    assert await deliveries.prune(NOON + 3 * MINUTE, but=["old", "la"]) == 1
    assert await deliveries.prune(NOON + 3 * MINUTE) == 1
    assert (await deliveries.starting("old")).get("old") is None
    assert [(await deliveries.starting(key)).get(key) for key in ("late", "new")] == ["message late", "message new"]


async def test_the_audit_tells_the_latest_first_and_only_of_its_community(
    database: Database, community: Community
) -> None:
    audit = AuditStore(database)
    other = await MemberStore(database).community("discord/9", "Others", "UTC")
    liam, _ = await MemberStore(database).arrive(community.id, "slack/T1/U1", "slack/T1", "Liam", NOON)
    await audit.add(community.id, NOON, liam.id, "ideas.merge", subject="idea 7", detail="into 3 \0\ud800")
    await audit.add(community.id, NOON, None, "jobs.dead")
    await audit.add(other.id, NOON + MINUTE, None, "jobs.dead")

    latest, first = await audit.recent(community.id, 10)
    assert (latest.action, latest.member_id, latest.subject, latest.detail) == ("jobs.dead", None, "", "")
    assert (first.action, first.member_id, first.subject, first.detail) == (
        *("ideas.merge", liam.id, "idea 7", "into 3 "),
    )
    assert (first.at, first.community_id) == (NOON, community.id)
    assert await audit.recent(community.id, 1) == [latest]

    async with database.write() as connection:
        await connection.execute(delete(members))
    assert [entry.member_id for entry in await audit.recent(community.id, 10)] == [None, None]
