import asyncio
import importlib
import os
import pkgutil
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import DBAPIError

import storage
from storage.columns import metadata
from storage.database import Database, DatabaseDamaged
from storage.inbox import InboxStore
from storage.tables import LOWEST, MIGRATIONS, DatabaseTooNew, compatibility
from storage.upgrading import newest

from .earlier import as_it_was

UPGRADE = dedent("""
    import asyncio, sys
    from storage.database import Database

    async def main():
        database = Database(sys.argv[1])
        await database.upgrade()
        await database.close()

    asyncio.run(main())
""")


async def test_the_tables_are_made_from_nothing(empty_url: str) -> None:
    database = Database(empty_url)
    current, newest = await database.revision()
    assert current is None
    assert newest is not None

    await database.upgrade()
    await database.upgrade()

    assert await database.revision() == (newest, newest)
    await database.close()


@pytest.mark.parametrize("earlier", ["", "0037"])
async def test_programs_that_start_together_upgrade_once(empty_url: str, tmp_path: Path, earlier: str) -> None:
    root = Path(storage.__file__).parents[1]
    if earlier:
        before = Database(empty_url)
        async with before.write() as connection:
            await connection.run_sync(as_it_was(earlier, []))
        await before.close()
    waiting = "import sys, storage.upgrading, alembic.command\nprint('ready', flush=True)\nsys.stdin.readline()"
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", f"{waiting}\n{UPGRADE}", empty_url),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout and await process.stdout.readline() == b"ready\n"
    await asyncio.gather(*(process.communicate(b"now\n") for process in processes))
    assert [process.returncode for process in processes] == [0, 0]

    database = Database(empty_url)
    current, newest = await database.revision()
    assert current == newest
    await database.close()


async def test_an_upgrade_that_fails_leaves_nothing(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.exec_driver_sql("CREATE TABLE inbox (something_else INTEGER)")

    with pytest.raises(DBAPIError, match="inbox"):
        await database.upgrade()
    assert (await database.revision())[0] is None

    async with database.write() as connection:
        await connection.exec_driver_sql("DROP TABLE inbox")
    await database.upgrade()
    await database.close()


async def test_an_upgrade_leaves_nothing_that_points_nowhere(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(empty_url)
    await database.upgrade()
    if database.dialect == "postgresql":
        await database.close()
        return

    def lose(connection: Connection) -> None:
        connection.exec_driver_sql(
            "INSERT INTO counters (community_id, name, value) SELECT 99, 'polls', 1"  # there is no such community
        )

    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    monkeypatch.setattr("storage.upgrading.upgrade_all", lambda connection, *_: lose(connection))
    with pytest.raises(DatabaseDamaged, match="counters that point at no communities"):
        await database.upgrade()
    async with database.read() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM counters")).scalar_one() == 0
    await database.close()


@pytest.mark.parametrize("migrated", [True, False])
async def test_the_migrations_make_what_the_stores_expect(empty_url: str, *, migrated: bool) -> None:
    """So do we, where there is nothing to migrate."""

    def compare(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "compare_server_default": connection.dialect.name == "postgresql",
                "include_object": _is_ours,
            },
        )
        return list(compare_metadata(context, metadata))

    for subject in pkgutil.iter_modules(storage.__path__, "storage."):
        importlib.import_module(subject.name)
    database = Database(empty_url)
    if migrated:
        async with database.write() as connection:
            await connection.run_sync(as_it_was("head", []))
    await database.upgrade()
    async with database.read() as connection:
        assert await connection.run_sync(compare) == []
    await database.close()


async def test_a_new_database_is_made_without_alembic(empty_url: str, tmp_path: Path) -> None:
    look = UPGRADE + '\nprint("alembic" in sys.modules or "numpy" in sys.modules)'
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", look, empty_url),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(storage.__file__).parents[1])},
        stdout=asyncio.subprocess.PIPE,
    )
    assert (await process.communicate())[0] == b"False\n"
    database = Database(empty_url)
    async with database.read() as connection:
        made = {*await connection.run_sync(lambda here: inspect(here).get_table_names())}
    await database.close()
    assert {*metadata.tables} <= made, "whichever tables nobody had read are made too"


def _is_ours(_object: object, name: str | None, _kind: str, _reflected: bool, _other: object) -> bool:
    """Say whether a thing is not one of those that index the documents, each database in its own way."""
    return name is None or not (name.startswith("documents_fts") or name in {"words", "ix_documents_words"})


async def test_the_newest_revision_is_known_by_its_file(database: Database) -> None:
    """Then Alembic need not be read at start."""
    await database.upgrade()
    assert newest() == max(file.name[:4] for file in MIGRATIONS.glob("[0-9]*.py"))
    assert await database.is_current()


# Old code and new tables


async def is_upgraded(database: Database, version: str, lowest: str) -> None:
    """Leave the tables as a newer Trellis would, which adds something that ours does not know."""
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE inbox ADD COLUMN colour TEXT"))
        await connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        await connection.execute(text("UPDATE compatibility SET lowest = :lowest"), {"lowest": lowest})


async def test_old_code_goes_on_and_starts_while_newer_tables_suit_it(database: Database, replica: Database) -> None:
    await is_upgraded(replica, "9999", newest() or "")
    now = datetime.now(UTC)
    await InboxStore(database).take("slack/T1/E1", now)
    starting = Database(database._url.render_as_string(hide_password=False))
    await starting.upgrade()
    await starting.upgrade({})
    await InboxStore(starting).take("slack/T1/E2", now)
    assert await starting.is_current() and (await starting.revision())[0] == "9999"
    await starting.close()


async def test_code_that_is_too_old_does_not_start(database: Database, replica: Database) -> None:
    await is_upgraded(replica, "9999", "9998")
    says = f"its tables are at revision 9999, this one knows {newest()} and would have to know 9998"
    with pytest.raises(DatabaseTooNew, match=says):
        await database.upgrade()
    with pytest.raises(DatabaseTooNew, match=says):
        await database.upgrade({"garden": MIGRATIONS})


async def test_the_lowest_code_is_the_same_made_or_migrated(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(as_it_was("head", []))
    async with database.read() as connection:
        assert [*await connection.scalars(select(compatibility.c.lowest))] == [LOWEST]
    await database.close()


TAKES_AWAY = re.compile(r"drop_(table|column|constraint)|rename_table|new_column_name|alter_column|DROP |RENAME ")


@pytest.mark.parametrize("migration", sorted(MIGRATIONS.glob("[0-9]*.py")), ids=lambda file: file.stem)
def test_what_takes_something_away_says_which_code_can_do_without(migration: Path) -> None:
    words = migration.read_text("utf-8")
    if migration.name[:4] > "0037" and TAKES_AWAY.search(words):
        assert "no_older_than(" in words, "expand first: older processes still run"
