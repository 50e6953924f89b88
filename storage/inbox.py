"""Events that arrived, by the id that their platform gave them, so that each of them is handled once."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Column, Index, Table, Text, delete, select, update

from .columns import UtcDateTime, metadata
from .database import Database

inbox = Table(
    "inbox",
    metadata,
    Column("key", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Index(None, "at"),
)

heard = Table(
    "heard",
    metadata,
    Column("space_key", Text, primary_key=True),
    Column("until", UtcDateTime, nullable=False),
)


class InboxStore:
    """Which events somebody has taken on, and which are done; and until when each space was listened to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def accept(self, key: str, at: datetime, lease: timedelta = timedelta(seconds=60)) -> bool:
        """Say whether the caller is to handle this event: exactly one of any number of callers is.

        That is when it is new, or when whoever accepted it has not called `done` within their lease.
        """
        statement = self._database.insert(inbox).values(key=key, at=at)
        async with self._database.write() as connection:
            taken = await connection.scalar(
                statement.on_conflict_do_update(
                    index_elements=[inbox.c.key],
                    set_={"at": statement.excluded.at},
                    where=inbox.c.done_at.is_(None) & (inbox.c.at <= at - lease),
                ).returning(inbox.c.key)
            )
            return taken is not None

    async def done(self, key: str, at: datetime) -> None:
        """Note that the event has been handled; it is not accepted again."""
        async with self._database.write() as connection:
            await connection.execute(update(inbox).where(inbox.c.key == key).values(done_at=at))

    async def heard_until(self, space_key: str) -> datetime | None:
        """Return until when a space was listened to, about; nothing if it never was."""
        async with self._database.read() as connection:
            return await connection.scalar(select(heard.c.until).where(heard.c.space_key == space_key))

    async def note_heard(self, space_keys: Iterable[str], until: datetime) -> None:
        """Note that these spaces were listened to until now."""
        async with self._database.write() as connection:
            for key in space_keys:
                statement = self._database.insert(heard).values(space_key=key, until=until)
                await connection.execute(
                    statement.on_conflict_do_update(index_elements=[heard.c.space_key], set_={"until": until})
                )

    async def prune(self, before: datetime) -> int:
        """Forget the events accepted before that moment, and return how many they were.

        Platforms deliver again for about a day: keep at least 25 hours.
        """
        async with self._database.write() as connection:
            return (await connection.execute(delete(inbox).where(inbox.c.at < before))).rowcount
