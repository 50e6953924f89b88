import asyncio
import os
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from storage.columns import UtcDateTime
from storage.database import Database, DatabaseDamaged
from storage.inbox import InboxStore, inbox
from storage.members import Community, MemberStore
from storage.people import communities
from tests.databases import Databases

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


async def keys(database: Database) -> set[str]:
    async with database.read() as connection:
        return set((await connection.scalars(select(inbox.c.key))).all())


async def put(database: Database, key: str) -> None:
    async with database.write() as connection:
        await connection.execute(insert(inbox).values(key=key, at=NOON))


async def test_an_error_does_not_tell_what_was_written(database: Database) -> None:
    async def twice() -> None:
        async with database.write() as connection:
            for _ in range(2):
                await connection.execute(insert(inbox).values(key="k", at=NOON, done_at=NOON))

    with pytest.raises(IntegrityError) as failed:
        await twice()
    assert "2026" not in str(failed.value)


# What is written stays exactly


async def test_no_update_is_lost_when_many_tasks_read_and_then_write(
    database: Database, replica: Database, community: Community
) -> None:
    async def count_up(through: Database) -> None:
        for _ in range(25):
            async with through.write() as connection:
                row = select(communities.c.name).where(communities.c.id == community.id)
                value = int((await connection.scalars(row.with_for_update())).one())
                await connection.execute(update(communities).values(name=str(value + 1)))

    async with database.write() as connection:
        await connection.execute(update(communities).values(name="0"))
    await asyncio.gather(*(count_up(through) for through in (database, replica) * 10))

    assert [c.name for c in await MemberStore(database).communities()] == ["500"]


async def test_a_failed_write_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await connection.execute(insert(inbox).values(key="a", at=NOON))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await keys(database) == set()


async def test_cancelled_writers_leave_nothing_and_block_nobody(database: Database) -> None:
    async def slow(number: int) -> None:
        async with database.write() as connection:
            await connection.execute(insert(inbox).values(key=f"slow {number}", at=NOON))
            await asyncio.sleep(60)

    tasks = [asyncio.create_task(slow(number)) for number in range(5)]
    await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.wait_for(put(database, "after"), 30)

    assert await keys(database) == {"after"}


async def test_reading_does_not_wait_for_a_writer(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(insert(inbox).values(key="unfinished", at=NOON))
        assert await asyncio.wait_for(asyncio.create_task(keys(database)), 30) == set()


async def test_what_was_opened_for_reading_cannot_write(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(DBAPIError, match=r"readonly|read-only"):
            await connection.execute(insert(inbox).values(key="a", at=NOON))

    await put(database, "b")
    assert await keys(database) == {"b"}


async def test_rows_refer_to_rows_that_exist(database: Database) -> None:
    with pytest.raises(IntegrityError):
        await MemberStore(database).join_space("slack/T1", 999, "Nowhere")


# Transactions around several stores


async def test_a_transaction_keeps_all_of_it(database: Database) -> None:
    async with database.unit():
        await put(database, "a")
        await put(database, "b")
        assert await keys(database) == {"a", "b"}
        assert await asyncio.create_task(keys(database)) == set()

    assert await keys(database) == {"a", "b"}


async def test_a_transaction_that_fails_keeps_nothing_of_it(database: Database) -> None:
    async def fail() -> None:
        async with database.unit():
            await put(database, "a")
            await put(database, "b")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await keys(database) == set()


async def test_a_task_started_inside_a_transaction_is_not_part_of_it(database: Database) -> None:
    children = []

    async def fail() -> None:
        async with database.unit():
            children.append(asyncio.create_task(put(database, "child")))
            await put(database, "parent")
            await asyncio.sleep(0.05)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await asyncio.gather(*children)

    assert await keys(database) == {"child"}


async def test_transactions_of_two_databases_are_apart(database: Database, tmp_path: Path) -> None:
    other = Database(f"sqlite:///{tmp_path / 'new' / 'folder' / 'other.db'}")
    await other.upgrade()

    async def fail() -> None:
        async with database.unit():
            await put(database, "here")
            await put(other, "there")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await keys(database) == set()
    assert await keys(other) == {"there"}
    await other.close()


# Moments


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 29, 3, 30, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=0),
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
async def test_a_moment_comes_back_as_the_same_moment_in_utc(database: Database, moment: datetime) -> None:
    async with database.write() as connection:
        await connection.execute(insert(inbox).values(key="a", at=moment))
        back: datetime = (await connection.scalars(select(inbox.c.at).where(inbox.c.at == moment))).one()

    assert back == moment.astimezone(UTC)
    assert back.tzinfo is UTC


async def test_moments_sort_and_compare_as_time_does(database: Database) -> None:
    later_by = [timedelta(0), timedelta(microseconds=1), timedelta(milliseconds=1), timedelta(seconds=1)]
    zones = [ZoneInfo("Pacific/Kiritimati"), UTC, ZoneInfo("America/Sao_Paulo"), ZoneInfo("Asia/Kathmandu")]
    async with database.write() as connection:
        for number, (later, zone) in enumerate(zip(later_by, zones, strict=True)):
            await connection.execute(insert(inbox).values(key=str(number), at=(NOON + later).astimezone(zone)))
        in_order = select(inbox.c.key).where(inbox.c.at > NOON).order_by(inbox.c.at)
        assert (await connection.scalars(in_order)).all() == ["1", "2", "3"]
        assert await connection.scalar(select(func.max(inbox.c.at))) == NOON + timedelta(seconds=1)


async def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        await InboxStore(database).take("a", NOON.replace(tzinfo=None))


async def test_no_moment_stays_none(database: Database) -> None:
    async with database.read() as connection:
        assert await connection.scalar(select(literal(None, UtcDateTime))) is None


# Addresses, health, files


@pytest.mark.parametrize(
    "given,used",
    [
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:***@h/d"),
        ("postgresql://u:p@h:1/d?sslmode=require", "postgresql+asyncpg://u:***@h:1/d?ssl=require"),
        ("postgresql+asyncpg://h/d", "postgresql+asyncpg://h/d"),
    ],
)
def test_usual_addresses_are_understood_and_hide_their_password(given: str, used: str) -> None:
    assert repr(Database(given)) == f"Database({used!r})"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?uri=true",
        "mysql://h/d",
        "sqlite+pysqlcipher:///x",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="Trellis"):
        Database(url)


async def test_a_healthy_database_answers_and_is_whole(database: Database) -> None:
    await database.ping()
    await database.integrity()


async def test_a_database_that_is_away_is_an_error(tmp_path: Path) -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(OSError, match="Connect call failed"):
        await database.ping()
    await database.close()


END = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND datname = current_database()
"""


async def test_a_server_that_ends_a_connection_is_away(postgresql_databases: Databases) -> None:
    """Whether it goes in the middle of a statement, between two of them, or while nobody uses the connection."""
    async with postgresql_databases.migrated("postgresql") as database:
        admin = Database(database._url.render_as_string(hide_password=False))

        async def end() -> None:
            async with admin.read() as connection:
                await connection.exec_driver_sql(END)

        async def ask(*statements: str) -> None:
            async with database.read() as connection:
                for statement in statements:
                    await connection.exec_driver_sql(statement)

        async def ask_twice() -> None:
            async with database.write() as connection:
                await connection.exec_driver_sql("SELECT 1")
                await end()
                await asyncio.sleep(0.1)
                await connection.exec_driver_sql("SELECT 1")

        await ask("SELECT 1")
        await end()
        await ask("SELECT 1")
        asking = asyncio.create_task(ask("SELECT pg_sleep(30)"))
        await asyncio.sleep(0.3)
        await end()
        with pytest.raises(OperationalError):
            await asking
        with pytest.raises(InterfaceError):
            await ask_twice()
        await ask("SELECT 1")
        await admin.close()


def not_a_database(file: Path) -> None:
    file.write_text("These are the minutes of our last meeting. " * 1000)


def damage_the_middle(file: Path) -> None:
    content = bytearray(file.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 8192] = b"\xff" * 8192
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [not_a_database, damage_the_middle])
async def test_a_damaged_file_is_told_in_sentences(damage: Callable[[Path], None], tmp_path: Path) -> None:
    file = tmp_path / "trellis.db"
    database = Database(f"sqlite:///{file}")
    await database.upgrade()
    async with database.unit():
        for number in range(500):
            await put(database, f"{number:0100}")
    await database.integrity()
    await database.close()

    damage(file)
    database = Database(f"sqlite:///{file}")
    with pytest.raises(DatabaseDamaged, match=r"The database file .*trellis\.db is damaged .*latest backup"):
        await database.integrity()
    await database.close()


async def test_a_program_that_meets_a_damaged_file_can_end(tmp_path: Path) -> None:
    file = tmp_path / "trellis.db"
    not_a_database(file)
    program = """
        import asyncio, sys
        from storage.database import Database, DatabaseDamaged

        async def main():
            database = Database(sys.argv[1])
            for attempt in (database.upgrade, database.integrity):
                try:
                    await attempt()
                except Exception as error:
                    print(type(error).__name__)
            await database.close()

        asyncio.run(main())
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", dedent(program), f"sqlite:///{file}", stdout=asyncio.subprocess.PIPE
    )
    output, _ = await asyncio.wait_for(process.communicate(), 20)
    assert output.split() == [b"DatabaseError", b"DatabaseDamaged"]


async def test_a_write_waits_for_another_process_to_let_go_of_the_file(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'trellis.db'}")
    await database.upgrade()
    stranger = sqlite3.connect(tmp_path / "trellis.db", isolation_level=None, check_same_thread=False)
    stranger.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(put(database, "a"))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    assert await keys(database) == set()
    stranger.execute("COMMIT")
    await asyncio.wait_for(waiting, 30)
    stranger.close()
    await database.close()


async def test_a_full_disk_is_an_error_and_recovers(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'trellis.db'}")
    await database.upgrade()
    async with database.write() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(OperationalError, match="full"):
        await put(database, "x" * 100_000)
    assert await keys(database) == set()
    async with database.write() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    await put(database, "x" * 100_000)
    await database.close()


# Who may read it


@pytest.fixture(params=[0o022, 0o000])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def let_all_read(folder: Path) -> None:
    """Leave files as an earlier version did."""
    for file in folder.iterdir():
        file.chmod(0o644)


@pytest.mark.usefixtures("umask")
async def test_nobody_else_on_the_machine_reads_the_files(tmp_path: Path) -> None:
    private = {"trellis.db": 0o600, "trellis.db-wal": 0o600, "trellis.db-shm": 0o600}
    database = Database(f"sqlite:///{tmp_path / 'trellis.db'}")
    await database.upgrade()
    await put(database, "j")
    assert modes(tmp_path) == private
    let_all_read(tmp_path)
    other = Database(f"sqlite:///{tmp_path / 'trellis.db'}")
    await other.ping()
    assert modes(tmp_path) == private
    await put(database, "k")
    assert await keys(other) == {"j", "k"}
    await database.close()
    await other.close()


@pytest.mark.parametrize(
    "url,says",
    [
        ("sqlite:///t.db?foo=bar", "does not know: foo"),
        ("postgresql://u:secret@h/x?foo=1&sslmode=require&bar=2", "does not know: bar, foo"),
        ("postgresql://u:secret@h:notaport/x", "cannot be read"),
        ("postgresql://u:secret@h:70000/x", "cannot be read"),
        ("postgresql://u:se@cret@[::1/x", "cannot be read"),
        ("secret", "cannot be read"),
    ],
)
def test_an_address_that_cannot_be_meant_is_told_in_a_sentence(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as wrong:
        Database(url)
    assert "secret" not in str(wrong.value) and "\n" not in str(wrong.value)
