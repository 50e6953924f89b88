"""What need not be kept for ever goes by itself, and not before its time."""

from __future__ import annotations

import pytest

from storage.audit import AuditStore
from storage.dashboard import DashboardStore
from storage.jobs import JobStore

from .conftest import Begin

on_memory = pytest.mark.parametrize("kit", ["memory"], indirect=True)


@on_memory
async def test_who_did_what_is_known_for_as_long_as_settings_say(begin: Begin) -> None:
    story = await begin(TRELLIS_KEEP_AUDIT_DAYS="10")
    await story.person("mia").uses("/me")
    community = (await story.member("mia")).community_id
    audit = AuditStore(story.app.database)
    await audit.add(community, story.now, None, "poll.closed", subject="an early one")
    await story.passes(days=9)
    await audit.add(community, story.now, None, "poll.closed", subject="a late one")
    assert {"an early one", "a late one"} <= {entry.subject for entry in await audit.recent(community, limit=50)}
    await story.passes(days=3)
    subjects = {entry.subject for entry in await audit.recent(community, limit=50)}
    assert "an early one" not in subjects and "a late one" in subjects


@on_memory
@pytest.mark.parametrize("days, left", [("5", 0), ("0", 1)])
async def test_what_nobody_looked_at_goes_in_the_end(begin: Begin, days: str, left: int) -> None:
    story = await begin(TRELLIS_KEEP_DEAD_LETTERS_DAYS=days)
    await story.person("mia").uses("/me")
    community = (await story.member("mia")).community_id
    jobs = JobStore(story.app.database)
    await jobs.put("nobody.does:1", story.now, community, "broken")
    await story.passes(hours=1)
    assert len(await jobs.dead(community)) == 1
    await story.passes(days=7)
    assert len(await jobs.dead(community)) == left


@on_memory
async def test_sign_ins_that_are_over_are_gone_the_night_after(begin: Begin) -> None:
    story = await begin()
    await story.person("ada").uses("/me")
    member, store = await story.member("ada"), DashboardStore(story.app.database)
    await store.make_link(member.community_id, member.id, member.accounts[0], story.now)
    await story.passes(days=1)
    assert await store.link_of(member.id) is None
