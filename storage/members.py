"""Who is here: communities, the spaces they live in, their members, and the accounts members have there."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Unpack

from sqlalchemy import ColumnElement, Row, bindparam, delete, literal, or_, select, update

from .arrivals import Arrival, Newcomers, bury, hashed
from .columns import storable
from .database import Database
from .people import (
    GONE,
    Community,
    Erased,
    Member,
    Preferences,
    accounts,
    communities,
    member_of,
    members,
    members_of,
    packed,
    rows_of_account,
    spaces,
    with_accounts,
)
from .words import folded

__all__ = ["GONE", "MEMBER", "Community", "Erased", "Member", "MemberStore", "Preferences"]

MEMBER = "member"
"""What members are remembered under in a unit."""
CHUNK = 500
"""How many accounts one statement names at most."""


_homes = (
    select(spaces.c.key)
    .where(spaces.c.community_id == bindparam("community"), spaces.c.left_at.is_(None))
    .order_by(spaces.c.key)
)
_by_ids = with_accounts.where(members.c.id.in_(bindparam("ids", expanding=True)))


class MemberStore:
    """Who belongs to which community. What a method finds of one community never comes from another."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._newcomers = Newcomers(database)

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
        find = partial(self._find_community, communities.c.id == community_id)
        return await self._database.once(("community", community_id), find)

    async def community_of(self, space_key: str) -> Community | None:
        """Return the community that lives in this space."""
        theirs = select(spaces.c.community_id).where(spaces.c.key == space_key).scalar_subquery()
        return await self._find_community(communities.c.id == theirs)

    async def spaces(self, community_id: int) -> list[str]:
        """Return the keys of the spaces in which the community lives, but for those that Trellis was removed from."""
        async with self._database.read() as connection:
            return list((await connection.scalars(_homes, {"community": community_id})).all())

    async def space_names(self, community_id: int) -> dict[str, str]:
        """Return what the spaces are called in which the community lives, by their key."""
        query = select(spaces.c.key, spaces.c.name).where(spaces.c.community_id == community_id).order_by(spaces.c.key)
        async with self._database.read() as connection:
            return {row.key: row.name for row in await connection.execute(query)}

    async def join_space(self, space_key: str, community_id: int, name: str, *, here: bool = False) -> None:
        """Make a space a home of the community, or give it its new name. If we are `here`, it is not left (any more).

        `ValueError` when it is another community's: the members there, and their words, cannot change hands.
        """
        statement = self._database.insert(spaces).values(key=space_key, community_id=community_id, name=name)
        async with self._database.write() as connection:
            joined = await connection.scalar(
                statement.on_conflict_do_update(
                    index_elements=[spaces.c.key],
                    set_={"name": name, **({"left_at": None} if here else {})},
                    where=spaces.c.community_id == community_id,
                ).returning(spaces.c.key)
            )
        if joined is None:
            raise ValueError(f"The space {space_key} already belongs to another community")

    async def note_change(self, space_key: str, at: datetime) -> None:
        """Note that the channels of a space, or our rights there, are different: other processes may not hear it."""
        async with self._database.write() as connection:
            await connection.execute(update(spaces).where(spaces.c.key == space_key).values(changed_at=at))

    async def changed_since(self, at: datetime) -> list[str]:
        """Return the spaces in which something was noted to be different since then."""
        async with self._database.read() as connection:
            return [*await connection.scalars(select(spaces.c.key).where(spaces.c.changed_at >= at))]

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
        named: bool = True,
        by_themselves: bool = True,
    ) -> tuple[Member, bool]:
        """Return the member whose account this is, and whether they are new. Whoever had left is back.

        The arguments are what the platform says of the account now; None means that it does not say, and not `named`
        that what it says is no name: one that is known stays. A zone that the member chose stays. It writes only when
        something differs, or when the member was not active within the last day, and so may be called for whatever
        members do. `LookupError` when the community does not live in that space, `ValueError` when the account is
        another community's or a role's name has a comma. `Erased` when its member was erased after `at`, or at all
        unless they come back `by_themselves`; whoever becomes known through someone else has not been active yet.
        """
        arrival = Arrival(
            community_id,
            account_key,
            space_key,
            storable(name),
            at,
            timezone,
            locale,
            None if roles is None else packed(roles),
            by_themselves,
            named,
        )
        async with self._database.read() as connection:
            rows = await rows_of_account(connection, account_key)
            if rows and not any(arrival.changes(rows)):
                return _known(rows, community_id), False

        if rows:
            async with self._database.write() as connection:
                if rows := await rows_of_account(connection, account_key):
                    await arrival.update(connection, rows)
                    self._database.forget(MEMBER, rows[0].id)
                    return _known(await rows_of_account(connection, account_key), community_id), False
        rows, new = await self._newcomers.meet(arrival)
        return _known(rows, community_id), new

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
                here = (await connection.execute(query.order_by(accounts.c.member_id))).all()
                if here:
                    rows = [{"member": row.member_id, "at": moments[row.key]} for row in here]
                    await connection.execute(later.values(last_active_at=bindparam("at")), rows)
                    self._database.forget(MEMBER)
            strangers.difference_update(row.key for row in here)
        return strangers

    async def leave(self, account_key: str, at: datetime) -> Member | None:
        """Note that an account left its space, and its member with their last one. None: nobody we know."""
        async with self._database.write() as connection:
            gone = (
                update(accounts).where(accounts.c.key == account_key, accounts.c.left_at.is_(None)).values(left_at=at)
            )
            await connection.execute(gone)
            self._database.forget(MEMBER)
            found = members_of(await rows_of_account(connection, account_key))
            if found and not found[0].accounts:
                await connection.execute(
                    update(members).where(members.c.id == found[0].id, members.c.left_at.is_(None)).values(left_at=at)
                )
                found = members_of(await rows_of_account(connection, account_key))
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
        """Return those members that there are, by their id, in that order, also who have left; 30,000 at most."""

        async def read(unread: list[int]) -> dict[int, Member]:
            async with self._database.read() as connection:
                rows = (await connection.execute(_by_ids, {"ids": unread})).all()
            return {member.id: member for member in members_of(rows)}

        return await self._database.once_each(MEMBER, sorted(ids), read)

    async def by_account(self, account_key: str) -> Member | None:
        """Return the member whose account this is, also when they have left."""
        async with self._database.read() as connection:
            found = members_of(await rows_of_account(connection, account_key))
            return found[0] if found else None

    async def by_name(self, community_id: int, name: str) -> list[Member]:
        """Return the members who are here under exactly this name, in capitals or not."""
        return await self._find(*_here(community_id), members.c.folded_name == folded(storable(name)))

    async def with_role(self, community_id: int, role: str) -> list[Member]:
        """Return the members who are here and have this role with one of their accounts."""
        holding = select(accounts.c.member_id).where(
            accounts.c.left_at.is_(None),
            (literal(",") + accounts.c.roles + ",").contains(f",{packed([role])},", autoescape=True),
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
                self._database.forget(MEMBER, member_id)
            found = await self.get(member_id)
        if found is None:
            raise LookupError(f"There is no member {member_id}")
        return found

    async def paused_accounts(self) -> list[str]:
        """Return the keys of the accounts of all members who have paused."""
        query = select(accounts.c.key).join(members).where(members.c.paused_at.is_not(None))
        async with self._database.read() as connection:
            return [*await connection.scalars(query)]

    async def account_names(self, member_id: int) -> dict[str, str]:
        """Return what a member's accounts are called that are here, by their key."""
        theirs = (accounts.c.member_id == member_id) & accounts.c.left_at.is_(None)
        query = select(accounts.c.key, accounts.c.name).where(theirs).order_by(accounts.c.key)
        async with self._database.read() as connection:
            return {row.key: row.name for row in await connection.execute(query)}

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
            "paused_at": None,
        }
        async with self._database.write() as connection:
            theirs = accounts.c.member_id == member_id
            keys = await connection.scalars(select(accounts.c.key).where(theirs))
            await bury(self._database, connection, {hashed(key): at for key in keys})
            await connection.execute(delete(accounts).where(theirs))
            await connection.execute(update(members).where(members.c.id == member_id).values(values))
            self._database.forget(MEMBER, member_id)
            await self._database.leave_no_trace()

    async def _find(self, *conditions: ColumnElement[bool]) -> list[Member]:
        async with self._database.read() as connection:
            return members_of((await connection.execute(with_accounts.where(*conditions))).all())

    async def _find_community(self, condition: ColumnElement[bool]) -> Community | None:
        async with self._database.read() as connection:
            row = (await connection.execute(select(communities).where(condition))).one_or_none()
            return Community(**row._asdict()) if row else None


def _here(community_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return members.c.community_id == community_id, members.c.left_at.is_(None)


def _known(rows: Sequence[Row[Any]], community_id: int) -> Member:
    member = member_of(rows)
    if member.community_id != community_id:
        raise ValueError(f"The account is of community {member.community_id}, not of {community_id}")
    return member
