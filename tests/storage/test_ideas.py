"""Ideas on both databases: one vote each, budgets that hold, and merges that can be undone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from storage.database import Database
from storage.idea_votes import IdeaVoteStore, NoVotesLeft
from storage.ideas import Idea, IdeaStore, Status
from storage.members import Community, MemberStore
from storage.merging import MergeStore

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


class Room:
    """A community with people in it, and its ideas."""

    def __init__(self, database: Database, community: Community, people: dict[str, int]) -> None:
        self.ideas = IdeaStore(database)
        self.votes = IdeaVoteStore(database)
        self.merging = MergeStore(database)
        self.community = community.id
        self.ids = people

    async def add(self, title: str = "Dark theme") -> Idea:
        draft = await self.ideas.draft(self.community, self.ids["mia"], "slack/T1", title, "", NOW)
        added = await self.ideas.add(draft.id, NOW)
        assert added
        return added

    async def vote(self, idea: Idea, who: str, budget: int | None = None, segment: str = "") -> bool:
        return await self.votes.vote(idea.id, self.ids[who], NOW, segment=segment, budget=budget)


@pytest.fixture
async def room(database: Database, community: Community) -> Room:
    members, people = MemberStore(database), {}
    for name in ("mia", "noah", "kenji", "sofia"):
        member, _ = await members.arrive(community.id, f"slack/T1/{name}", "slack/T1", name, NOW)
        people[name] = member.id
    return Room(database, community, people)


async def votes_of(room: Room, *ideas: Idea) -> list[int]:
    tally = await room.votes.tally(room.community)
    return [tally.get(idea.id, 0) for idea in ideas]


async def test_one_vote_of_each_however_often_they_press(room: Room) -> None:
    idea = await room.add()
    new = await asyncio.gather(*(room.vote(idea, who) for who in ("noah", "kenji") for _ in range(10)))
    assert sum(new) == 2 and await votes_of(room, idea) == [2]


async def test_a_budget_holds_also_when_everything_happens_at_once(room: Room) -> None:
    ideas = [await room.add(f"Idea {n}") for n in range(8)]
    given = await asyncio.gather(*(room.vote(idea, "noah", budget=3) for idea in ideas), return_exceptions=True)
    assert given.count(True) == 3
    assert sum(isinstance(one, NoVotesLeft) for one in given) == 5


async def test_votes_come_back_when_an_idea_is_settled(room: Room) -> None:
    first, second = await room.add(), await room.add("Export")
    assert await room.vote(first, "noah", budget=1)
    with pytest.raises(NoVotesLeft):
        await room.vote(second, "noah", budget=1)
    await room.ideas.set_status(first.id, Status.SHIPPED, "", NOW)
    assert await room.vote(second, "noah", budget=1)
    assert await votes_of(room, first, second) == [1, 1]


async def test_a_merge_is_the_union_and_its_undoing_restores_both(room: Room) -> None:
    first, second, third = await room.add(), await room.add("Night mode"), await room.add("Black screens")
    for idea, who in ((first, "noah"), (second, "noah"), (second, "kenji"), (third, "sofia")):
        await room.vote(idea, who)
    assert await room.ideas.merge(third.id, second.id, "", NOW)
    assert await room.ideas.merge(second.id, first.id, "", NOW)
    assert await votes_of(room, first, second, third) == [3, 3, 1]
    assert await room.votes.has_voted(first.id, room.ids["sofia"])
    assert not await room.vote(first, "kenji")
    assert {room.ids[who] for who in ("mia", "noah", "kenji", "sofia")} == {*await room.votes.followers(first.id)}
    assert [idea.id for idea in await room.ideas.merged(first.id)] == [second.id, third.id]

    assert await room.ideas.merge(first.id, third.id, "", NOW) is None, "round in a circle"
    assert await room.ideas.merge(first.id, first.id, "", NOW) is None

    restored = await room.ideas.unmerge(second.id, NOW)
    assert restored and restored.status is Status.OPEN
    assert await votes_of(room, first, second, third) == [1, 3, 1]
    assert await room.ideas.unmerge(second.id, NOW) is None


async def test_two_merges_crosswise_at_once_make_no_circle(room: Room) -> None:
    first, second = await room.add(), await room.add("Night mode")
    done = await asyncio.gather(
        room.ideas.merge(first.id, second.id, "", NOW), room.ideas.merge(second.id, first.id, "", NOW)
    )
    assert sum(one is not None for one in done) == 1


async def test_taking_back_takes_it_back_from_the_whole_family(room: Room) -> None:
    first, second = await room.add(), await room.add("Night mode")
    await room.vote(second, "noah")
    await room.ideas.merge(second.id, first.id, "", NOW)
    assert await room.votes.unvote(first.id, room.ids["noah"])
    assert await votes_of(room, first, second) == [0, 0]


async def test_a_status_is_said_once_and_counts_its_changes(room: Room) -> None:
    idea = await room.add()
    made = await asyncio.gather(*(room.ideas.set_status(idea.id, Status.PLANNED, "soon", NOW) for _ in range(5)))
    assert [one.changes for one in made if one] == [1]
    shipped = await room.ideas.set_status(idea.id, Status.SHIPPED, "", NOW)
    assert shipped and shipped.changes == 2 and shipped.shipped_at == NOW
    assert not await room.vote(idea, "noah")


async def test_whoever_does_not_want_to_hear_is_not_told_whatever_they_voted(room: Room) -> None:
    idea = await room.add()
    await room.vote(idea, "noah")
    await room.votes.follow(idea.id, room.ids["noah"], NOW, wanted=False)
    await room.votes.follow(idea.id, room.ids["kenji"], NOW, wanted=True)
    assert await room.votes.followers(idea.id) == sorted([room.ids["mia"], room.ids["kenji"]])


async def test_whoever_does_not_want_to_hear_of_one_is_not_told_of_what_it_was_merged_into(room: Room) -> None:
    first, second = await room.add(), await room.add()
    for who in ("noah", "kenji"):
        await room.vote(second, who)
        await room.votes.follow(second.id, room.ids[who], NOW, wanted=False)
    await room.vote(first, "kenji")
    await room.ideas.merge(second.id, first.id, "", NOW)
    assert await room.votes.followers(first.id) == sorted([room.ids["mia"], room.ids["kenji"]])


async def test_whoever_takes_a_vote_back_hears_no_more_unless_it_is_their_idea(room: Room) -> None:
    idea = await room.add()
    for who in ("mia", "noah"):
        await room.vote(idea, who)
        await room.votes.follow(idea.id, room.ids[who], NOW, wanted=True)
        await room.votes.unvote(idea.id, room.ids[who])
    assert await room.votes.followers(idea.id) == [room.ids["mia"]]


async def test_two_accounts_of_one_person_are_one_vote(room: Room) -> None:
    idea = await room.add()
    for who in ("noah", "kenji"):
        await room.vote(idea, who)
    await room.merging.merge(room.ids["noah"], room.ids["kenji"], NOW)
    assert await votes_of(room, idea) == [1]


async def test_segments_are_counted_apart(room: Room) -> None:
    idea = await room.add()
    for who, segment in (("noah", "customers"), ("kenji", "customers"), ("sofia", "")):
        await room.vote(idea, who, segment=segment)
    assert await room.votes.segments(idea.id) == {"customers": 2, "": 1}


async def test_communities_do_not_see_each_others_ideas(room: Room, database: Database) -> None:
    idea = await room.add()
    other = await MemberStore(database).community("other", "Other", "UTC")
    assert await room.ideas.by_number(other.id, idea.number or 0) is None
    assert await room.ideas.listed(other.id, (Status.OPEN,)) == [] and not await room.votes.tally(other.id)
