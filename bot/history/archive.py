"""Opens an export, a ZIP, a folder or a file, without trusting it.

Nothing is unpacked, and what grows too much is refused.
"""

from __future__ import annotations

import codecs
import re
import stat
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

import ijson

from .said import Unreadable

MOST_FILES = 500_000
MOST_BYTES = 50 << 30
MOST_IN_FILE = 4 << 30
RATIO = 200
"""So many times its packed size a file may have: JSON of chats has about 10."""
SMALL = 10 << 20
"""What is not larger may have any ratio."""
DEEPEST = 500
"""So many levels deeper some text may lead: exports have about six in all."""
_NUMBER = re.compile(r"[0-9]{1000}")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)', re.DOTALL)
_JUNK = {"__MACOSX", ".DS_Store", "Thumbs.db"}
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_IN_UTF8 = 0x800
"""The flag of a ZIP for a name that is in UTF-8."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError)
_ALONE = {".json", ".html", ".htm"}
"""What is no ZIP, but a file of an export."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of an export: its path with forward slashes, its size, and a checksum of what is in it."""

    name: str
    size: int
    checksum: int
    open: Callable[[], IO[bytes]] = field(compare=False)

    @property
    def path(self) -> PurePosixPath:
        return PurePosixPath(self.name)


class Archive(ABC):
    """An export as its owner got it. `files` are sorted by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files: Sequence[File] = ()

    @abstractmethod
    def close(self) -> None:
        """Let go of it."""


class Zip(Archive):
    """An export that is one ZIP."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError) as wrong:
            raise Unreadable(f"{path.name} is not a whole ZIP. Please download the export again.") from wrong
        infos = [info for info in self._zip.infolist() if not info.is_dir() and not _is_junk(_name(info))]
        try:
            _require_harmless(infos)
        except Unreadable:
            self._zip.close()
            raise
        self.files = sorted((self._file(info) for info in infos), key=lambda file: file.name)

    def _file(self, info: zipfile.ZipInfo) -> File:
        return File(_name(info), info.file_size, info.CRC, partial(self._open, info))

    def _open(self, info: zipfile.ZipInfo) -> IO[bytes]:
        try:
            return self._zip.open(info)
        except _DAMAGED as wrong:
            raise ijson.JSONError("damaged in the ZIP") from wrong

    def close(self) -> None:
        self._zip.close()


class Folder(Archive):
    """An export that is a folder of files. Links in it are refused: they may lead anywhere."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        files: list[File] = []
        total = 0
        for found in sorted(path.rglob("*")):
            name = found.relative_to(path).as_posix()
            if found.is_symlink():
                raise Unreadable(f"{name} is a link, which may lead out of the folder. Please remove it.")
            if not found.is_file() or _is_junk(name):
                continue
            size = found.stat().st_size
            total += size
            _require_size(name, size, total, len(files) + 1)
            files.append(_file(found, name))
        self.files = files

    def close(self) -> None: ...


class Alone(Archive):
    """One file of an export."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        size = path.stat().st_size
        _require_size(path.name, size, size, 1)
        self.files = [_file(path, path.name)]

    def close(self) -> None: ...


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open an export. Raises `Unreadable`."""
    if not path.exists():
        raise Unreadable(f"There is no file or folder {path}.")
    kind = Folder if path.is_dir() else Alone if path.suffix.lower() in _ALONE else Zip
    archive = kind(path)
    try:
        yield archive
    finally:
        archive.close()


def items(file: File, prefix: str) -> Iterator[Any]:
    """Read what stands under a prefix of a JSON file, one by one. Raises `ijson.JSONError` where it is broken."""
    with file.open() as raw:
        yield from ijson.items(Utf8(raw), prefix)


class Utf8:
    """A file as UTF-8, without the mark that some programs write at its beginning; what is no UTF-8 shows as "�"."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")

    def read(self, size: int = 1 << 16) -> bytes:
        """Return about as many bytes; none at the end."""
        return self.text(size).encode("utf-8") if size else b""

    def text(self, size: int = 1 << 16) -> str:
        """Return some of it as text; none at the end."""
        while data := self._read(size):
            if text := self._decoder.decode(data):
                _require_flat(text)
                return text
        return self._decoder.decode(b"", final=True)

    def _read(self, size: int) -> bytes:
        try:
            return self._raw.read(size)
        except _DAMAGED as wrong:
            raise ijson.JSONError("damaged in the ZIP") from wrong


def _require_flat(text: str) -> None:
    """Raise `ijson.JSONError` for what is nested, or has numbers, as no export does.

    Reading that would take all memory there is, or end the process. What people wrote does not count.
    """
    if _deeper(text) > DEEPEST or _NUMBER.search(text):
        bare = _STRING.sub('""', text)
        if _deeper(bare) > DEEPEST or _NUMBER.search(bare):
            raise ijson.JSONError("nested too deeply, or too large a number")


def _deeper(text: str) -> int:
    return text.count("[") + text.count("{") - text.count("]") - text.count("}")


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name of a file in a ZIP. Some programs write UTF-8, and do not say so."""
    if not info.flag_bits & _IN_UTF8:
        with suppress(UnicodeError):
            return info.filename.encode("cp437").decode("utf-8")
    return info.filename


def _is_junk(name: str) -> bool:
    return any(part in _JUNK or part.startswith("._") for part in PurePosixPath(name).parts)


def _require_harmless(infos: Sequence[zipfile.ZipInfo]) -> None:
    """Raise `Unreadable` for a ZIP that is made to do harm, or that we cannot read."""
    total = 0
    for count, info in enumerate(infos, 1):
        name, path = _name(info), PurePosixPath(_name(info))
        if path.is_absolute() or ".." in path.parts or "\\" in info.orig_filename or ":" in path.parts[0]:
            raise Unreadable(f"{name!r} in the ZIP leads out of it. That is no export: nothing was read.")
        if stat.S_ISLNK(info.external_attr >> 16):
            raise Unreadable(f"{name!r} in the ZIP is a link. That is no export: nothing was read.")
        if info.flag_bits & 0x1:
            raise Unreadable("The ZIP is locked with a password. Please unpack it and give me the folder.")
        if info.compress_type not in _PACKED:
            raise Unreadable("The ZIP is packed in a way that I can't read. Please unpack it and give me the folder.")
        if info.file_size > SMALL and info.file_size > RATIO * max(info.compress_size, 1):
            raise Unreadable(f"{name!r} in the ZIP grows more than {RATIO} times. That is no export: nothing was read.")
        total += info.file_size
        _require_size(name, info.file_size, total, count)


def _require_size(name: str, size: int, total: int, count: int) -> None:
    if count > MOST_FILES:
        raise Unreadable(f"There are more than {MOST_FILES:,} files. Please export a shorter time.")
    if size > MOST_IN_FILE:
        raise Unreadable(f"{name!r} is larger than {MOST_IN_FILE >> 30} GB. Please export a shorter time.")
    if total > MOST_BYTES:
        raise Unreadable(f"There are more than {MOST_BYTES >> 30} GB. Please export a shorter time.")


def _file(path: Path, name: str) -> File:
    return File(name, path.stat().st_size, _checksum(path), partial(_open, path))


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _checksum(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            value = zlib.crc32(chunk, value)
    return value
