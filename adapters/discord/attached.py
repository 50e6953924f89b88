"""What is attached to our messages: to draw one again sends no file once more that stands there already."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, TypeAlias

from adapters.contract.files import File
from adapters.contract.memo import Memo

JSON: TypeAlias = dict[str, Any]

_REMEMBERED = 5000
"""Messages with files that are remembered at most; of others each file is sent."""


class Attached:
    """Remembers, by message, under which id Discord has each file."""

    def __init__(self) -> None:
        self._ids: Memo[str, dict[str, str]] = Memo(_REMEMBERED)

    def keep(self, message: str, files: Sequence[File], drawn: JSON) -> tuple[JSON, list[File]]:
        """Return what draws a message again with these files, and which of them are to be sent."""
        ids = self._ids.get(message) or {}
        new = [file for file in files if _key(file) not in ids]
        numbers = {_key(file): str(number) for number, file in enumerate(new)}
        named = zip(drawn["attachments"], map(_key, files), strict=True)
        return {**drawn, "attachments": [{**one, "id": ids.get(key) or numbers[key]} for one, key in named]}, new

    def note(self, told: JSON, files: Sequence[File]) -> None:
        """Remember what Discord tells of a message with these files."""
        ids = {one["filename"]: one["id"] for one in told.get("attachments", ())}
        if files:
            self._ids[told["id"]] = {_key(file): ids[file.name] for file in files if file.name in ids}
        else:
            self._ids.pop(told["id"], None)


def _key(file: File) -> str:
    return f"{file.name}/{sha256(file.content).hexdigest()}"
