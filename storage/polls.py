"""Polls: what is asked and what can be chosen, each poll from draft to end.

What members add to choose from is in `storage.poll_options`, how people vote in `storage.ballots`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database
from .poll_rows import MOST_OPTIONS, REMOVED, Choices, Kind, Poll, PollOption, State, poll_options, polls

__all__ = [
    "MOST_OPTIONS",
    "REMOVED",
    "Choices",
    "Kind",
    "Poll",
    "PollOption",
    "PollStore",
    "State",
    "locked_poll",
    "option_rows",
    "poll_options",
    "polls",
]


_with_options = (
    select(polls, *(column.label(f"option_{column.name}") for column in poll_options.c))
    .join(poll_options, poll_options.c.poll_id == polls.c.id)
    .where(polls.c.id == bindparam("poll"))
    .order_by(poll_options.c.position)
)
_prune = delete(polls).where(
    polls.c.community_id == bindparam("community"),
    polls.c.state == State.DRAFT,
    polls.c.created_at < bindparam("before"),
)
"""What is asked most often is written once: to write it down takes longer than to ask it."""


class PollStore:
    """What is asked. Every change has a condition: made twice, or too late, it changes nothing and says so.

    Polls are opened and closed where their ballots are, in `storage.ballots`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def opened_since(self, member_id: int, since: datetime) -> list[datetime]:
        """Return when a member posted polls since then; what the calendar asks again is not among it."""
        mine = (polls.c.author_id == member_id) & (polls.c.turn == 0)
        query = select(polls.c.opened_at).where(mine, polls.c.opened_at >= since)
        async with self._database.read() as connection:
            return [*await connection.scalars(query)]

    async def draft(
        self,
        community_id: int,
        author_id: int,
        channel: str,
        question: str,
        options: Sequence[str],
        kind: Kind,
        at: datetime,
        *,
        anonymous: bool = False,
        hidden: bool = False,
        closes_at: datetime | None = None,
    ) -> Poll:
        """Keep what someone wants to ask."""
        values = {
            "community_id": community_id,
            "author_id": author_id,
            "channel": channel,
            "question": question,
            "kind": kind,
            "state": State.DRAFT,
            "anonymous": anonymous,
            "hidden": hidden,
            "created_at": at,
            "closes_at": closes_at,
        }
        async with self._database.write() as connection:
            row = (await connection.execute(insert(polls).values(values).returning(*polls.c))).one()
            await connection.execute(insert(poll_options), option_rows(row.id, options))
            return Poll(**row._asdict())

    async def prune(self, community_id: int, before: datetime) -> None:
        """Forget a community's drafts from before that moment: nobody comes back to them."""
        async with self._database.write() as connection:
            await connection.execute(_prune, {"community": community_id, "before": before})

    async def get(self, poll_id: int) -> Poll | None:
        """Return the poll of this id."""
        found = await self._find(polls.c.id == poll_id)
        return found[0] if found else None

    async def by_number(self, community_id: int, number: int) -> Poll | None:
        """Return what members of a community call by this number."""
        found = await self._find(polls.c.community_id == community_id, polls.c.number == number)
        return found[0] if found else None

    async def posted(self, community_id: int, limit: int) -> list[Poll]:
        """Return a community's polls that others can see, the newest first."""
        query = select(polls).where(polls.c.community_id == community_id, polls.c.number.is_not(None))
        return await self._rows(query.order_by(polls.c.number.desc()).limit(limit))

    async def open(self, community_id: int, limit: int) -> list[Poll]:
        """Return polls in which a community can vote now, the newest first."""
        return await self._rows(select(polls).where(_is_open(community_id)).order_by(polls.c.id.desc()).limit(limit))

    async def open_in(self, community_id: int, channels: Collection[str], limit: int) -> list[Poll]:
        """Return polls that were asked in some channels and in which one can vote now, the newest first."""
        query = select(polls).where(_is_open(community_id), polls.c.channel.in_(channels))
        return await self._rows(query.order_by(polls.c.id.desc()).limit(limit))

    async def open_after(self, community_id: int, poll_id: int, limit: int) -> list[Poll]:
        """Return polls in which a community can vote now: those with a higher id than that one, the oldest first."""
        query = select(polls).where(_is_open(community_id), polls.c.id > poll_id)
        return await self._rows(query.order_by(polls.c.id).limit(limit))

    async def with_options(self, poll_id: int) -> tuple[Poll, tuple[PollOption, ...]] | None:
        """Return the poll of this id, and what can be chosen, in order."""
        async with self._database.read() as connection:
            rows = [row._asdict() for row in await connection.execute(_with_options, {"poll": poll_id})]
        if not rows:
            return None
        poll = Poll(**{column.name: rows[0][column.name] for column in polls.c})
        return poll, tuple(PollOption(**{c.name: row[f"option_{c.name}"] for c in poll_options.c}) for row in rows)

    async def options(self, poll_ids: Collection[int]) -> dict[int, list[PollOption]]:
        """Return what can be chosen in several polls, in order, by the poll's id."""
        found: dict[int, list[PollOption]] = {poll_id: [] for poll_id in poll_ids}
        query = select(poll_options).where(poll_options.c.poll_id.in_(poll_ids)).order_by(*poll_options.primary_key)
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                found[row.poll_id].append(PollOption(**row._asdict()))
        return found

    async def settle(self, poll_id: int, **settings: Any) -> Poll | None:
        """Set how a draft will be asked: `most`, `quorum`, `threshold`, `repeats`, `adding`, `remind_minutes` ..."""
        return await self._change(poll_id, polls.c.state == State.DRAFT, **settings)

    async def drop(self, poll_id: int) -> bool:
        """Forget a draft; say whether it was one."""
        gone = delete(polls).where(polls.c.id == poll_id, polls.c.state == State.DRAFT)
        async with self._database.write() as connection:
            return (await connection.execute(gone)).rowcount > 0

    async def repeat(self, poll_id: int, at: datetime, closes_at: datetime | None) -> Poll | None:
        """Draft the next poll of a series, with the options that its author gave. Nothing if it exists already."""
        async with self._database.write() as connection:
            poll = await locked_poll(connection, poll_id, *State)
            if poll is None or not poll.repeats:
                return None
            values = {column.name: getattr(poll, column.name) for column in polls.c if column.name != "id"}
            values |= {
                "number": None,
                "state": State.DRAFT,
                "series_id": poll.series_id or poll.id,
                "turn": poll.turn + 1,
                "created_at": at,
                "opened_at": None,
                "closes_at": closes_at,
                "closed_at": None,
                "closed_because": "",
                "reopens_until": None,
                "reopened": 0,
            }
            made = self._database.insert(polls).values(values).on_conflict_do_nothing().returning(*polls.c)
            row = (await connection.execute(made)).one_or_none()
            if row is None:
                return None
            known = (await self.options([poll_id]))[poll_id]
            own = [option.label for option in known if option.added_by is None]
            await connection.execute(insert(poll_options), option_rows(row.id, own))
            return Poll(**row._asdict())

    async def stop_repeating(self, poll: Poll) -> bool:
        """Let a series end with the poll that is open now; say whether it would have gone on."""
        first = poll.series_id or poll.id
        series = (polls.c.id == first) | (polls.c.series_id == first)
        async with self._database.write() as connection:
            # Whoever is asking again right now is waited for, so that what they ask ends too.
            await connection.execute(select(polls.c.id).where(series).with_for_update())
            ended = await connection.execute(update(polls).where(series, polls.c.repeats != "").values(repeats=""))
            return ended.rowcount > 0

    async def is_followed(self, poll: Poll) -> bool:
        """Say whether the next poll of a series has been made."""
        next_ = (polls.c.series_id == (poll.series_id or poll.id)) & (polls.c.turn == poll.turn + 1)
        return bool(await self._rows(select(polls).where(next_)))

    async def asked_by(self, member_id: int) -> list[Poll]:
        """Return the polls that a member asked."""
        return await self._find(polls.c.author_id == member_id)

    async def forget(self, member_id: int) -> None:
        """Forget a member's words; what they asked is not asked again."""
        own = polls.c.author_id == member_id
        async with self._database.write() as connection:
            await connection.execute(delete(polls).where(own, polls.c.state == State.DRAFT))
            await connection.execute(update(polls).where(own).values(question=REMOVED, repeats="", reopens_until=None))
            asked = poll_options.c.poll_id.in_(select(polls.c.id).where(own)) & poll_options.c.added_by.is_(None)
            added = poll_options.c.added_by == member_id
            number = (poll_options.c.position + 1).cast(Text)
            await connection.execute(update(poll_options).where(asked | added).values(label=REMOVED + " " + number))

    async def _find(self, *conditions: ColumnElement[bool]) -> list[Poll]:
        return await self._rows(select(polls).where(*conditions).order_by(polls.c.id))

    async def _rows(self, query: Select[Any]) -> list[Poll]:
        async with self._database.read() as connection:
            return [Poll(**row._asdict()) for row in await connection.execute(query)]

    async def _change(self, poll_id: int, *conditions: ColumnElement[bool], **values: Any) -> Poll | None:
        statement = update(polls).where(polls.c.id == poll_id, *conditions).values(**values)
        async with self._database.write() as connection:
            row = (await connection.execute(statement.returning(*polls.c))).one_or_none()
            return Poll(**row._asdict()) if row else None


async def locked_poll(connection: AsyncConnection, poll_id: int, *states: State, share: bool = False) -> Poll | None:
    """Return a poll in one of these states; until the transaction ends it stays as it is.

    Those who `share` it do not wait for each other, but for whoever wants to change it.
    """
    query = select(polls).where(polls.c.id == poll_id, polls.c.state.in_(states)).with_for_update(read=share)
    row = (await connection.execute(query)).one_or_none()
    return Poll(**row._asdict()) if row else None


def _is_open(community_id: int) -> ColumnElement[bool]:
    return (polls.c.community_id == community_id) & (polls.c.state == State.OPEN)


def option_rows(poll_id: int, labels: Sequence[str]) -> list[dict[str, object]]:
    """Return the rows of options that are asked in this order."""
    return [{"poll_id": poll_id, "position": position, "label": label} for position, label in enumerate(labels)]
