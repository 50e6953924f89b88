"""What joins the secret of every anonymous poll and is not in the database: a setting, or else a file beside it."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)


class Pepper:
    """The secrets with which open polls may have begun: what settings say, and what is in the file.

    What settings say wins. Without it, one is made in the file, which only its owner may read. A poll keeps the one it
    began with, which is told by a mark that says nothing of it.
    """

    def __init__(self, setting: str = "", file: Path | None = None) -> None:
        self._setting = setting.encode()
        self._file = file
        self._in_file = b""

    def current(self) -> tuple[str, bytes]:
        """Return the mark of what polls begin with now, and the secret.

        Raises `OSError` where no file can be made, and `ValueError` where there is nothing in it.
        """
        secret = self._setting or (self._read(self._file, made=True) if self._file else b"")
        return mark_of(secret), secret

    def of(self, mark: str | None) -> bytes | None:
        """Return what a poll began with; None where it is not known here. Polls of earlier versions have no mark."""
        if mark is None:
            return self._setting
        known = (self._setting, self._read(self._file) if self._file else b"", b"")
        return next((secret for secret in known if mark_of(secret) == mark), None)

    def _read(self, file: Path, *, made: bool = False) -> bytes:
        if not self._in_file and (made or file.exists()):
            _make(file)
            self._in_file = file.read_bytes().strip()
            if not self._in_file:
                raise ValueError(f"There is nothing in {file}. Put it back from where you keep it, or remove it.")
        return self._in_file


def mark_of(secret: bytes) -> str:
    """Return what tells a secret from others, and from which it cannot be computed."""
    return hmac.new(secret, b"mark", hashlib.sha256).hexdigest()[:16]


def _make(file: Path) -> None:
    """Write a new secret into a file that only its owner may read, as a whole or not at all, unless there is one."""
    if file.exists():
        with suppress(PermissionError):
            file.chmod(0o600)
        return
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as opened:
        opened.write(f"{secrets.token_hex(32)}\n")
        opened.flush()
        os.fsync(opened.fileno())
    try:
        with suppress(FileExistsError):  # another process was quicker, and its secret is the one
            os.link(draft, file)
            log.info("made %s, which keeps ballots of open polls secret: keep it apart from backups", file)
    finally:
        draft.unlink()
