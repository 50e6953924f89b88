"""Votes in polls: one ballot for each person, changed as often as they like until the poll closes.

A named vote is a row that points at its member. An anonymous ballot has a token in the member's place: an HMAC under a
secret of the poll alone, so that one person has one ballot and can change it while the poll is open. Closing destroys
the secret, and deals the ballots out again under random tokens. From then on there is nothing to compute.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Select,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from .columns import UtcDateTime, metadata
from .database import Database
from .dialect import Dialect, Insert, insert_into
from .numbers import next_number
from .people import members
from .pepper import Pepper
from .polls import Choices, Poll, State, locked_poll, polls

poll_votes = Table(
    "poll_votes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("poll_id", ForeignKey("polls.id", ondelete="CASCADE"), nullable=False),
    Column("member_id", ForeignKey("members.id", ondelete="SET NULL"), index=True),
    Column("choices", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("poll_id", "member_id"),
    Index(None, "poll_id", "choices"),
)

# No id, no moment, and in SQLite no hidden row number: the rows lie in the order of their tokens.
poll_ballots = Table(
    "poll_ballots",
    metadata,
    Column("poll_id", ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True),
    Column("token", Text, primary_key=True),
    Column("choices", Text, nullable=False),
    sqlite_with_rowid=False,
)

poll_secrets = Table(
    "poll_secrets",
    metadata,
    Column("poll_id", ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True),
    Column("secret", Text, nullable=False),
    Column("pepper", Text),
)

_tally = union_all(
    *(
        select(table.c.choices, func.count()).where(table.c.poll_id == bindparam("poll")).group_by(table.c.choices)
        for table in (poll_votes, poll_ballots)
    )
)


@dataclass(frozen=True, slots=True)
class Vote:
    """What a member chose in a named poll. Whoever was forgotten since is nobody, and has no name."""

    poll_id: int
    member_id: int | None
    choices: Choices
    at: datetime
    name: str = ""


class PepperLost(Exception):
    """A poll began with a pepper that is not known here: nobody's ballot can be told from the others'."""


class BallotStore:
    """The ballots of all polls. `pepper` joins every poll's secret, so that the database alone names no voter."""

    def __init__(self, database: Database, pepper: Pepper | None = None) -> None:
        self._database = database
        self.pepper = pepper or Pepper()

    async def open(self, poll_id: int, at: datetime) -> Poll | None:
        """Give a draft its number and let people vote. None if it is no draft any more."""
        async with self._database.write() as connection:
            draft = await locked_poll(connection, poll_id, State.DRAFT)
            if draft is None:
                return None
            number = await next_number(self._database, connection, draft.community_id, "polls")
            if draft.anonymous:
                key = {"secret": secrets.token_hex(32), "pepper": self.pepper.current()[0]}
                await connection.execute(insert(poll_secrets).values(poll_id=poll_id, **key))
            opened = replace(draft, state=State.OPEN, opened_at=at, number=number)
            change = update(polls).where(polls.c.id == poll_id)
            await connection.execute(change.values(state=opened.state, opened_at=at, number=number))
            return opened

    async def vote(self, poll: Poll, member_id: int, choices: Choices, at: datetime) -> bool:
        """Put a member's choice in the place of their earlier one.

        Say whether it counts: it does not once the poll is closed, or should be. Raises `PepperLost`.
        """
        async with self._database.write() as connection:
            who = await self._token(connection, poll.id, member_id) if poll.anonymous else member_id
            ballot = {"poll": poll.id, "who": who, "what": _packed(choices), "now": at}
            vote = _vote(self._database.dialect, anonymous=poll.anonymous)
            return (await connection.execute(vote, ballot)).rowcount > 0

    async def take_back(self, poll: Poll, member_id: int, at: datetime) -> bool | None:
        """Take a member's ballot out of the box, and say whether there was one; None once the poll is closed.

        Raises `PepperLost`.
        """
        async with self._database.write() as connection:
            held = await locked_poll(connection, poll.id, State.OPEN, share=True)
            if held is None or (held.closes_at and held.closes_at <= at):
                return None
            mine = await self._mine(connection, poll, member_id)
            return (await connection.execute(delete(_table(poll)).where(mine))).rowcount > 0

    async def choice_of(self, poll: Poll, member_id: int) -> Choices:
        """Return what a member chose; of a closed anonymous poll nobody can tell."""
        return (await self.choices_of([poll], member_id)).get(poll.id, ())

    async def choices_of(self, some: Collection[Poll], member_id: int) -> dict[int, Choices]:
        """Return what a member chose in some polls, by the poll's id, where they voted and it can be told."""
        named = [poll.id for poll in some if not poll.anonymous]
        secret = [poll.id for poll in some if poll.anonymous]
        async with self._database.read() as connection:
            tokens = await self._tokens(connection, poll_secrets.c.poll_id.in_(secret), member_id) if secret else {}
            theirs = select(poll_votes.c.poll_id, poll_votes.c.choices).where(
                poll_votes.c.member_id == member_id, poll_votes.c.poll_id.in_(named)
            )
            found = [*await connection.execute(theirs)] if named else []
            found += [*await connection.execute(_with_tokens(tokens))] if tokens else []
        return {row.poll_id: _unpacked(row.choices) for row in found}

    async def turnout(self, poll_id: int) -> int:
        """Return how many have voted."""
        return sum((await self.tally(poll_id)).values())

    async def tally(self, poll_id: int) -> dict[Choices, int]:
        """Return how many ballots say the same."""
        async with self._database.read() as connection:
            return {_unpacked(packed): number for packed, number in await connection.execute(_tally, {"poll": poll_id})}

    async def votes(self, poll_id: int) -> list[Vote]:
        """Return the votes of a named poll, in the order in which they were last changed."""
        query = (
            select(poll_votes, members.c.name)
            .join(members, members.c.id == poll_votes.c.member_id, isouter=True)
            .where(poll_votes.c.poll_id == poll_id)
            .order_by(poll_votes.c.at, poll_votes.c.id)
        )
        async with self._database.read() as connection:
            return [
                Vote(row.poll_id, row.member_id, _unpacked(row.choices), row.at, row.name or "")
                for row in await connection.execute(query)
            ]

    async def close(
        self, poll_id: int, at: datetime, *, because: str = "", reopens_until: datetime | None = None
    ) -> Poll | None:
        """Take no more votes, `because` of what a moderator says. None if it is closed already.

        One that is not secret may be reopened until then. Of an anonymous poll the secret goes, and its ballots are
        dealt out again in no order, under tokens of chance.
        """
        async with self._database.write() as connection:
            still_open = (polls.c.id == poll_id) & (polls.c.state == State.OPEN)
            facts = {"closed_at": at, "closed_because": because, "reopens_until": reopens_until}
            ended = update(polls).where(still_open).values(state=State.CLOSED, **facts).returning(*polls.c)
            row = (await connection.execute(ended)).one_or_none()
            closed = Poll(**row._asdict()) if row else None
            if closed and closed.anonymous:
                mine = poll_ballots.c.poll_id == poll_id
                cast = [*await connection.scalars(select(poll_ballots.c.choices).where(mine))]
                secrets.SystemRandom().shuffle(cast)
                await connection.execute(delete(poll_secrets).where(poll_secrets.c.poll_id == poll_id))
                await connection.execute(delete(poll_ballots).where(mine))
                await self._database.leave_no_trace()
                dealt = [{"poll_id": poll_id, "token": secrets.token_hex(32), "choices": choices} for choices in cast]
                if dealt:
                    await connection.execute(insert(poll_ballots), dealt)
            return closed

    async def reopen(self, poll_id: int, at: datetime) -> Poll | None:
        """Take votes again in what was closed by mistake. None if it is open, or its end is final by now."""
        mistaken = (polls.c.state == State.CLOSED) & (polls.c.reopens_until > at)
        opened = {"state": State.OPEN, "closed_at": None, "reopens_until": None, "reopened": polls.c.reopened + 1}
        change = update(polls).where(polls.c.id == poll_id, mistaken, ~polls.c.anonymous, ~polls.c.hidden)
        async with self._database.write() as connection:
            row = (await connection.execute(change.values(opened).returning(*polls.c))).one_or_none()
            return Poll(**row._asdict()) if row else None

    async def written_by(self, member_id: int) -> list[tuple[Poll, Choices]]:
        """Return what a member chose, where it can be told: in named polls, and in anonymous ones that are open."""
        async with self._database.read() as connection:
            theirs = select(poll_votes.c.poll_id, poll_votes.c.choices).where(poll_votes.c.member_id == member_id)
            choices = {row.poll_id: row.choices for row in await connection.execute(theirs)}
            if tokens := await self._tokens(connection, _at_home(member_id), member_id):
                choices |= {row.poll_id: row.choices for row in await connection.execute(_with_tokens(tokens))}
            told = select(polls).where(polls.c.id.in_(choices)).order_by(polls.c.id)
            return [(Poll(**row._asdict()), _unpacked(choices[row.id])) for row in await connection.execute(told)]

    async def forget(self, member_id: int) -> None:
        """Forget what a member chose. What a closed poll decided stays true, without saying who voted."""
        still_open = select(polls.c.id).where(polls.c.state == State.OPEN)
        mine = poll_votes.c.member_id == member_id
        async with self._database.write() as connection:
            await _hold(connection, member_id)
            tokens = await self._tokens(connection, _at_home(member_id), member_id)
            await connection.execute(delete(poll_ballots).where(poll_ballots.c.token.in_(tokens.values())))
            await connection.execute(delete(poll_votes).where(mine, poll_votes.c.poll_id.in_(still_open)))
            await connection.execute(update(poll_votes).where(mine).values(member_id=None))

    async def linked(self, kept_id: int, given_up_id: int) -> set[int]:
        """Two members are one now: of their ballots in open anonymous polls the kept member's stays, or the other.

        Return the open polls in which the kept member has a vote: it may have been two.
        """
        async with self._database.write() as connection:
            await _hold(connection, kept_id)
            kept = await self._tokens(connection, _at_home(kept_id), kept_id)
            given_up = await self._tokens(connection, _at_home(kept_id), given_up_id)
            both = {row.token for row in await connection.execute(_with_tokens(kept))}
            others = {row.token for row in await connection.execute(_with_tokens(given_up))}
            for poll_id, token in given_up.items():
                other = poll_ballots.c.token == token
                if token in others and kept[poll_id] in both:
                    await connection.execute(delete(poll_ballots).where(poll_ballots.c.poll_id == poll_id, other))
                elif token in others:
                    change = update(poll_ballots).where(poll_ballots.c.poll_id == poll_id, other)
                    await connection.execute(change.values(token=kept[poll_id]))
            changed = {poll_id for poll_id in kept if kept[poll_id] in both or given_up[poll_id] in others}
            named = select(poll_votes.c.poll_id).join(polls).where(poll_votes.c.member_id == kept_id)
            return changed | {*await connection.scalars(named.where(polls.c.state == State.OPEN))}

    async def _mine(self, connection: AsyncConnection, poll: Poll, member_id: int) -> ColumnElement[bool]:
        if poll.anonymous:
            token = await self._token(connection, poll.id, member_id)
            return (poll_ballots.c.poll_id == poll.id) & (poll_ballots.c.token == token)
        return (poll_votes.c.poll_id == poll.id) & (poll_votes.c.member_id == member_id)

    async def _token(self, connection: AsyncConnection, poll_id: int, member_id: int) -> str:
        """Return what stands for a member in an open anonymous poll; in a closed one something that nobody has.

        Raises `PepperLost`.
        """
        here = poll_secrets.c.poll_id == poll_id
        tokens = await self._tokens(connection, here, member_id)
        if not tokens and await connection.scalar(select(poll_secrets.c.poll_id).where(here)):
            raise PepperLost(poll_id)
        return tokens.get(poll_id, "")

    async def _tokens(
        self, connection: AsyncConnection, condition: ColumnElement[bool], member_id: int
    ) -> dict[int, str]:
        """Return what stands for a member in open anonymous polls, by the poll's id, where the pepper is known."""
        query = select(poll_secrets.c.poll_id, poll_secrets.c.secret, poll_secrets.c.pepper).where(condition)
        keys = {row.poll_id: (self.pepper.of(row.pepper), row.secret) for row in await connection.execute(query)}
        return {
            poll_id: hmac.new(pepper + bytes.fromhex(secret), str(member_id).encode(), hashlib.sha256).hexdigest()
            for poll_id, (pepper, secret) in keys.items()
            if pepper is not None
        }


@cache
def _vote(dialect: Dialect, *, anonymous: bool) -> Insert:
    """Return what puts `what` somebody chose `now` in the place of their earlier choice, if the `poll` is open.

    It is one statement, so that no vote gets in beside a poll that is closed at the same moment.
    """
    now = bindparam("now", type_=UtcDateTime)
    lasts = or_(polls.c.closes_at.is_(None), polls.c.closes_at > now)
    open_ = (polls.c.id == bindparam("poll")) & (polls.c.state == State.OPEN) & lasts
    table = poll_ballots if anonymous else poll_votes
    who = table.c.token if anonymous else table.c.member_id
    facts = {who: bindparam("who", type_=who.type), table.c.choices: bindparam("what", type_=Text)}
    if not anonymous:
        facts[table.c.at] = now
    chosen = select(polls.c.id, *facts.values()).where(open_).with_for_update(read=True)
    ballot = insert_into(table, dialect).from_select([table.c.poll_id, *facts], chosen)
    changed = {fact.name: ballot.excluded[fact.name] for fact in facts if fact is not who}
    return ballot.on_conflict_do_update(index_elements=[table.c.poll_id, who], set_=changed)


async def _hold(connection: AsyncConnection, member_id: int) -> None:
    """Keep the anonymous polls of a member's community open until the transaction ends: closing moves their ballots."""
    theirs = select(poll_secrets.c.poll_id).where(_at_home(member_id))
    held = select(polls.c.id).where(polls.c.id.in_(theirs)).order_by(polls.c.id)
    await connection.execute(held.with_for_update(read=True))


def _at_home(member_id: int) -> ColumnElement[bool]:
    """Choose the secrets of the polls of a member's community: those that are anonymous and open."""
    home = select(members.c.community_id).where(members.c.id == member_id).scalar_subquery()
    theirs = select(polls.c.id).where(polls.c.community_id == home, polls.c.state == State.OPEN)
    return poll_secrets.c.poll_id.in_(theirs)


def _with_tokens(tokens: Mapping[int, str]) -> Select[tuple[int, str, str]]:
    """Choose the ballots that have these tokens, which are different in every poll."""
    places = poll_ballots.c.poll_id.in_(tokens)
    return select(poll_ballots.c.poll_id, poll_ballots.c.token, poll_ballots.c.choices).where(
        places, poll_ballots.c.token.in_(tokens.values())
    )


def _table(poll: Poll) -> Table:
    return poll_ballots if poll.anonymous else poll_votes


def _packed(choices: Choices) -> str:
    return ",".join(map(str, choices))


def _unpacked(packed: str) -> Choices:
    return tuple(map(int, packed.split(","))) if packed else ()
