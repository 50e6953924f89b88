"""The audit: what is written down of what moderators and admins did."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete

from storage.audit import AuditStore
from storage.database import Database
from storage.members import Community, MemberStore
from storage.people import members

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


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
