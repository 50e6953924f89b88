"""Who is here: communities, the spaces they live in, their members, and the accounts members have there."""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, TypedDict, Unpack

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import false, true

from .columns import UtcDateTime, WrittenText, metadata, storable
from .database import Database

GONE = "former member"
"""What an erased member is called."""

ACTIVE_EVERY = timedelta(minutes=15)
"""How exactly `last_active_at` is kept; more exact would mean a write for everything that members do."""
CHUNK = 500
"""How many accounts one statement names at most."""

communities = Table(
    "communities",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("name", WrittenText, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

spaces = Table(
    "spaces",
    metadata,
    Column("key", Text, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False, index=True),
    Column("name", WrittenText, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("name", WrittenText, nullable=False),
    Column("folded_name", WrittenText, nullable=False),
    Column("timezone", Text),
    Column("timezone_chosen", Boolean, nullable=False, server_default=false()),
    Column("locale", Text),
    Column("away_until", UtcDateTime),
    Column("quiet_from", Text),
    Column("quiet_to", Text),
    Column("direct_ok", Boolean, nullable=False, server_default=false()),
    Column("offers_ok", Boolean, nullable=False, server_default=true()),
    Column("joined_at", UtcDateTime, nullable=False),
    Column("last_active_at", UtcDateTime),
    Column("left_at", UtcDateTime),
    Index(None, "community_id", "folded_name"),
    sqlite_autoincrement=True,
)

accounts = Table(
    "accounts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("member_id", ForeignKey("members.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("space_key", ForeignKey("spaces.key"), nullable=False, index=True),
    Column("name", WrittenText, nullable=False),
    Column("roles", WrittenText, nullable=False),
    Column("left_at", UtcDateTime),
)


tombstones = Table(
    "tombstones",
    metadata,
    Column("account_hash", Text, primary_key=True),
    Column("erased_at", UtcDateTime, nullable=False),
)
"""Accounts whose members were erased, so that nothing old brings them back. Only a hash of the key is kept."""


@dataclass(frozen=True, slots=True)
class Community:
    """People who belong together, on however many platforms. `timezone` is an IANA name."""

    id: int
    key: str
    name: str
    timezone: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a community.

    `accounts` are the keys of the accounts they are here with (none once they have left), and `roles` is what
    any of these has. `timezone` is an IANA name; `quiet_from` and `quiet_to` are "HH:MM" on the member's own
    clock. `last_active_at` is exact to a quarter of an hour.
    """

    id: int
    community_id: int
    name: str
    accounts: tuple[str, ...]
    roles: frozenset[str]
    timezone: str | None
    locale: str | None
    away_until: datetime | None
    quiet_from: str | None
    quiet_to: str | None
    direct_ok: bool
    offers_ok: bool
    joined_at: datetime
    last_active_at: datetime | None
    left_at: datetime | None


class Preferences(TypedDict, total=False):
    """What members decide about themselves."""

    timezone: str | None
    away_until: datetime | None
    quiet_from: str | None
    quiet_to: str | None
    direct_ok: bool
    offers_ok: bool


class Erased(Exception):
    """What was heard belongs to someone who has been erased since."""


class MemberStore:
    """Who belongs to which community. What a method finds of one community never comes from another."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def community(self, key: str, name: str, timezone: str) -> Community:
        """Return the community of this key, made when it is new, otherwise given this name and time zone."""
        facts = {"name": name, "timezone": timezone}
        statement = self._database.insert(communities).values(key=key, created_at=datetime.now(UTC), **facts)
        async with self._database.write() as connection:
            rows = await connection.execute(
                statement.on_conflict_do_update(index_elements=[communities.c.key], set_=facts).returning(
                    *communities.c
                )
            )
            return Community(**rows.one()._asdict())

    async def communities(self) -> list[Community]:
        """Return all communities, the oldest first."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(communities).order_by(communities.c.id))
            return [Community(**row._asdict()) for row in rows]

    async def community_by_id(self, community_id: int) -> Community | None:
        """Return the community of this id."""
        return await self._find_community(communities.c.id == community_id)

    async def community_of(self, space_key: str) -> Community | None:
        """Return the community that lives in this space."""
        theirs = select(spaces.c.community_id).where(spaces.c.key == space_key).scalar_subquery()
        return await self._find_community(communities.c.id == theirs)

    async def spaces(self, community_id: int) -> list[str]:
        """Return the keys of the spaces in which the community lives."""
        async with self._database.read() as connection:
            homes = select(spaces.c.key).where(spaces.c.community_id == community_id).order_by(spaces.c.key)
            return list((await connection.scalars(homes)).all())

    async def space_names(self, community_id: int) -> dict[str, str]:
        """Return what the spaces are called in which the community lives, by their key."""
        query = select(spaces.c.key, spaces.c.name).where(spaces.c.community_id == community_id).order_by(spaces.c.key)
        async with self._database.read() as connection:
            return {row.key: row.name for row in await connection.execute(query)}

    async def join_space(self, space_key: str, community_id: int, name: str) -> None:
        """Make a space a home of the community, or give it its new name.

        `ValueError` when it is another community's: the members there, and their words, cannot change hands.
        """
        statement = self._database.insert(spaces).values(key=space_key, community_id=community_id, name=name)
        async with self._database.write() as connection:
            joined = await connection.scalar(
                statement.on_conflict_do_update(
                    index_elements=[spaces.c.key],
                    set_={"name": name},
                    where=spaces.c.community_id == community_id,
                ).returning(spaces.c.key)
            )
        if joined is None:
            raise ValueError(f"The space {space_key} already belongs to another community")

    async def arrive(
        self,
        community_id: int,
        account_key: str,
        space_key: str,
        name: str,
        at: datetime,
        *,
        timezone: str | None = None,
        locale: str | None = None,
        roles: Collection[str] | None = None,
        by_themselves: bool = True,
    ) -> tuple[Member, bool]:
        """Return the member whose account this is, and whether they are new. Whoever had left is back.

        The arguments are what the platform says of the account now; None means that it does not say. A zone
        that the member chose stays. It writes only when something differs, or when the member was not active within
        the last quarter of an hour, and so may be called for whatever members do. `LookupError` when the community
        does not live in that space, `ValueError` when the account is another community's or a role's name has
        a comma. `Erased` when its member was erased after `at`, or at all unless they come back `by_themselves`;
        whoever becomes known through someone else has not been active yet.
        """
        arrival = _Arrival(
            account_key,
            space_key,
            storable(name),
            at,
            timezone,
            locale,
            None if roles is None else _packed(roles),
        )
        async with self._database.read() as connection:
            rows = await _rows_of_account(connection, account_key)
            if rows and not any(arrival.changes(rows)):
                return _known(rows, community_id), False

        async with self._database.write() as connection:
            rows = await _rows_of_account(connection, account_key)
            if not rows:
                # Newcomers to a space pass one by one, so that an account that arrives twice is one member.
                home = select(spaces.c.key).where(spaces.c.key == space_key, spaces.c.community_id == community_id)
                if await connection.scalar(home.with_for_update()) is None:
                    raise LookupError(f"Community {community_id} does not live in the space {space_key}")
                rows = await _rows_of_account(connection, account_key)
            if rows:
                await arrival.update(connection, rows)
            else:
                of_account = tombstones.c.account_hash == _hashed(account_key)
                erased_at = await connection.scalar(select(tombstones.c.erased_at).where(of_account))
                if erased_at and (at <= erased_at or not by_themselves):
                    raise Erased(account_key)
                await arrival.insert(connection, community_id, active=by_themselves)
            return _known(await _rows_of_account(connection, account_key), community_id), not rows

    async def seen(self, moments: Mapping[str, datetime]) -> set[str]:
        """Note when accounts were active, if that is later than known. Return those that no member is here with."""
        keys, strangers = list(moments), set(moments)
        later = update(members).where(
            members.c.id == bindparam("member"),
            or_(members.c.last_active_at.is_(None), members.c.last_active_at < bindparam("at")),
        )
        for start in range(0, len(keys), CHUNK):
            chunk = accounts.c.key.in_(keys[start : start + CHUNK])
            async with self._database.write() as connection:
                query = select(accounts.c.key, accounts.c.member_id).where(chunk, accounts.c.left_at.is_(None))
                here = (await connection.execute(query)).all()
                if here:
                    rows = [{"member": row.member_id, "at": moments[row.key]} for row in here]
                    await connection.execute(later.values(last_active_at=bindparam("at")), rows)
            strangers.difference_update(row.key for row in here)
        return strangers

    async def leave(self, account_key: str, at: datetime) -> Member | None:
        """Note that an account left its space, and its member with their last one. None: nobody we know."""
        async with self._database.write() as connection:
            gone = (
                update(accounts).where(accounts.c.key == account_key, accounts.c.left_at.is_(None)).values(left_at=at)
            )
            await connection.execute(gone)
            found = _members(await _rows_of_account(connection, account_key))
            if found and not found[0].accounts:
                await connection.execute(
                    update(members).where(members.c.id == found[0].id, members.c.left_at.is_(None)).values(left_at=at)
                )
                found = _members(await _rows_of_account(connection, account_key))
            return found[0] if found else None

    async def accounts_in(self, space_key: str) -> dict[str, str]:
        """Return the names of the accounts with which people are in a space, by their keys."""
        query = select(accounts.c.key, accounts.c.name)
        here = query.where(accounts.c.space_key == space_key, accounts.c.left_at.is_(None))
        async with self._database.read() as connection:
            return {row.key: row.name for row in await connection.execute(here)}

    async def get(self, member_id: int) -> Member | None:
        """Return the member of this id, also when they have left."""
        return (await self.get_many([member_id])).get(member_id)

    async def get_many(self, ids: Iterable[int]) -> dict[int, Member]:
        """Return those members that there are, by their id, also who have left; at most 30,000 at once."""
        wanted = [*ids]
        return {member.id: member for member in await self._find(members.c.id.in_(wanted))} if wanted else {}

    async def by_account(self, account_key: str) -> Member | None:
        """Return the member whose account this is, also when they have left."""
        async with self._database.read() as connection:
            found = _members(await _rows_of_account(connection, account_key))
            return found[0] if found else None

    async def by_name(self, community_id: int, name: str) -> list[Member]:
        """Return the members who are here under exactly this name, in capitals or not."""
        return await self._find(*_here(community_id), members.c.folded_name == _folded(storable(name)))

    async def active(self, community_id: int) -> list[Member]:
        """Return the members who are here."""
        return await self._find(*_here(community_id))

    async def with_role(self, community_id: int, role: str) -> list[Member]:
        """Return the members who are here and have this role with one of their accounts."""
        holding = select(accounts.c.member_id).where(
            accounts.c.left_at.is_(None),
            (literal(",") + accounts.c.roles + ",").contains(f",{_packed([role])},", autoescape=True),
        )
        found = await self._find(*_here(community_id), members.c.id.in_(holding))
        return [member for member in found if role in member.roles]  # LIKE ignores case on SQLite

    async def set_preferences(self, member_id: int, **changes: Unpack[Preferences]) -> Member:
        """Change the preferences that are named, and return the member as they are then.

        Without a `timezone` of their own (None) the platform's counts again. `LookupError` for an unknown
        member, `ValueError` for quiet hours that are not "HH:MM", `TypeError` for what is not a preference.
        """
        values: dict[str, Any] = {**changes}
        if unknown := values.keys() - Preferences.__annotations__.keys():
            raise TypeError(f"Not a preference: {', '.join(sorted(unknown))}")
        for hour in (changes.get("quiet_from"), changes.get("quiet_to")):
            if hour is not None and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", hour):
                raise ValueError(f"Quiet hours are given as HH:MM, not as {hour!r}")
        if "timezone" in changes:
            values["timezone_chosen"] = changes["timezone"] is not None
        async with self._database.write() as connection:
            if values:
                await connection.execute(update(members).where(members.c.id == member_id).values(values))
            found = await self.get(member_id)
        if found is None:
            raise LookupError(f"There is no member {member_id}")
        return found

    async def account_names(self, member_id: int) -> dict[str, str]:
        """Return what a member's accounts are called that are here, by their key."""
        theirs = (accounts.c.member_id == member_id) & accounts.c.left_at.is_(None)
        query = select(accounts.c.key, accounts.c.name).where(theirs).order_by(accounts.c.key)
        async with self._database.read() as connection:
            return {row.key: row.name for row in await connection.execute(query)}

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
            merged = await self.get(keep_id)
            assert merged is not None
            return merged

    async def split(self, account_key: str, at: datetime, also: Collection[str] = ()) -> Member:
        """Take an account, and `also` others of the same member, out into a new member of their own; return that one.

        What the member did and chose stays with the one who was there. `LookupError` for an account that is
        unknown or another member's, `ValueError` when the member would be left without one.
        """
        leaving = {account_key, *also}
        async with self._database.write() as connection:
            owner = select(accounts.c.member_id).where(accounts.c.key == account_key).scalar_subquery()
            query = select(members).where(members.c.id == owner).with_for_update()
            member = (await connection.execute(query)).one_or_none()
            rows = await _rows_of_account(connection, account_key)
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
                    folded_name=_folded(name),
                    joined_at=at,
                    last_active_at=at,
                    left_at=None if leaving & set(present) else at,
                )
                .returning(members.c.id)
            )
            await connection.execute(update(accounts).where(accounts.c.key.in_(leaving)).values(member_id=new_id))
            staying = [theirs[key] for key in theirs if key not in leaving]
            if member.name not in {row.account_name for row in staying}:
                other = next((row for row in staying if row.account_left_at is None), staying[0]).account_name
                renamed = {"name": other, "folded_name": _folded(other)}
                await connection.execute(update(members).where(members.c.id == member.id).values(renamed))
            if member.left_at is None and not set(present) - leaving:
                await connection.execute(update(members).where(members.c.id == member.id).values(left_at=at))
            new = await self.get(new_id or 0)
            assert new is not None
            return new

    async def erase(self, member_id: int, at: datetime) -> None:
        """Forget who a member was: name, accounts, preferences. The row stays, for what others did with them."""
        values = {
            "name": GONE,
            "folded_name": GONE,
            "timezone": None,
            "timezone_chosen": False,
            "locale": None,
            "away_until": None,
            "quiet_from": None,
            "quiet_to": None,
            "direct_ok": False,
            "offers_ok": False,
            "joined_at": at,
            "last_active_at": None,
            "left_at": at,
        }
        async with self._database.write() as connection:
            theirs = accounts.c.member_id == member_id
            for key in (await connection.scalars(select(accounts.c.key).where(theirs))).all():
                buried = self._database.insert(tombstones).values(account_hash=_hashed(key), erased_at=at)
                await connection.execute(
                    buried.on_conflict_do_update(index_elements=[tombstones.c.account_hash], set_={"erased_at": at})
                )
            await connection.execute(delete(accounts).where(theirs))
            await connection.execute(update(members).where(members.c.id == member_id).values(values))

    async def _find(self, *conditions: ColumnElement[bool]) -> list[Member]:
        async with self._database.read() as connection:
            return _members((await connection.execute(_with_accounts.where(*conditions))).all())

    async def _find_community(self, condition: ColumnElement[bool]) -> Community | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(communities).where(condition))).one_or_none()
            return Community(**row._asdict()) if row else None


_with_accounts = (
    select(
        members,
        accounts.c.key.label("account"),
        accounts.c.name.label("account_name"),
        accounts.c.roles,
        accounts.c.left_at.label("account_left_at"),
    )
    .outerjoin(accounts)
    .order_by(members.c.id, accounts.c.key)
)
"""One row for each account of a member, or one without an account."""


async def _rows_of_account(connection: AsyncConnection, account_key: str) -> Sequence[Row[Any]]:
    """Return the rows of the member whose account this is; none when nobody has it."""
    owner = select(accounts.c.member_id).where(accounts.c.key == account_key).scalar_subquery()
    return (await connection.execute(_with_accounts.where(members.c.id == owner))).all()


def _here(community_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return members.c.community_id == community_id, members.c.left_at.is_(None)


def _members(rows: Sequence[Row[Any]]) -> list[Member]:
    return [_member(list(of_one)) for _, of_one in groupby(rows, key=lambda row: row.id)]


def _member(rows: Sequence[Row[Any]]) -> Member:
    facts = rows[0]
    present = [row for row in rows if row.account is not None and row.account_left_at is None]
    return Member(
        id=facts.id,
        community_id=facts.community_id,
        name=facts.name,
        accounts=tuple(row.account for row in present),
        roles=frozenset(role for row in present for role in row.roles.split(",") if role),
        timezone=facts.timezone,
        locale=facts.locale,
        away_until=facts.away_until,
        quiet_from=facts.quiet_from,
        quiet_to=facts.quiet_to,
        direct_ok=facts.direct_ok,
        offers_ok=facts.offers_ok,
        joined_at=facts.joined_at,
        last_active_at=facts.last_active_at,
        left_at=facts.left_at,
    )


def _known(rows: Sequence[Row[Any]], community_id: int) -> Member:
    member = _member(rows)
    if member.community_id != community_id:
        raise ValueError(f"The account is of community {member.community_id}, not of {community_id}")
    return member


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What a platform says of an account at a moment; None where it does not say."""

    account: str
    space: str
    name: str
    at: datetime
    timezone: str | None
    locale: str | None
    roles: str | None

    async def insert(self, connection: AsyncConnection, community_id: int, *, active: bool) -> None:
        member_id = await connection.scalar(
            insert(members)
            .values(
                community_id=community_id,
                name=self.name,
                folded_name=_folded(self.name),
                timezone=self.timezone,
                locale=self.locale,
                joined_at=self.at,
                last_active_at=self.at if active else None,
            )
            .returning(members.c.id)
        )
        await connection.execute(
            insert(accounts).values(
                key=self.account,
                member_id=member_id,
                space_key=self.space,
                name=self.name,
                roles=self.roles or "",
            )
        )

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
        if self.name != known.account_name:
            of_account["name"] = self.name
            of_member |= {"name": self.name, "folded_name": _folded(self.name)}
        if self.roles is not None and self.roles != known.roles:
            of_account["roles"] = self.roles
        if self.timezone not in (None, known.timezone) and not known.timezone_chosen:
            of_member["timezone"] = self.timezone
        if self.locale not in (None, known.locale):
            of_member["locale"] = self.locale
        if known.account_left_at is not None and self.at >= known.account_left_at:
            of_account["left_at"] = of_member["left_at"] = None
        if known.last_active_at is None or self.at - known.last_active_at >= ACTIVE_EVERY:
            of_member["last_active_at"] = self.at
        return of_member, of_account


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


def _hashed(account_key: str) -> str:
    return hashlib.sha256(account_key.encode()).hexdigest()


def _folded(name: str) -> str:
    """Return the name as it is compared: SQLite itself would only fold the letters A to Z."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _packed(roles: Iterable[str]) -> str:
    names = sorted({storable(role) for role in roles})
    if any("," in name for name in names):
        raise ValueError(f"The name of a role has no comma: {names}")
    return ",".join(names)
