"""Every state of a poll, without a platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.codec import dump_card, load_card
from adapters.contract.models import Channel, Space
from bot.cogs.polls.cards import View
from bot.cogs.polls.counting import count
from bot.cogs.polls.lifecycle import CARD, REMINDER, RESULT, PollLifecycle, PollSnapshot, Step
from bot.cogs.polls.policy import again_at
from bot.kernel.lifecycle import Posting, Standing
from storage.polls import Choices, Kind, Poll, PollOption, State
from storage.postings import DELETED, Posted

from .shown import check_golden, member

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOME, AWAY = Channel(Space("slack", "T1"), "C1"), Channel(Space("discord", "1"), "2")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def lifecycle() -> PollLifecycle:
    nothing: Any = None
    return PollLifecycle(nothing, nothing, nothing, nothing, nothing)


def poll(**changes: Any) -> Poll:
    facts: dict[str, Any] = dict.fromkeys(Poll.__dataclass_fields__)
    facts |= {"id": 7, "community_id": 1, "number": 3, "author_id": 1, "question": "Where shall we meet?"}
    facts |= {"kind": Kind.SINGLE, "state": State.OPEN, "anonymous": False, "hidden": False, "adding": False}
    facts |= {"repeats": "", "turn": 0, "channel": HOME.key, "created_at": NOW, "opened_at": NOW}
    return Poll(**facts | changes)


def card_in(channel: Channel, **changes: Any) -> Posted:
    message = f"{channel.key}/5"
    row = Posted(1, 1, "poll", 7, CARD, channel.space.key, None, channel.key, message, None, "", NOW, None)
    return replace(row, **changes)


LABELS = ("Library", "Park", "Café")


def snapshot(
    poll: Poll, ballots: Mapping[Choices, int] = {}, labels: tuple[str, ...] = LABELS, **changes: Any
) -> PollSnapshot:
    options = [PollOption(7, position, label, None) for position, label in enumerate(labels)]
    standing = Standing([card_in(HOME)], lambda ref: f"https://x.example/{ref.id}")
    view = View(poll, options, count(poll.kind, len(options), ballots), member(1, "Mia"))
    shot = PollSnapshot(NOW, view, (HOME,), standing, BERLIN, again_at=again_at(poll, BERLIN))
    return replace(shot, **changes)


def nothing_stands() -> Standing:
    return Standing([], lambda _: None)


def closed(**changes: Any) -> Poll:
    return poll(state=State.CLOSED, closed_at=NOW + HOUR, **changes)


def test_what_is_shown_of_a_poll() -> None:
    lasting = poll(closes_at=NOW + timedelta(days=3))
    many = tuple(f"Place {n}" for n in range(10))
    check_golden(
        "polls",
        lifecycle(),
        {
            "new": snapshot(poll(), standing=nothing_stands()),
            "open with votes": snapshot(poll(), {(1,): 2, (0,): 1}),
            "anonymous": snapshot(poll(anonymous=True), {(1,): 2, (0,): 1}),
            "hidden, with conditions": snapshot(poll(hidden=True, quorum=10, threshold=60), {(1,): 2}),
            "to be reminded of": snapshot(lasting, {(1,): 2}, remind_at=lasting.closes_at and NOW + HOUR),
            "asked again": snapshot(replace(lasting, repeats="mon 09:00"), {(1,): 2}),
            "several options, members add": snapshot(poll(kind=Kind.MULTIPLE, most=2, adding=True), {(0, 1): 1}),
            "ranking": snapshot(poll(kind=Kind.RANKED), {(0,): 2, (1, 0): 1}),
            "rating": snapshot(poll(kind=Kind.RATING), {(5, 4, 0): 2}),
            "rating of the question": snapshot(poll(kind=Kind.RATING), {(5,): 2}, ("Where shall we meet?",)),
            "in two spaces": snapshot(
                poll(), channels=(HOME, AWAY), standing=Standing([card_in(HOME), card_in(AWAY)], lambda _: None)
            ),
            "closed": snapshot(closed(), {(1,): 3, (0,): 1}),
            "closed without a vote": snapshot(closed()),
            "closed, not passed": snapshot(closed(threshold=60), {(1,): 3, (0,): 1}, ("Yes", "No")),
            "closed, passed": snapshot(closed(threshold=60, quorum=2), {(0,): 3, (1,): 1}, ("Yes", "No")),
            "closed, enough voted": snapshot(closed(quorum=2), {(0,): 1, (1,): 3}, ("Yes", "No")),
            "closed, too few voted": snapshot(closed(quorum=9), {(0,): 1, (1,): 3}, ("Yes", "No")),
            "closed, a tie": snapshot(closed(threshold=60), {(0,): 1, (1,): 1}, ("Yes", "No")),
            "closed ranking": snapshot(closed(kind=Kind.RANKED), {(0,): 2, (1, 0): 1, (2, 1): 2}),
            "closed ranking of many": snapshot(closed(kind=Kind.RANKED), {(0,): 2, (9, 0): 1, (2, 1): 2}, many),
            "closed rating": snapshot(closed(kind=Kind.RATING), {(5, 4, 0): 2}),
            "closed, words that no picture can draw": snapshot(closed(), {(1,): 3}, ("👍", "👎")),
            "closed before it was posted": snapshot(closed(), standing=nothing_stands()),
            "closed, its card deleted": snapshot(
                closed(), {(1,): 3}, standing=Standing([card_in(HOME, gone_at=NOW, why=DELETED)], lambda _: None)
            ),
            "closed, asked again later": snapshot(closed(repeats="mon 09:00"), {(1,): 2}),
            "closed, asked again already": snapshot(closed(repeats="mon 09:00"), {(1,): 2}, is_followed=True),
        },
    )


def test_what_ends_and_begins_at_one_moment_ends_first() -> None:
    series = poll(repeats="mon 09:00", closes_at=NOW + timedelta(days=6, hours=22))
    due = lifecycle().due(snapshot(series))
    assert due and due.at == series.closes_at and due.step is Step.CLOSE
    due = lifecycle().due(snapshot(replace(series, closes_at=None)))
    assert due and due.step is Step.CLOSE and due.at == again_at(series, BERLIN)
    due = lifecycle().due(snapshot(replace(series, state=State.CLOSED)))
    assert due and due.step is Step.ASK_AGAIN
    assert lifecycle().due(snapshot(replace(series, state=State.CLOSED), is_followed=True)) is None


def test_nothing_says_who_is_ahead_before_the_end_where_that_is_kept_back() -> None:
    for secret in ({"anonymous": True}, {"hidden": True}):
        for kind in Kind:
            boxes: list[dict[Choices, int]] = [{(1, 0): 3}, {(0, 1): 3}]
            if kind is Kind.RATING:
                boxes = [{(1, 5): 3}, {(5, 1): 3}]
            asked = poll(kind=kind, closes_at=NOW + HOUR, **secret)
            shown = [[*lifecycle().shown(snapshot(asked, ballots, LABELS[:2], remind_at=NOW))] for ballots in boxes]
            assert len(shown[0]) == 2 and shown[0] == shown[1]


BALLOTS = st.dictionaries(st.permutations(range(3)).map(tuple), st.integers(1, 5), max_size=6)
POLLS = st.builds(
    poll,
    kind=st.sampled_from(Kind),
    state=st.sampled_from([State.OPEN, State.CLOSED]),
    anonymous=st.booleans(),
    hidden=st.booleans(),
    adding=st.booleans(),
    quorum=st.none() | st.integers(1, 20),
    threshold=st.none() | st.integers(1, 100),
    repeats=st.sampled_from(["", "daily 09:00", "mon 09:00"]),
    closes_at=st.none() | st.timedeltas(timedelta(), timedelta(days=20)).map(lambda length: NOW + length),
    closed_at=st.just(NOW),
)


@given(POLLS, BALLOTS, st.booleans())
def test_whatever_a_poll_is_all_of_it_can_be_stored_and_the_same_is_shown_again(
    asked: Poll, ballots: dict[Choices, int], stands: bool
) -> None:
    shot = snapshot(asked, ballots, remind_at=NOW if asked.closes_at else None)
    shot = shot if stands else replace(shot, standing=nothing_stands())
    shown = [*lifecycle().shown(shot)]
    assert shown == [*lifecycle().shown(shot)]
    for one in shown:
        assert isinstance(one, Posting) and load_card(dump_card(one.card)) == one.card
    keys = [one.key for one in shown if isinstance(one, Posting)]
    assert len(keys) == len({*keys}) and {*keys} <= {CARD, REMINDER, RESULT}
    controls = [one.card.menu or one.card.buttons for one in shown if isinstance(one, Posting) and one.key == CARD]
    assert all(map(bool, controls)) if asked.state is State.OPEN else not any(controls)
    assert (RESULT in keys) == (asked.state is State.CLOSED and stands)


@pytest.mark.parametrize("votes, share", [(596, "59.6%"), (599, "59.9%"), (600, "60%"), (594, "59%"), (670, "67%")])
def test_a_share_never_seems_to_be_enough_when_it_is_not(votes: int, share: str) -> None:
    shot = snapshot(closed(threshold=60), {(0,): votes, (1,): 1000 - votes}, ("Yes", "No"))
    body = next(
        one.card.body.plain() for one in lifecycle().shown(shot) if isinstance(one, Posting) and one.key == RESULT
    )
    assert f"{share} · {votes} votes" in body and ("✅ Passed." in body) == (votes >= 600)
