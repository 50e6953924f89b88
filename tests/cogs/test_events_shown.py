"""Every state of an event and of what is told about it, without a platform."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.models import Channel, Space
from bot.cogs.events.cards import View
from bot.cogs.events.guests import GuestsLifecycle, GuestsSnapshot
from bot.cogs.events.lifecycle import EventLifecycle, EventSnapshot
from bot.cogs.events.notifications import due_notifications, moved_key, reminder_key, turning_points
from bot.cogs.events.policy import is_over
from bot.cogs.events.series import SeriesLifecycle, SeriesSnapshot, Step
from bot.kernel.lifecycle import Due, Entry, Posting, Standing, Telling
from bot.kernel.planning import Plan, Planner
from storage.events import Event, EventState
from storage.members import Member
from storage.postings import IMPOSSIBLE, LATE, Posted
from storage.reminders import HostMessage
from storage.series import Series
from storage.signups import WAITLIST, Choice, Signup
from storage.turnout import Tally

from .shown import check_golden, member
from .test_events_rules import POLICY, an_event

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOME, AWAY = Space("slack", "T1"), Space("discord", "1")
CHANNEL, THREAD = Channel(HOME, "C1"), Channel(HOME, "C1:5")
nothing: Any = None

MIA, NOAH, KENJI, SOFIA = member(9, "Mia"), member(2, "Noah"), member(3, "Kenji"), member(4, "Sofia", direct=True)
LEFT = replace(member(5, "Left"), accounts=())
PEOPLE = {one.id: one for one in (MIA, NOAH, KENJI, SOFIA, LEFT)}
EVENT = an_event(NOW + 3 * DAY, host_id=MIA.id, created_at=NOW - 9 * DAY, shows_at=NOW - 9 * DAY, place="The shed")


def row(key: str, spot: str = "slack/T1", *, who: Member | None = None, **facts: Any) -> Posted:
    """Return something that stands."""
    spot = f"member/{who.id}" if who else spot
    channel = facts.pop("channel", THREAD.key if who else CHANNEL.key)
    message = facts.pop("message", f"{channel}/5")
    kind = "event_guests" if who else "event"
    given = {"thread": None, "digest": "", "at": NOW, "gone_at": None} | facts
    return Posted(1, 1, kind, 1, key, spot, who.id if who else None, channel, message, **given)


def standing(*rows: Posted) -> Standing:
    return Standing(rows, lambda message: f"https://x.example/{message.id}")


CARD = standing(row("card", thread=THREAD.key))


# The event


def event_lifecycle() -> EventLifecycle:
    return EventLifecycle(*(nothing,) * 7)


def seen(event: Event = EVENT, at: datetime = NOW, *, stands: Standing = CARD, **view: Any) -> EventSnapshot:
    given = View(event, at, MIA, **view)
    return EventSnapshot(at, given, ((AWAY, None), (HOME, CHANNEL)), stands)


def said(came: int = 0, until: datetime | None = None, **numbers: int) -> Tally:
    return Tally({Choice(name): number for name, number in numbers.items()}, came, until, until)


def test_what_is_shown_of_an_event() -> None:
    few = replace(EVENT, capacity=2, audience="agents", closes_minutes=120)
    start, end = EVENT.starts_at, EVENT.ends_at
    settled = replace(EVENT, settled_at=end + HOUR)
    check_golden(
        "events",
        event_lifecycle(),
        {
            "appears later": seen(replace(EVENT, shows_at=NOW + DAY), stands=standing()),
            "new": seen(stands=standing()),
            "some go": seen(tally=said(going=10, maybe=1), going=(NOAH, KENJI), maybe=(SOFIA,)),
            "full": seen(few, tally=said(going=2, waiting=1), going=(NOAH, KENJI), waitlist=(SOFIA,)),
            "a seat is free": seen(few, tally=said(going=1, waiting=1), going=(NOAH,), waitlist=(SOFIA,)),
            "a seat is offered": seen(few, tally=said(going=1, offered=1, until=NOW + HOUR), waitlist=(SOFIA,)),
            "the offer lapses": seen(few, tally=said(going=1, offered=1, until=NOW)),
            "a seat is free late": seen(few, start - 2.25 * HOUR, tally=said(going=1, waiting=1), waitlist=(SOFIA,)),
            "offered for too long": seen(few, start - 2.25 * HOUR, tally=said(offered=1, until=start)),
            "closed": seen(few, start - HOUR, tally=said(going=1, waiting=1), going=(NOAH,), waitlist=(SOFIA,)),
            "check-in": seen(EVENT, start - HOUR / 4, tally=said(going=1), going=(NOAH,)),
            "running": seen(EVENT, start, tally=said(going=1), going=(NOAH,)),
            "over": seen(EVENT, end, tally=said(going=1)),
            "to be settled": seen(EVENT, end + HOUR, tally=said(going=1, came=1), came=(NOAH,)),
            "settled": seen(settled, end + HOUR, tally=said(going=1, came=1), came=(NOAH,)),
            "repeats": seen(replace(EVENT, rule="FREQ=WEEKLY", series_id=3)),
            "cancelled": seen(replace(EVENT, state=EventState.CANCELLED, cancelled_at=NOW)),
            "its host is gone": EventSnapshot(NOW, View(EVENT, NOW), ((HOME, CHANNEL),), CARD),
        },
    )


def test_what_is_over_is_not_posted_any_more_and_where_it_stands_it_is_kept_right() -> None:
    late = EVENT.ends_at + HOUR
    assert not [one for one in event_lifecycle().shown(seen(at=late, stands=standing())) if isinstance(one, Posting)]
    assert [one for one in event_lifecycle().shown(seen(at=late)) if isinstance(one, Posting)]
    nameless = EventSnapshot(NOW, View(EVENT, NOW), ((HOME, None),), CARD)
    assert [one.key for one in event_lifecycle().shown(nameless)] == ["card", "calendar"], "its channel has no name now"


def test_calendars_have_an_event_as_long_as_it_is_on() -> None:
    def entries(snapshot: EventSnapshot) -> list[Space]:
        return [one.space for one in event_lifecycle().shown(snapshot) if isinstance(one, Entry)]

    assert entries(seen()) == entries(seen(at=EVENT.ends_at)) == [AWAY, HOME]
    assert entries(seen(replace(EVENT, shows_at=NOW + DAY))) == []
    assert entries(seen(replace(EVENT, state=EventState.CANCELLED))) == []


def test_a_series_makes_events_in_time_and_ends() -> None:
    facts = {"title": "Pruning", "description": "", "place": "", "zone": "UTC", "capacity": None, "audience": ""}
    more = {"closes_minutes": 0, "rule": "FREQ=WEEKLY", "minutes": 60, "first": "", "made_until": "", "ended_at": None}
    series = Series(3, 1, 9, **facts, **more)  # type: ignore[arg-type]
    due = SeriesLifecycle(nothing, nothing, nothing).due
    next_one, wanted = (NOW + DAY,), (("2026-03-12T10:00", NOW + 10 * DAY),)
    assert due(SeriesSnapshot(NOW, series, "slack/T1", next_one, wanted)) == Due(NOW, Step.EXTEND)
    assert due(SeriesSnapshot(NOW, series, "slack/T1", next_one, ())) == Due(NOW + DAY)
    assert due(SeriesSnapshot(NOW, series, "slack/T1", (), ())) == Due(NOW, Step.END)
    assert due(SeriesSnapshot(NOW, replace(series, ended_at=NOW), "slack/T1", next_one, wanted)) is None


# What is told


def guests_lifecycle() -> GuestsLifecycle:
    return GuestsLifecycle(nothing, nothing, nothing, nothing, nothing, nothing)


def signed(who: Member, choice: Choice = Choice.GOING, at: datetime = NOW - 8 * DAY, **facts: Any) -> Signup:
    return Signup(1, who.id, choice, at, **{"turn": 0, **dict.fromkeys(_OPEN), **facts})


_OPEN = ("offered_at", "offered_until", "checked_in_at", "worth")


def told(
    event: Event = EVENT,
    at: datetime = NOW,
    *signups: Signup,
    messages: tuple[HostMessage, ...] = (),
    rows: tuple[Posted, ...] | None = None,
    near: tuple[Channel, ...] = (THREAD, CHANNEL),
) -> GuestsSnapshot:
    given = signups or (signed(NOAH), signed(KENJI, Choice.MAYBE), signed(SOFIA))
    notifications = [*due_notifications(event, given, PEOPLE, {}, messages, POLICY)]
    if rows is None:  # all that was due before has been said
        rows = tuple(row(one.key, who=one.member) for one in notifications if one.at < at)
    return GuestsSnapshot(
        at,
        event,
        given,
        PEOPLE,
        tuple(notifications),
        tuple(turning_points(event, POLICY)),
        near,
        CARD,
        standing(*rows),
    )


def keys(snapshot: GuestsSnapshot) -> list[str]:
    """Return what somebody is told or was."""
    return [one.key for one in guests_lifecycle().shown(snapshot) if isinstance(one, Telling) and one.members]


def test_what_is_told_about_an_event() -> None:
    start, end = EVENT.starts_at, EVENT.ends_at
    moved = replace(EVENT, moved_at=NOW, moved_from=start - DAY)
    waits = signed(SOFIA, Choice.WAITING, turn=1)
    offered = signed(SOFIA, Choice.OFFERED, turn=1, offered_at=NOW, offered_until=NOW + HOUR)
    came = signed(NOAH, checked_in_at=start)
    settled = replace(EVENT, settled_at=end + HOUR)
    check_golden(
        "event_guests",
        guests_lifecycle(),
        {
            "a week before": told(EVENT, start - 7 * DAY),
            "a day before": told(EVENT, start - DAY),
            "at the start": told(EVENT, start),
            "a seat is offered": told(replace(EVENT, capacity=2), NOW, signed(NOAH), offered),
            "a seat is free late": told(replace(EVENT, capacity=2), start - HOUR / 2, signed(NOAH), waits),
            "moved": told(moved),
            "cancelled": told(replace(EVENT, state=EventState.CANCELLED, cancelled_at=NOW)),
            "the host writes": told(EVENT, NOW, messages=(HostMessage(3, 1, MIA.id, "Bring gloves!", NOW),)),
            "nobody checked in": told(EVENT, end),
            "settled": told(settled, end + HOUR, came, signed(KENJI)),
            "too late": told(EVENT, start + HOUR / 3, rows=()),
        },
    )


@pytest.mark.parametrize("event", [EVENT, replace(EVENT, moved_at=NOW, moved_from=NOW + DAY)])
def test_what_was_said_keeps_its_meaning_and_loses_its_buttons(event: Event) -> None:
    asked = [*(reminder_key(event, lead) for lead in (10080, 1440, 60, 0)), "who-came"]
    asked += [moved_key(event)] if event.moved_at else []
    rows = tuple(row(key, who=who) for key in asked for who in (NOAH, KENJI))
    lifecycle = guests_lifecycle()

    def over(snapshot: GuestsSnapshot) -> list[str]:
        cards = [lifecycle.over(snapshot, key, (NOAH.id, KENJI.id)) for key in asked]
        assert not [card for card in cards if card and card.buttons]
        return [f"{card.title.plain()} {card.body.plain()} {card.footer.plain()}" for card in cards if card]

    assert over(told(event, event.ends_at, rows=rows)) == []
    settled = replace(event, settled_at=event.ends_at + HOUR)
    said = over(told(settled, event.ends_at + HOUR, rows=rows))
    assert len({*said}) == len(asked) - 1, "none says the same as another, and that it starts now stays as it is"
    assert all("@Noah @Kenji" in words for words in said)
    called_off = replace(event, state=EventState.CANCELLED, cancelled_at=NOW)
    assert len({*over(told(called_off, NOW, rows=rows))}) == len(asked)


def test_a_reminder_of_another_time_says_so_and_one_to_a_person_alone_stays_as_it_is() -> None:
    old = reminder_key(EVENT, 1440)
    moved = replace(EVENT, starts_at=EVENT.starts_at + DAY, moved_at=NOW, moved_from=EVENT.starts_at)
    named, alone = row(old, who=NOAH), row(old, who=SOFIA, channel=f"member/{SOFIA.id}", message="slack/T1/D1/7")
    snapshot = told(moved, NOW, rows=(named, alone))
    card = guests_lifecycle().over(snapshot, old, (NOAH.id,))
    assert card and "has another time now" in card.body.plain() and "05 Mar" in card.body.plain()
    assert guests_lifecycle().over(snapshot, old, (SOFIA.id,)) is None
    offer = guests_lifecycle().over(snapshot, "offer/1", (SOFIA.id,))
    assert offer and "taken care of" in offer.body.plain(), "but an offer that is over is over"


def test_the_host_hears_once_of_what_did_not_reach_people_when_that_is_certain() -> None:
    week, day = reminder_key(EVENT, 10080), reminder_key(EVENT, 1440)
    at = EVENT.starts_at - DAY / 4
    late = row(day, who=NOAH, message=None, gone_at=at, why=LATE)
    refused = row(week, who=KENJI, message=None, gone_at=at, why=IMPOSSIBLE)
    others = row(week, who=NOAH), row(week, who=SOFIA), row(day, who=KENJI)
    waiting, known = row(day, who=SOFIA, message=None), row(day, who=SOFIA)

    def missed(*rows: Posted) -> list[str]:
        return [key for key in keys(told(EVENT, at, rows=(*others, late, refused, *rows))) if key.startswith("missed")]

    both = f"missed/{week}+{day}"
    assert missed(waiting) == [f"missed/{week}"], "the other may still reach her"
    assert missed(known) == [both]
    assert missed(known, row(f"missed/{week}", who=MIA)) == [f"missed/{day}"]
    assert missed(known, row(both, who=MIA)) == []
    [telling] = list(guests_lifecycle().shown(told(EVENT, at, rows=(*others, late, refused, known))))[-1:]
    assert isinstance(telling, Telling) and telling.members == (MIA,)
    words = telling.card(MIA).body.plain()
    assert "The reminder 1 week before didn't reach 1 person" in words and "1 day before" in words


def test_who_can_be_told_nowhere_is_missed_and_who_left_is_not() -> None:
    only = signed(NOAH), signed(LEFT)
    [*_, last] = guests_lifecycle().shown(told(EVENT, EVENT.starts_at - DAY, *only, near=()))
    assert isinstance(last, Telling) and "didn't reach 1 person in time" in last.card(MIA).body.plain()


def test_what_was_not_told_long_ago_is_left_alone() -> None:
    old = replace(EVENT, settled_at=EVENT.ends_at + HOUR)
    assert keys(told(old, EVENT.ends_at + 9 * DAY, rows=())) == []


# Whatever happens


def moment(hours: int) -> st.SearchStrategy[datetime]:
    """Return any quarter of an hour around the event."""
    return st.integers(-4 * hours, 4 * hours).map(lambda quarters: EVENT.starts_at + quarters * HOUR / 4)


@st.composite
def any_event(draw: st.DrawFn) -> Event:
    event = replace(EVENT, capacity=draw(st.sampled_from([None, 1, 2])), closes_minutes=draw(st.sampled_from([0, 90])))
    match draw(st.sampled_from(["planned", "moved", "cancelled", "settled"])):
        case "moved":
            return replace(event, moved_at=draw(moment(200)), moved_from=EVENT.starts_at - DAY)
        case "cancelled":
            return replace(event, state=EventState.CANCELLED, cancelled_at=draw(moment(100)))
        case "settled":
            return replace(event, settled_at=EVENT.ends_at + HOUR)
    return event


@st.composite
def any_signup(draw: st.DrawFn, who: Member) -> Signup:
    choice, at = draw(st.sampled_from(Choice)), draw(moment(300))
    facts: dict[str, Any] = {"turn": who.id} if choice in WAITLIST else {}
    if choice is Choice.OFFERED:
        facts |= {"offered_at": at, "offered_until": at + draw(st.integers(1, 50)) * HOUR}
    if choice is Choice.GOING and draw(st.booleans()):
        facts["checked_in_at"] = EVENT.starts_at
    return signed(who, choice, at, **facts)


@given(st.data())
def test_what_was_said_is_not_said_again_and_what_is_over_asks_for_nothing(data: st.DataObject) -> None:
    event = data.draw(any_event())
    at = max(data.draw(moment(400)), event.settled_at or NOW - 90 * DAY)
    signups = [data.draw(any_signup(who)) for who in (MIA, NOAH, KENJI, SOFIA, LEFT)]
    messages = (HostMessage(3, 1, MIA.id, "Bring gloves!", data.draw(moment(100))),)
    lifecycle = guests_lifecycle()

    def planned(rows: tuple[Posted, ...], now: datetime) -> Plan:
        snapshot = told(event, now, *signups, messages=messages, rows=rows)
        planner = Planner("event_guests", 1, snapshot.standing, now, lambda card: card.body.plain(), ZoneInfo("UTC"))
        for one in lifecycle.shown(snapshot):
            planner.show(one)
        planner.over(lifecycle, snapshot)
        due = lifecycle.due(snapshot)
        assert due is None or (due.at > now and due.step is None)
        return planner.plan

    def as_rows(plan: Plan, start: int) -> tuple[Posted, ...]:
        """Return what stands once all of a plan is said."""
        found: list[Posted] = []
        for post in plan.posts:
            for who in post.members or (post.place,):
                assert isinstance(who, Member) and who.id != LEFT.id
                facts: dict[str, Any] = {"digest": post.card.body.plain()}
                facts |= {} if post.members else {"channel": f"member/{who.id}"}
                facts |= {"message": None, "gone_at": at, "why": LATE} if post.late else {}
                said = row(post.name.key, who=who, **facts)
                found.append(replace(said, id=start + len(found)))
        return tuple(found)

    first = planned((), at)
    assert len({post.name for post in first.posts}) == len(first.posts)
    rows = as_rows(first, 1)
    second = planned(rows, at)
    assert {post.name.key.partition("/")[0] for post in second.posts} <= {"missed"}, "what came too late is known then"
    third = planned((*rows, *as_rows(second, 100)), at)
    assert not third.posts and not third.edits
    later = planned((*rows, *as_rows(second, 100)), at + data.draw(st.integers(1, 200)) * HOUR)
    assert not [edit for edit in (*second.edits, *later.edits) if edit.card.buttons]


@given(any_event(), moment(400), st.data())
def test_an_event_has_one_card_in_each_space_and_a_step_only_when_it_is_due(
    event: Event, at: datetime, data: st.DataObject
) -> None:
    numbers = {choice.value: data.draw(st.integers(0, 3)) for choice in Choice}
    until = data.draw(moment(300)) if numbers["offered"] else None
    snapshot = seen(event, at, tally=said(0, until, **numbers), going=(NOAH,), stands=data.draw(st.sampled_from(STOOD)))
    lifecycle = event_lifecycle()
    shown = [*lifecycle.shown(snapshot)]
    assert shown == [*lifecycle.shown(snapshot)] and lifecycle.due(snapshot) == lifecycle.due(snapshot)
    assert len([one for one in shown if isinstance(one, Posting)]) <= 1
    due = lifecycle.due(snapshot)
    assert due is None or (due.at > at) == (due.step is None)
    cards = [one.card for one in shown if isinstance(one, Posting)]
    if is_over(event, at):
        assert not [button.label for card in cards for button in card.buttons if button.label in ("Going", "Maybe")]


STOOD = (standing(), CARD)
