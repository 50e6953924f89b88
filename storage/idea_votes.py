"""Who wants an idea, and who hears of it: each person once, also where it goes on with another idea."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, union

from .database import Database
from .ideas import ALIVE, family, idea_follows, idea_votes, ideas
from .people import members


class NoVotesLeft(Exception):
    """The member has given all the votes of their budget."""


class IdeaVoteStore:
    """Every change has a condition: made twice, or too late, it changes nothing and says so."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def vote(self, idea_id: int, member_id: int, at: datetime, *, segment: str = "", budget: int | None) -> bool:
        """Count a member for an idea, once; say whether that is new.

        Raises `NoVotesLeft` when they have as many votes on ideas that are not settled as the `budget` allows.
        """
        async with self._database.write() as connection:
            # One member's votes are given one after another, so that two at once cannot both be the last.
            await connection.execute(select(members.c.id).where(members.c.id == member_id).with_for_update())
            if await self.has_voted(idea_id, member_id):
                return False
            if budget is not None and await self.votes_given(member_id) >= budget:
                raise NoVotesLeft
            alive = select(ideas.c.id).where(ideas.c.id == idea_id, ideas.c.status.in_(ALIVE))
            if await connection.scalar(alive.with_for_update(read=True)) is None:
                return False
            vote = self._database.insert(idea_votes).values(
                idea_id=idea_id, member_id=member_id, segment=segment, at=at
            )
            added = await connection.scalar(vote.on_conflict_do_nothing().returning(idea_votes.c.id))
            return added is not None

    async def unvote(self, idea_id: int, member_id: int) -> bool:
        """Take a member's vote back, also the one given to what was merged into the idea; say whether there was one.

        They hear of it no more, unless they suggested it.
        """
        same = select(family(idea_id).c.id)
        mine = idea_votes.c.idea_id.in_(same) & (idea_votes.c.member_id == member_id)
        follows = idea_follows.c.idea_id.in_(same) & (idea_follows.c.member_id == member_id) & idea_follows.c.wanted
        async with self._database.write() as connection:
            gone = (await connection.scalars(delete(idea_votes).where(mine).returning(idea_votes.c.id))).all()
            if gone:
                await connection.execute(delete(idea_follows).where(follows))
            return bool(gone)

    async def has_voted(self, idea_id: int, member_id: int) -> bool:
        """Say whether a member's vote counts for an idea."""
        same = select(family(idea_id).c.id)
        query = select(idea_votes.c.id).where(idea_votes.c.idea_id.in_(same), idea_votes.c.member_id == member_id)
        async with self._database.read() as connection:
            return await connection.scalar(query.limit(1)) is not None

    async def votes_given(self, member_id: int) -> int:
        """Return how many votes a member has on ideas that are not settled: those of settled ones came back."""
        query = (
            select(func.count())
            .select_from(idea_votes.join(ideas))
            .where(idea_votes.c.member_id == member_id, ideas.c.status.in_(ALIVE))
        )
        async with self._database.read() as connection:
            return await connection.scalar(query) or 0

    async def tally(self, community_id: int) -> Mapping[int, int]:
        """Return how many people want each of a community's ideas, those merged into it included."""
        home = ideas.c.community_id == community_id
        votes = select(idea_votes.c.idea_id, func.count().label("votes")).join(ideas).where(home)
        counted = votes.group_by(idea_votes.c.idea_id)
        merges = select(ideas.c.id, ideas.c.merged_into).where(home, ideas.c.merged_into.is_not(None))
        both = merges.subquery()
        given = select(idea_votes.c.id, idea_votes.c.idea_id, idea_votes.c.member_id).where(
            idea_votes.c.idea_id.in_(select(both.c.id)) | idea_votes.c.idea_id.in_(select(both.c.merged_into))
        )
        async with self._database.read() as connection:
            tally = {row.idea_id: row.votes for row in await connection.execute(counted)}
            into = {row.id: row.merged_into for row in await connection.execute(merges)}
            voters: dict[int, set[tuple[str, int]]] = {}
            for row in await connection.execute(given) if into else ():
                # Whoever was forgotten still counts as somebody.
                voter = ("member", row.member_id) if row.member_id else ("vote", row.id)
                idea_id: int | None = row.idea_id
                while idea_id:
                    voters.setdefault(idea_id, set()).add(voter)
                    idea_id = into.get(idea_id)
        return tally | {idea_id: len(people) for idea_id, people in voters.items()}

    async def segments(self, idea_id: int) -> dict[str, int]:
        """Return how many people of each segment want an idea; each is counted once, where they voted first."""
        same = select(family(idea_id).c.id)
        query = select(idea_votes).where(idea_votes.c.idea_id.in_(same)).order_by(idea_votes.c.id)
        seen: dict[tuple[str, int], str] = {}
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                seen.setdefault(("member", row.member_id) if row.member_id else ("vote", row.id), row.segment)
        counted: dict[str, int] = {}
        for segment in seen.values():
            counted[segment] = counted.get(segment, 0) + 1
        return counted

    # Followers

    async def follow(self, idea_id: int, member_id: int, at: datetime, *, wanted: bool) -> None:
        """Note that a member wants to hear what becomes of an idea, or does not, whatever they voted."""
        values = {"idea_id": idea_id, "member_id": member_id, "wanted": wanted, "at": at}
        follow = self._database.insert(idea_follows).values(values)
        async with self._database.write() as connection:
            await connection.execute(
                follow.on_conflict_do_update(
                    index_elements=[idea_follows.c.idea_id, idea_follows.c.member_id], set_={"wanted": wanted, "at": at}
                )
            )

    async def followers(self, idea_id: int, at: datetime | None = None) -> list[int]:
        """Return who hears of an idea or what was merged into it: authors, voters, followers, as of `at`.

        A person who does not want to hear of one of them is not told because of that one; of the idea itself, not at
        all.
        """
        same = select(family(idea_id).c.id)
        voted: list[ColumnElement[bool]] = [idea_votes.c.idea_id.in_(same)]
        follows: list[ColumnElement[bool]] = [idea_follows.c.idea_id.in_(same)]
        if at is not None:
            voted.append(idea_votes.c.at <= at)
            follows.append(or_(idea_follows.c.at.is_(None), idea_follows.c.at <= at))
        everyone = union(
            select(ideas.c.id, ideas.c.author_id.label("member_id")).where(ideas.c.id.in_(same)),
            select(idea_votes.c.idea_id, idea_votes.c.member_id).where(*voted),
            select(idea_follows.c.idea_id, idea_follows.c.member_id).where(*follows),
        ).subquery()
        silent = exists().where(
            idea_follows.c.member_id == everyone.c.member_id,
            idea_follows.c.idea_id.in_((everyone.c.id, idea_id)),
            ~idea_follows.c.wanted,
        )
        query = select(everyone.c.member_id).where(everyone.c.member_id.is_not(None), ~silent)
        async with self._database.read() as connection:
            return [*await connection.scalars(query.distinct().order_by(everyone.c.member_id))]
