"""A database from before it was noted who helped with what: it is made of what stands in the threads."""

from __future__ import annotations

from datetime import UTC, datetime

from storage.database import Database
from storage.help import Help, HelpStore
from storage.questions import QuestionStore

from .earlier import as_it_was

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ROWS = (
    "INSERT INTO communities (id, key, name, timezone, created_at) VALUES (1, 'slack/T1', 'Garden', 'UTC', :now)",
    "INSERT INTO members (id, community_id, name, folded_name, joined_at) VALUES"
    " (5, 1, 'Mia', 'mia', :now), (6, 1, 'Noah', 'noah', :now), (7, 1, 'Ava', 'ava', :now)",
    "INSERT INTO questions (id, community_id, number, asker_id, title, details, topic, state, audience, space,"
    " created_at, active_at, solver_id) VALUES"
    " (3, 1, 1, 5, 'How do I prune?', 'An apple tree', '', 'solved', 'peers', 'slack/T1', :now, :now, 6)",
    "INSERT INTO replies (id, message, question_id, member_id, text, at) VALUES"
    " (1, 'slack/T1/C1/1', 3, 6, 'In late winter.', :now), (2, 'slack/T1/C1/2', 3, 5, 'Thanks!', :now)",
    "INSERT INTO replies (id, message, question_id, member_id, text, at, deleted_at) VALUES"
    " (3, 'slack/T1/C1/3', 3, 7, '', :now, :now)",
)


async def test_what_stands_in_threads_is_help(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0031", ROWS, now=NOW))
    await database.upgrade()
    help_, question = HelpStore(database), await QuestionStore(database).get(3)
    assert question
    (past,) = await help_.past(question, NOW, 100)
    assert past.member_id == 6 and past.words == 1 and past.accepted == 1
    await help_.put(question, {7: Help("In summer.", NOW)}, whole=False)
    assert {one.member_id for one in await help_.past(question, NOW, 100)} == {6, 7}, "what is new is counted on"
    await database.close()
