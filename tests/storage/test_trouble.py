"""The database is in trouble while Trellis works: who waits is told, what was said is read later, and all goes on."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from sqlalchemy import event, make_url, select, text
from sqlalchemy.exc import OperationalError

from adapters.memory import Memory
from storage import sqlite
from storage.database import Database
from storage.inbox import inbox
from tests.databases import Databases
from tests.doors import MemoryDoor
from tests.memory_story import memory_story
from tests.slow_disk import SECONDS, slow_disk
from tests.story import Story
from tests.switch import Switch, behind_a_switch

QUESTION = "How do I rotate the webhook secret?"
AT_LENGTH = "Sunflowers grow behind the shed. " * 200
"""6 kB, for which no page that is there has room."""
KINDLY = "I couldn't keep that just now. Please try again in a minute."

Trouble: TypeAlias = Callable[[Story], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def locked(story: Story) -> AsyncIterator[None]:
    """Another process does not let go of the SQLite file."""
    path = make_url(story.app.database._url).database
    assert path
    stranger = sqlite3.connect(path, isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    yield
    stranger.execute("COMMIT")
    stranger.close()


@asynccontextmanager
async def full(story: Story) -> AsyncIterator[None]:
    """The disk has no room for another page, nor have those that there are."""
    database, most = story.app.database, 2**30

    def limit(connection: Any, _record: object) -> None:
        connection.cursor().execute(f"PRAGMA max_page_count={most}")

    async def fill(size: int) -> None:
        while True:
            async with database.write() as connection:
                await connection.execute(text("INSERT INTO heap VALUES (zeroblob(:size))"), {"size": size})

    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE heap (words TEXT)"))
        most = (await connection.execute(text("PRAGMA page_count"))).scalar_one()

    async def open_again() -> None:
        await database._group.close()
        await database.engine.dispose()

    event.listen(database.engine.sync_engine, "connect", limit)
    await open_again()
    for size in (10_000, 1_000, 100, 10):
        with pytest.raises(OperationalError, match="full"):
            await fill(size)
    yield
    most = 2**30
    await open_again()


@pytest.fixture(autouse=True)
def a_minute_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be read is tried again each minute: have it be time for that."""
    monkeypatch.setattr("bot.kernel.catching_up.EVERY", 0.0)


def settle_on(story: Story) -> Memory:
    assert isinstance(story.door, MemoryDoor)
    return story.door.platform


async def goes_on_after(story: Story, trouble: AbstractAsyncContextManager[None]) -> None:
    """Mia is told that nothing was kept, tries again later, and what she wrote meanwhile is read: all of it once."""
    platform, mia, noah = settle_on(story), story.person("mia"), story.person("noah")
    await mia.uses("/idea add", title="Bees on the roof", channel="ideas")
    await noah.uses("/me")
    async with trouble:
        await platform.use("mia", "ideas", "idea add", {"title": "A shed for tools", "details": AT_LENGTH})
        assert [one.body for one in await mia.sees() if one.private and KINDLY in one.words], "she is told"
        await platform.say("mia", "help", f"{QUESTION}\n{AT_LENGTH}")
        await story.app.catching_up.done()
        assert not [one for one in await noah.sees() if QUESTION in one.title]
    story.app.catching_up.go_on()
    await story.app.catching_up.done()
    await story.app.settle()
    await mia.uses("/idea add", title="A shed for tools", channel="ideas")
    await story.passes(minutes=20)
    for words in (QUESTION, "Bees on the roof", "A shed for tools"):
        assert len([one for one in await noah.sees() if words in one.title and not one.private]) == 1, words


@pytest.mark.parametrize("trouble", [locked, full])
async def test_sqlite_in_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Trouble) -> None:
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.2)
    async with memory_story(tmp_path) as story:
        await goes_on_after(story, trouble(story))


async def test_what_a_disk_takes_long_to_keep_is_not_said_to_be_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with memory_story(tmp_path) as story:
        mia = story.person("mia")
        await mia.uses("/idea add", title="Bees on the roof", channel="ideas")
        slow_disk(story.app.database)
        await story.app.database._group.close()
        await story.app.database.engine.dispose()
        monkeypatch.setattr("bot.kernel.router.INTERACTION", timedelta(seconds=SECONDS / 2))
        await mia.uses("/idea add", title="A shed for tools", channel="ideas")
        assert not [one for one in await mia.sees() if KINDLY in one.words]
        assert "Idea #2 is posted" in (await mia.last_private()).words


@asynccontextmanager
async def at_work_behind_a_switch(databases: Databases, folder: Path) -> AsyncIterator[tuple[Story, Switch, Database]]:
    async with (
        databases.migrated("postgresql") as admin,
        behind_a_switch(admin._url.render_as_string(hide_password=False)) as (switch, url),
        memory_story(folder, url=url) as story,
    ):
        yield story, switch, admin


async def test_postgresql_that_is_away(postgresql_databases: Databases, tmp_path: Path) -> None:
    async with at_work_behind_a_switch(postgresql_databases, tmp_path) as (story, switch, _):

        @asynccontextmanager
        async def away() -> AsyncIterator[None]:
            switch.open()
            yield
            switch.close()

        await goes_on_after(story, away())


async def test_postgresql_that_only_reads_after_a_failover(postgresql_databases: Databases, tmp_path: Path) -> None:
    """The server that answers now is a replica that is not promoted yet."""
    async with at_work_behind_a_switch(postgresql_databases, tmp_path) as (story, switch, admin):
        name = admin._url.database

        async def reads_only(so: str) -> None:
            async with admin.engine.connect() as connection:
                await connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {so}'))
                await connection.commit()
            switch.cut()

        @asynccontextmanager
        async def failing_over() -> AsyncIterator[None]:
            await reads_only("on")
            yield
            async with admin.engine.connect() as connection:
                await connection.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"))
            await reads_only("off")

        await goes_on_after(story, failing_over())


async def test_connections_that_drop_are_replaced_and_nobody_notices(
    postgresql_databases: Databases, tmp_path: Path
) -> None:
    async with at_work_behind_a_switch(postgresql_databases, tmp_path) as (story, switch, _):
        mia = story.person("mia")
        titles = ["Bees on the roof", "A shed for tools", "Soup in winter"]
        for title in titles:
            switch.cut()
            await mia.uses("/idea add", title=title, channel="ideas")
        seen = [one.title for one in await mia.sees() if not one.private]
        assert [sum(title in one for one in seen) for title in titles] == [1, 1, 1]


WRITE_AND_DIE = """
import asyncio, os, signal, sys
from storage.database import Database
from storage.inbox import inbox
from storage.inbox import InboxStore
from datetime import datetime, UTC

async def main():
    database = Database(sys.argv[1])
    await database.upgrade()
    for number in range(100):
        await InboxStore(database).keep(f"{number:03}", "memory", {}, "", datetime.now(UTC))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.parametrize("torn", ["", "-wal cut", "-shm gone", "-shm torn"])
async def test_what_a_power_cut_leaves_of_sqlites_files_is_taken_up(tmp_path: Path, torn: str) -> None:
    """What is cut off at the end of the log was promised to nobody: the disk had not taken it."""
    url = f"sqlite:///{tmp_path / 'trellis.db'}"
    dying = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITE_AND_DIE, url)
    await dying.wait()
    wal, shm = tmp_path / "trellis.db-wal", tmp_path / "trellis.db-shm"
    match torn:
        case "-wal cut":
            wal.write_bytes(wal.read_bytes()[: wal.stat().st_size // 2 + 17])
        case "-shm gone":
            shm.unlink()
        case "-shm torn":
            shm.write_bytes(b"\xff" * 100)
    database = Database(url)
    await database.integrity()
    await database.upgrade()
    async with database.read() as connection:
        keys = [*await connection.scalars(select(inbox.c.key).order_by(inbox.c.key))]
    await database.close()
    assert keys == [f"{number:03}" for number in range(len(keys))], "without a gap"
    assert (len(keys) < 100) is (torn == "-wal cut")
