"""The ledger of recognition on both databases: nothing counts twice, nobody exceeds a limit, nothing is edited."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database
from storage.kudos import Full, Kind, Kudos, KudosStore, LedgerEntry, Limits
from storage.members import Member, MemberStore
from storage.merging import MergeStore
from storage.standing import LeaderboardQuery, StandingStore

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MANY = Limits(1000, 1000)


def whole(_earlier: int, _mutual: bool) -> int:
    return 100


class Garden:
    """A community with people in it, and its ledger."""

    def __init__(self, database: Database, community: int, people: dict[str, Member]) -> None:
        self.kudos = KudosStore(database)
        self.standing = StandingStore(database)
        self.members = MemberStore(database)
        self.merging = MergeStore(database)
        self.community = community
        self.ids = {name: member.id for name, member in people.items()}

    def deed(self, giver: str | None, receiver: str, source: str, **facts: object) -> LedgerEntry:
        thanks = LedgerEntry(Kind.THANKS, self.ids[receiver], source, self.ids[giver] if giver else None)
        return replace(thanks, **facts)  # type: ignore[arg-type]

    async def thank(self, giver: str | None, receiver: str, source: str, **facts: object) -> Kudos:
        added = await self.kudos.add(self.community, self.deed(giver, receiver, source, **facts), whole, NOW, MANY)
        assert isinstance(added, Kudos)
        return added

    async def board(self, **facts: object) -> list[tuple[int, str, int]]:
        names = {id_: name for name, id_ in self.ids.items()}
        board = replace(LeaderboardQuery(self.community), **facts)  # type: ignore[arg-type]
        return [(one.place, names[one.member_id], one.points) for one in await self.standing.leaderboard(board, 10)]


@pytest.fixture
async def garden(database: Database) -> Garden:
    members = MemberStore(database)
    community = await members.community("one", "One", "UTC")
    await members.join_space("slack/T1", community.id, "T1")
    people = {}
    for name in ("mia", "noah", "kenji", "sofia", *(f"guest{number}" for number in range(30))):
        people[name], _ = await members.arrive(community.id, f"slack/T1/{name}", "slack/T1", name, NOW)
    return Garden(database, community.id, people)


async def test_one_source_counts_once_also_all_at_once(garden: Garden) -> None:
    deed = garden.deed("mia", "noah", "thanks/1")
    added = await asyncio.gather(*(garden.kudos.add(garden.community, deed, whole, NOW, MANY) for _ in range(10)))
    assert len([one for one in added if one]) == 1
    assert await garden.board() == [(1, "noah", 100)]


async def test_nobody_thanks_themselves(garden: Garden) -> None:
    with pytest.raises(ValueError, match="themselves"):
        await garden.thank("mia", "mia", "thanks/1")


async def test_fifty_thanks_at_once_stop_at_the_givers_limit(garden: Garden) -> None:
    deeds = [garden.deed("mia", f"guest{number % 30}", f"thanks/{number}") for number in range(50)]
    limits = Limits(given=10, received=1000)
    outcomes = await asyncio.gather(*(garden.kudos.add(garden.community, deed, whole, NOW, limits) for deed in deeds))
    assert len([one for one in outcomes if isinstance(one, Kudos)]) == 10
    refused = [one for one in outcomes if isinstance(one, Full)]
    assert len(refused) == 40
    assert set(refused) == {Full(giver=True, until=NOW + timedelta(days=1))}
    assert await garden.kudos.given_lately(garden.ids["mia"], NOW) == 10


async def test_thirty_people_at_once_stop_at_the_receivers_limit(garden: Garden) -> None:
    deeds = [garden.deed(f"guest{number}", "noah", f"thanks/{number}") for number in range(30)]
    limits = Limits(given=10, received=20)
    outcomes = await asyncio.gather(*(garden.kudos.add(garden.community, deed, whole, NOW, limits) for deed in deeds))
    assert len([one for one in outcomes if isinstance(one, Kudos)]) == 20
    assert {one for one in outcomes if isinstance(one, Full)} == {Full(giver=False, until=NOW + timedelta(days=1))}


async def test_two_who_thank_each_other_at_once_do_not_block_one_another(garden: Garden) -> None:
    deeds = [
        garden.deed(*pair, f"thanks/{number}/{pair[0]}")
        for number in range(10)
        for pair in (("mia", "noah"), ("noah", "mia"))
    ]
    added = await asyncio.gather(*(garden.kudos.add(garden.community, deed, whole, NOW, MANY) for deed in deeds))
    assert all(added)


async def test_limits_roll(garden: Garden) -> None:
    limits = Limits(1, 1000)
    for hour, expected in ((0, Kudos), (23, Full), (24, Kudos), (25, Full)):
        deed = garden.deed("mia", "noah", f"thanks/{hour}")
        outcome = await garden.kudos.add(garden.community, deed, whole, NOW + timedelta(hours=hour), limits)
        assert isinstance(outcome, expected)


async def test_giving_and_taking_back_gains_nothing(garden: Garden) -> None:
    limits = Limits(3, 1000)
    deed = garden.deed("mia", "noah", "reaction/1", kind=Kind.REACTION)
    for _ in range(3):
        assert isinstance(await garden.kudos.add(garden.community, deed, whole, NOW, limits), Kudos)
        assert await garden.kudos.reverse("reaction/1", NOW, "taken back")
    assert isinstance(await garden.kudos.add(garden.community, deed, whole, NOW, limits), Full)
    assert await garden.board() == []


async def test_a_row_is_reversed_once_and_stays_in_the_ledger(garden: Garden) -> None:
    given = await garden.thank("mia", "noah", "thanks/1", reason="the raw body")
    takers = (garden.kudos.take_back(given.id, garden.ids["mia"], LATER) for _ in range(5))
    assert len([one for one in await asyncio.gather(*takers) if one]) == 1
    kept = await garden.kudos.get(given.id)
    assert kept == replace(given, reversed_at=LATER)
    assert await garden.board() == []


async def test_only_the_giver_takes_back(garden: Garden) -> None:
    given = await garden.thank("mia", "noah", "thanks/1")
    assert await garden.kudos.take_back(given.id, garden.ids["noah"], NOW) is None
    assert await garden.board() == [(1, "noah", 100)]


async def test_a_deleted_message_takes_all_its_thanks_along(garden: Garden) -> None:
    for giver in ("mia", "kenji"):
        await garden.thank(giver, "noah", f"reaction/{giver}", message="slack/T1/C1/1")
    await garden.thank("mia", "noah", "thanks/2", message="slack/T1/C1/2")
    assert len(await garden.kudos.reverse_message("slack/T1/C1/1", LATER)) == 2
    assert await garden.kudos.reverse_message("slack/T1/C1/1", LATER) == []
    assert await garden.board() == [(1, "noah", 100)]


async def test_what_lies_between_two_people_is_told_to_whoever_weighs(garden: Garden) -> None:
    heard: list[tuple[int, bool]] = []

    def weigh(earlier: int, mutual: bool) -> int:
        heard.append((earlier, mutual))
        return 100

    async def thank(giver: str, receiver: str, days: int) -> None:
        deed = garden.deed(giver, receiver, f"thanks/{giver}/{days}")
        await garden.kudos.add(garden.community, deed, weigh, NOW + timedelta(days=days))

    for giver, receiver, days in (
        ("mia", "noah", 0),
        ("mia", "noah", 1),
        ("noah", "mia", 2),
        ("kenji", "noah", 3),
        ("mia", "noah", 4),
        ("noah", "mia", 20),
        ("mia", "noah", 40),
    ):
        await thank(giver, receiver, days)
    assert heard == [(0, False), (1, False), (0, True), (0, False), (2, True), (1, False), (0, False)]


async def test_merging_two_members_ends_what_they_gave_each_other(garden: Garden) -> None:
    await garden.thank("mia", "noah", "thanks/1")
    await garden.thank("mia", "kenji", "thanks/2")
    await garden.thank("sofia", "noah", "thanks/3")
    await garden.merging.merge(garden.ids["mia"], garden.ids["noah"], NOW)
    assert await garden.board() == [(1, "mia", 100), (1, "kenji", 100)]
    assert (await garden.standing.tally(garden.ids["mia"])).people == 1


async def test_a_tally_counts_different_people(garden: Garden) -> None:
    await garden.thank("mia", "noah", "thanks/1", value="kindness")
    await garden.thank("mia", "noah", "answer/1", kind=Kind.ANSWER)
    await garden.thank("kenji", "noah", "answer/2", kind=Kind.ANSWER, anonymous=True)
    await garden.thank(None, "noah", "host/1", kind=Kind.HOST)
    await garden.thank("noah", "mia", "thanks/2")
    tally = await garden.standing.tally(garden.ids["noah"])
    assert (tally.points, tally.people, tally.thanked) == (400, 2, 1)
    assert tally.kinds == {Kind.THANKS: 1, Kind.ANSWER: 2, Kind.HOST: 1}
    assert tally.values == {"kindness": 1}
    assert await garden.standing.people(garden.ids["noah"]) == 2


async def test_boards_have_windows_filters_and_shared_places(garden: Garden) -> None:
    await garden.thank("mia", "noah", "1", topic="api", channel="slack/T1/help")
    await garden.thank("mia", "kenji", "2", value="craft", channel="slack/T1/games")
    await garden.thank("noah", "sofia", "3", value="craft")
    await garden.thank("kenji", "sofia", "4")
    assert await garden.board() == [(1, "sofia", 200), (2, "noah", 100), (2, "kenji", 100)]
    assert await garden.board(topic="api") == [(1, "noah", 100)]
    assert await garden.board(value="craft") == [(1, "kenji", 100), (1, "sofia", 100)]
    assert await garden.board(but_channels=["slack/T1/games"]) == [(1, "sofia", 200), (2, "noah", 100)]
    assert await garden.board(but_members=[garden.ids["sofia"]]) == [(1, "noah", 100), (1, "kenji", 100)]
    assert await garden.board(since=LATER) == []
    everyone = LeaderboardQuery(garden.community)
    assert [one.place for one in await garden.standing.leaderboard(everyone, 1, garden.ids["kenji"])] == [1, 2]
    assert len(await garden.standing.leaderboard(everyone, 1, garden.ids["mia"])) == 1


async def test_whoever_leaves_the_boards_keeps_their_thanks(garden: Garden) -> None:
    await garden.thank("mia", "noah", "thanks/1")
    noah = garden.ids["noah"]
    await garden.standing.show(noah, False, NOW)
    await garden.standing.show(noah, False, NOW)
    assert await garden.board() == []
    assert await garden.standing.hidden(garden.community) == {noah}
    assert (await garden.standing.tally(noah)).points == 100
    await garden.standing.show(noah, True, NOW)
    assert await garden.board() == [(1, "noah", 100)]


async def test_another_community_has_its_own_board(garden: Garden, database: Database) -> None:
    members = MemberStore(database)
    other = await members.community("two", "Two", "UTC")
    await garden.thank("mia", "noah", "thanks/1")
    assert await garden.standing.leaderboard(LeaderboardQuery(other.id), 10) == []
    assert await garden.kudos.between(other.id, NOW, LATER) == []


async def test_what_is_reached_is_noted_once(garden: Garden) -> None:
    noah = garden.ids["noah"]
    noted = [await garden.standing.reach(garden.community, noah, "level/Sprout", NOW) for _ in range(2)]
    assert noted == [True, False]
    assert await garden.standing.reached(noah) == {"level/Sprout": NOW}
    assert await garden.standing.reached_between(garden.community, NOW, LATER) == [(noah, "level/Sprout")]
    assert await garden.standing.reached_between(garden.community, LATER, LATER) == []


async def test_forgetting_a_giver_leaves_others_what_they_have(garden: Garden) -> None:
    await garden.thank("mia", "noah", "thanks/1", reason="Mia's own words")
    await garden.thank("mia", "noah", "thanks/2")
    await garden.thank("kenji", "noah", "thanks/3", reason="Kenji's")
    await garden.thank("kenji", "mia", "thanks/4", reason="still Kenji's")
    await garden.thank(None, "mia", "host/1", kind=Kind.HOST, reason="Mia's title")
    before = await garden.standing.tally(garden.ids["noah"])

    await garden.kudos.forget(garden.ids["mia"])
    await garden.standing.forget_milestones(garden.ids["mia"])
    await garden.standing.forget_choice(garden.ids["mia"])
    await garden.members.erase(garden.ids["mia"], NOW)

    assert await garden.standing.tally(garden.ids["noah"]) == before
    reasons = [one.reason for one in await garden.kudos.of(garden.ids["mia"])]
    assert reasons == ["", "", "still Kenji's", ""]
    assert await garden.board() == [(1, "noah", 300)]
