"""What is kept in memory of each community, beside the rows from which it is read."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from .database import Database

V = TypeVar("V")
T = TypeVar("T")


async def in_thread(run: Callable[..., T], *facts: Any) -> T:
    """Run something beside the event loop, and go on only once it is over, also where this task is cancelled.

    A thread cannot be cancelled: who holds a lock meanwhile must not let go of it before.
    """
    running = asyncio.ensure_future(asyncio.to_thread(run, *facts))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


@dataclass(slots=True)
class Kept(Generic[V]):
    """What is kept of one community, up to which change it knows the rows, and the lock of who reads or changes it."""

    value: V
    version: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class InMemory(Generic[V]):
    """One value for each community, which all stores of a database share.

    When all of them together are larger than `most`, those that were not asked for longest go.
    """

    def __init__(self, size: Callable[[V], int], most: int) -> None:
        self._size = size
        self._most = most
        self._kept: WeakKeyDictionary[Database, OrderedDict[int, Kept[V]]] = WeakKeyDictionary()

    def of(self, database: Database, community_id: int, new: Callable[[], V]) -> Kept[V]:
        """Return what is kept of a community, `new` where nothing is."""
        every = self._kept.setdefault(database, OrderedDict())
        if community_id not in every:
            every[community_id] = Kept(new())
            self._make_room(every)
        every.move_to_end(community_id)
        return every[community_id]

    def _make_room(self, every: OrderedDict[int, Kept[V]]) -> None:
        sizes = {community_id: self._size(kept.value) for community_id, kept in every.items()}
        too_much = sum(sizes.values()) - self._most
        for community_id in [*every][:-1]:
            if too_much <= 0:
                return
            too_much -= sizes[community_id]
            del every[community_id]
