"""Questions of a living database, as they were before they became tracked things."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import Connection, text

from storage.database import Database
from storage.jobs import JobStore
from storage.peers import PeerStore
from storage.postings import PostingStore
from storage.questions import QuestionStore
from storage.rewrites import RewriteStore
from storage.upgrading import alembic_config

from .earlier import as_it_was

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

_QUESTION = (
    "INSERT INTO questions (id, community_id, number, asker_id, title, details, topic, state, audience, space, origin,"
    " card, thread, agents_card, created_at, asked_at, active_at, waves, waiting_since) VALUES"
    " ({id}, 1, {id}, 5, 'Why?', '', '', 'open', '{audience}', 'slack/T1', {origin}, {card}, {thread}, {support}, :now,"
    " :now, :now, 1, :now)"
)
ROWS = (
    "INSERT INTO communities (id, key, name, timezone, created_at) VALUES (1, 'slack/T1', 'Garden', 'UTC', :now)",
    "INSERT INTO members (id, community_id, name, folded_name, joined_at) VALUES (5, 1, 'Mia', 'mia', :now),"
    " (9, 1, 'Noah', 'noah', :now), (10, 1, 'Kenji', 'kenji', :now)",
    "INSERT INTO spaces (key, community_id, name) VALUES ('slack/T1', 1, 'Garden'), ('slack/T2', 1, 'Yard')",
    "INSERT INTO accounts (key, member_id, space_key, name, roles) VALUES"
    " ('slack/T1/U10', 10, 'slack/T1', 'Kenji', ''), ('slack/T1/U9', 9, 'slack/T1', 'Noah', '')",
    _QUESTION.format(
        id=7,
        audience="peers",
        origin="NULL",
        card="'slack/T1/C1/5'",
        thread="'slack/T1/C1:5'",
        support="NULL",
    ),
    _QUESTION.format(
        id=8,
        audience="agents",
        origin="'slack/T1/C1/6'",
        card="'slack/T1/C1:6/7'",
        thread="'slack/T1/C1:6'",
        support="'slack/T1/C9/1'",
    ),
    _QUESTION.format(id=9, audience="peers", origin="NULL", card="NULL", thread="NULL", support="NULL"),
    "INSERT INTO mirrors (question_id, space, card, thread) VALUES (7, 'slack/T2', 'slack/T2/C5/1', 'slack/T2/C5:1')",
    "INSERT INTO offers (question_id, member_id, wave, reason, at) VALUES (7, 9, 1, 'x', :now), (7, 10, 1, 'x', :now)",
    "INSERT INTO deliveries (key, channel, message, created_at) VALUES"
    " ('question/7/card', 'slack/T1/C1', 'slack/T1/C1/5', :now),"
    " ('question/7/offer/9/1', 'member/9', 'slack/T1/D9/1', :now),"
    " ('question/7/wave/1/slack/T1', 'slack/T1/C1:5', 'slack/T1/C1:5/8', :now),"
    " ('question/7/claimed/2026-03-02 10:00:00+00:00/slack/T1', 'slack/T1/C1:5', 'slack/T1/C1:5/9', :now),"
    " ('question/7/reminder/2026-03-02 10:00:00+00:00', 'member/5', 'slack/T1/D5/1', :now),"
    " ('question/7/proposal/9/2026-03-02 10:00:00+00:00/thread', 'slack/T1/C1:5', 'slack/T1/C1:5/10', :now),"
    " ('question/7/relay/slack/T1/C1:5/11/slack/T2', 'slack/T2/C5:1', 'slack/T2/C5:1/2', :now),"
    " ('question/8/turn/9/2026-03-02 10:00:00+00:00', 'slack/T1/C9', 'slack/T1/C9/1', :now),"
    " ('question/8/waiting/2026-03-02 10:00:00+00:00', 'slack/T1/C9', 'slack/T1/C9/2', :now),"
    " ('question/8/lead/2026-03-02 10:00:00+00:00', 'slack/T1/C9', 'slack/T1/C9/3', :now)",
    "INSERT INTO jobs (community_id, key, call, due_at, attempts, version) VALUES"
    " (1, 'question/7', 'support.tend:7', :now, 0, 0), (1, 'drain/1', 'support.drain', :now, 0, 0)",
)
AT = "2026-03-02 10:00:00+00:00"


async def test_where_questions_stand_and_what_was_said_is_known(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0018", ROWS, now=NOW))
    await database.upgrade()
    postings, questions = PostingStore(database), QuestionStore(database)

    rows = await postings.of("question", 7)
    assert {(row.key, row.spot, row.channel, row.message, row.thread, row.member_id) for row in rows} == {
        ("card", "slack/T1", "slack/T1/C1", "slack/T1/C1/5", "slack/T1/C1:5", None),
        ("card", "slack/T2", "slack/T2/C5", "slack/T2/C5/1", "slack/T2/C5:1", None),
        ("wave/1", "member/9", "member/9", "slack/T1/D9/1", None, 9),
        ("wave/1", "member/10", "slack/T1/C1:5", "slack/T1/C1:5/8", None, 10),
        (f"claimed/{AT}", "slack/T1", "slack/T1/C1:5", "slack/T1/C1:5/9", None, None),
        (f"reminder/{AT}", "member/5", "member/5", "slack/T1/D5/1", None, 5),
        (f"proposal/9/{AT}", "slack/T1", "slack/T1/C1:5", "slack/T1/C1:5/10", None, None),
        ("relay/slack/T1/C1:5/11", "slack/T2", "slack/T2/C5:1", "slack/T2/C5:1/2", None, None),
    }
    rows = await postings.of("question", 8)
    assert {(row.key, row.spot, row.channel, row.message, row.thread) for row in rows} == {
        ("post", "slack/T1", "slack/T1/C1", "slack/T1/C1/6", "slack/T1/C1:6"),
        ("card", "slack/T1", "slack/T1/C1:6", "slack/T1/C1:6/7", None),
        (f"support/turn/9/{AT}", "slack/T1", "slack/T1/C9", "slack/T1/C9/1", None),
        (f"waiting/{AT}", "slack/T1", "slack/T1/C9", "slack/T1/C9/2", None),
        (f"lead/{AT}", "slack/T1", "slack/T1/C9", "slack/T1/C9/3", None),
    }
    assert await postings.of("question", 9) == []
    found = [await questions.by_thread(thread) for thread in ("slack/T1/C1:5", "slack/T2/C5:1", "slack/T1/C1:6")]
    assert [one.id if one else 0 for one in found] == [7, 7, 8]
    waiting = await questions.get(8)
    assert waiting and waiting.offered_agent_at == NOW, "that it is nobody's turn was said"
    calls = {job.key: job.call for job in await JobStore(database).due(NOW, 5)}
    assert calls == {"question/7": "things.look:question:7", "drain/1": "support.drain"}
    await database.close()


async def test_what_was_written_before_there_were_edits_can_be_edited(empty_url: str) -> None:
    database = Database(empty_url)

    def begin_writing(connection: Connection) -> None:
        command.upgrade(alembic_config(connection), "0023")
        asked = (
            "INSERT INTO questions (id, community_id, asker_id, title, details, topic, state, audience, space,"
            " solution, solution_text, created_at, active_at) VALUES (7, 1, 5, 'Why?', '', '', 'solved', 'peers',"
            " 'slack/T1', 'slack/T1/C1:5/6', 'So.', :now, :now)"
        )
        answered = (
            "INSERT INTO replies (message, question_id, member_id, text, at) VALUES"
            " ('slack/T1/C1:5/6', 7, 9, 'So.', :now)"
        )
        for statement in (*ROWS[:2], asked, answered):
            connection.execute(text(statement), {"now": NOW})

    async with database.write() as connection:
        await connection.run_sync(begin_writing)
    await database.upgrade()
    edited = await RewriteStore(database).rewrite_reply("slack/T1/C1:5/6", "Like this.", NOW)
    assert edited and edited.solution_text == "Like this." and edited.edited_at is None
    await database.close()


async def test_who_said_what_they_know_is_still_asked(empty_url: str) -> None:
    database = Database(empty_url)

    def begin_knowing(connection: Connection) -> None:
        command.upgrade(alembic_config(connection), "0025")
        knows = "INSERT INTO expertise (member_id, topic, community_id, at) VALUES (9, 'webhooks', 1, :now)"
        for statement in (*ROWS[:2], knows):
            connection.execute(text(statement), {"now": NOW})

    async with database.write() as connection:
        await connection.run_sync(begin_knowing)
    await database.upgrade()
    peers = PeerStore(database)
    assert await peers.expertise(9) == ["webhooks"] and await peers.expertise(9, wanted=False) == []
    await database.close()
