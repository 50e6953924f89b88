"""Writes settings into `.env`: all of them or none, for its owner's eyes alone, and every other line as it was."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dotenv import set_key
from pydantic import ValidationError

from config.settings import Settings

OWNER_ALONE = 0o600


class Unwritable(ValueError):
    """What was answered cannot be written, or would not be read again; the message says why."""


def write_env(path: Path, values: Mapping[str, str]) -> None:
    """Put settings into a file that may be there already. Raises `Unwritable` or `OSError`; then it is as it was."""
    if broken := [name for name, value in values.items() if not _is_plain(value)]:
        raise Unwritable(f"{', '.join(broken)}: one line, without “${{”.")
    target = path.resolve()
    handle, name = tempfile.mkstemp(prefix=".env-", dir=target.parent)
    os.close(handle)
    draft = Path(name)
    try:
        if target.exists():
            shutil.copyfile(target, draft)
        for key, value in values.items():
            set_key(draft, key, value, quote_mode="auto")
        _read(draft)
        draft.chmod(OWNER_ALONE)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _is_plain(value: str) -> bool:
    return value.isprintable() and "${" not in value


def _read(path: Path) -> None:
    """Read settings as Trellis will. Raises `Unwritable` where it could not start with them."""
    try:
        Settings(_env_file=path)
    except ValidationError as wrong:
        raise Unwritable("; ".join(f"{error['loc'][0]}: {error['msg']}" for error in wrong.errors())) from wrong
