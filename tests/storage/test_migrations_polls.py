"""Polls of a living database, as they were before they became tracked things."""

from __future__ import annotations

from datetime import UTC, datetime

from storage.database import Database
from storage.jobs import JobStore
from storage.postings import PostingStore

from .earlier import as_it_was

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

ROWS = (
    "INSERT INTO communities (id, key, name, timezone, created_at) VALUES (1, 'slack/T1', 'Garden', 'UTC', :now)",
    "INSERT INTO polls (id, community_id, number, question, kind, state, channel, created_at, opened_at)"
    " VALUES (7, 1, 1, 'Which?', 'single', 'closed', 'slack/T1/C1', :now, :now),"
    " (8, 1, 2, 'Where?', 'single', 'open', 'slack/T1/C1', :now, :now)",
    "INSERT INTO poll_cards (poll_id, space, message) VALUES (7, 'slack/T1', 'slack/T1/C1/5'),"
    " (8, 'slack/T1', 'slack/T1/C1/6'), (8, 'discord/1', 'discord/1/2/7')",
    "INSERT INTO deliveries (key, channel, message, created_at) VALUES"
    " ('poll/7/card/slack/T1', 'slack/T1/C1', 'slack/T1/C1/5', :now),"
    " ('poll/7/result/slack/T1', 'slack/T1/C1', 'slack/T1/C1/9', :now),"
    " ('poll/8/reminder/discord/1', 'discord/1/2', 'discord/1/2/8', :now),"
    " ('poll/8/result/slack/T1', 'slack/T1/C1', NULL, :now),"
    " ('poll/99/result/slack/T1', 'slack/T1/C1', 'slack/T1/C1/1', :now)",
    "INSERT INTO jobs (key, call, community_id, due_at) VALUES"
    " ('poll/8/2026', 'polls.tend:8', 1, :now), (NULL, 'closing.erased:3', 1, :now), (NULL, 'polls.tender:8', 1, :now),"
    " ('every/polls.sweep/1', 'polls.sweep', 1, :now), ('every/polls.sweeper/1', 'polls.sweeper', 1, :now)",
)


async def test_where_polls_stand_and_what_was_said_of_them_is_known(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0014", ROWS, now=NOW))
    await database.upgrade()

    postings = PostingStore(database)
    assert [(row.key, row.spot, row.message, row.stands) for row in await postings.of("poll", 7)] == [
        ("card", "slack/T1", "slack/T1/C1/5", True),
        ("result", "slack/T1", "slack/T1/C1/9", True),
    ]
    open_one = await postings.of("poll", 8)
    assert {(row.key, row.spot, row.channel, row.message) for row in open_one} == {
        ("card", "slack/T1", "slack/T1/C1", "slack/T1/C1/6"),
        ("card", "discord/1", "discord/1/2", "discord/1/2/7"),
        ("reminder", "discord/1", "discord/1/2", "discord/1/2/8"),
    }
    assert {row.digest for row in open_one} == {""}, "so that each is drawn once more"
    due = await JobStore(database).due(NOW, 10)
    assert [job.call for job in due] == ["things.look:poll:8", "close.erased:3", "polls.tender:8", "polls.sweeper"]
    await database.close()
