"""What a platform says of somebody who does something there, and what of it is news."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, TypeAlias

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database
from .people import Erased, accounts, members, spaces, tombstones, with_accounts
from .words import folded

ACTIVE_EVERY = timedelta(days=1)
"""After so long it is written at once that somebody is active again. More exact is what is counted in memory, and
written down for all together (`MemberStore.seen`): else half of what members do would begin with a write."""
AT_ONCE = 100
"""How many newcomers are written down together at most."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a platform says of an account at a moment; None where it does not say."""

    community_id: int
    account: str
    space: str
    name: str
    at: datetime
    timezone: str | None
    locale: str | None
    roles: str | None
    active: bool = True
    """Whether they came, or did something, themselves."""
    named: bool = True
    """Whether the name is theirs, and does not only stand in for one that is not told."""

    @property
    def member(self) -> dict[str, Any]:
        """The row of a new member."""
        return {
            "community_id": self.community_id,
            "name": self.name,
            "folded_name": folded(self.name),
            "timezone": self.timezone,
            "locale": self.locale,
            "joined_at": self.at,
            "last_active_at": self.at if self.active else None,
        }

    def account_of(self, member_id: int) -> dict[str, Any]:
        """Return the row of an account that is new."""
        named = {"key": self.account, "space_key": self.space, "name": self.name}
        return {**named, "member_id": member_id, "roles": self.roles or ""}

    async def update(self, connection: AsyncConnection, rows: Sequence[Row[Any]]) -> None:
        of_member, of_account = self.changes(rows)
        if of_member:
            await connection.execute(update(members).where(members.c.id == rows[0].id).values(of_member))
        if of_account:
            await connection.execute(update(accounts).where(accounts.c.key == self.account).values(of_account))

    def changes(self, rows: Sequence[Row[Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what this changes in the member's row, and in the account's."""
        known = next(row for row in rows if row.account == self.account)
        of_member: dict[str, Any] = {}
        of_account: dict[str, Any] = {}
        if self.named and self.name != known.account_name:
            of_account["name"] = self.name
            of_member |= {"name": self.name, "folded_name": folded(self.name)}
        if self.roles is not None and self.roles != known.roles:
            of_account["roles"] = self.roles
        if self.timezone not in (None, known.timezone) and not known.timezone_chosen:
            of_member["timezone"] = self.timezone
        if self.locale not in (None, known.locale):
            of_member["locale"] = self.locale
        if known.account_left_at is not None and self.at >= known.account_left_at:
            of_account["left_at"] = of_member["left_at"] = None
        seen = known.last_active_at
        if self.active and (seen is None or self.at - seen >= ACTIVE_EVERY):
            of_member["last_active_at"] = self.at
        return of_member, of_account


_homes = (
    select(spaces.c.key, spaces.c.community_id, tombstones.c.account_hash, tombstones.c.erased_at)
    .outerjoin(tombstones, tombstones.c.account_hash.in_(bindparam("hashes", expanding=True)))
    .where(spaces.c.key.in_(bindparam("spaces", expanding=True)))
    .order_by(spaces.c.key)
    .with_for_update(of=spaces)
)
_owners = select(accounts.c.member_id).where(accounts.c.key.in_(bindparam("keys", expanding=True)))
_known = with_accounts.where(members.c.id.in_(_owners))


Met: TypeAlias = tuple[Sequence[Row[Any]], bool]
"""The rows of a member, with one account each, and whether they are new."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Somebody who is new, and whoever waits for them to be known."""

    arrival: Arrival
    met: asyncio.Future[Met | Exception]


class Newcomers:
    """Makes new people known: all those who come while others are being written down are written down together."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def meet(self, arrival: Arrival) -> Met:
        """Return the member whose account that is.

        Raises `LookupError` where their community does not live in that space, and `Erased` for who is to stay so.
        """
        if self._database.current:  # it is part of that unit, for which the others must not wait
            [met] = await self._meet_all([arrival])
        else:
            waiting = _Waiting(arrival, asyncio.get_running_loop().create_future())
            self._waiting.append(waiting)
            self._writer = self._writer or asyncio.create_task(self._write(), name="meet newcomers")
            met = await waiting.met
        if isinstance(met, Exception):
            raise met
        return met

    async def _write(self) -> None:
        """Write down who waits, until nobody does."""
        some: list[_Waiting] = []
        try:
            while self._waiting:
                some, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                met: Sequence[Met | Exception]
                try:
                    met = await self._meet_all([one.arrival for one in some])
                except Exception as failure:
                    met = [failure] * len(some)
                for one, result in zip(some, met, strict=True):
                    if not one.met.done():
                        one.met.set_result(result)
        finally:
            self._writer = None
            for one in (*some, *self._waiting):
                one.met.cancel()

    async def _meet_all(self, arrivals: Sequence[Arrival]) -> list[Met | Exception]:
        """Return what becomes of each: who they are, or why they cannot be known."""
        hashes = {hashed(one.account): one.account for one in arrivals}
        async with self._database.write() as connection:
            # Newcomers to a space pass one by one, so that an account that arrives twice is one member.
            asked = {"hashes": [*hashes], "spaces": [*{one.space for one in arrivals}]}
            there = (await connection.execute(_homes, asked)).all()
            known = await self._known(connection, arrivals)
            lives = {(row.key, row.community_id) for row in there}
            erased = {hashes[row.account_hash]: row.erased_at for row in there if row.account_hash}
            refused: dict[int, Exception] = {}
            new: dict[str, int] = {}
            for number, one in enumerate(arrivals):
                gone_at = erased.get(one.account)
                if (one.space, one.community_id) not in lives:
                    words = f"Community {one.community_id} does not live in the space {one.space}"
                    refused[number] = LookupError(words)
                elif rows := known.get(one.account):
                    await one.update(connection, rows)
                    self._database.forget("member", rows[0].id)
                elif gone_at and (one.at <= gone_at or not one.active):
                    refused[number] = Erased(one.account)
                else:
                    new.setdefault(one.account, number)
            await self._insert(connection, [arrivals[number] for number in new.values()])
            known = await self._known(connection, arrivals)
        return [
            refused.get(number) or (known[one.account], new.get(one.account) == number)
            for number, one in enumerate(arrivals)
        ]

    async def _insert(self, connection: AsyncConnection, new: Sequence[Arrival]) -> None:
        if not new:
            return
        # SQLite numbers rows as they are given. SQLAlchemy does not rely on that, and would insert them one by one.
        given = self._database.dialect == "postgresql"
        added = insert(members).returning(members.c.id, sort_by_parameter_order=given)
        ids = sorted(await connection.scalars(added, [one.member for one in new]))
        rows = [one.account_of(member_id) for one, member_id in zip(new, ids, strict=True)]
        await connection.execute(insert(accounts), rows)

    async def _known(self, connection: AsyncConnection, arrivals: Sequence[Arrival]) -> dict[str, list[Row[Any]]]:
        """Return the rows of the members whose accounts these are, by each of those accounts."""
        rows = (await connection.execute(_known, {"keys": [*{one.account for one in arrivals}]})).all()
        found = [[*of_one] for _, of_one in groupby(rows, key=lambda row: row.id)]
        return {row.account: of_one for of_one in found for row in of_one}


async def bury(database: Database, connection: AsyncConnection, erased: Mapping[str, datetime]) -> None:
    """Let nothing old bring accounts back: `erased` says when each was, by the hash of its key."""
    buried = database.insert(tombstones)
    buried = buried.on_conflict_do_update(
        index_elements=[tombstones.c.account_hash], set_={"erased_at": buried.excluded.erased_at}
    )
    if erased:
        await connection.execute(buried, [{"account_hash": hash_, "erased_at": at} for hash_, at in erased.items()])


def hashed(account_key: str) -> str:
    """Return what is kept of an erased account: enough to know it again, and nothing else."""
    return hashlib.sha256(account_key.encode()).hexdigest()
