"""How one person proves that two accounts are theirs: short codes, wrong tries, and what was linked."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, delete, func, insert, select, update

from .columns import UtcDateTime, metadata
from .database import Database
from .people import members

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What codes are made of: nothing that is easily taken for something else."""
CODE_LENGTH = 8
CODE_LIVES = timedelta(minutes=10)
WRONG_TRIES = 5
"""How many wrong codes one member may enter within `TRIES_COUNT`."""
TRIES_COUNT = timedelta(minutes=10)

link_codes = Table(
    "link_codes",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("account", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

link_tries = Table(
    "link_tries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Index(None, "member_id", "at"),
    sqlite_autoincrement=True,
)

links = Table(
    "links",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("accounts", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class LinkCode:
    """A code that a member was given at one of their accounts. The code itself is not kept."""

    member_id: int
    community_id: int
    account: str
    digest: str
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class LinkedAccounts:
    """These accounts were found to be this member's too."""

    id: int
    community_id: int
    member_id: int
    accounts: tuple[str, ...]
    at: datetime
    undone_at: datetime | None


class TooManyTries(Exception):
    """A member entered too many wrong codes, and may try again at `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"Too many wrong codes; the next one is looked at from {until:%H:%M:%S} on")
        self.until = until


def read_code(typed: str) -> str | None:
    """Return the code in what someone typed, in whatever case and groups; nothing if it cannot be one."""
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    return letters if len(letters) == CODE_LENGTH and set(letters) <= set(ALPHABET) else None


class LinkStore:
    """Codes that are good once and for a short while, and the links that came of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def make_code(self, community_id: int, member_id: int, account: str, at: datetime) -> str:
        """Return a new code for a member; the one they had before is good for nothing any more."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        facts = {
            "community_id": community_id,
            "account": account,
            "digest": _digest(code),
            "expires_at": at + CODE_LIVES,
            "used_at": None,
        }
        statement = self._database.insert(link_codes).values(member_id=member_id, **facts)
        async with self._database.write() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=[link_codes.c.member_id], set_=facts)
            )
        half = CODE_LENGTH // 2
        return f"{code[:half]}-{code[half:]}"

    async def look_up(self, code: str, member_id: int, at: datetime) -> LinkCode | None:
        """Return the code that this member entered, live or not; an unknown one (None) counts as a wrong try.

        Raises `TooManyTries`, whatever the code, after `WRONG_TRIES` wrong ones.
        """
        async with self._database.write() as connection:
            # A member's tries pass one by one, so that none is missed in counting.
            await connection.execute(select(members.c.id).where(members.c.id == member_id).with_for_update())
            lately = (link_tries.c.member_id == member_id) & (link_tries.c.at > at - TRIES_COUNT)
            tried, first = (
                await connection.execute(select(func.count(), func.min(link_tries.c.at)).where(lately))
            ).one()
            if tried >= WRONG_TRIES:
                raise TooManyTries(first + TRIES_COUNT)
            query = select(link_codes).where(link_codes.c.digest == _digest(code))
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                await connection.execute(delete(link_tries).where(link_tries.c.at <= at - TRIES_COUNT))
                await connection.execute(insert(link_tries).values(member_id=member_id, at=at))
            return LinkCode(**row._asdict()) if row else None

    async def use(self, code: LinkCode, at: datetime) -> bool:
        """Use up a code; say whether it was still good."""
        good = (link_codes.c.digest == code.digest) & link_codes.c.used_at.is_(None) & (link_codes.c.expires_at > at)
        async with self._database.write() as connection:
            return (await connection.execute(update(link_codes).where(good).values(used_at=at))).rowcount > 0

    async def note(self, community_id: int, member_id: int, accounts: Collection[str], at: datetime) -> LinkedAccounts:
        """Note that accounts have become a member's, so that it can be undone."""
        values = {
            "community_id": community_id,
            "member_id": member_id,
            "accounts": json.dumps(sorted(accounts)),
            "at": at,
        }
        async with self._database.write() as connection:
            rows = await connection.execute(insert(links).values(values).returning(links.c.id))
            return LinkedAccounts(
                rows.scalar_one(), community_id, member_id, tuple(sorted(accounts)), at, undone_at=None
            )

    async def of(self, member_id: int) -> list[LinkedAccounts]:
        """Return what was linked to a member, oldest first, also what was undone since."""
        query = select(links).where(links.c.member_id == member_id).order_by(links.c.id)
        async with self._database.read() as connection:
            return [
                LinkedAccounts(**row._asdict() | {"accounts": tuple(json.loads(row.accounts))})
                for row in await connection.execute(query)
            ]

    async def undo(self, link_id: int, at: datetime) -> bool:
        """Note that a link was undone; say whether it had not been before."""
        standing = (links.c.id == link_id) & links.c.undone_at.is_(None)
        async with self._database.write() as connection:
            return (await connection.execute(update(links).where(standing).values(undone_at=at))).rowcount > 0

    async def code_of(self, member_id: int) -> LinkCode | None:
        """Return the last code that a member was given."""
        async with self._database.read() as connection:
            query = select(link_codes).where(link_codes.c.member_id == member_id)
            row = (await connection.execute(query)).one_or_none()
            return LinkCode(**row._asdict()) if row else None

    async def tries_of(self, member_id: int) -> list[datetime]:
        """Return when a member typed a code that is none, as long as it counts."""
        query = select(link_tries.c.at).where(link_tries.c.member_id == member_id).order_by(link_tries.c.at)
        async with self._database.read() as connection:
            return [*await connection.scalars(query)]

    async def forget(self, member_id: int) -> None:
        """Remove a member's code, tries and links. Accounts that are linked stay so, and it cannot be undone."""
        async with self._database.write() as connection:
            for table in (link_codes, link_tries, links):
                await connection.execute(delete(table).where(table.c.member_id == member_id))


def _digest(code: str) -> str:
    return hashlib.sha256((read_code(code) or "").encode()).hexdigest()
