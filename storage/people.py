"""Who people are: the tables of communities, their spaces, members and accounts, and how a member is read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, TypedDict

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Row, Table, Text, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.expression import false, true

from .columns import UtcDateTime, WrittenText, metadata, storable

GONE = "former member"
"""What an erased member is called."""

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
    Column("changed_at", UtcDateTime, index=True),
    Column("left_at", UtcDateTime),
)
_left = spaces.c.left_at.is_not(None)
Index("ix_spaces_left_at", spaces.c.left_at, sqlite_where=_left, postgresql_where=_left)

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
    Column("paused_at", UtcDateTime),
    Index(None, "community_id", "folded_name"),
    sqlite_autoincrement=True,
)
_paused = members.c.paused_at.is_not(None)
Index("ix_members_paused_at", members.c.paused_at, sqlite_where=_paused, postgresql_where=_paused)

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
    clock. `last_active_at` is exact to a quarter of an hour, or to a day after a crash.
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
    paused_at: datetime | None = None
    """Since when nothing is done with what they write, and nothing is asked of them."""

    def is_away(self, now: datetime) -> bool:
        """Say whether nobody is to count on them: they are away, or have paused."""
        return self.paused_at is not None or (self.away_until is not None and self.away_until > now)


class Preferences(TypedDict, total=False):
    """What members decide about themselves."""

    timezone: str | None
    away_until: datetime | None
    quiet_from: str | None
    quiet_to: str | None
    direct_ok: bool
    offers_ok: bool
    paused_at: datetime | None


class Erased(Exception):
    """What was heard belongs to someone who has been erased since."""


with_accounts = (
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


_owner = select(accounts.c.member_id).where(accounts.c.key == bindparam("account")).scalar_subquery()
_of_account = with_accounts.where(members.c.id == _owner)


async def rows_of_account(connection: AsyncConnection, account_key: str) -> Sequence[Row[Any]]:
    """Return the rows of the member whose account this is; none when nobody has it."""
    return (await connection.execute(_of_account, {"account": account_key})).all()


def members_of(rows: Sequence[Row[Any]]) -> list[Member]:
    """Return the members of rows with one account each."""
    return [member_of(list(of_one)) for _, of_one in groupby(rows, key=lambda row: row.id)]


def member_of(rows: Sequence[Row[Any]]) -> Member:
    """Return one member, of whose accounts each has a row."""
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
        paused_at=facts.paused_at,
    )


def packed(roles: Iterable[str]) -> str:
    """Return names of roles as one column keeps them. Raises `ValueError` for a name with a comma."""
    names = sorted({storable(role) for role in roles})
    if any("," in name for name in names):
        raise ValueError(f"The name of a role has no comma: {names}")
    return ",".join(names)
