"""The reactions that thank: several of one person's on a message thank once, until the last of them is taken off."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text, delete, select

from .columns import WrittenText, metadata
from .database import Database

reactions = Table(
    "thanks_reactions",
    metadata,
    Column("message", Text, primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True, index=True),
    Column("emoji", WrittenText, primary_key=True),
)


class ReactionStore:
    """Who put which emoji on which message, of those that count."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, message: str, member_id: int, emoji: str) -> None:
        """Note an emoji, unless it is noted already."""
        values = {"message": message, "member_id": member_id, "emoji": emoji}
        async with self._database.write() as connection:
            await connection.execute(self._database.insert(reactions).values(values).on_conflict_do_nothing())

    async def take_off(self, message: str, emoji: str = "", member_id: int | None = None) -> list[int]:
        """Forget an emoji or all on a message, one person's or everyone's; return those who have none on it then."""
        async with self._database.read() as connection:
            query = select(reactions.c.member_id, reactions.c.emoji).where(reactions.c.message == message)
            noted = [*await connection.execute(query)]
        gone = [row for row in noted if emoji in ("", row.emoji) and member_id in (None, row.member_id)]
        if not gone:
            return []
        conditions = [reactions.c.message == message]
        conditions += [reactions.c.emoji == emoji] if emoji else []
        conditions += [reactions.c.member_id == member_id] if member_id is not None else []
        async with self._database.write() as connection:
            await connection.execute(delete(reactions).where(*conditions))
        left = {row.member_id for row in noted if row not in gone}
        return sorted({row.member_id for row in gone} - left)

    async def on(self, message: str) -> set[str]:
        """Return the emojis that are noted on a message."""
        query = select(reactions.c.emoji).where(reactions.c.message == message)
        async with self._database.read() as connection:
            return {*await connection.scalars(query)}

    async def of(self, member_id: int) -> list[str]:
        """Return the emojis that a member has on messages."""
        query = select(reactions.c.emoji).where(reactions.c.member_id == member_id).order_by(reactions.c.message)
        async with self._database.read() as connection:
            return [*await connection.scalars(query)]

    async def forget(self, member_id: int) -> None:
        """Forget a member's."""
        async with self._database.write() as connection:
            await connection.execute(delete(reactions).where(reactions.c.member_id == member_id))
