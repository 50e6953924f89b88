"""An export is opened without being trusted."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from bot.history import archive
from bot.history.archive import opened
from bot.history.said import Unreadable

from .exports import slack_thread, slack_zip, ts
from .looking import look


def zip_with(path: Path, name: str, content: bytes = b"[]", kind: int = 0) -> Path:
    slack_zip(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as zip_:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = kind << 16
        zip_.writestr(info, content)
    return path


@pytest.mark.parametrize("name", ["../../etc/cron.json", "/etc/passwd", "help/../../x.json", "C:/x.json"])
def test_paths_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unreadable, match="leads out of it"):
        look(zip_with(tmp_path / "x.zip", name))


def test_links_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="link"):
        look(zip_with(tmp_path / "x.zip", "help/a.json", b"/etc/passwd", 0o120777))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "channels.json").symlink_to("/etc/hostname")
    with pytest.raises(Unreadable, match="link"):
        look(folder)


def test_what_grows_too_much_is_refused(tmp_path: Path) -> None:
    bomb = zip_with(tmp_path / "x.zip", "help/2024-03-05.json", b" " * 20_000_000)
    with pytest.raises(Unreadable, match="grows more than"):
        look(bomb)


def test_too_much_of_anything_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export = slack_zip(tmp_path / "x.zip")
    for limit, words in (("MOST_FILES", "files"), ("MOST_BYTES", "GB"), ("MOST_IN_FILE", "GB")):
        with monkeypatch.context() as changed:
            changed.setattr(archive, limit, 2)
            with pytest.raises(Unreadable, match=words):
                look(export)


def test_a_locked_zip_is_refused(tmp_path: Path) -> None:
    export = slack_zip(tmp_path / "x.zip")
    raw = bytearray(export.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := raw.find(mark, at + 1)) >= 0:
            raw[at + place] |= 1
    export.write_bytes(raw)
    with pytest.raises(Unreadable, match="password"):
        look(export)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"[]"])
def test_what_is_no_zip_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="not a whole ZIP"):
        look(path)


def test_a_file_that_is_damaged_in_a_zip_costs_only_itself(tmp_path: Path) -> None:
    export = slack_zip(tmp_path / "x.zip", {"help/1.json": slack_thread(), "help/2.json": slack_thread(start=9999)})
    raw = bytearray(export.read_bytes())
    begins = raw.index(b"help/1.json") + 30
    for at in range(begins, begins + 20):
        raw[at] ^= 0xFF
    export.write_bytes(raw)
    found, report = look(export)
    assert [one.root.id for one in found] == [ts(9999)]
    assert report.skipped["files that are broken (what stands before that is read)"] == 1


def test_a_zip_that_is_packed_in_an_unknown_way_is_to_be_unpacked(tmp_path: Path) -> None:
    export = slack_zip(tmp_path / "x.zip")
    raw = bytearray(export.read_bytes())
    raw[raw.rindex(b"PK\x01\x02") + 10] = 9  # Deflate64, as Windows packs what is large
    export.write_bytes(raw)
    with pytest.raises(Unreadable, match="unpack it"):
        look(export)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no file or folder"), opened(tmp_path / "none.zip"):
        pass
