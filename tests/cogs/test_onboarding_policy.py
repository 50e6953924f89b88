"""What decides about newcomers, without any of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cogs.onboarding.meeting import choose_buddy, hours_apart
from bot.cogs.onboarding.policy import (
    DEFAULT,
    WRONG_CODES,
    Entry,
    Facts,
    Gate,
    Guidelines,
    Interest,
    Kind,
    Mark,
    OnboardingFlow,
    Purpose,
    at_the_gate,
    checklist,
    choose_flow,
    chosen_already,
    in_domain,
    next_nudge,
    next_step,
    returned,
    to_bring_to_mind,
)
from bot.cogs.onboarding.scores import Newcomer, Why, score, worth_greeting
from bot.cogs.onboarding.whereabouts import CITIES, find_zone
from bot.tuning import onboarding_policy
from config.settings import Settings
from storage.gates import Verdict
from storage.members import Member
from storage.progress import OnboardingProgress, Steps

BERLIN, TOKYO, SAO_PAULO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo"), ZoneInfo("America/Sao_Paulo")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EVERY = OnboardingFlow("everyone", tuple(Kind), days=(1, 3, 7))
BARE = replace(
    onboarding_policy(Settings.model_validate({})), flows=(), guidelines=None, interests=(), purposes=(), gate=None
)
POLICY = replace(
    BARE,
    flows=(
        OnboardingFlow("growers", (Kind.WELCOME,), roles=("Grower",)),
        OnboardingFlow("partners", (Kind.WELCOME,), domains=("example.org",), sources=("booth",)),
        EVERY,
    ),
    guidelines=Guidelines("2", "Be kind."),
    interests=(Interest("Tomatoes", "tomato"), Interest("Beans")),
    purposes=(Purpose("Looking around"),),
)


def member(number: int = 1, **facts: Any) -> Member:
    known: dict[str, Any] = {
        "id": number,
        "community_id": 1,
        "name": f"M{number}",
        "accounts": (f"slack/T1/U{number}",),
        "roles": frozenset(),
        "timezone": None,
        "locale": None,
        "away_until": None,
        "quiet_from": None,
        "quiet_to": None,
        "direct_ok": False,
        "offers_ok": True,
        "joined_at": NOON,
        "last_active_at": NOON,
        "left_at": None,
    }
    return Member(**{**known, **facts})


def progress(number: int = 1, **facts: Any) -> OnboardingProgress:
    known: dict[str, Any] = {
        "member_id": number,
        "community_id": 1,
        "space": "slack/T1",
        "flow": "everyone",
        "source": "",
        "roles": frozenset(),
        "arrived_at": NOON,
        "welcomed_at": NOON,
        "welcome_id": None,
        "contributed_at": None,
        "contribution": "",
        "nudge_at": None,
        "left_at": None,
    }
    return OnboardingProgress(**{**known, **facts})


def steps(done: str = "", skipped: str = "", nudged: str = "") -> Steps:
    return Steps(*(dict.fromkeys(words.split(), NOON) for words in (done, skipped, nudged)))


# Which journey


@pytest.mark.parametrize(
    "how, flow",
    [
        ({}, "everyone"),
        ({"roles": {"123", "grower"}}, "growers"),
        ({"source": "Booth"}, "partners"),
        ({"domain": "example.org"}, "partners"),
        ({"domain": "lab.Example.org"}, "partners"),
        ({"domain": "notexample.org"}, "everyone"),
        ({"source": "elsewhere", "domain": "example.com"}, "everyone"),
    ],
)
def test_the_first_journey_that_fits_is_taken(how: dict[str, Any], flow: str) -> None:
    assert choose_flow(POLICY, **how).name == flow


def test_without_journeys_there_is_one() -> None:
    assert choose_flow(BARE) is DEFAULT
    assert BARE.flow("gone") is DEFAULT


def test_an_unknown_domain_is_in_none() -> None:
    assert not in_domain("", ("", "example.org"))
    assert in_domain("example.org", ("@Example.org",))


def test_what_the_platform_asked_is_read() -> None:
    assert chosen_already(POLICY, {"TOMATO", "beans"}) == ["Tomatoes"]


def test_rights_do_not_come_back_by_leaving() -> None:
    policy = replace(POLICY, staff=frozenset({"moderator"}))
    assert returned(policy, {"gardener"}, {"tomato"}) == ["gardener", "tomato"]
    assert returned(policy, {"gardener", "Moderator", "77"}, {"tomato"}) == ["tomato"]


# Which step


def test_steps_that_make_no_sense_are_left_out() -> None:
    assert list(checklist(POLICY, EVERY, Facts(steps()))) == list(Kind)
    bare = replace(BARE, flows=(EVERY,))
    assert list(checklist(bare, EVERY, Facts(steps(), buddies=False))) == [
        Kind.WELCOME,
        Kind.ZONE,
        Kind.INTRODUCE,
        Kind.QUESTION,
    ]
    invited = replace(EVERY, sources=("booth",))
    assert Kind.PURPOSE not in checklist(POLICY, invited, Facts(steps()))


def test_what_is_known_is_not_asked() -> None:
    marks = checklist(POLICY, EVERY, Facts(steps("welcome interests", "purpose"), agreed=True, zone=True))
    assert [mark.name for mark in marks.values()] == [
        "DONE",
        "SKIPPED",
        "DONE",
        "DONE",
        "DONE",
        "NEXT",
        "OPEN",
        "OPEN",
    ]
    assert next_step(marks) is Kind.INTRODUCE


def test_guidelines_that_changed_are_asked_again() -> None:
    marks = checklist(POLICY, EVERY, Facts(steps("welcome guidelines"), agreed=False))
    assert marks[Kind.GUIDELINES] is Mark.OPEN


def test_when_all_is_done_nothing_is_next() -> None:
    marks = checklist(POLICY, EVERY, Facts(steps(" ".join(Kind)), agreed=True))
    assert next_step(marks) is None
    assert to_bring_to_mind(marks, ()) is None


# When


def nudge(
    arrived: datetime, zone: ZoneInfo, nudged: dict[str, datetime] | None = None, **facts: Any
) -> datetime | None:
    marks = checklist(POLICY, EVERY, Facts(steps()))
    return next_nudge(EVERY, marks, nudged or {}, progress(arrived_at=arrived), member(**facts), zone)


@pytest.mark.parametrize(
    "arrived, zone, expected",
    [
        ("2026-03-02T10:20+01:00", BERLIN, "2026-03-03T11:00+01:00"),
        ("2026-03-02T02:20+01:00", BERLIN, "2026-03-03T09:00+01:00"),
        ("2026-03-02T23:59+01:00", BERLIN, "2026-03-03T17:00+01:00"),
        ("2026-03-02T23:59+01:00", TOKYO, "2026-03-04T09:00+09:00"),
        ("2026-03-28T10:20+01:00", BERLIN, "2026-03-29T11:00+02:00"),
        ("2026-10-24T10:20+02:00", BERLIN, "2026-10-25T11:00+01:00"),
    ],
)
def test_the_day_after_is_the_next_on_their_calendar(arrived: str, zone: ZoneInfo, expected: str) -> None:
    assert nudge(datetime.fromisoformat(arrived), zone) == datetime.fromisoformat(expected)


def test_quiet_hours_are_quiet() -> None:
    arrived = datetime(2026, 3, 2, 10, 20, tzinfo=BERLIN)
    assert nudge(arrived, BERLIN, quiet_from="10:00", quiet_to="15:30") == datetime(2026, 3, 3, 15, 30, tzinfo=BERLIN)


def test_after_a_reminder_comes_the_next_day_that_the_journey_names() -> None:
    arrived = datetime(2026, 3, 2, 10, 20, tzinfo=BERLIN)
    first = datetime(2026, 3, 3, 11, 0, tzinfo=BERLIN)
    assert nudge(arrived, BERLIN, {"welcome": first}) == datetime(2026, 3, 5, 11, 0, tzinfo=BERLIN)
    late = datetime(2026, 3, 6, 11, 0, tzinfo=BERLIN)
    assert nudge(arrived, BERLIN, {"welcome": late}) == datetime(2026, 3, 9, 11, 0, tzinfo=BERLIN)
    assert nudge(arrived, BERLIN, {"welcome": datetime(2026, 3, 9, 11, 0, tzinfo=BERLIN)}) is None


def test_nobody_is_reminded_without_need() -> None:
    marks = checklist(POLICY, EVERY, Facts(steps()))
    for done in (progress(contributed_at=NOON), progress(left_at=NOON), progress(arrived_at=None)):
        assert next_nudge(EVERY, marks, {}, done, member(), BERLIN) is None
    all_done = checklist(POLICY, EVERY, Facts(steps(" ".join(Kind)), agreed=True))
    assert next_nudge(EVERY, all_done, {}, progress(), member(), BERLIN) is None
    assert to_bring_to_mind(marks, {Kind.WELCOME}) is Kind.GUIDELINES


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(CITIES),
)
def test_everyone_is_reminded_while_awake(arrived: datetime, city: str) -> None:
    zone = ZoneInfo(city)
    at = nudge(arrived, zone)
    assert at is not None
    local = at.astimezone(zone)
    assert 9 <= local.hour < 18
    assert local.date() - arrived.astimezone(zone).date() == timedelta(days=1)


@pytest.mark.parametrize(
    "typed, zone",
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        (" são  paulo ", "America/Sao_Paulo"),
        ("New York", "America/New_York"),
        ("utc", "UTC"),
        ("Atlantis", None),
        ("", None),
        ("../etc/passwd", None),
    ],
)
def test_places_are_found(typed: str, zone: str | None) -> None:
    assert find_zone(typed) == zone


def test_the_well_known_places_exist() -> None:
    assert [find_zone(city) for city in CITIES] == list(CITIES)


# Buddies


def buddy(
    newcomer: Member, *willing: Member, load: dict[int, int] | None = None, passed: set[int] | None = None
) -> int:
    likes = {1: {"Tomatoes", "Beans"}, 2: {"Tomatoes"}, 3: {"Tomatoes", "Beans"}}
    match = choose_buddy(newcomer, willing, likes, load or {}, passed or set(), NOON, BERLIN, 3)
    return match.buddy.id if match else 0


def test_shared_interests_make_a_buddy() -> None:
    assert buddy(member(1), member(2), member(3), member(4)) == 3


def test_a_near_zone_makes_a_buddy() -> None:
    far = member(3, timezone="Pacific/Auckland")
    assert buddy(member(1, timezone="Europe/Paris"), far, member(4, timezone="Europe/Rome")) == 4


def test_the_load_is_shared() -> None:
    assert buddy(member(1), member(2), member(3), load={3: 2}) == 2
    assert buddy(member(1), member(3), load={3: 3}) == 0


def test_nobody_is_a_buddy_against_their_will_or_out_of_reach() -> None:
    elsewhere = member(3, accounts=("discord/1/3",))
    away, gone = member(3, away_until=NOON + timedelta(days=1)), member(3, left_at=NOON)
    assert buddy(member(1), member(1), elsewhere, away, gone) == 0
    assert buddy(member(1), member(3), passed={3}) == 0
    assert buddy(member(1), member(3, away_until=NOON - timedelta(days=1))) == 3


def test_clocks_are_compared_around_the_globe() -> None:
    one, other = member(1, timezone="Pacific/Auckland"), member(2, timezone="Pacific/Honolulu")
    assert hours_apart(one, other, NOON, BERLIN) == 1
    assert hours_apart(member(1), member(2, timezone="Asia/Kolkata"), NOON, BERLIN) == 4.5


# The gate

FULL = Gate(guidelines=True, domains=("example.org",), codes=("seed-42",), moderator=True)


@pytest.mark.parametrize(
    "gate, how, expected",
    [
        (None, {}, (Entry.IN, "")),
        (FULL, {}, (Entry.GUIDELINES, "")),
        (FULL, {"agreed": True}, (Entry.PROOF, "")),
        (FULL, {"agreed": True, "domain": "example.org"}, (Entry.IN, "domain")),
        (FULL, {"agreed": True, "code": "SEED-42"}, (Entry.IN, "code")),
        (FULL, {"code": "seed-42"}, (Entry.GUIDELINES, "")),
        (FULL, {"agreed": True, "code": "seed"}, (Entry.PROOF, "")),
        (FULL, {"agreed": True, "code": "seed-42", "wrong_codes": WRONG_CODES}, (Entry.PROOF, "")),
        (FULL, {"verdict": Verdict.ADMITTED}, (Entry.IN, "")),
        (FULL, {"verdict": Verdict.WAITING}, (Entry.WAIT, "")),
        (FULL, {"verdict": Verdict.REFUSED, "agreed": True, "wrong_codes": WRONG_CODES}, (Entry.CLOSED, "")),
        (Gate(guidelines=True), {"agreed": True}, (Entry.IN, "guidelines")),
        (Gate(), {}, (Entry.IN, "arrival")),
        (Gate(domains=("example.org",)), {"domain": "example.com"}, (Entry.CLOSED, "")),
    ],
)
def test_the_gate(gate: Gate | None, how: dict[str, Any], expected: tuple[Entry, str]) -> None:
    asked: dict[str, Any] = {"verdict": None, "agreed": False, "domain": "", **how}
    assert at_the_gate(gate, asked.pop("verdict"), **asked) == expected


# The scorecard


def test_newcomers_are_counted() -> None:
    soon, late = NOON + timedelta(days=2), NOON + timedelta(days=9)
    newcomers = [
        Newcomer(progress(1, contributed_at=soon, source="docs"), None),
        Newcomer(progress(2, contributed_at=late), Kind.ZONE),
        Newcomer(progress(3), Kind.INTRODUCE),
        Newcomer(progress(4, source="docs"), Kind.INTRODUCE),
        Newcomer(progress(5, left_at=soon, source="docs"), Kind.WELCOME),
        Newcomer(progress(6, arrived_at=late), Kind.WELCOME),
    ]
    card = score(newcomers, POLICY, NOON + timedelta(days=10))
    assert (card.joined, card.activated, card.on_their_way, card.left) == (6, 1, 1, 1)
    assert card.stalled == {Kind.INTRODUCE: 2}
    assert card.sources == [("", 3, 0), ("docs", 3, 1)]


def test_whom_a_kind_word_would_help_most() -> None:
    now = NOON + timedelta(days=3)
    newcomers = [
        Newcomer(progress(1), Kind.WELCOME),
        Newcomer(progress(2), Kind.ZONE, steps_done=2),
        Newcomer(progress(3, contributed_at=NOON), None, introduced=True),
        Newcomer(progress(4, contributed_at=NOON), None, introduced=True, greeted=True),
        Newcomer(progress(5, left_at=NOON), Kind.WELCOME),
        Newcomer(progress(6, arrived_at=NOON - timedelta(days=30)), Kind.WELCOME),
        Newcomer(progress(7), Kind.WELCOME),
    ]
    found = [(newcomer.progress.member_id, why) for newcomer, why in worth_greeting(newcomers, now)]
    assert found == [(3, Why.UNANSWERED), (2, Why.STALLED), (1, Why.QUIET)]
