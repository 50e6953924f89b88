"""What can be chosen in a poll: other words for it, what members add, and what is taken out again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, union_all, update

from .ballots import poll_ballots, poll_votes
from .database import Database
from .polls import MOST_OPTIONS, REMOVED, PollOption, State, locked_poll, option_rows, poll_options, polls
from .words import folded


class OptionStore:
    """The options of polls. A change that comes twice, or too late, changes nothing and says so."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rewrite(self, poll_id: int, question: str, options: Sequence[str]) -> bool:
        """Put other words into a poll. False once somebody has voted, or it is closed."""
        async with self._database.write() as connection:
            voted = [select(table.c.poll_id).where(table.c.poll_id == poll_id) for table in (poll_votes, poll_ballots)]
            locked = await locked_poll(connection, poll_id, State.DRAFT, State.OPEN)
            if locked is None or await connection.scalar(union_all(*voted).limit(1)):
                return False
            await connection.execute(delete(poll_options).where(poll_options.c.poll_id == poll_id))
            await connection.execute(insert(poll_options), option_rows(poll_id, options))
            await connection.execute(update(polls).where(polls.c.id == poll_id).values(question=question))
            return True

    async def add(self, poll_id: int, label: str, member_id: int) -> PollOption | None:
        """Add something to choose; what is there already is returned. None if there is no room, or it is closed."""
        async with self._database.write() as connection:
            poll = await locked_poll(connection, poll_id, State.OPEN)
            theirs = select(poll_options).where(poll_options.c.poll_id == poll_id)
            known = [PollOption(**row._asdict()) for row in await connection.execute(theirs)]
            for option in known:
                if folded(option.label) == folded(label):
                    return option
            if poll is None or not poll.adding or len(known) >= MOST_OPTIONS:
                return None
            added = PollOption(poll_id, len(known), label, member_id)
            await connection.execute(
                insert(poll_options).values(poll_id=poll_id, position=len(known), label=label, added_by=member_id)
            )
            return added

    async def remove(self, poll_id: int, position: int) -> str | None:
        """Take the words out of an option that a member added, and return them; votes for it stay where they are.

        None if it is no such option, or they are out already.
        """
        gone = f"{REMOVED} {position + 1}"
        option = (poll_options.c.poll_id == poll_id) & (poll_options.c.position == position)
        added = option & poll_options.c.added_by.is_not(None) & (poll_options.c.label != gone)
        async with self._database.write() as connection:
            label: str | None = await connection.scalar(select(poll_options.c.label).where(added).with_for_update())
            if label is not None:
                await connection.execute(update(poll_options).where(option).values(label=gone))
            return label

    async def added_by(self, member_id: int) -> list[str]:
        """Return the options that a member added to polls."""
        theirs = poll_options.c.added_by == member_id
        query = select(poll_options.c.label).where(theirs).order_by(*poll_options.primary_key)
        async with self._database.read() as connection:
            return [*(await connection.scalars(query))]
