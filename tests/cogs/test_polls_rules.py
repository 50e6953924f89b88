"""Counting and reading: what comes of ballots, and what people type."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.cogs.polls.counting import Verdict, count, judge
from bot.cogs.polls.policy import is_scale, next_close, read_options, read_passing
from bot.cogs.polls.repeating import often, read_repeats
from bot.text.language import Locales
from storage.polls import Choices, Kind, Poll, State
from storage.words import folded


def a_poll(*, opened_at: datetime, closes_at: datetime) -> Poll:
    facts: dict[str, Any] = dict.fromkeys(Poll.__dataclass_fields__)
    facts |= {"kind": Kind.SINGLE, "state": State.OPEN, "opened_at": opened_at, "closes_at": closes_at}
    return Poll(**facts)


def test_a_choice_counts_once_on_a_ballot() -> None:
    result = count(Kind.MULTIPLE, 3, {(0, 1): 2, (1,): 3})
    assert result.counts == (2, 5, 0)
    assert result.first == (1,) and result.voters == 5
    assert result.share(1) == 1.0


def test_without_votes_nobody_is_in_front() -> None:
    for kind in Kind:
        result = count(kind, 3, {})
        assert result.first == () and result.counts == (0, 0, 0) and result.share(0) == 0


def test_a_run_off_moves_votes_until_somebody_has_more_than_half() -> None:
    # The textbook case: A leads, C leaves, and C's voters prefer B.
    result = count(Kind.RANKED, 3, {(0,): 4, (1, 0): 3, (2, 1): 2})
    assert [dict(round_.counts) for round_ in result.rounds] == [{0: 4, 1: 3, 2: 2}, {0: 4, 1: 5}]
    assert result.rounds[0].out == (2,) and result.first == (1,)
    assert result.order == [1, 0, 2]


def test_exhausted_ballots_stay_in_the_box_and_count_for_nobody() -> None:
    result = count(Kind.RANKED, 3, {(0,): 4, (1,): 3, (2,): 2})
    assert [round_.exhausted for round_ in result.rounds] == [0, 2]
    assert result.first == (0,) and result.base == 7 and result.share(0) == 4 / 7


def test_of_those_with_the_fewest_the_one_leaves_who_had_fewer_before() -> None:
    # After D has left, B and C are level at 4; C had 3 in the round before and B had 4.
    result = count(Kind.RANKED, 4, {(0,): 6, (1,): 4, (2, 0): 3, (3, 2): 1})
    assert [round_.out for round_ in result.rounds] == [(3,), (2,), ()]
    assert result.first == (0,)


def test_those_who_never_differed_leave_together_and_the_last_ones_tie() -> None:
    result = count(Kind.RANKED, 4, {(0,): 3, (1,): 1, (2, 0): 1})
    assert result.rounds[0].counts[0] == 3 and result.first == (0,)
    result = count(Kind.RANKED, 4, {(0,): 2, (1,): 2, (2, 0): 1, (3, 1): 1})
    assert result.rounds[0].out == (2, 3)
    assert set(result.first) == {0, 1}


RANKINGS = st.integers(1, 6).flatmap(
    lambda options: st.tuples(
        st.just(options),
        st.dictionaries(
            st.permutations(range(options)).flatmap(
                lambda order: st.integers(1, options).map(lambda size: tuple(order[:size]))
            ),
            st.integers(1, 9),
        ),
    )
)
"""How many options, and how many ballots say the same."""


@given(RANKINGS)
def test_every_run_off_ends_and_accounts_for_every_ballot(case: tuple[int, dict[tuple[int, ...], int]]) -> None:
    options, ballots = case
    result = count(Kind.RANKED, options, ballots)
    for round_ in result.rounds:
        assert sum(round_.counts.values()) + round_.exhausted == result.voters == sum(ballots.values())
    last = result.rounds[-1].counts
    if len(result.first) == 1:
        assert last[result.first[0]] * 2 > sum(last.values())
    elif result.voters:
        assert set(last.values()) == {last[result.first[0]]}
    assert sorted(result.order) == list(range(options))


@given(RANKINGS)
def test_a_run_off_is_what_comes_of_moving_papers_by_hand(case: tuple[int, dict[tuple[int, ...], int]]) -> None:
    options, ballots = case
    papers = [[*ranking] for ranking, number in ballots.items() for _ in range(number)]
    piles: list[dict[int, int]] = []
    left = [*range(options)]
    while True:
        piles.append({one: sum(paper[:1] == [one] for paper in papers) for one in left})
        now, cast = piles[-1], sum(piles[-1].values())
        # Who has the fewest, after all earlier rounds from the last to the first: level ones have the same list.
        past = {one: [pile[one] for pile in reversed(piles)] for one in left}
        losers = [one for one in left if past[one] == min(past.values())]
        if not cast or max(now.values()) * 2 > cast or len(losers) == len(left):
            break
        left = [one for one in left if one not in losers]
        papers = [[one for one in paper if one in left] for paper in papers]
    result = count(Kind.RANKED, options, ballots)
    assert [dict(round_.counts) for round_ in result.rounds] == piles
    assert result.first == tuple(one for one in left if cast and now[one] == max(now.values()))


def test_a_rating_is_the_mean_of_the_marks_that_were_given() -> None:
    result = count(Kind.RATING, 2, {(5, 0): 1, (4, 2): 2})
    assert result.marks == ((0, 0, 0, 2, 1), (0, 2, 0, 0, 0))
    assert result.mean(0) == pytest.approx(13 / 3) and result.mean(1) == 2
    assert result.first == (0,)


@pytest.mark.parametrize(
    "ballots, verdict",
    [
        ({(0,): 6, (1,): 4}, Verdict.PASSED),
        ({(0,): 5, (1,): 4}, Verdict.TOO_FEW_VOTES),
        ({(0,): 5, (1,): 5}, Verdict.TIED),
        ({(0,): 59, (1,): 41}, Verdict.TOO_SMALL_A_SHARE),
        ({(0,): 60, (1,): 40}, Verdict.PASSED),
        ({(0,): 10, (1,): 30}, Verdict.TOO_SMALL_A_SHARE),
        ({(0,): 1, (1,): 99}, Verdict.TOO_SMALL_A_SHARE),
        ({(1,): 30}, Verdict.TOO_SMALL_A_SHARE),
    ],
)
def test_quorum_and_threshold(ballots: dict[tuple[int, ...], int], verdict: Verdict) -> None:
    assert judge(count(Kind.SINGLE, 2, ballots), 10, 60) is verdict


def test_what_the_card_promised_decides() -> None:
    assert judge(count(Kind.SINGLE, 2, {(0,): 5, (1,): 5}), None, 50) is Verdict.PASSED, "half is what it needed"
    assert judge(count(Kind.SINGLE, 3, {(0,): 4, (1,): 3, (2,): 3}), None, 40) is Verdict.PASSED
    assert judge(count(Kind.SINGLE, 3, {(0,): 1, (1,): 2, (2,): 2}), None, 40) is Verdict.TOO_SMALL_A_SHARE
    assert judge(count(Kind.MULTIPLE, 2, {(0, 1): 3, (1,): 2}), None, 60) is Verdict.PASSED, "of those who voted"
    agreed: list[dict[Choices, int]] = [{(0,): 9}, {(1,): 9}, {(0,): 5, (1,): 5}]
    for ballots in agreed:
        assert judge(count(Kind.SINGLE, 2, ballots), 9, None) is Verdict.ENOUGH_VOTES
    assert judge(count(Kind.SINGLE, 2, {}), None, 60) is Verdict.TOO_FEW_VOTES
    left = count(Kind.RANKED, 3, {(0, 1): 2, (1,): 4, (2,): 3})
    assert judge(left, None, 20) is Verdict.TOO_SMALL_A_SHARE, "it left in the first round"


def test_a_poll_without_conditions_has_no_verdict() -> None:
    assert judge(count(Kind.SINGLE, 2, {(0,): 1}), None, None) is None


@pytest.mark.parametrize(
    "typed, options",
    [
        ("Pizza, Sushi, Tacos", ("Pizza", "Sushi", "Tacos")),
        ("Pizza\nSushi, raw\n\n Tacos ", ("Pizza", "Sushi, raw", "Tacos")),
        ("- Pizza\n- Sushi", ("Pizza", "Sushi")),
        ("1. Pizza\n2) Sushi", ("Pizza", "Sushi")),
        ("1. FC Köln, Bayern", ("1. FC Köln", "Bayern")),
        ("Yes, please; No, thanks", ("Yes, please", "No, thanks")),
        ("Pizza, pizza, PIZZA, Sushi", ("Pizza", "Sushi")),
        ("Yes, no, Maybe, yes", ("Yes", "no", "Maybe")),
        ("b\nB\na\nA\nb", ("b", "a")),
        (" , ,", ()),
        ("9:00, 10:00", ("9:00", "10:00")),
        ("Pizza | Pasta, al forno", ("Pizza", "Pasta, al forno")),
        ("- Pizza - Pasta - Al forno", ("Pizza", "Pasta", "Al forno")),
        ("Rock - Pop", ("Rock - Pop",)),
        ("はい、いいえ", ("はい", "いいえ")),
        ("2.5, 3.5", ("2.5", "3.5")),
        ("1,5 Stunden, 2 Stunden", ("1,5 Stunden", "2 Stunden")),
        ("100, 200, 1,000", ("100", "200", "1,000")),
        ("1,2,3", ("1", "2", "3")),
        ("Tea,Coffee", ("Tea", "Coffee")),
        ("نعم، لا", ("نعم", "لا")),
        ("Pizza / Pasta", ("Pizza", "Pasta")),
        ("1,000 / 2,000", ("1,000", "2,000")),
        ("and/or, x/y", ("and/or", "x/y")),
        ("1) Pizza 2) Pasta", ("Pizza", "Pasta")),
        ("pizza or pasta", ("pizza", "pasta")),
        ("Pizza, Pasta oder Salat", ("Pizza", "Pasta", "Salat")),
        ("Pizza, pasta, and salad", ("Pizza", "pasta", "salad")),
        ("Salt or pepper, salt or vinegar", ("Salt or pepper", "salt or vinegar")),
        ('"Pizza, thin", "Pasta"', ("Pizza, thin", "Pasta")),
        ("“Pizza” “Pasta, al forno”", ("Pizza", "Pasta, al forno")),
        ("„Pizza, dünn“, Pasta", ("Pizza, dünn", "Pasta")),
        ('5" pizza, 7" pizza', ('5" pizza', '7" pizza')),
        ("", ()),
    ],
)
def test_options_are_read_from_lines_or_between_commas(typed: str, options: tuple[str, ...]) -> None:
    assert read_options(typed) == options


@given(st.lists(st.text("abAB ä,;.“👩\u200d💻é\u0301\t", max_size=8), max_size=8))
def test_options_in_lines_are_what_stands_there_each_once_and_in_its_first_spelling(lines: list[str]) -> None:
    written = [*filter(None, (" ".join(line.split()) for line in lines))]
    assume(len(written) > 1)  # else it is a single line, with marks between
    first = {folded(words): words for words in reversed(written)}
    read = read_options("\n".join(lines))
    assert {folded(option): option for option in read} == first and len(read) == len(first)
    assert [written.index(option) for option in read] == sorted(written.index(option) for option in read)


def test_a_scale_is_its_marks() -> None:
    assert is_scale(["1", "2", "3", "4", "5"]) and not is_scale(["Docs", "Support"])


@pytest.mark.parametrize(
    "typed, read",
    [
        ("10 votes", (10, None)),
        ("10", (10, None)),
        ("60%", (None, 60)),
        ("10 votes, 60%", (10, 60)),
        ("25 people and 50 %", (25, 50)),
        ("mindestens 10 Stimmen, davon 60 %", (10, 60)),
    ],
)
def test_conditions_are_read_as_people_write_them(typed: str, read: tuple[int | None, int | None]) -> None:
    assert read_passing(typed) == read


@pytest.mark.parametrize("typed", ["many", "0 votes", "101%", "0%", "10 votes, 60%, 70%", "10 or 20 votes", ""])
def test_what_is_no_condition_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        read_passing(typed)


@pytest.mark.parametrize(
    "typed, read",
    [
        ("weekly", "mon 11:30"),
        ("daily", "daily 11:30"),
        ("every Friday 9:00", "fri 09:00"),
        ("mon-fri 09:00", "mon,tue,wed,thu,fri 09:00"),
        ("mondays at 9", "mon 09:00"),
        ("9am every monday", "mon 09:00"),
        ("every monday and thursday at 9am", "mon,thu 09:00"),
        ("weekdays 17:00", "mon,tue,wed,thu,fri 17:00"),
        ("jeden Montag um 9 Uhr", "mon 09:00"),
        ("täglich abends um 8", "daily 20:00"),
        ("wöchentlich", "mon 11:30"),
        ("tuesday", "tue 11:30"),
        ("daily 17:00", "daily 17:00"),
    ],
)
def test_recurrences_are_read_as_people_say_them(typed: str, read: str) -> None:
    monday = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
    zone = ZoneInfo("Europe/Berlin")
    assert read_repeats(typed, monday, zone) == read
    assert read_repeats(often(read).plain(), monday, zone) == read, "what is read back can be typed"
    german = Locales().of("de")
    assert read_repeats(often(read).localized(german).plain(), monday, zone, german) == read


def test_how_often_a_poll_is_asked_is_said_in_words() -> None:
    assert often("mon-fri 9:00").plain().startswith("every week on Monday, Tuesday")
    assert often("daily 17:00").localized(Locales().of("de")).plain() == "jeden Tag, 17:00"


def test_the_next_of_a_series_is_open_as_long_by_the_wall_clock() -> None:
    zone = ZoneInfo("Europe/Berlin")
    moments = [datetime(2026, 3, day, hour, tzinfo=zone) for day, hour in ((23, 9), (27, 18), (30, 9))]
    opened, closes, again = (moment.astimezone(UTC) for moment in moments)  # the clocks change on the 29th
    poll = a_poll(opened_at=opened, closes_at=closes)
    assert next_close(poll, opened, zone) == closes
    assert next_close(poll, again, zone) == datetime(2026, 4, 3, 18, tzinfo=zone)
    assert next_close(poll, datetime(2026, 3, 28, 9, tzinfo=zone), zone) == datetime(2026, 4, 1, 18, tzinfo=zone)


@pytest.mark.parametrize(
    "typed",
    ["sometimes", "monthly", "25:00", "every 2 weeks", "daily, 5 times", "daily tomorrow 9:00", "mon 9:00 10:00"],
)
def test_what_is_no_recurrence_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        read_repeats(typed, datetime(2026, 3, 2, 10, 30, tzinfo=UTC), ZoneInfo("UTC"))
