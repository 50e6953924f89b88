"""The audit: what is written down of what moderators and admins did."""

from datetime import UTC, datetime, timedelta
from typing import Any

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


async def test_it_is_read_page_by_page_by_member_family_and_moment(database: Database, community: Community) -> None:
    audit, members_ = AuditStore(database), MemberStore(database)
    liam, _ = await members_.arrive(community.id, "slack/T1/U1", "slack/T1", "Liam", NOON)
    other = await members_.community("discord/9", "Others", "UTC")
    for number, action in enumerate(("poll.closed", "poll.reworded", "polled", "poll_x.a", "poll")):
        at = NOON + MINUTE * (number // 2)  # two of a minute: their ids tell which was first
        await audit.add(community.id, at, liam.id if number % 2 else None, action, subject=str(number))
    await audit.add(other.id, NOON, None, "poll.closed", subject="theirs")

    async def found(limit: int = 9, **asked: Any) -> str:
        return "".join(entry.subject for entry in await audit.recent(community.id, limit, **asked))

    assert await found() == "43210"
    first = await audit.recent(community.id, 2)
    assert await found(2, before=first[-1].id) == "21"
    await audit.add(community.id, NOON + MINUTE * 9, None, "poll", subject="5")
    assert await found(2, before=first[-1].id) == "21", "what is added meanwhile moves no page"
    assert await found(action="poll") == "5410" and await found(action="poll.closed") == "0"
    assert await found(action="pol%") == "" and await found(action="poll_") == ""
    assert await found(member_id=liam.id) == "31" and await found(since=NOON + MINUTE) == "5432"
    theirs = (await audit.recent(other.id, 1))[0]
    assert await found(before=theirs.id) == "", "an entry of others is no place to go on from"
