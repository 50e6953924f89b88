"""Questions, answers and thanks of a living database, as they were before anything could be imported."""

from __future__ import annotations

from datetime import UTC, datetime

from storage.database import Database
from storage.kudos import KudosStore
from storage.questions import QuestionStore, State
from storage.replies import ReplyStore

from .earlier import as_it_was

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ROWS = (
    "INSERT INTO communities (id, key, name, timezone, created_at) VALUES (1, 'slack/T1', 'Garden', 'UTC', :now)",
    "INSERT INTO members (id, community_id, name, folded_name, joined_at) VALUES"
    " (5, 1, 'Mia', 'mia', :now), (6, 1, 'Noah', 'noah', :now)",
    "INSERT INTO questions (id, community_id, number, asker_id, title, details, topic, state, audience, space, origin,"
    " created_at, active_at, solver_id, solution) VALUES (7, 1, 3, 5, 'How?', '', '', 'solved', 'peers', 'slack/T1',"
    " 'slack/T1/C1/1', :now, :now, 6, 'slack/T1/C1/2')",
    "INSERT INTO replies (id, message, question_id, member_id, text, at)"
    " VALUES (8, 'slack/T1/C1/2', 7, 6, 'So.', :now)",
    "INSERT INTO kudos (id, community_id, giver_id, receiver_id, kind, weight, value, topic, reason, source, round, at)"
    " VALUES (9, 1, 5, 6, 'answer', 100, '', '', '', 'answer/7', 0, :now)",
)


async def test_what_was_there_before_was_not_imported(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0029", ROWS, now=NOW))
    await database.upgrade()
    question = await QuestionStore(database).get(7)
    assert question and (question.number, question.state, question.import_id) == (3, State.SOLVED, None)
    (reply,) = await ReplyStore(database).latest(7)
    assert (reply.text, reply.import_id) == ("So.", None)
    (entry,) = await KudosStore(database).of(6)
    assert (entry.weight, entry.import_id) == (100, None)
    await database.close()
