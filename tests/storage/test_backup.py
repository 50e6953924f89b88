"""A backup is made while Trellis runs, and brings everything back but who was erased since."""

from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.erasures import ErasureJournal
from tests.databases import Kind

from .machines import CANARY, Place, adds_idea, empties, erases, names, titles


def is_private(file: Path) -> bool:
    return stat.S_IMODE(file.stat().st_mode) == 0o600


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
    journal = ErasureJournal(tmp_path / "erasures")
    assert journal.read() == {}
    now = datetime(2026, 3, 2, tzinfo=UTC)
    journal.note({"a" * 64: now})
    with journal.path.open("a") as file:
        file.write(f"nonsense\n2026-03-02T00:00:00 {'b' * 64}\n2026-03-02T00:00:00+00:00 short\n")
    assert journal.read() == {"a" * 64: now}
