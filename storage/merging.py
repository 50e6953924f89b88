"""Two members become one, who is the same person elsewhere, and one becomes two again."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Row, Table, UniqueConstraint, delete, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .columns import metadata
from .database import Database
from .members import MemberStore
from .people import Member, accounts, members, rows_of_account
from .words import folded


class MergeStore:
    """Which accounts are one person's."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._members = MemberStore(database)

    async def merge(self, keep_id: int, give_up_id: int, at: datetime) -> Member:
        """Make two members one, and return them: all that points at the one given up points at the kept one then.

        What the kept member chose stays, and what they left open is taken from the other. Where a table has room for
        one row of a member (per question, per topic ...) and both have one, the kept member's stays. `ValueError`
        unless they are two members of one community, `LookupError` when one of them is unknown.

        What points at members is read off the tables' foreign keys: the stores of all tables have to be imported.
        """
        if keep_id == give_up_id:
            raise ValueError(f"Member {keep_id} is one already")
        async with self._database.write() as connection:
            both = select(members).where(members.c.id.in_((keep_id, give_up_id))).order_by(members.c.id)
            rows = {row.id: row for row in await connection.execute(both.with_for_update())}
            if len(rows) < 2:
                raise LookupError(f"There are no two members {keep_id} and {give_up_id}")
            kept, given_up = rows[keep_id], rows[give_up_id]
            if kept.community_id != given_up.community_id:
                raise ValueError(f"Members {keep_id} and {give_up_id} are of different communities")
            for column in columns_about_members():
                await _follow(connection, column, keep_id, give_up_id)
            await connection.execute(delete(members).where(members.c.id == give_up_id))
            await connection.execute(update(members).where(members.c.id == keep_id).values(_blend(kept, given_up, at)))
            self._database.forget()
            merged = await self._members.get(keep_id)
            assert merged is not None
            return merged

    async def split(self, account_key: str, at: datetime, also: Collection[str] = ()) -> Member:
        """Take an account, and `also` others of the same member, out into a new member of their own; return that one.

        What the member did and chose stays with the one who was there, but who had paused has with all accounts.
        `LookupError` for an account that is unknown or another member's, `ValueError` when the member would be left
        without one.
        """
        leaving = {account_key, *also}
        async with self._database.write() as connection:
            owner = select(accounts.c.member_id).where(accounts.c.key == account_key).scalar_subquery()
            query = select(members).where(members.c.id == owner).with_for_update()
            member = (await connection.execute(query)).one_or_none()
            rows = await rows_of_account(connection, account_key)
            theirs = {row.account: row for row in rows}
            if member is None or not leaving <= theirs.keys():
                raise LookupError(f"No one member has the accounts {', '.join(sorted(leaving))}")
            if leaving == theirs.keys():
                raise ValueError(f"Member {member.id} has no other account")
            present = [key for key in theirs if theirs[key].account_left_at is None]
            name = theirs[account_key].account_name
            new_id = await connection.scalar(
                insert(members)
                .values(
                    community_id=member.community_id,
                    name=name,
                    folded_name=folded(name),
                    joined_at=at,
                    last_active_at=at,
                    left_at=None if leaving & set(present) else at,
                    paused_at=member.paused_at,
                )
                .returning(members.c.id)
            )
            await connection.execute(update(accounts).where(accounts.c.key.in_(leaving)).values(member_id=new_id))
            staying = [theirs[key] for key in theirs if key not in leaving]
            if member.name not in {row.account_name for row in staying}:
                other = next((row for row in staying if row.account_left_at is None), staying[0]).account_name
                renamed = {"name": other, "folded_name": folded(other)}
                await connection.execute(update(members).where(members.c.id == member.id).values(renamed))
            if member.left_at is None and not set(present) - leaving:
                await connection.execute(update(members).where(members.c.id == member.id).values(left_at=at))
            self._database.forget()
            new = await self._members.get(new_id or 0)
            assert new is not None
            return new


def columns_about_members() -> list[Column[Any]]:
    """Return every column of every table that says which member a row is about."""
    return [
        column
        for table in metadata.tables.values()
        for column in table.columns
        if any(key.column is members.c.id for key in column.foreign_keys)
    ]


def keys_with(column: Column[Any]) -> list[list[Column[Any]]]:
    """Return the other columns of each primary or unique key that the column is part of."""
    table = column.table
    assert isinstance(table, Table)
    keys = [
        table.primary_key.columns,
        *(constraint.columns for constraint in table.constraints if isinstance(constraint, UniqueConstraint)),
        *(index.columns for index in table.indexes if index.unique),
    ]
    return [[other for other in key if other is not column] for key in keys if column in list(key)]


async def _follow(connection: AsyncConnection, column: Column[Any], keep_id: int, give_up_id: int) -> None:
    """Make the rows about one member rows about another, who keeps their own where there is room for one only."""
    table = column.table
    assert isinstance(table, Table)
    for others in keys_with(column):
        kept = table.alias("kept")
        same = [kept.c[other.name] == other for other in others]
        doubled = select(literal(1)).select_from(kept).where(kept.c[column.name] == keep_id, *same).exists()
        await connection.execute(delete(table).where(column == give_up_id, doubled))
    await connection.execute(update(table).where(column == give_up_id).values({column: keep_id}))


def _blend(kept: Row[Any], given_up: Row[Any], at: datetime) -> dict[str, Any]:
    """Return what changes for the kept member. What stands as it came is no choice, so the other's counts."""
    values: dict[str, Any] = {
        "direct_ok": kept.direct_ok or given_up.direct_ok,
        "offers_ok": kept.offers_ok and given_up.offers_ok,
        "paused_at": kept.paused_at or given_up.paused_at,
        "joined_at": min(kept.joined_at, given_up.joined_at),
        "last_active_at": max(kept.last_active_at or at, given_up.last_active_at or at),
        "left_at": None if None in (kept.left_at, given_up.left_at) else max(kept.left_at, given_up.left_at),
    }
    if kept.timezone is None or (given_up.timezone_chosen and not kept.timezone_chosen):
        values |= {"timezone": given_up.timezone, "timezone_chosen": given_up.timezone_chosen}
    if kept.locale is None:
        values["locale"] = given_up.locale
    if kept.away_until is None or kept.away_until <= at:
        values["away_until"] = given_up.away_until
    if kept.quiet_from is None:
        values |= {"quiet_from": given_up.quiet_from, "quiet_to": given_up.quiet_to}
    return values
