"""What Trellis says unasked, noted before it is sent, so that it goes out once: not never, not twice."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Column, Index, Table, Text, delete, or_, select, update

from .columns import UtcDateTime, metadata
from .database import Database

deliveries = Table(
    "deliveries",
    metadata,
    Column("key", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("message", Text, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Index(None, "created_at"),
)


class DeliveryStore:
    """What is to be said, and the message that it became."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, key: str, channel: str, at: datetime) -> str | None:
        """Note that `key` is about to be said in `channel`; if it was said already, return the message's key.

        None does not mean that nothing was sent: a crash may have come between sending and `sent`. So send
        with the platform's own protection against repetition, derived from the same key.
        """
        async with self._database.write() as connection:
            await connection.execute(
                self._database.insert(deliveries)
                .values(key=key, channel=channel, created_at=at)
                .on_conflict_do_nothing()
            )
            return await connection.scalar(select(deliveries.c.message).where(deliveries.c.key == key))

    async def sent(self, key: str, message: str, at: datetime) -> None:
        """Note which message it became. The first one noted stays."""
        async with self._database.write() as connection:
            await connection.execute(
                update(deliveries)
                .where(deliveries.c.key == key, deliveries.c.sent_at.is_(None))
                .values(message=message, sent_at=at)
            )

    async def starting(self, beginning: str) -> dict[str, str]:
        """Return the messages that keys which begin so became, by key, oldest first."""
        begins = deliveries.c.key.startswith(beginning, autoescape=True)
        if self._database.dialect == "sqlite":  # which uses its index for no LIKE, but compares by the bytes
            begins &= deliveries.c.key.between(beginning, f"{beginning}\U0010ffff")
        query = (
            select(deliveries.c.key, deliveries.c.message)
            .where(begins, deliveries.c.message.is_not(None))
            .order_by(deliveries.c.created_at, deliveries.c.key)
        )
        async with self._database.read() as connection:
            return {row.key: row.message for row in await connection.execute(query)}

    async def place_of(self, message: str) -> str | None:
        """Return where this message was to be said."""
        async with self._database.read() as connection:
            return await connection.scalar(select(deliveries.c.channel).where(deliveries.c.message == message))

    async def forget(self, channel: str) -> None:
        """Forget all that was said in one place."""
        async with self._database.write() as connection:
            await connection.execute(delete(deliveries).where(deliveries.c.channel == channel))

    async def prune(self, before: datetime, but: Iterable[str] = ()) -> int:
        """Forget what was begun and, if at all, sent before that moment, and return how many deliveries.

        Their keys would be said again; `but` says how those begin that never may.
        """
        old = (deliveries.c.created_at < before) & or_(deliveries.c.sent_at.is_(None), deliveries.c.sent_at < before)
        for beginning in but:
            old &= ~deliveries.c.key.startswith(beginning, autoescape=True)
        async with self._database.write() as connection:
            return (await connection.execute(delete(deliveries).where(old))).rowcount
