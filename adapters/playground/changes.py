"""What changed, told to every page that is open."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from .records import Person, Place


@dataclass(frozen=True, slots=True)
class Change:
    """Something to look at again: a message in `place`, who is here, or the clock. `private` is who alone may know."""

    kind: Literal["message", "people", "clock"]
    place: Place | None = None
    private: str | None = None

    def concerns(self, person: Person) -> bool:
        """Say whether the person may know of it."""
        return self.private in {None, person.id} and (self.place is None or self.place.seen_by(person))


class Changes:
    """Hands each change to whoever watches at that moment. Nothing is kept: a page that comes back looks at it all."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Queue[Change | None]] = set()

    def tell(self, change: Change) -> None:
        """Tell all who watch."""
        for watcher in self._watchers:
            watcher.put_nowait(change)

    def end(self) -> None:
        """Tell all who watch that there is nothing more to come."""
        for watcher in self._watchers:
            watcher.put_nowait(None)

    @contextmanager
    def watch(self) -> Iterator[asyncio.Queue[Change | None]]:
        """Open a queue of what changes from now on; it ends with `None`."""
        queue: asyncio.Queue[Change | None] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            yield queue
        finally:
            self._watchers.remove(queue)
