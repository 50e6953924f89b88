"""What thanks are worth, what people reach, whose week a digest tells of, and what a ring is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from bot.cogs.recognition import cards
from bot.cogs.recognition.digest import chosen
from bot.cogs.recognition.policy import (
    Badge,
    Level,
    Measure,
    champions,
    digest_week,
    milestones,
    plain_emoji,
    reached,
    worth,
)
from bot.cogs.recognition.rings import rings
from bot.text.recurrence import Recurrence
from bot.tuning import recognition_policy
from config.settings import Settings
from storage.kudos import Kind, Kudos
from storage.standing import Tally

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
POLICY = replace(
    recognition_policy(Settings.model_validate({})),
    levels=(Level("Sprout", 1), Level("Tree", 5)),
    badges=(Badge("Guide", Measure.ANSWERS, 4), Badge("Host", Measure.HOSTED, 2), Badge("Friend", Measure.PEOPLE, 10)),
)


def row(giver: int | None, receiver: int, kind: Kind = Kind.THANKS, days: float = 0, weight: int = 100) -> Kudos:
    at = NOW - timedelta(days=days)
    return Kudos(0, 1, giver, receiver, kind, weight, "", "", "", False, "", 0, None, None, at)


@pytest.mark.parametrize(
    "earlier, mutual, points", [(0, False, 100), (1, False, 50), (2, False, 33), (0, True, 50), (1, True, 25)]
)
def test_the_kth_thanks_count_a_kth_and_mutual_ones_half(earlier: int, mutual: bool, points: int) -> None:
    assert worth(100, earlier, mutual) == points


def test_what_has_a_weight_counts_something_and_what_has_none_nothing() -> None:
    assert worth(50, 1000, True) == 1
    assert worth(0, 0, False) == 0


def test_emojis_mean_the_same_in_every_colour() -> None:
    assert {plain_emoji(emoji) for emoji in ("🙏", "🙏🏽", "🙏🏿")} == {"🙏"}
    assert plain_emoji("❤️") == plain_emoji("❤")
    assert plain_emoji("party-parrot") == "party-parrot"


def test_levels_go_by_different_people_and_badges_show_the_way() -> None:
    stands = reached(Tally(points=99999, people=1, kinds={Kind.ANSWER: 1, Kind.REUSE: 1, Kind.HOST: 2}), (), POLICY)
    assert stands.level == POLICY.levels[0] and stands.next == POLICY.levels[1]
    assert [badge.name for badge in stands.earned] == ["Host"]
    assert [(one.badge.name, one.done) for one in stands.ahead] == [("Guide", 2), ("Friend", 1)]


def test_nobody_loses_what_they_reached() -> None:
    stands = reached(Tally(), ["level/Tree", "badge/Host", "badge/that's no more"], POLICY)
    assert stands.level == POLICY.levels[1] and stands.next is None
    assert [badge.name for badge in stands.earned] == ["Host"]
    assert milestones(Tally(), POLICY) == []
    assert [one.name for one in milestones(Tally(people=10), POLICY)] == ["Sprout", "Tree", "Friend"]


def test_a_champion_helps_many_people_in_many_weeks() -> None:
    steady = [row(giver, 1, Kind.ANSWER, days=(giver - 10) * 8) for giver in range(10, 15)]
    burst = [row(giver, 2, days=1) for giver in range(10, 20)]
    friends = [row(10, 3, days=week * 7) for week in range(12)]
    crowd = [row(None, 4, Kind.HOST, days=week * 7) for week in range(12)]
    found = champions([*steady, *burst, *friends, *crowd], NOW)
    assert [(one.member_id, one.people, one.weeks, one.kinds) for one in found] == [(1, 5, 5, {Kind.ANSWER: 5})]


@pytest.mark.parametrize("words", ["daily 09:00", "mon-fri 09:00", "mon,thu 09:00", "mon 25:00", "soon"])
def test_a_digest_is_weekly(words: str) -> None:
    with pytest.raises(ValidationError, match=r"TRELLIS_DIGEST_AT[^$]*once a week"):
        Settings.model_validate({"TRELLIS_DIGEST_AT": words})


@pytest.mark.parametrize("late", [timedelta(), timedelta(seconds=5), timedelta(days=1, hours=7), timedelta(days=6)])
def test_a_late_digest_tells_of_the_same_week(late: timedelta) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    monday = datetime(2026, 3, 30, 9, 0, tzinfo=berlin)  # the clocks went forward the night before
    since, until = digest_week(Recurrence.read("mon 09:00"), monday.astimezone(UTC) + late, berlin)
    assert until == monday
    assert since == datetime(2026, 3, 23, 9, 0, tzinfo=berlin)
    assert until.astimezone(UTC) - since.astimezone(UTC) == timedelta(days=7, hours=-1)


@pytest.mark.parametrize("words", ["mon 09:00", "sun 02:30", "sun 00:00"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"])
def test_each_week_begins_where_the_last_one_ended(words: str, zone: str) -> None:
    digest, ended = Recurrence.read(words), datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(60):
        since, until = digest_week(digest, digest.after(ended, ZoneInfo(zone)), ZoneInfo(zone))
        assert since == ended or number == 0
        ended = until


def test_a_digest_names_everyone_before_anyone_twice() -> None:
    busy = [row(9, 1, Kind.ANSWER, days=day / 10, weight=300) for day in range(20)]
    others = [row(9, member, days=1) for member in range(2, 8)]
    quiet = [row(9, member, Kind.REACTION) for member in (8, 1)]
    guests = [row(None, member, Kind.ATTEND) for member in (8, 1, 10)]
    week = chosen([*busy, *others, *others, *quiet, *guests])
    assert len(week.told) == 12
    assert {deed.receiver_id for deed in week.told[:7]} == set(range(1, 8))
    assert (week.thanked, week.came) == ([8], [10])


def thanks(*pairs: tuple[int, int, int]) -> Sequence[Kudos]:
    return [row(giver, receiver) for giver, receiver, times in pairs for _ in range(times)]


def test_a_full_week_finds_room_on_one_card() -> None:
    rows = [replace(row(50 + giver, giver), reason="word " * 100) for giver in range(1, 13)]
    reached_by = dict.fromkeys(range(200), Level("Gardener of the year", 3))
    card = cards.digest_card(rows, range(40), range(40), reached_by, cards.People({}))
    assert card.body.plain().count("Gardener of the year") == cards.NEWS
    names = card.body.plain().count("someone")
    assert len(card.body.plain()) + 13 * names < 3000, "with names of 20 letters, too"


def test_two_who_thank_mostly_each_other_are_a_ring() -> None:
    [ring] = rings(thanks((1, 2, 4), (2, 1, 3), (1, 3, 1)))
    assert ring.members == (1, 2)
    assert ring.given == {(1, 2): 4, (2, 1): 3}
    assert (ring.inside, ring.all) == (7, 8)


def test_a_circle_of_three_is_a_ring() -> None:
    assert [ring.members for ring in rings(thanks((1, 2, 3), (2, 3, 3), (3, 1, 3)))] == [(1, 2, 3)]


@pytest.mark.parametrize(
    "innocent",
    [
        pytest.param(thanks((1, 2, 9)), id="one who is thankful"),
        pytest.param(thanks((1, 2, 2), (2, 1, 2)), id="two who thanked each other twice"),
        pytest.param(thanks((1, 2, 3), (2, 1, 3), (1, 3, 1), (3, 2, 1), (4, 1, 1)), id="two who are thanked by others"),
        pytest.param(thanks(*((n, (n + 1) % 6, 3) for n in range(6))), id="a team of six"),
        pytest.param([row(1, 2, Kind.ANSWER)] * 5 + [row(2, 1, Kind.ANSWER)] * 5, id="two who answer each other"),
    ],
)
def test_others_are_no_ring(innocent: Sequence[Kudos]) -> None:
    assert rings(innocent) == []


def test_two_rings_are_two() -> None:
    found = rings(thanks((1, 2, 3), (2, 1, 3), (5, 6, 4), (6, 5, 4)))
    assert [ring.members for ring in found] == [(5, 6), (1, 2)]
