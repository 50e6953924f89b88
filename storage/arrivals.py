"""What a platform says of somebody who does something there, and what of it is news."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .people import accounts, members
from .words import folded

ACTIVE_EVERY = timedelta(minutes=15)
"""How exactly `last_active_at` is kept; more exact would mean a write for everything that members do."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a platform says of an account at a moment; None where it does not say."""

    account: str
    space: str
    name: str
    at: datetime
    timezone: str | None
    locale: str | None
    roles: str | None
    active: bool = True
    """Whether they came, or did something, themselves."""

    async def insert(self, connection: AsyncConnection, community_id: int) -> None:
        member_id = await connection.scalar(
            insert(members)
            .values(
                community_id=community_id,
                name=self.name,
                folded_name=folded(self.name),
                timezone=self.timezone,
                locale=self.locale,
                joined_at=self.at,
                last_active_at=self.at if self.active else None,
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


def hashed(account_key: str) -> str:
    """Return what is kept of an erased account: enough to know it again, and nothing else."""
    return hashlib.sha256(account_key.encode()).hexdigest()
