"""An inbox that lives as long as the test, over restarts of an adapter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.contract.adapter import Inbox


class MemoryInbox(Inbox):
    """Keeps what it is given; `refusals` of the next things it cannot."""

    def __init__(self) -> None:
        self.kept: dict[str, Mapping[str, Any]] = {}
        self.failures: dict[str, str] = {}
        self.known: set[str] = set()
        self.refusals = 0

    async def keep(self, key: str, body: Mapping[str, Any]) -> bool:
        if self.refusals:
            self.refusals -= 1
            raise OSError("disk full")
        new = key not in self.known
        if new:
            self.kept[key] = body
            self.known.add(key)
        return new

    async def done(self, key: str) -> None:
        self.kept.pop(key, None)

    async def failed(self, key: str, why: str) -> None:
        self.failures[key] = why
