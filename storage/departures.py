"""Spaces that Trellis was removed from, and how what is kept of them is forgotten, some rows at a time.

A space that is left has a moment, until it lets Trellis in again (`MemberStore.join_space`). Once its accounts are gone
and it is one of several, what stood in it goes too; with the last one, every row of the community does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, MetaData, Table, delete, func, or_, select, tuple_, update

from .arrivals import bury, hashed
from .database import Database
from .inbox import heard, inbox
from .jobs import jobs
from .members import GONE
from .outbox import outbox
from .people import accounts, communities, members, spaces
from .postings import postings

FORGOTTEN = "forgotten/"
"""How the key of a community begins whose rows are being deleted: its spaces may be let in again as another one."""


_others = select(func.count()).where(spaces.alias("others").c.community_id == spaces.c.community_id)
_left = (
    select(*(spaces.c[name] for name in ("key", "name", "community_id", "left_at")), communities.c.name)
    .add_columns(_others.scalar_subquery().label("homes"))
    .join(communities)
    .where(spaces.c.left_at.is_not(None))
    .order_by(spaces.c.left_at, spaces.c.key)
)


@dataclass(frozen=True, slots=True)
class Left:
    """A space that Trellis was removed from. `is_last` where its community lives in no other."""

    key: str
    name: str
    community_id: int
    community: str
    at: datetime
    is_last: bool


class DepartureStore:
    """Which spaces were left, and what becomes of their rows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tables: list[Table] = []

    async def leave(self, space_key: str, at: datetime) -> bool:
        """Note that Trellis was removed from a space, and say whether that is news. Other processes look at it too."""
        leaving = update(spaces).where(spaces.c.key == space_key, spaces.c.left_at.is_(None))
        async with self._database.write() as connection:
            return (await connection.execute(leaving.values(left_at=at, changed_at=at))).rowcount > 0

    async def heard_once(self) -> list[str]:
        """Return the spaces that were listened to and are not left. Others may only be known from an import."""
        query = select(spaces.c.key).join(heard, heard.c.space_key == spaces.c.key).where(spaces.c.left_at.is_(None))
        async with self._database.read() as connection:
            return [*await connection.scalars(query.order_by(spaces.c.key))]

    async def left(self, *, community_id: int | None = None, before: datetime | None = None) -> list[Left]:
        """Return the spaces that are left, of one community or of all, by now or since `before`; the earliest first."""
        query = _left
        if community_id is not None:
            query = query.where(spaces.c.community_id == community_id)
        if before:
            query = query.where(spaces.c.left_at <= before)
        async with self._database.read() as connection:
            rows = await connection.execute(query)
            return [Left(key, name, id_, community, at, homes == 1) for key, name, id_, at, community, homes in rows]

    async def accounts(self, space_key: str, limit: int) -> list[tuple[str, int, bool]]:
        """Return some accounts of a space, each with its member, and whether they have one elsewhere."""
        others = accounts.alias("others")
        elsewhere = select(others.c.key).where(
            others.c.member_id == accounts.c.member_id, others.c.space_key != accounts.c.space_key
        )
        query = select(accounts.c.key, accounts.c.member_id, elsewhere.exists())
        here = query.where(accounts.c.space_key == space_key).order_by(accounts.c.key).limit(limit)
        async with self._database.read() as connection:
            return [(row[0], row[1], row[2]) for row in await connection.execute(here)]

    async def forget_accounts(self, account_keys: Collection[str], at: datetime) -> dict[str, datetime]:
        """Delete accounts for good, and return what is to be noted of it outside the database.

        Nothing old makes them known again. Whoever has no other account is nobody any more.
        """
        theirs = accounts.c.key.in_(account_keys)
        async with self._database.write() as connection:
            owners = [*await connection.scalars(select(accounts.c.member_id).where(theirs))]
            buried = {hashed(key): at for key in account_keys}
            await bury(self._database, connection, buried)
            await connection.execute(delete(accounts).where(theirs))
            nobody = members.c.id.in_(owners) & members.c.id.not_in(select(accounts.c.member_id))
            nameless = {"name": GONE, "folded_name": GONE, "left_at": at}
            await connection.execute(update(members).where(nobody).values(nameless))
            self._database.forget("member")
        return buried

    async def forget_space(self, space_key: str, limit: int) -> bool:
        """Delete some of what stood or was to happen in a space whose accounts are gone; at the end the space itself.

        These are `limit` rows at most, of at least two. Say whether nothing is left.
        """
        places = postings.c.channel == space_key, postings.c.channel.startswith(f"{space_key}/", autoescape=True)
        before = "", "account/", "calendar/"
        lanes = [outbox.c.lane.startswith(f"{what}{space_key}/", autoescape=True) for what in before]
        await self._database.leave_no_trace()
        events = inbox.c.key.startswith(f"{space_key}/", autoescape=True)
        left = await self._delete(postings, or_(*places), limit)
        left = await self._delete(outbox, or_(*lanes, outbox.c.lane == f"calendar/{space_key}"), left)
        left = await self._delete(inbox, events, left)
        if left > 1:
            await self._delete(heard, heard.c.space_key == space_key, 1)
            await self._delete(spaces, spaces.c.key == space_key, 1)
        return left > 1

    async def part(self, community_id: int) -> None:
        """Let a community that has no space any more be nobody's: whoever comes back begins another one."""
        parting = update(communities).where(communities.c.id == community_id)
        async with self._database.write() as connection:
            await connection.execute(parting.values(key=f"{FORGOTTEN}{community_id}", name=GONE))

    async def is_parted(self, community_id: int) -> bool:
        """Say whether the rows of a community are being deleted."""
        query = select(communities.c.key).where(communities.c.id == community_id)
        async with self._database.read() as connection:
            return str(await connection.scalar(query)).startswith(FORGOTTEN)

    async def forget_community(self, community_id: int, limit: int, but: str) -> bool:
        """Delete some of the rows of a community without spaces, whatever table they are in; at the end itself.

        These are `limit` rows at most, of at least two, in the tables of the database, also of cogs that were taken
        away. Jobs go first, so that nobody works on what is half gone, `but` those whose calls begin so. Say whether
        nothing is left.
        """
        tables = await self._tables_there()  # before anything is written
        await self._database.leave_no_trace()
        theirs = (jobs.c.community_id == community_id) & jobs.c.call.not_like(f"{but}%")
        left = await self._delete(jobs, theirs, limit)
        try:
            for table in tables:
                of_it = belongs(table, community_id)
                if of_it is None:
                    continue
                if left < (2 if table.name == communities.name else 1):  # whoever asks for more does so within it
                    return False
                for column in _within(table):
                    left = await self._loosen(column, of_it, left)
                left = await self._delete(table, of_it, left)
        except Exception:
            self._tables = []  # there may be new ones
            raise
        return True

    async def _tables_there(self) -> list[Table]:
        """Return the tables of the database, each before those that it points at. To ask takes half a second."""
        if not self._tables:
            there = MetaData()
            async with self._database.read(kept=True) as connection:
                await connection.run_sync(there.reflect)
            self._tables = [*reversed(there.sorted_tables)]
        return self._tables

    async def _delete(self, table: Table, where: ColumnElement[bool], limit: int) -> int:
        """Delete some rows, and return how many more may be deleted."""
        if limit <= 0:
            return limit
        async with self._database.write() as connection:
            return limit - (await connection.execute(delete(table).where(_some(table, where, limit)))).rowcount

    async def _loosen(self, column: Column[int], where: ColumnElement[bool], limit: int) -> int:
        """Have rows that point at others of their table point nowhere."""
        pointing = where & column.is_not(None)
        if limit <= 0:
            return limit
        async with self._database.write() as connection:
            loosening = update(column.table).where(_some(column.table, pointing, limit)).values({column: None})
            return limit - (await connection.execute(loosening)).rowcount


def belongs(table: Table, community_id: int) -> ColumnElement[bool] | None:
    """Return the condition that a row is a community's: by its own column, or by what it has to point at.

    None for a table of which no row is any community's.
    """
    if table.name == communities.name:
        return table.c.id == community_id
    if "community_id" in table.c:
        return table.c.community_id == community_id
    certain = sorted(((key.parent, key.column) for key in table.foreign_keys if not key.parent.nullable), key=str)
    for column, parent in certain:
        if (of_it := belongs(parent.table, community_id)) is not None:
            return column.in_(select(parent).where(of_it))
    return None


def _within(table: Table) -> Sequence[Column[int]]:
    """Return the columns that point at rows of the same table."""
    return [key.parent for key in table.foreign_keys if key.column.table is table]


def _some(table: Table, where: ColumnElement[bool], limit: int) -> ColumnElement[bool]:
    key = [*table.primary_key.columns]
    some = select(*key).where(where).limit(limit)
    return tuple_(*key).in_(some) if len(key) > 1 else key[0].in_(some)
