"""What members handed over is kept as long as something shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage.database import Database
from storage.members import MemberStore
from storage.questions import QuestionStore
from storage.uploads import MOST_UNUSED, UploadStore

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)


async def arrive(members: MemberStore, community: int, name: str) -> int:
    await members.join_space("slack/T1", community, "T1")
    return (await members.arrive(community, f"slack/T1/{name}", "slack/T1", name, NOW))[0].id


async def test_what_nothing_shows_goes_and_what_is_shown_stays(database: Database) -> None:
    uploads, questions, members = UploadStore(database), QuestionStore(database), MemberStore(database)
    community = (await members.community("one", "One", "UTC")).id
    mia, noah = [await arrive(members, community, name) for name in ("mia", "noah")]
    shown = await uploads.put(community, mia, "png", b"shown", NOW)
    question = await questions.draft(community, mia, "slack/T1", "Why?", NOW, screenshot_id=shown)
    assert question and question.screenshot_id == shown

    ids = [await uploads.put(community, mia, "png", bytes([number]), NOW) for number in range(MOST_UNUSED + 2)]
    assert [upload.id for upload in await uploads.of(mia)] == [shown, *ids[2:]]
    assert await uploads.get(shown, noah) is None and await uploads.get(shown, mia)
    assert await uploads.content(ids[-1]) == (f"picture-{ids[-1]}.png", bytes([MOST_UNUSED + 1]))

    await uploads.prune(NOW)
    assert len(await uploads.of(mia)) == 1 + MOST_UNUSED
    await uploads.prune(LATER)
    assert [upload.id for upload in await uploads.of(mia)] == [shown]

    await questions.drop(question.id, NOW)
    await uploads.prune(LATER)
    assert not await uploads.of(mia)


async def test_what_is_forgotten_leaves_what_showed_it(database: Database) -> None:
    uploads, questions, members = UploadStore(database), QuestionStore(database), MemberStore(database)
    community = (await members.community("one", "One", "UTC")).id
    mia = await arrive(members, community, "mia")
    shown = await uploads.put(community, mia, "png", b"shown", NOW)
    question = await questions.draft(community, mia, "slack/T1", "Why?", NOW, screenshot_id=shown)
    await uploads.forget(mia)
    assert await uploads.content(shown) is None
    (left,) = await questions.asked_by(mia)
    assert question and left.id == question.id and left.screenshot_id is None
