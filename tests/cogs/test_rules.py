"""The decisions of the questions room: what reads as a question, what it is about, office hours, who is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cogs.questions.peers import Evidence, Reason, Why, asks_the_same, choose_peers, rank_peers, reasons_of
from bot.cogs.questions.policy import (
    OfficeHours,
    Topic,
    guess_topic,
)
from bot.text.likeness import ALIKE, SAME, likely
from storage.help import Past
from storage.members import Member
from storage.peers import Offer, Reaction
from storage.questions import Audience, Question, State
from storage.search import Fit

UTC_ZONE, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def test_topics_are_guessed_by_their_words() -> None:
    topics = (Topic("webhooks", ("signature", "secret")), Topic("billing", ("invoice",)))
    assert guess_topic("The webhook signature is wrong", topics) == "webhooks"
    assert guess_topic("Two invoices for one webhook?", topics) in ("webhooks", "billing")
    assert guess_topic("Hello there", topics) == ""
    assert guess_topic("Why is one webhook late?", topics) == "webhooks"
    assert guess_topic("Webhookの署名が一致しません", topics) == "webhooks"
    assert guess_topic("Die Webhook-Adresse ändern", topics) == "webhooks"
    assert guess_topic("Is it?", (Topic("IT"),)) == ""
    looks = Topic("looks", ("dark mode", "mode"))
    assert guess_topic("Does the app have a dark mode?", (Topic("app"), looks)) == "looks"
    assert guess_topic("Templates in C", (Topic("C++"), Topic("C"))) == "C"
    assert guess_topic("anything", ()) == ""


# Office hours


def test_office_hours_stop_the_clock() -> None:
    hours = OfficeHours.read("mon-fri 09:00-17:00; sat 10:00-12:00")
    friday_evening = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)
    assert hours.add(friday_evening, timedelta(minutes=30), UTC_ZONE) == friday_evening + timedelta(minutes=30)
    assert hours.add(friday_evening, timedelta(hours=1), UTC_ZONE) == datetime(2026, 3, 7, 10, 30, tzinfo=UTC)
    assert hours.add(friday_evening, timedelta(hours=3), UTC_ZONE) == datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
    assert OfficeHours().add(friday_evening, timedelta(hours=3), UTC_ZONE) == friday_evening + timedelta(hours=3)


def test_office_hours_are_those_of_the_wall_clock() -> None:
    hours = OfficeHours.read("mon-sun 09:00-10:00")
    saturday = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)  # clocks change that night
    assert hours.add(saturday, timedelta(minutes=10), BERLIN) == datetime(2026, 3, 29, 7, 10, tzinfo=UTC)


@pytest.mark.parametrize("wrong", ["always", "mon 17:00-09:00", "mon-fri 9-17", "mon-fri 09:00-24:30"])
def test_office_hours_that_make_no_sense_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        OfficeHours.read(wrong)


@given(
    st.integers(0, 365 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes)),
    st.integers(1, 3000),
    st.sampled_from(["mon-fri 09:00-17:00", "sun 00:00-00:30", "fri-mon 22:00-23:59; wed 01:00-02:00"]),
)
def test_office_time_adds_up(start: datetime, minutes: int, words: str) -> None:
    hours, length = OfficeHours.read(words), timedelta(minutes=minutes)
    whole = hours.add(start, length, BERLIN)
    assert whole >= start + length
    half = hours.add(start, length / 2, BERLIN)
    assert hours.add(half, length / 2, BERLIN) == whole


def test_office_hours_that_overlap_count_once() -> None:
    hours = OfficeHours.read("mon-fri 09:00-17:00; mon 16:00-18:00; tue 00:00-24:00")
    nine = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert hours.add(nine, timedelta(hours=9), UTC_ZONE) == nine + timedelta(hours=9)
    assert hours.add(nine, timedelta(hours=10), UTC_ZONE) == datetime(2026, 3, 3, 1, 0, tzinfo=UTC)


# Who is asked


def member(id_: int, **facts: object) -> Member:
    blank = Member(
        id=id_,
        community_id=1,
        name=f"M{id_}",
        accounts=(),
        roles=frozenset(),
        timezone=None,
        locale=None,
        away_until=None,
        quiet_from=None,
        quiet_to=None,
        direct_ok=False,
        offers_ok=True,
        joined_at=MONDAY,
        last_active_at=MONDAY,
        left_at=None,
    )
    return replace(blank, **facts)  # type: ignore[arg-type]  # any of its fields


def question(**facts: object) -> Question:
    values: dict[str, object] = dict.fromkeys(Question.__dataclass_fields__)
    values |= {"id": 1, "community_id": 1, "asker_id": 1, "title": "Why?", "details": "", "topic": "webhooks"}
    values |= {"state": State.OPEN, "audience": Audience.PEERS, "waves": 0, "created_at": MONDAY}
    return Question(**values | facts)  # type: ignore[arg-type]  # all fields


def evidence(**facts: object) -> Evidence:
    members = [member(id_) for id_ in range(1, 7)]
    blank = Evidence(members=members, past={}, expertise={}, titles={}, recent=[])
    return replace(blank, **facts)  # type: ignore[arg-type]  # any of its fields


def asked(known: Evidence, size: int = 3) -> list[int]:
    return [one.member.id for one in choose_peers(question(), known, MONDAY, UTC_ZONE, size)]


def gave(member_id: int, share: float = 0.2, **facts: Any) -> Past:
    """Return the past of somebody who gave such a share of all help, yesterday."""
    blank = Past(member_id, words=share, topic=share, month=share, days=1, helped=3)
    return replace(blank, **facts)


def of(*past: Past) -> dict[int, Past]:
    return {one.member_id: one for one in past}


def test_who_gave_more_help_like_it_is_asked_first() -> None:
    assert asked(evidence(past=of(gave(2, 0.2), gave(3, 0.3), gave(4, 0.05)))) == [3, 2, 4]


def test_words_presence_and_who_asks_count() -> None:
    assert asked(evidence(past=of(gave(2), gave(3, words=0.5)))) == [3, 2]
    assert asked(evidence(past=of(gave(2), gave(3, hour=0.5)))) == [3, 2]
    assert asked(evidence(past=of(gave(2), gave(3, days=0.01)))) == [3, 2]
    assert asked(evidence(past=of(gave(2), gave(3, asker=2.0)))) == [3, 2]


def test_who_takes_on_what_they_are_asked_is_asked_first() -> None:
    taken = Offer(7, 3, 1, "", MONDAY - timedelta(days=5), Reaction.HELPING, MONDAY - timedelta(days=5))
    ignored = Offer(8, 2, 1, "", MONDAY - timedelta(days=5), None, None)
    known = evidence(past=of(gave(2), gave(3)), recent=[taken, ignored])
    assert asked(known) == [3, 2]
    late = replace(taken, reacted_at=MONDAY - timedelta(days=4))
    assert asked(replace(known, recent=[late, replace(taken, member_id=2)])) == [2, 3]


def test_the_reasons_are_true_and_the_best_comes_first() -> None:
    past = gave(2, solved=4, closest=9, alike=0.5, asker=1.0, hour=0.7)
    known = evidence(past=of(past), titles={9: "Like it"}, expertise={2: {"webhooks"}})
    (best,) = rank_peers(question(), known, MONDAY, UTC_ZONE)
    assert best.reasons == (
        Reason(Why.SOLVED, "webhooks", 4),
        Reason(Why.ANSWERED, "Like it"),
        Reason(Why.KNOWS, "webhooks"),
        Reason(Why.LATELY, number=3),
        Reason(Why.ASKER),
        Reason(Why.AROUND),
    )
    kept = Offer(1, 2, 1, best.pack(), MONDAY, None, None)
    assert tuple(reasons_of(kept)) == best.reasons
    (best,) = rank_peers(question(anonymous=True), known, MONDAY, UTC_ZONE)
    assert Reason(Why.ASKER) not in best.reasons, "nobody is to guess who asks"


def test_who_asks_the_same_is_told_by_the_words_of_it() -> None:
    mine = question(title="Why does the webhook signature fail?")
    assert asks_the_same(mine, question(title="The webhook's signature fails, why?"))
    assert not asks_the_same(mine, question(title="Why does the login fail?"))


def test_never_the_asker_nor_who_is_away_or_said_no() -> None:
    past = of(*(gave(id_) for id_ in range(1, 7)))
    members = [
        member(1),
        member(2, offers_ok=False),
        member(3, away_until=MONDAY + timedelta(hours=1)),
        member(4, left_at=MONDAY),
        member(5, quiet_from="09:00", quiet_to="11:00"),
        member(6, away_until=MONDAY - timedelta(hours=1)),
    ]
    assert asked(evidence(past=past, members=members)) == [6]
    assert asked(evidence(past=past, offered=frozenset({2, 3, 4, 5}))) == [6]


def test_who_was_asked_a_lot_lately_is_asked_less() -> None:
    past = of(gave(2, 0.25), gave(3))
    assert asked(evidence(past=past)) == [2, 3]
    recent = [Offer(n, 2, 1, "", MONDAY - timedelta(hours=24 + n), None, None) for n in range(1, 5)]
    assert asked(evidence(past=past, recent=recent)) == [3, 2]
    snoozed = Offer(9, 3, 1, "", MONDAY - timedelta(hours=3), Reaction.SNOOZED, MONDAY - timedelta(hours=2))
    assert asked(evidence(past=past, recent=[snoozed])) == [2]


def test_having_been_asked_counts_less_with_every_day() -> None:
    past = of(gave(2, 0.22), gave(3))
    days = {ago: MONDAY - timedelta(days=ago) for ago in (4, 8)}
    offers = {ago: Offer(7, 2, 1, "", at, Reaction.LEFT, at) for ago, at in days.items()}
    assert asked(evidence(past=past, recent=[offers[4]])) == [3, 2]
    assert asked(evidence(past=past, recent=[offers[8]])) == [2, 3]


def offer(question_id: int, member_id: int, hours_ago: float) -> Offer:
    return Offer(question_id, member_id, 1, "", MONDAY - timedelta(hours=hours_ago), None, None)


def test_nobody_is_asked_more_than_three_times_a_day() -> None:
    past = of(gave(2))
    assert asked(evidence(past=past, recent=[offer(id_, 2, id_) for id_ in (7, 8)])) == [2]
    assert asked(evidence(past=past, recent=[offer(id_, 2, id_) for id_ in (7, 8, 9)])) == []
    assert asked(evidence(past=past, recent=[offer(7, 2, 1), offer(8, 2, 2), offer(9, 2, 25)])) == [2]


def test_nobody_is_asked_twice_in_a_row_while_others_are_as_good() -> None:
    equal = of(gave(2), gave(3))
    busy_before = [offer(7, 3, 30), offer(8, 3, 29), offer(9, 2, 1)]
    assert asked(evidence(past=equal, recent=busy_before), size=1) == [3]
    much_better = of(gave(2, 0.5), gave(3, 0.01))
    assert asked(evidence(past=much_better, recent=[offer(9, 2, 1)]), size=1) == [2]


def test_a_willing_newcomer_gets_the_last_place() -> None:
    past = of(*(gave(id_, accepted=3) for id_ in (2, 3, 4)))
    known = evidence(past=past, expertise={5: {"webhooks"}})
    assert asked(known)[-1] == 5 and len(asked(known)) == 3
    assert 5 not in asked(known, size=2)


def test_nobody_is_asked_for_no_reason() -> None:
    assert asked(evidence()) == []


# What is known


def fit(score: float = 1.0, words: int = 1, covered: float = 0.3, titled: float = 0.4) -> Fit:
    return Fit(score, words, covered, titled, covered, titled)


def test_likeness_grows_with_what_is_shared_and_stays_a_probability() -> None:
    one_word, other = fit(), fit(0.8)
    same = fit(3.0, words=4, covered=1.0, titled=1.0)
    assert likely([one_word])[0] < ALIKE < SAME < likely([same, one_word])[0] < 1
    for more in ({"covered_alike": 0.5}, {"titled_alike": 0.6}, {"words": 2}, {"score": 1.4}):
        assert likely([one_word, other])[0] < likely([replace(one_word, **more), other])[0]


def test_what_is_found_second_may_be_what_was_meant() -> None:
    first, second = likely([fit(2.0, words=3), fit(1.9, words=3, covered=0.9, titled=0.9)])
    assert first < ALIKE < second


def test_being_the_only_one_says_no_more_than_being_clearly_ahead() -> None:
    half = fit(words=2, covered=0.5, titled=0.5)
    assert likely([half]) == likely([half, fit(0.1, words=1, covered=0.0, titled=0.0)])[:1]


def test_only_the_closest_are_looked_at_and_nothing_is_likely_of_nothing() -> None:
    assert likely([]) == []
    assert [bool(one) for one in likely([fit(words=4, covered=1.0, titled=1.0)] * 7)] == [True] * 5 + [False] * 2
