"""Votes in polls: one ballot for each person, changed as often as they like until the poll closes.

A named vote is a row that points at its member. An anonymous ballot has a token in the member's place: an HMAC under a
secret of the poll alone, so that one person has one ballot and can change it while the poll is open. Closing destroys
the secret, and deals the ballots out anew under random tokens. From then on there is nothing to compute.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database
from .members import members
from .polls import Choices, Poll, State, locked_poll, poll_ballots, poll_secrets, poll_votes, polls

_SECRET = polls.c.anonymous & (polls.c.state == State.OPEN)
"""Polls with ballots whose owners can be found, by who has all secrets."""


@dataclass(frozen=True, slots=True)
class Vote:
    """What a member chose in a named poll; whoever was forgotten since is nobody."""

    poll_id: int
    member_id: int | None
    choices: Choices
    at: datetime


class BallotStore:
    """The ballots of all polls. `pepper` joins every poll's secret, so that the database alone names no voter."""

    def __init__(self, database: Database, pepper: str = "") -> None:
        self._database = database
        self._pepper = pepper.encode()

    async def vote(self, poll_id: int, member_id: int, choices: Choices, at: datetime) -> bool:
        """Put a member's choice in the place of their earlier one, or take it back if there is none in it.

        Say whether it counts: it does not once the poll is closed, or should be.
        """
        async with self._database.write() as connection:
            poll = await locked_poll(connection, poll_id, State.OPEN, share=True)
            if poll is None or (poll.closes_at and poll.closes_at <= at):
                return False
            if not choices:
                await connection.execute(delete(_table(poll)).where(await self._mine(connection, poll, member_id)))
            elif poll.anonymous:
                token = await self._token(connection, poll_id, member_id)
                ballot = self._database.insert(poll_ballots).values(
                    poll_id=poll_id, token=token, choices=_packed(choices)
                )
                await connection.execute(
                    ballot.on_conflict_do_update(
                        index_elements=[poll_ballots.c.poll_id, poll_ballots.c.token],
                        set_={"choices": ballot.excluded.choices},
                    )
                )
            else:
                vote = self._database.insert(poll_votes).values(
                    poll_id=poll_id, member_id=member_id, choices=_packed(choices), at=at
                )
                await connection.execute(
                    vote.on_conflict_do_update(
                        index_elements=[poll_votes.c.poll_id, poll_votes.c.member_id],
                        set_={"choices": vote.excluded.choices, "at": vote.excluded.at},
                    )
                )
            return True

    async def choice_of(self, poll: Poll, member_id: int) -> Choices:
        """Return what a member chose; of a closed anonymous poll nobody can tell."""
        async with self._database.read() as connection:
            mine = await self._mine(connection, poll, member_id)
            packed = await connection.scalar(select(_table(poll).c.choices).where(mine))
            return _unpacked(packed or "")

    async def turnout(self, poll_id: int) -> int:
        """Return how many have voted."""
        return sum((await self.tally(poll_id)).values())

    async def tally(self, poll_id: int) -> dict[Choices, int]:
        """Return how many ballots say the same."""
        found: dict[Choices, int] = {}
        async with self._database.read() as connection:
            for table in (poll_votes, poll_ballots):
                counted = select(table.c.choices, func.count()).where(table.c.poll_id == poll_id)
                for packed, number in await connection.execute(counted.group_by(table.c.choices)):
                    found[_unpacked(packed)] = number
        return found

    async def votes(self, poll_id: int) -> list[Vote]:
        """Return the votes of a named poll, in the order in which they were last changed."""
        query = select(poll_votes).where(poll_votes.c.poll_id == poll_id).order_by(poll_votes.c.at, poll_votes.c.id)
        async with self._database.read() as connection:
            rows = await connection.execute(query)
            return [Vote(row.poll_id, row.member_id, _unpacked(row.choices), row.at) for row in rows]

    async def close(self, poll_id: int, at: datetime) -> Poll | None:
        """Take no more votes. Nothing if it is closed already.

        Of an anonymous poll the secret goes, and its ballots are dealt out anew in no order, under tokens of chance.
        """
        async with self._database.write() as connection:
            still_open = (polls.c.id == poll_id) & (polls.c.state == State.OPEN)
            ended = update(polls).where(still_open).values(state=State.CLOSED, closed_at=at).returning(*polls.c)
            row = (await connection.execute(ended)).one_or_none()
            closed = Poll(**row._asdict()) if row else None
            if closed and closed.anonymous:
                mine = poll_ballots.c.poll_id == poll_id
                cast = [*await connection.scalars(select(poll_ballots.c.choices).where(mine))]
                secrets.SystemRandom().shuffle(cast)
                await connection.execute(delete(poll_secrets).where(poll_secrets.c.poll_id == poll_id))
                await connection.execute(delete(poll_ballots).where(mine))
                dealt = [{"poll_id": poll_id, "token": secrets.token_hex(32), "choices": choices} for choices in cast]
                if dealt:
                    await connection.execute(insert(poll_ballots), dealt)
            return closed

    async def told_by(self, member_id: int) -> list[tuple[Poll, Choices]]:
        """Return what a member chose, where it can be told: in named polls, and in anonymous ones that are open."""
        voted = select(poll_votes.c.poll_id).where(poll_votes.c.member_id == member_id)
        home = select(members.c.community_id).where(members.c.id == member_id).scalar_subquery()
        told = await self._polls(polls.c.id.in_(voted) | (_SECRET & (polls.c.community_id == home)))
        choices = [(poll, await self.choice_of(poll, member_id)) for poll in told]
        return [(poll, chosen) for poll, chosen in choices if chosen]

    async def forget(self, member_id: int) -> None:
        """Forget what a member chose. What a closed poll decided stays true, without saying who voted."""
        async with self._database.write() as connection:
            for poll, _ in await self.told_by(member_id):
                if poll.state is State.OPEN:
                    await connection.execute(delete(_table(poll)).where(await self._mine(connection, poll, member_id)))
            mine = poll_votes.c.member_id == member_id
            await connection.execute(update(poll_votes).where(mine).values(member_id=None))

    async def linked(self, community_id: int, kept_id: int, given_up_id: int) -> None:
        """Two members are one now: of their ballots in open anonymous polls the kept member's stays, or the other."""
        async with self._database.write() as connection:
            for poll in await self._polls(_SECRET & (polls.c.community_id == community_id)):
                await locked_poll(connection, poll.id, State.OPEN)
                other = await self._mine(connection, poll, given_up_id)
                if await self.choice_of(poll, kept_id):
                    await connection.execute(delete(poll_ballots).where(other))
                else:
                    token = await self._token(connection, poll.id, kept_id)
                    await connection.execute(update(poll_ballots).where(other).values(token=token))

    async def _polls(self, condition: ColumnElement[bool]) -> list[Poll]:
        async with self._database.read() as connection:
            rows = await connection.execute(select(polls).where(condition).order_by(polls.c.id))
            return [Poll(**row._asdict()) for row in rows]

    async def _mine(self, connection: AsyncConnection, poll: Poll, member_id: int) -> ColumnElement[bool]:
        if poll.anonymous:
            token = await self._token(connection, poll.id, member_id)
            return (poll_ballots.c.poll_id == poll.id) & (poll_ballots.c.token == token)
        return (poll_votes.c.poll_id == poll.id) & (poll_votes.c.member_id == member_id)

    async def _token(self, connection: AsyncConnection, poll_id: int, member_id: int) -> str:
        """Return what stands for a member in an open anonymous poll; in a closed one something that nobody has."""
        secret = await connection.scalar(select(poll_secrets.c.secret).where(poll_secrets.c.poll_id == poll_id))
        if secret is None:
            return ""
        return hmac.new(self._pepper + bytes.fromhex(secret), str(member_id).encode(), hashlib.sha256).hexdigest()


def _table(poll: Poll) -> Table:
    return poll_ballots if poll.anonymous else poll_votes


def _packed(choices: Choices) -> str:
    return ",".join(map(str, choices))


def _unpacked(packed: str) -> Choices:
    return tuple(map(int, packed.split(","))) if packed else ()
