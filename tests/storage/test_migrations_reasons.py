"""A database from before moderators said why, and before polls could be reopened."""

from __future__ import annotations

from datetime import UTC, datetime

from storage.ballots import BallotStore
from storage.database import Database
from storage.polls import PollStore

from .earlier import as_it_was

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ROWS = (
    "INSERT INTO communities (id, key, name, timezone, created_at) VALUES (1, 'slack/T1', 'Garden', 'UTC', :now)",
    "INSERT INTO polls (id, community_id, number, question, kind, state, channel, created_at, opened_at, closed_at)"
    " VALUES (1, 1, 1, 'Tea?', 'single', 'closed', 'slack/T1/C1', :now, :now, :now)",
)


async def test_what_was_closed_before_is_final_and_has_no_reason(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0028", ROWS, now=NOW))
    await database.upgrade()
    poll = await PollStore(database).get(1)
    assert poll and (poll.closed_because, poll.reopens_until, poll.reopened) == ("", None, 0)
    assert await BallotStore(database).reopen(1, NOW) is None
    await database.close()
