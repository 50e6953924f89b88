"""Polls on both databases: exact under fire, and secret where that was promised."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from storage.ballots import BallotStore, poll_ballots, poll_secrets, poll_votes
from storage.database import Database
from storage.members import Community
from storage.merging import MergeStore
from storage.people import members
from storage.pepper import Pepper
from storage.poll_options import OptionStore
from storage.polls import Choices, Kind, Poll, PollOption, PollStore, State

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


class Hall:
    """A community of so many people, and its polls."""

    def __init__(self, database: Database, community: Community) -> None:
        self.database = database
        self.community = community
        self.polls = PollStore(database)
        self.options = OptionStore(database)
        self.ballots = BallotStore(database)
        self.people: list[int] = []

    async def fill(self, size: int) -> None:
        rows = [
            {"community_id": self.community.id, "name": f"p{n}", "folded_name": f"p{n}", "joined_at": NOW}
            for n in range(size)
        ]
        async with self.database.write() as connection:
            await connection.execute(insert(members), rows)
            self.people = [*await connection.scalars(select(members.c.id).order_by(members.c.id))]

    async def ask(self, kind: Kind = Kind.SINGLE, options: int = 3, **settings: Any) -> Poll:
        labels = [f"Option {n}" for n in range(options)]
        how = {name: settings.pop(name) for name in ("anonymous", "hidden", "closes_at") if name in settings}
        draft = await self.polls.draft(
            self.community.id, self.people[0], "slack/T1/C1", "Which?", labels, kind, NOW, **how
        )
        if settings:
            await self.polls.settle(draft.id, **settings)
        opened = await self.ballots.open(draft.id, NOW)
        assert opened
        return opened

    async def choices(self, poll: Poll) -> list[PollOption]:
        return (await self.polls.options([poll.id]))[poll.id]

    async def rows(self, table: Any) -> list[dict[str, Any]]:
        async with self.database.read() as connection:
            return [dict(row._mapping) for row in await connection.execute(select(table))]


@pytest.fixture
async def hall(database: Database, community: Community) -> Hall:
    hall = Hall(database, community)
    await hall.fill(6)
    return hall


@pytest.mark.parametrize("anonymous", [False, True], ids=["named", "anonymous"])
async def test_a_thousand_members_vote_change_and_double_click_at_once(hall: Hall, *, anonymous: bool) -> None:
    await hall.fill(1000 - len(hall.people))
    poll = await hall.ask(anonymous=anonymous, options=5)
    chance = random.Random(7)
    last: dict[int, Choices] = {}

    async def one(member: int, first: Choices, final: Choices) -> None:
        assert await hall.ballots.vote(poll, member, first, NOW)
        assert all(await asyncio.gather(*(hall.ballots.vote(poll, member, final, NOW) for _ in range(2))))

    deeds = []
    for member in hall.people:
        first, final = ((chance.randrange(5),) for _ in range(2))
        last[member] = final
        deeds.append(one(member, first, final))
    chance.shuffle(deeds)
    await asyncio.gather(*deeds)
    assert await hall.ballots.tally(poll.id) == Counter(last.values())

    await hall.ballots.close(poll.id, LATER)
    assert await hall.ballots.tally(poll.id) == Counter(last.values())


async def test_what_came_before_the_end_counts_and_nothing_after(hall: Hall) -> None:
    await hall.fill(100)
    poll = await hall.ask(anonymous=True)

    async def vote(member: int) -> bool:
        return await hall.ballots.vote(poll, member, (member % 3,), NOW)

    async def close() -> None:
        await asyncio.sleep(0)
        await hall.ballots.close(poll.id, NOW)

    *counted, _ = await asyncio.gather(*map(vote, hall.people), close())
    expected = Counter((member % 3,) for member, ok in zip(hall.people, counted, strict=True) if ok)
    assert await hall.ballots.tally(poll.id) == expected
    assert not await vote(hall.people[0])
    assert await hall.ballots.close(poll.id, LATER) is None


async def test_no_vote_counts_after_the_moment_at_which_it_closes(hall: Hall) -> None:
    poll = await hall.ask(closes_at=LATER)
    assert await hall.ballots.vote(poll, hall.people[0], (0,), NOW)
    assert not await hall.ballots.vote(poll, hall.people[1], (0,), LATER)


async def test_no_row_joins_a_person_to_an_anonymous_choice(hall: Hall) -> None:
    poll = await hall.ask(anonymous=True)
    for member in hall.people:
        await hall.ballots.vote(poll, member, (member % 3,), NOW)
    assert not await hall.rows(poll_votes)
    ballots = await hall.rows(poll_ballots)
    assert {*ballots[0]} == {"poll_id", "token", "choices"}
    before = {ballot["token"] for ballot in ballots}
    if hall.database.dialect == "sqlite":
        assert [ballot["token"] for ballot in ballots] == sorted(before), "the rows lie in no order of time"
    assert await hall.ballots.choice_of(poll, hall.people[0]) == (hall.people[0] % 3,)

    closed = await hall.ballots.close(poll.id, LATER)
    assert closed and not await hall.rows(poll_secrets)
    after = {ballot["token"] for ballot in await hall.rows(poll_ballots)}
    assert len(after) == len(before) and not after & before
    assert await hall.ballots.choice_of(closed, hall.people[0]) == ()


async def test_the_pepper_keeps_the_database_alone_from_naming_a_voter(hall: Hall) -> None:
    plain, peppered = hall.ballots, BallotStore(hall.database, Pepper("pepper"))
    hall.ballots = peppered
    poll = await hall.ask(anonymous=True)
    await peppered.vote(poll, hall.people[0], (0,), NOW)
    assert await peppered.choice_of(poll, hall.people[0]) == (0,)
    assert await plain.choice_of(poll, hall.people[0]) == ()


@pytest.mark.parametrize("anonymous", [False, True], ids=["named", "anonymous"])
async def test_two_accounts_of_one_person_have_one_ballot(hall: Hall, *, anonymous: bool) -> None:
    poll = await hall.ask(anonymous=anonymous)
    kept, given_up, other = hall.people[:3]
    for member, choice in ((kept, 0), (given_up, 1), (other, 1)):
        await hall.ballots.vote(poll, member, (choice,), NOW)
    await MergeStore(hall.database).merge(kept, given_up, NOW)
    await hall.ballots.linked(kept, given_up)
    assert await hall.ballots.tally(poll.id) == {(0,): 1, (1,): 1}

    await MergeStore(hall.database).merge(hall.people[3], other, NOW)
    await hall.ballots.linked(hall.people[3], other)
    assert await hall.ballots.choice_of(poll, hall.people[3]) == (1,)


async def test_an_option_is_added_once_and_never_beyond_the_room(hall: Hall) -> None:
    poll = await hall.ask(adding=True)
    added = await asyncio.gather(*(hall.options.add(poll.id, "BEACH", member) for member in hall.people))
    assert {option.position for option in added if option} == {3}
    labels = [f"Another {n}" for n in range(40)]
    await asyncio.gather(*(hall.options.add(poll.id, label, hall.people[0]) for label in labels))
    assert [option.position for option in await hall.choices(poll)] == [*range(25)]


async def test_words_change_only_while_nobody_has_voted(hall: Hall) -> None:
    poll = await hall.ask()
    assert await hall.options.rewrite(poll.id, "What?", ["A", "B"])
    assert [option.label for option in await hall.choices(poll)] == ["A", "B"]
    await hall.ballots.vote(poll, hall.people[0], (0,), NOW)
    assert not await hall.options.rewrite(poll.id, "Why?", ["C", "D"])


async def test_a_series_goes_on_once_for_each_turn(hall: Hall) -> None:
    poll = await hall.ask(repeats="mon 09:00", adding=True)
    await hall.options.add(poll.id, "Added", hall.people[1])
    following = await asyncio.gather(*(hall.polls.repeat(poll.id, LATER, None) for _ in range(5)))
    (second,) = (one for one in following if one)
    assert second.turn == 1 and second.series_id == poll.id and second.state is State.DRAFT
    assert len(await hall.choices(second)) == 3
    assert await hall.polls.stop_repeating(second)
    assert await hall.polls.repeat(second.id, LATER, None) is None


async def test_whoever_is_forgotten_leaves_what_is_open_and_stays_a_number_in_what_is_closed(hall: Hall) -> None:
    closed, named, secret = await hall.ask(), await hall.ask(), await hall.ask(anonymous=True)
    noah = hall.people[1]
    for poll in (closed, named, secret):
        await hall.ballots.vote(poll, noah, (0,), NOW)
    await hall.ballots.close(closed.id, LATER)
    told = await hall.ballots.written_by(noah)
    assert {poll.id for poll, _ in told} == {closed.id, named.id, secret.id}
    await hall.ballots.forget(noah)
    assert [await hall.ballots.turnout(poll.id) for poll in (closed, named, secret)] == [1, 0, 0]
    assert await hall.ballots.written_by(noah) == []
    assert (await hall.ballots.votes(closed.id))[0].member_id is None
