"""What admins changed of the settings, by `/settings set`."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from sqlalchemy import Column, ForeignKey, Table, Text, bindparam, delete, select

from .columns import UtcDateTime, WrittenText, metadata
from .database import Database

changed_settings = Table(
    "changed_settings",
    metadata,
    Column("community_id", ForeignKey("communities.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", WrittenText, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)


_changed = select(changed_settings.c.name, changed_settings.c.value).where(
    changed_settings.c.community_id == bindparam("community")
)


class SettingStore:
    """Settings that a community changed, by name; their values are as one would write them in the environment."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, community_id: int) -> dict[str, str]:
        """Return what a community changed."""
        return dict(await self._database.once(("settings", community_id), partial(self._read, community_id)))

    async def _read(self, community_id: int) -> Mapping[str, str]:
        async with self._database.read() as connection:
            rows = await connection.execute(_changed, {"community": community_id})
            return {row.name: row.value for row in rows}

    async def put(self, community_id: int, name: str, value: str, at: datetime) -> None:
        """Change a setting."""
        self._database.forget("settings", community_id)
        values = {"value": value, "changed_at": at}
        statement = self._database.insert(changed_settings).values(community_id=community_id, name=name, **values)
        async with self._database.write() as connection:
            await connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[changed_settings.c.community_id, changed_settings.c.name], set_=values
                )
            )

    async def drop(self, community_id: int, name: str) -> None:
        """Let the environment's word count again."""
        self._database.forget("settings", community_id)
        theirs = (changed_settings.c.community_id == community_id) & (changed_settings.c.name == name)
        async with self._database.write() as connection:
            await connection.execute(delete(changed_settings).where(theirs))
