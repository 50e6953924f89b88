"""Envelopes that Slack handed over, stored before they are acknowledged: afterwards Slack will not send them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias

from .limits import SEEN_SECONDS

Body: TypeAlias = Mapping[str, Any]


class Keep(Protocol):
    """Remembers envelopes for 25 hours, and their content until they are done.

    A body holds what a member wrote and an address that answers in the bot's name: whoever stores it forgets it with
    `done`, and keeps nothing of it but the key.
    """

    async def keep(self, key: str, body: Body, at: datetime) -> bool:
        """Store an envelope; return once it is safe. Say whether it is new: nobody kept that key before."""

    async def done(self, key: str) -> None:
        """Forget the envelope's content; its key stays known."""

    async def left(self, before: datetime) -> Sequence[tuple[str, Body]]:
        """Return the envelopes kept before that moment that nobody has done, oldest first."""

    async def again(self, key: str) -> int:
        """Note that an envelope is tried again; return how often that makes."""


class MemoryKeep:
    """Keeps envelopes while the process lives. For tests, and for trying things out."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[datetime, Body | None]] = {}
        self._tries: Counter[str] = Counter()

    async def keep(self, key: str, body: Body, at: datetime) -> bool:
        """Store an envelope, and forget the ones of more than 25 hours ago."""
        while self._kept:
            oldest = next(iter(self._kept))
            if self._kept[oldest][0] > at - timedelta(seconds=SEEN_SECONDS):
                break
            del self._kept[oldest]
        if key in self._kept:
            return False
        self._kept[key] = (at, body)
        return True

    async def done(self, key: str) -> None:
        """Forget the envelope's content."""
        if key in self._kept:
            self._kept[key] = (self._kept[key][0], None)

    async def left(self, before: datetime) -> Sequence[tuple[str, Body]]:
        """Return what nobody has done, oldest first."""
        return [(key, body) for key, (at, body) in self._kept.items() if body is not None and at < before]

    async def again(self, key: str) -> int:
        """Count one more try."""
        self._tries[key] += 1
        return self._tries[key]
