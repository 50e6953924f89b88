"""Writes who an import found to have written: people who are not here (yet), and when they were around."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .arrivals import hashed
from .database import Database
from .imports import Import, import_people, presence_hours
from .past_things import PastPerson
from .people import accounts, members, spaces, tombstones
from .words import folded


class PastPeopleStore:
    """Writes down who was there before Trellis came."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def meet(
        self, import_: Import, keys: AbstractSet[str], people: Mapping[str, PastPerson]
    ) -> tuple[dict[str, int], int]:
        """Return the members whose accounts these are, and how many of them are new.

        New ones are noted as not here yet. Those who were erased are left out.
        """
        async with self._database.write() as connection:
            # Newcomers to a space pass one by one, as in `MemberStore.arrive`.
            await connection.execute(select(spaces.c.key).where(spaces.c.key == import_.space).with_for_update())
            query = select(accounts.c.key, accounts.c.member_id).where(accounts.c.key.in_(keys))
            here = {row.key: row.member_id for row in await connection.execute(query)}
            missing = {hashed(key): key for key in sorted(keys - here.keys())}
            buried = select(tombstones.c.account_hash).where(tombstones.c.account_hash.in_(missing))
            for hash_ in await connection.scalars(buried):
                del missing[hash_]
            if missing:
                here |= await _add_people(connection, import_, [people[key] for key in missing.values()])
        return here, len(missing)

    async def write_hours(
        self, import_: Import, people: Sequence[PastPerson], hours: Mapping[str, Mapping[int, int]]
    ) -> None:
        """Note when people were around, and since when they are here, of those that are members."""
        async with self._database.write() as connection:
            query = (
                select(accounts.c.key, members.c.id, members.c.joined_at)
                .join(members, members.c.id == accounts.c.member_id)
                .where(accounts.c.key.in_([person.account for person in people]))
            )
            here = {row.key: row for row in await connection.execute(query)}
            told = [(here[person.account], person) for person in people if person.account in here]
            earlier = [(row, person) for row, person in told if person.joined_at < row.joined_at]
            for row, person in earlier:
                await self._note(connection, import_, row.id, row.joined_at, person.joined_at)
            notes = [{"import_id": import_.id, "member_id": row.id} for row, _ in told]
            if notes:
                await connection.execute(self._database.insert(import_people).on_conflict_do_nothing(), notes)
            rows = [
                {"import_id": import_.id, "member_id": row.id, "hour": hour, "messages": messages}
                for key, row in here.items()
                for hour, messages in hours.get(key, {}).items()
            ]
            if rows:
                await connection.execute(self._database.insert(presence_hours).on_conflict_do_nothing(), rows)

    async def _note(
        self, connection: AsyncConnection, import_: Import, member_id: int, before: datetime, joined_at: datetime
    ) -> None:
        """Note that a member has been here for longer than was known."""
        facts = {"joined_at": joined_at, "joined_before": before}
        noted = self._database.insert(import_people).values(import_id=import_.id, member_id=member_id, **facts)
        if await connection.scalar(noted.on_conflict_do_nothing().returning(import_people.c.member_id)):
            changed = update(members).where(members.c.id == member_id)
            await connection.execute(changed.values(joined_at=joined_at))


async def _add_people(connection: AsyncConnection, import_: Import, people: Sequence[PastPerson]) -> dict[str, int]:
    """Add some who are not here, as if they had left when they last wrote: they are back as soon as they come."""
    rows = [
        {
            "community_id": import_.community_id,
            "name": person.name,
            "folded_name": folded(person.name),
            "timezone": person.timezone,
            "joined_at": person.joined_at,
            "left_at": person.last_at,
        }
        for person in people
    ]
    added = insert(members).returning(members.c.id, sort_by_parameter_order=True)
    ids = [*(await connection.scalars(added, rows))]
    their_accounts = [
        {
            "key": person.account,
            "member_id": id_,
            "space_key": import_.space,
            "name": person.name,
            "roles": "",
            "left_at": person.last_at,
        }
        for person, id_ in zip(people, ids, strict=True)
    ]
    await connection.execute(insert(accounts), their_accounts)
    notes = [{"import_id": import_.id, "member_id": id_, "made": True} for id_ in ids]
    await connection.execute(insert(import_people), notes)
    return dict(zip((person.account for person in people), ids, strict=True))
