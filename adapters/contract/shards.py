"""How processes share out the shards in which a platform tells what happens: one process at a time hears each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Hearing(Enum):
    """Who hears a shard."""

    HERE = "here"
    BEGINNING = "beginning"
    """We are to hear it, and do not yet, or not at this moment."""
    ELSEWHERE = "elsewhere"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Share:
    """What is ours of `count` shards, by their numbers."""

    count: int
    elsewhere: frozenset[int] = frozenset()
    """What others have."""
    free: Sequence[int] = ()
    """What we may take now."""
    give: frozenset[int] = frozenset()
    """What we have and are to give up."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How often something may begin: at most `most` times in any such time, of which `at_once` need not be spread."""

    name: str
    most: int
    seconds: float
    at_once: int


class Leases(Protocol):
    """The right to hear the shards of a platform. Who has none stands by, and speaks all the same. Nothing raises."""

    async def look(self, recommended: int, *, needed: bool = False, resting: bool = False) -> Share | None:
        """Keep what is ours, and say how things stand; None where the database does not answer. Ask each second.

        The platform recommends so many shards. By how many all hear is settled while nobody hears, and then changes
        only when it has `outgrown` that. Who is `resting` wants none now.
        """

    async def take(self, number: int) -> bool:
        """Take a shard if nobody else has it, and say whether it is ours."""

    def is_held(self, number: int) -> bool:
        """Say whether a shard is surely ours at this moment, however long this process was stopped. It asks nobody."""

    async def release(self, number: int) -> None:
        """Let the next process have a shard at once."""

    async def leave(self) -> None:
        """Let others have all that is ours, and want nothing more."""

    async def begin(self, *budgets: Budget) -> float:
        """Note that a session is begun, by all processes together only so often; return 0.

        Where that would be once too often by any budget, return in how many seconds to ask again.
        """


def outgrown(count: int, recommended: int, *, needed: bool) -> bool:
    """Say whether so many shards are too few: the platform wants twice as many, or it is `needed` and wants more."""
    return recommended >= 2 * count or (needed and recommended > count)


class Alone:
    """The leases of a process that shares nothing with another one: every shard is its own."""

    def __init__(self) -> None:
        self._count = 0
        self._ours: set[int] = set()

    async def look(self, recommended: int, *, needed: bool = False, resting: bool = False) -> Share:
        if not self._ours:
            self._count = recommended
        if outgrown(self._count, recommended, needed=needed):
            return Share(self._count, give=frozenset(self._ours))
        free = [] if resting else [number for number in range(self._count) if number not in self._ours]
        return Share(self._count, free=free)

    async def take(self, number: int) -> bool:
        self._ours.add(number)
        return True

    def is_held(self, number: int) -> bool:
        return number in self._ours

    async def release(self, number: int) -> None:
        self._ours.discard(number)

    async def leave(self) -> None:
        self._ours.clear()

    async def begin(self, *_: Budget) -> float:
        return 0.0
