"""What is deleted for good: it stands in no file of SQLite's any more, and what voted for whom is told by no copy."""

from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.ballots import BallotStore, PepperLost, poll_secrets
from storage.database import Database
from storage.members import MemberStore
from storage.pepper import Pepper
from storage.polls import Kind, Poll, PollStore

from .earlier import as_it_was

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def in_files(folder: Path, words: str) -> list[str]:
    """Return the files in which words stand."""
    return sorted(file.name for file in folder.iterdir() if words.encode() in file.read_bytes())


async def poll_of(database: Database, ballots: BallotStore) -> tuple[Poll, int]:
    """Open an anonymous poll; return it and somebody who may vote in it."""
    members = MemberStore(database)
    community = await members.community("slack/T1", "Garden", "UTC")
    await members.join_space("slack/T1", community.id, "Garden")
    who, _ = await members.arrive(community.id, "slack/T1/U1", "slack/T1", "Mia", NOW)
    draft = await PollStore(database).draft(
        community.id, who.id, "slack/T1/C1", "Which?", ["A", "B"], Kind.SINGLE, NOW, anonymous=True
    )
    opened = await ballots.open(draft.id, NOW)
    assert opened
    return opened, who.id


@pytest.fixture
async def database(tmp_path: Path, database_file: Path) -> Database:
    return Database(f"sqlite:///{database_file}")


async def secret_of(database: Database) -> str:
    async with database.read() as connection:
        return str(await connection.scalar(select(poll_secrets.c.secret)))


async def test_a_closed_polls_key_stands_in_no_file(tmp_path: Path, database: Database) -> None:
    ballots = BallotStore(database, Pepper())
    poll, who = await poll_of(database, ballots)
    await ballots.vote(poll, who, (0,), NOW)
    secret = await secret_of(database)
    assert in_files(tmp_path, secret)
    await ballots.close(poll.id, NOW)
    assert not in_files(tmp_path, secret)
    await database.close()


async def test_a_name_that_is_forgotten_stands_in_no_file(tmp_path: Path, database: Database) -> None:
    members = MemberStore(database)
    _, who = await poll_of(database, BallotStore(database))
    await members.arrive((await members.communities())[0].id, "slack/T1/U1", "slack/T1", "Canarina", NOW)
    assert in_files(tmp_path, "Canarina")
    await members.erase(who, NOW)
    assert not in_files(tmp_path, "Canarina")
    await database.close()


async def test_what_another_process_still_reads_is_emptied_once_it_lets_go(tmp_path: Path, database: Database) -> None:
    ballots = BallotStore(database)
    poll, _ = await poll_of(database, ballots)
    secret = await secret_of(database)
    with sqlite3.connect(tmp_path / "trellis.db", isolation_level=None) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM polls").fetchall()
        assert await ballots.close(poll.id, NOW)
        assert in_files(tmp_path, secret)
        other.execute("ROLLBACK")
    other.close()
    await database.empty_log()
    assert not in_files(tmp_path, secret)
    await database.close()


async def test_what_a_killed_process_left_in_the_log_is_emptied_on_the_next_start(tmp_path: Path) -> None:
    """A copy of the files while they are open is what a kill leaves."""
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.mkdir()
    copy.mkdir()
    database = Database(f"sqlite:///{source / 'trellis.db'}")
    await database.upgrade()
    await poll_of(database, BallotStore(database))
    async with database.write() as connection:
        await connection.exec_driver_sql("UPDATE members SET name = 'Canarina'")
    async with database.write() as connection:
        await connection.exec_driver_sql("UPDATE members SET name = ''")
    for file in source.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    await database.close()
    assert "trellis.db-wal" in in_files(copy, "Canarina")
    again = Database(f"sqlite:///{copy / 'trellis.db'}")
    await again.empty_log()
    assert not in_files(copy, "Canarina")
    await again.close()


def test_without_a_setting_a_pepper_is_made_that_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "trellis-poll-secret"
    assert Pepper("said", file).current()[1] == b"said" and not file.exists()
    mark, made = Pepper("", file).current()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(made) == 64 and made not in mark.encode()
    file.chmod(0o644)
    assert Pepper("", file).current() == (mark, made), "it is made once"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [*tmp_path.iterdir()] == [file]
    file.write_text("")
    with pytest.raises(ValueError, match="nothing in"):
        Pepper("", file).current()


async def test_a_copy_of_the_database_names_no_voter_of_an_open_poll(tmp_path: Path, database: Database) -> None:
    """Who has the files without the pepper's cannot compute whose ballot is whose."""
    file = tmp_path / "trellis-poll-secret"
    ballots = BallotStore(database, Pepper("", file))
    poll, who = await poll_of(database, ballots)
    assert await ballots.vote(poll, who, (1,), NOW)
    assert await BallotStore(database, Pepper("", file)).choice_of(poll, who) == (1,)
    assert await BallotStore(database).choice_of(poll, who) == ()
    assert in_files(tmp_path, file.read_text().strip()) == ["trellis-poll-secret"]
    await database.close()


async def test_an_open_poll_keeps_the_pepper_it_began_with(tmp_path: Path, database: Database) -> None:
    file = tmp_path / "trellis-poll-secret"
    before, after = BallotStore(database, Pepper("", file)), BallotStore(database, Pepper("a setting", file))
    poll, who = await poll_of(database, before)
    assert await before.vote(poll, who, (0,), NOW)
    assert await after.vote(poll, who, (1,), NOW)
    assert await after.tally(poll.id) == {(1,): 1}, "nobody votes twice"
    lost = BallotStore(database, Pepper("another"))
    for attempt in (lost.vote(poll, who, (0,), NOW), lost.take_back(poll, who, NOW)):
        with pytest.raises(PepperLost):
            await attempt
    assert await lost.choice_of(poll, who) == ()
    assert await lost.tally(poll.id) == {(1,): 1}
    assert await lost.close(poll.id, NOW)
    await database.close()


async def test_a_poll_from_before_there_were_marks_goes_by_the_setting(empty_url: str) -> None:
    """What was open when Trellis was upgraded began with what settings said, or with nothing."""
    database = Database(empty_url)
    rows = (
        "INSERT INTO communities (id, key, name, timezone, created_at) VALUES (1, 'slack/T1', 'Garden', 'UTC', :now)",
        "INSERT INTO polls (id, community_id, number, question, kind, state, channel, created_at, opened_at, anonymous)"
        " VALUES (7, 1, 1, 'Which?', 'single', 'open', 'slack/T1/C1', :now, :now, true)",
        "INSERT INTO poll_secrets (poll_id, secret) VALUES (7, 'aa')",
    )
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0033", rows, now=NOW))
    await database.upgrade()
    poll = await PollStore(database).get(7)
    assert poll
    said = BallotStore(database, Pepper("said"))
    assert await said.vote(poll, 5, (0,), NOW)
    assert await said.choice_of(poll, 5) == (0,)
    assert await BallotStore(database, Pepper("", Path("nowhere"))).choice_of(poll, 5) == ()
    await database.close()
