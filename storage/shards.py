"""Which process hears which shard of a platform, of all that share a database, and how often sessions begin.

Each shard has a lease. That of shard 0, which is all there is without sharding, is named as the platform is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Column, ColumnElement, Float, Index, Integer, Select, Table, Text, delete, func, select, update

from .columns import metadata
from .database import Database
from .leases import LeaseStore, leases
from .processes import FREE_SECONDS, Process, database_now, processes

shardings = Table(
    "shardings",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("shards", Integer, nullable=False),
    Column("wanted", Integer, nullable=False),
)

hearers = Table(
    "hearers",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("beat", Float, nullable=False),
    Column("since", Float, nullable=False),
)

beginnings = Table(
    "beginnings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("at", Float, nullable=False),
    Index(None, "name", "at"),
)

LATELY = 300.0
"""Seconds in which the sessions are counted that began."""


class Budget(Protocol):
    """How often something may begin: at most `most` times in any such time, of which `at_once` need not be spread."""

    @property
    def name(self) -> str: ...
    @property
    def most(self) -> int: ...
    @property
    def seconds(self) -> float: ...
    @property
    def at_once(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """How things stand with a platform. Processes are named by their ids."""

    count: int
    """By how many shards all hear; 0 where that was never settled."""
    wanted: int
    """By how many all are to hear as soon as nobody hears by `count` any more."""
    held: Mapping[int, str]
    """Who has which shard."""
    hearers: Mapping[str, float]
    """Who wants to hear, and for how many seconds already."""
    begun: int
    """How many sessions began lately."""


class ShardStore:
    """The shards of one platform, in the name of one process."""

    def __init__(self, database: Database, platform: str, process: Process, free: float = FREE_SECONDS) -> None:
        self._database = database
        self._platform = platform
        self._process = process
        self._free_after = free
        self._leases = LeaseStore(database, process, free)

    @property
    def me(self) -> str:
        """The id of this process."""
        return self._process.id

    def _name(self, number: int) -> str:
        return f"{self._platform}/{number}" if number else self._platform

    def _number(self, name: str) -> int:
        return int(name.rpartition("/")[2]) if name != self._platform else 0

    async def look(self) -> Seen:
        """Return how things stand."""
        now = database_now(self._database)
        late = (hearers.c.beat < now - self._free_after).label("late")
        since = (now - hearers.c.since).label("ago")
        there = select(hearers.c.owner, hearers.c.host, hearers.c.pid, late, since)
        lately = select(func.count()).where(beginnings.c.name == self._platform, beginnings.c.at > now - LATELY)
        async with self._database.read() as connection:
            settled = (await connection.execute(self._settled)).one_or_none()
            wanting = [*await connection.execute(there.where(hearers.c.platform == self._platform))]
            begun = await connection.scalar(lately) or 0
        alive = {
            row.owner: float(row.ago)
            for row in wanting
            if not row.late and (row.owner == self.me or not self._leases.is_gone(row.host, row.pid))
        }
        count, wanted = (settled.shards, settled.wanted) if settled else (0, 0)
        return Seen(count, wanted, await self._held(), alive, begun)

    async def _held(self) -> dict[int, str]:
        return {self._number(name): owner for name, owner in (await self._leases.held(self._platform)).items()}

    async def settle(self, wanted: int, *, change: bool) -> None:
        """Have all hear by so many shards: from now on where nobody hears, else, for a `change`, once nobody does.

        Who hears where nothing was settled yet is a process of a version without sharding: that hears by one.
        """
        async with self._database.unit():
            await self._database.lock(f"leases/{self._platform}")
            async with self._database.write() as connection:
                settled = (await connection.execute(self._settled)).one_or_none()
                is_heard = bool(await self._held())
                count = (settled.shards if settled else 1) if is_heard else wanted
                if is_heard and not change:
                    wanted = settled.wanted if settled else count
                values = {"shards": count, "wanted": wanted}
                putting = self._database.insert(shardings).values(platform=self._platform, **values)
                await connection.execute(putting.on_conflict_do_update(index_elements=["platform"], set_=values))

    async def take(self, number: int, count: int) -> int | None:
        """Take a shard that nobody alive has, and return its new token; None where somebody has it.

        None too where all hear by another `count` of shards, or are about to.
        """
        async with self._database.unit():
            await self._database.lock(f"leases/{self._platform}")
            async with self._database.read() as connection:
                settled = (await connection.execute(self._settled)).one_or_none()
            if settled is None or (settled.shards, settled.wanted) != (count, count):
                return None
            return await self._leases.take(self._name(number))

    async def renew(self, tokens: Mapping[int, int], *, wants: bool) -> tuple[set[int], int]:
        """Say that we are alive and go on with these shards, and whether we want more.

        Return which of them are ours still, and how many other processes are alive.
        """
        now = database_now(self._database)
        others = select(func.count()).where(
            processes.c.beat >= now - FREE_SECONDS,
            (processes.c.host != self._process.host) | (processes.c.pid != self._process.pid),
        )
        renewing = (
            update(leases)
            .where(leases.c.name.in_(map(self._name, tokens)), leases.c.owner == self._process.id)
            .values(beat=now)
            .returning(leases.c.name, leases.c.token)
        )
        me = {"host": self._process.host, "pid": self._process.pid, "beat": now}
        joining = (
            self._database.insert(hearers)
            .values(platform=self._platform, owner=self._process.id, since=now, **me)
            .on_conflict_do_update(index_elements=["platform", "owner"], set_={"beat": now})
        )
        async with self._database.write() as connection:
            rows = [*await connection.execute(renewing)] if tokens else []
            await connection.execute(joining if wants else delete(hearers).where(self._is_our_wish))
            ours = {number for name, token in rows if tokens[number := self._number(name)] == token}
            return ours, await connection.scalar(others) or 0

    async def release(self, tokens: Mapping[int, int], *, leaves: bool = False) -> None:
        """Let the next one have these shards at once; who `leaves` wants none from now on.

        With that, who was silent for long is forgotten.
        """
        silent = hearers.c.beat < database_now(self._database) - 10 * self._free_after
        async with self._database.unit():
            for number, token in tokens.items():
                await self._leases.release(self._name(number), token)
            if leaves:
                async with self._database.write() as connection:
                    await connection.execute(delete(hearers).where(self._is_our_wish | silent))

    async def begin(self, budgets: Collection[Budget]) -> float:
        """Note that something is begun, as often as each budget allows to whichever process; return 0.

        Where that would be once too often nothing is noted, and the seconds are returned until it would not.
        """
        now = database_now(self._database)
        async with self._database.unit():
            await self._database.lock(f"beginnings/{self._platform}")
            async with self._database.write() as connection:
                wait = 0.0
                for budget in budgets:
                    theirs = beginnings.c.name == self._named(budget)
                    await connection.execute(delete(beginnings).where(theirs, beginnings.c.at <= now - budget.seconds))
                    ago = select(now - beginnings.c.at).where(theirs).order_by(beginnings.c.at.desc())
                    wait = max(wait, _wait(budget, [float(one) for one in await connection.scalars(ago)]))
                if not wait:
                    for budget in budgets:
                        await connection.execute(beginnings.insert().values(name=self._named(budget), at=now))
                return wait

    def _named(self, budget: Budget) -> str:
        return f"{self._platform}/{budget.name}" if budget.name else self._platform

    @property
    def _settled(self) -> Select[tuple[int, int]]:
        return select(shardings.c.shards, shardings.c.wanted).where(shardings.c.platform == self._platform)

    @property
    def _is_our_wish(self) -> ColumnElement[bool]:
        return (hearers.c.platform == self._platform) & (hearers.c.owner == self._process.id)


def _wait(budget: Budget, ago: list[float]) -> float:
    """Return in how many seconds something may begin that began so many seconds `ago`, the last time first."""
    if len(ago) < budget.at_once:
        return 0.0
    apart = budget.seconds / max(budget.most - budget.at_once, 1)
    return max(apart - ago[0], 0.01) if ago[0] < apart else 0.0
