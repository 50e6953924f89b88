"""A database from before questions could be private."""

from __future__ import annotations

from datetime import UTC, datetime

from storage.database import Database
from storage.questions import Audience, QuestionStore, State

from .earlier import as_it_was

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ROWS = (
    "INSERT INTO communities (id, key, name, timezone, created_at) VALUES (1, 'slack/T1', 'Garden', 'UTC', :now)",
    "INSERT INTO members (id, community_id, name, folded_name, joined_at) VALUES (5, 1, 'Mia', 'mia', :now)",
    "INSERT INTO questions (id, community_id, number, asker_id, title, details, topic, state, audience, space,"
    " created_at, active_at)"
    " VALUES (7, 1, 9, 5, 'Charged twice?', '', 'billing', 'open', 'agents', 'slack/T1', :now, :now),"
    " (8, 1, NULL, 5, 'Why?', '', 'billing', 'draft', 'agents', 'slack/T1', :now, :now),"
    " (9, 1, NULL, 5, 'When?', '', 'webhooks', 'draft', 'peers', 'slack/T1', :now, :now)",
)


async def test_what_stands_for_everyone_stays_so_and_only_a_draft_can_be_made_public(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0040", ROWS, now=NOW))
    await database.upgrade()
    store = QuestionStore(database)
    before = await store.get(7)
    assert before and before.audience is Audience.AGENTS and not before.private
    assert [one.id for one in (await store.get_many((8, 9))).values() if one.private] == [8]
    draft = await store.draft(1, 5, "slack/T1", "Why?", NOW, audience=Audience.AGENTS, private=True)
    assert draft and draft.private and await store.private_of(5) == []
    posted = await store.post(draft.id, NOW)
    assert posted and posted.private and [one.id for one in await store.private_of(5)] == [draft.id]
    assert await store.be_public(draft.id, Audience.PEERS) is None
    assert [one.id for one in await store.listed(1, (State.OPEN,), 10, public=True)] == [7]
    assert [one.id for one in await store.listed(1, (State.OPEN,), 10)] == [7, draft.id]
    await database.close()
