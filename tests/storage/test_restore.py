"""A restore that is cut off, a journal that takes nothing, and names that are odd."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import sqlite3
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.backup import copy_in
from storage.erasures import ErasureJournal
from tests.databases import Kind

from .machines import CANARY, Place, adds_idea, empties, erases, names, titles

sqlite_only = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


def cut_off(*_: object) -> None:
    raise KeyboardInterrupt


async def test_a_restore_that_was_cut_off_is_finished_by_the_next_start(place: Place, kind: Kind) -> None:
    """Also a backup that was put there by hand brings nobody back."""
    backup = str(place.folder / "backup")
    async with place.running() as runtime:
        await adds_idea(runtime, "mia", CANARY)
        await adds_idea(runtime, "noah", "More benches")
        await place.types("backup", backup, "--plain")
        await erases(runtime, "noah")
    await empties(place, kind)
    with tarfile.open(backup) as archive:
        archive.extract("database", place.folder, filter="data")
    copy_in(place.url, place.folder / "database", datetime.now(UTC), replace=False)
    async with place.running() as runtime:
        assert await titles(runtime) == [CANARY, "(removed)"]
        assert await names(runtime) == {"Mia"}


@sqlite_only
async def test_who_is_brought_back_on_purpose_stays(place: Place) -> None:
    backup = str(place.folder / "backup")
    async with place.running() as runtime:
        await adds_idea(runtime, "noah", "More benches")
        await place.types("backup", backup, "--plain")
        await erases(runtime, "noah")
    await place.types("restore", backup, "--replace", "--without-journal")
    for _ in range(2):
        async with place.running() as runtime:
            assert await names(runtime) == {"Noah"}


@sqlite_only
@pytest.mark.parametrize("step", ["shutil.copyfile", "pathlib.Path.rename", "pathlib.Path.hardlink_to"])
async def test_whenever_a_restore_is_cut_off_a_whole_database_is_in_place(
    place: Place, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place.running() as runtime:
        await adds_idea(runtime, "mia", CANARY)
        backup = place.folder / "backup"
        await place.types("backup", str(backup), "--plain")
        await adds_idea(runtime, "mia", "After the backup")
    with sqlite3.connect(place.file) as other:  # what was killed leaves its log behind
        other.execute("PRAGMA journal_mode = WAL")
    with tarfile.open(backup) as archive:
        archive.extract("database", place.folder, filter="data")
    with monkeypatch.context() as patch:
        patch.setattr(step, cut_off)
        with pytest.raises(KeyboardInterrupt):
            copy_in(place.url, place.folder / "database", datetime.now(UTC), replace=True)
    async with place.running() as runtime:
        assert await titles(runtime) == [CANARY, "After the backup"]


@sqlite_only
async def test_a_log_without_its_database_is_not_read_into_the_one_that_is_restored(place: Place) -> None:
    backup = str(place.folder / "backup")
    log = place.file.with_name(f"{place.file.name}-wal")
    async with place.running() as runtime:
        await adds_idea(runtime, "mia", CANARY)
        await place.types("backup", backup, "--plain")
        await adds_idea(runtime, "mia", "After the backup")
        kept = log.read_bytes()
    place.file.unlink()
    log.write_bytes(kept or b"what was left")
    await place.types("restore", backup, "--without-journal")
    async with place.running() as runtime:
        assert await titles(runtime) == [CANARY]


@sqlite_only
async def test_a_file_of_any_name_is_backed_up_and_verified(place: Place) -> None:
    odd = place.folder / "a #1 folder%20"
    odd.mkdir()
    place.url = f"sqlite:///{odd}/trellis.db"
    async with place.running() as runtime:
        await adds_idea(runtime, "mia", CANARY)
        await place.types("backup", str(odd / "back up"), "--plain")
        assert "is whole" in await place.types("verify", str(odd / "back up"))


@sqlite_only
async def test_wherever_a_plain_backup_is_damaged_that_is_said(place: Place) -> None:
    backup = place.folder / "backup"
    async with place.running() as runtime:
        await adds_idea(runtime, "mia", CANARY)
        await place.types("backup", str(backup), "--plain")
    content = backup.read_bytes()
    for at in (0, *range(100, len(content), len(content) // 12), len(content) - 8):
        backup.write_bytes(content[:at] + b"harm" * 2 + content[at + 8 :])
        assert "damaged" in await place.is_refused("verify", str(backup)), at


@sqlite_only
@pytest.mark.parametrize("counted", [False, True])
async def test_a_copy_that_was_damaged_before_it_was_packed_is_told(place: Place, counted: bool) -> None:
    backup, parts = place.folder / "backup", place.folder / "parts"
    async with place.running():
        await place.types("backup", str(backup), "--plain")
    with tarfile.open(backup) as archive:
        archive.extractall(parts, filter="data")
    content = bytearray((parts / "database").read_bytes())
    middle = len(content) // 8192 * 4096
    content[middle : middle + 4096] = b"\xff" * 4096
    (parts / "database").write_bytes(content)
    if counted:
        manifest = json.loads((parts / "manifest.json").read_text())
        manifest["sha256"] = hashlib.sha256(content).hexdigest()
        (parts / "manifest.json").write_text(json.dumps(manifest))
    with tarfile.open(backup, "w:gz") as archive:
        for part in ("manifest.json", "database"):
            archive.add(parts / part, part)
    told = await place.is_refused("verify", str(backup))
    assert "is damaged" in told and ("not what was put into it" in told) is not counted


@sqlite_only
async def test_a_full_disk_is_not_taken_for_a_damaged_backup(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = place.folder / "backup"
    async with place.running():
        await place.types("backup", str(backup), "--plain")

    def is_full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tarfile.TarFile.extract", is_full)
    refusal = await place.is_refused("verify", str(backup))
    assert "No space left" in refusal and "damaged" not in refusal
    refusal = await place.is_refused("verify", str(place.folder / "nowhere" / "backup"))
    assert f"There is no folder {place.folder / 'nowhere'}" in refusal
    refusal = await place.is_refused("backup", "--plain", str(place.folder / "nowhere" / "backup"))
    assert f"There is no folder {place.folder / 'nowhere'}" in refusal


@sqlite_only
async def test_an_erasure_stands_and_is_noted_later_while_the_journal_takes_nothing(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    journal = place.folder / "erasures"
    async with place.running() as runtime:
        await adds_idea(runtime, "noah", "More benches")
        await adds_idea(runtime, "mia", CANARY)
        journal.mkdir()  # what nobody can write to, an administrator neither
        answer = await erases(runtime, "noah")
        assert "Forgotten" in answer and await names(runtime) == {"Mia"}
        assert "a backup would bring them back" in caplog.text
        assert "cannot be noted" in await place.is_refused("check")
        await erases(runtime, "mia")
        journal.rmdir()
        await runtime.app.upkeep.refresh()
        assert len(journal.read_text().splitlines()) == 2
        assert "cannot be noted" not in (await asyncio.to_thread(place.says, "check")).output


async def test_who_comes_to_a_new_database_stays_whatever_the_journal_says(place: Place, kind: Kind) -> None:
    async with place.running() as runtime:
        await adds_idea(runtime, "noah", "More benches")
        await erases(runtime, "noah")
    await empties(place, kind)
    async with place.running() as runtime:
        await adds_idea(runtime, "noah", "A pond")
    async with place.running() as runtime:
        assert await names(runtime) == {"Noah"} and await titles(runtime) == ["A pond"]


def test_an_erasure_after_one_that_was_cut_off_is_on_a_line_of_its_own(tmp_path: Path) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    journal = ErasureJournal(tmp_path / "erasures")
    journal.path.write_bytes(b"2026-03-02T00:00:00+00:00 \xffabc")
    journal.note({"a" * 64: now})
    journal.note({"b" * 64: now})
    assert journal.read() == {"a" * 64: now, "b" * 64: now}
