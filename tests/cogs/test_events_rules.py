"""Events: when they are, also when clocks change, and who is told when. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from bot.cogs.events.calendars import calendar_of
from bot.cogs.events.cards import span
from bot.cogs.events.notifications import Kind, due_notifications, turning_points
from bot.cogs.events.policy import (
    DAY,
    HOUR,
    LEAST_ANSWER,
    START,
    WEEK,
    answer_by,
    is_last_call,
    is_open,
    read_leads,
)
from bot.cogs.events.repeating import moment, read_repeat, read_wall, to_make, wall, walls
from bot.kernel.errors import UserError
from bot.text.repeats import Rule, repeat_words
from bot.tuning import events_policy
from config.settings import Settings
from storage.events import Event, EventState
from storage.members import Member
from storage.reminders import HostMessage, ReminderChoice
from storage.signups import Choice, Signup
from tests.examples import tried

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
POLICY = events_policy(Settings.model_validate({}))
BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
MEMBER = Member(1, 1, "Mia", ("slack/T1/U1",), frozenset(), None, None, None, None, None, False, True, NOW, NOW, None)
THURSDAY = datetime(2026, 3, 5, 18, 0)  # noqa: DTZ001 - on the wall clock


def an_event(starts_at: datetime = NOW + timedelta(days=3), **facts: object) -> Event:
    event = Event(
        id=1,
        community_id=1,
        number=1,
        host_id=9,
        series_id=None,
        occurrence=None,
        state=EventState.PLANNED,
        title="Pruning",
        description="",
        place="",
        zone="Europe/Berlin",
        capacity=None,
        audience="",
        closes_minutes=0,
        rule="",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        space="slack/T1",
        uid="1f2e",
        token="secret",
        created_at=NOW,
        shows_at=NOW,
        sequence=0,
        changed_at=NOW,
        moved_at=None,
        moved_from=None,
        cancelled_at=None,
        settled_at=None,
        stale=False,
    )
    return replace(event, **facts)  # type: ignore[arg-type]


def signed(choice: Choice = Choice.GOING, at: datetime = NOW, **facts: object) -> Signup:
    return replace(Signup(1, 1, choice, at, 0, None, None, None, None), **facts)  # type: ignore[arg-type]


# Repeating


@pytest.mark.parametrize(
    "words, rule",
    [
        ("weekly", "FREQ=WEEKLY"),
        ("Every 2 Weeks", "FREQ=WEEKLY;INTERVAL=2"),
        ("every other week", "FREQ=WEEKLY;INTERVAL=2"),
        ("daily 5 times", "FREQ=DAILY;COUNT=5"),
        ("every day for 5 times", "FREQ=DAILY;COUNT=5"),
        ("monthly", "FREQ=MONTHLY"),
        ("yearly", "FREQ=YEARLY"),
        ("every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("tuesday and thursday", "FREQ=WEEKLY;BYDAY=TU,TH"),
        ("weekly on mon, wed", "FREQ=WEEKLY;BYDAY=MO,WE"),
        ("every sunday", "FREQ=WEEKLY;BYDAY=SU"),
        ("first thursday of every month", "FREQ=MONTHLY;BYDAY=1TH"),
        ("monthly on the last fri", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("weekly until 2026-12-31", "FREQ=WEEKLY;UNTIL=20261231T235959"),
        ("every second tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("jeden letzten Freitag im Monat", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("RRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4", "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4"),
        ("freq=monthly;bymonthday=-1", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("FREQ=WEEKLY;UNTIL=20261231T230000Z", "FREQ=WEEKLY;UNTIL=20270101T000000"),
        ("FREQ=WEEKLY;UNTIL=20261231", "FREQ=WEEKLY;UNTIL=20261231T235959"),
    ],
)
def test_how_it_repeats_is_read(words: str, rule: str) -> None:
    assert read_repeat(words, THURSDAY, NOW, BERLIN) == rule
    assert repeat_words(Rule.of(rule)).plain()


@pytest.mark.parametrize(
    "words",
    [
        "now and then",
        "every 0 weeks",
        "weekly until yesterday",
        "weekly until whenever",
        "0 times",
        "FREQ=SECONDLY",
        "FREQ=HOURLY;INTERVAL=1",
        "FREQ=WEEKLY;BYHOUR=3",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=20",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;COUNT=2;UNTIL=20261231",
        "FREQ=WEEKLY;UNTIL=20269999",
        "FREQ=WEEKLY;UNTIL=00010101T000000Z",
        "FREQ=",
        "FREQ=WEEKLY\nEXDATE:20260305",
    ],
)
def test_what_is_no_rule_is_refused_at_once(words: str) -> None:
    with pytest.raises(UserError):
        read_repeat(words, THURSDAY, NOW, BERLIN)


PARTS = [
    *("FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY", "INTERVAL=2", "INTERVAL=99", "COUNT=3", "WKST=SU"),
    *("BYDAY=MO,TU", "BYDAY=-1FR", "BYDAY=4TH", "BYMONTHDAY=31", "BYMONTHDAY=-1", "UNTIL=20260310", "UNTIL=19000101"),
    *("BYMONTH=2", "BYSETPOS=9", "BYDAY=53MO", "BYHOUR=1", "every", "2", "weeks", "monday", "and", "until", "5 times"),
]

SOME = st.lists(st.sampled_from(PARTS), max_size=5)


@tried(400, deadline=timedelta(seconds=10))
@given(st.one_of(st.text(max_size=60), *(SOME.map(joint.join) for joint in "; ")))
def test_whatever_is_typed_is_a_rule_that_goes_on_or_is_refused(words: str) -> None:
    try:
        rule = read_repeat(words, THURSDAY, NOW, BERLIN)
    except UserError:
        return
    found = [*islice(walls(rule, THURSDAY), 4)]
    assert found and found == sorted(set(found)) and found[0] >= THURSDAY
    assert len(found) == 4 or "COUNT" in rule or "UNTIL" in rule
    assert repeat_words(Rule.of(rule)).plain()


def test_a_rule_is_said_in_words() -> None:
    said = {
        "FREQ=WEEKLY": "every week",
        "FREQ=DAILY;INTERVAL=3": "every 3 days",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH": "every 2 weeks on Tuesday and Thursday",
        "FREQ=MONTHLY;BYDAY=-1FR;COUNT=6": "every month on the last Friday, 6 times",
        "FREQ=MONTHLY;UNTIL=20261231T235959": "every month until Thursday 31 December 2026",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=1TH": "every 2 months on the first Thursday",
        "FREQ=MONTHLY;BYDAY=MO,TU": "every month on each Monday and Tuesday",
        "FREQ=MONTHLY;BYMONTHDAY=15": "every month on day 15",
        "FREQ=MONTHLY;BYMONTHDAY=-1": "every month on the last day",
    }
    assert {rule: repeat_words(Rule.of(rule)).plain() for rule in said} == said
    assert span(timedelta(minutes=90)).plain() == "1 hour 30 minutes"


@pytest.mark.parametrize(
    "zone, first, rule, expected",
    [
        ("Europe/Berlin", "2026-03-22T18:00", "FREQ=WEEKLY", ["22 17:00", "29 16:00", "05 16:00"]),
        ("Europe/Berlin", "2026-10-18T18:00", "FREQ=WEEKLY", ["18 16:00", "25 17:00", "01 17:00"]),
        ("Europe/Berlin", "2026-03-28T02:30", "FREQ=DAILY", ["28 01:30", "29 01:30", "30 00:30"]),
        ("Europe/Berlin", "2026-10-24T02:30", "FREQ=DAILY", ["24 00:30", "25 00:30", "26 01:30"]),
        ("America/New_York", "2026-03-07T09:00", "FREQ=DAILY", ["07 14:00", "08 13:00", "09 13:00"]),
        ("Australia/Lord_Howe", "2026-04-04T18:00", "FREQ=DAILY", ["04 07:00", "05 07:30", "06 07:30"]),
        ("Australia/Lord_Howe", "2026-10-03T02:15", "FREQ=DAILY", ["02 15:45", "03 15:45", "04 15:15"]),
        ("Asia/Kathmandu", "2026-03-28T18:00", "FREQ=DAILY", ["28 12:15", "29 12:15", "30 12:15"]),
    ],
)
def test_the_wall_clock_counts_when_clocks_change(zone: str, first: str, rule: str, expected: list[str]) -> None:
    there = ZoneInfo(zone)
    found = [moment(at, there) for at in islice(walls(rule, read_wall(first)), 3)]
    assert [f"{at:%d %H:%M}" for at in found] == expected
    assert len({at.astimezone(there).date() for at in found}) == 3, "once for each local date"


def test_what_went_by_while_we_were_down_is_left_out() -> None:
    now = datetime(2026, 3, 20, 10, 0, tzinfo=UTC)
    made = to_make("FREQ=WEEKLY", "2026-03-05T18:00", "2026-03-05T18:00", BERLIN, now, 2)
    assert [at for at, _ in made] == ["2026-03-26T18:00", "2026-04-02T18:00"]
    assert [f"{starts:%d %H}" for _, starts in made] == ["26 17", "02 16"]
    assert to_make("FREQ=DAILY;COUNT=3", "2026-03-05T18:00", "2026-03-07T18:00", BERLIN, now, 2) == []
    assert to_make("FREQ=DAILY", "2026-03-05T18:00", "2026-03-07T18:00", BERLIN, now, 0) == []


def test_the_wall_clock_is_read_to_the_minute() -> None:
    assert wall(datetime(2026, 3, 5, 17, 0, 33, 5, tzinfo=UTC), BERLIN) == THURSDAY


# Places


def test_sign_up_is_open_until_it_closes() -> None:
    event = an_event(closes_minutes=60)
    assert is_open(event, event.starts_at - timedelta(minutes=61))
    assert not is_open(event, event.starts_at - timedelta(minutes=60))
    assert not is_open(replace(event, state=EventState.CANCELLED), NOW)
    assert is_last_call(event, event.starts_at - timedelta(minutes=90))
    assert not is_last_call(event, event.starts_at - timedelta(minutes=91))


@pytest.mark.parametrize("before, hours", [(timedelta(days=3), 12), (timedelta(hours=8), 4), (timedelta(hours=1), 0.5)])
def test_an_offer_leaves_time_to_answer_and_time_for_others(before: timedelta, hours: float) -> None:
    now = an_event().starts_at - before
    assert answer_by(an_event(), POLICY, MEMBER, UTC_ZONE, now) == now + timedelta(hours=hours)


def test_an_offer_counts_waking_hours() -> None:
    asleep = replace(MEMBER, quiet_from="09:00", quiet_to="17:00")
    assert answer_by(an_event(), POLICY, asleep, UTC_ZONE, NOW) == NOW + timedelta(hours=19)


# Telling


def told(event: Event, *signups: Signup, member: Member = MEMBER, **more: object) -> list[tuple[Kind, str, str]]:
    given = {"chosen": {}, "messages": (), "policy": POLICY} | more
    found = due_notifications(event, signups, {1: member}, **given)  # type: ignore[arg-type]
    return [(one.kind, f"{one.at:%d %H:%M}", f"{one.until:%d %H:%M}") for one in found]


def test_reminders_are_of_use_for_a_while() -> None:
    assert told(an_event(), signed(at=NOW - timedelta(days=9))) == [
        (Kind.REMINDER, "26 10:00", "01 22:00"),
        (Kind.REMINDER, "04 10:00", "04 22:00"),
        (Kind.REMINDER, "05 09:00", "05 09:30"),
        (Kind.REMINDER, "05 10:00", "05 10:15"),
    ]


def test_whoever_signs_up_late_is_not_reminded_of_what_was_before() -> None:
    assert [at for _, at, _ in told(an_event(), signed())] == ["04 10:00", "05 09:00", "05 10:00"]
    assert told(an_event(), signed(), chosen={1: ReminderChoice(())}) == []
    assert [at for _, at, _ in told(an_event(), signed(), chosen={1: ReminderChoice((15,))})] == ["05 09:45"]


@pytest.mark.parametrize("choice", [Choice.NO, Choice.WAITING, Choice.LAPSED])
def test_only_who_comes_is_reminded(choice: Choice) -> None:
    assert told(an_event(), signed(choice)) == []


def waits(event: Event, *signups: Signup) -> list[str]:
    found = due_notifications(event, signups, {1: MEMBER}, {}, (), POLICY)
    return [f"{one.wait:%d %H:%M}" if one.wait else "never" for one in found]


def test_a_reminder_can_wait_while_it_is_of_use_but_not_the_one_at_the_start() -> None:
    assert waits(an_event(), signed()) == ["04 22:00", "05 09:30", "never"]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize("day", [datetime(2026, 3, 29, 18, tzinfo=UTC), datetime(2026, 10, 4, 3, tzinfo=UTC)])
def test_reminders_are_the_same_when_clocks_change_in_between(zone: str, day: datetime) -> None:
    event, there = an_event(day, zone=zone), replace(MEMBER, timezone=zone)
    found = due_notifications(event, [signed()], {1: there}, {}, (), POLICY)
    assert [event.starts_at - one.at for one in found] == [timedelta(minutes=lead) for lead in (WEEK, DAY, HOUR, START)]


def test_a_moved_event_is_told_to_those_who_knew_the_old_time() -> None:
    moved = an_event(moved_at=NOW, moved_from=NOW + timedelta(days=1))
    assert Kind.MOVED in {what for what, *_ in told(moved, signed(Choice.WAITING, NOW - timedelta(hours=1)))}
    assert told(moved, signed(Choice.WAITING, NOW + timedelta(hours=1))) == []
    assert told(moved, signed(Choice.NO, NOW - timedelta(hours=1))) == []


def test_a_cancelled_event_is_told_and_reminds_no_more() -> None:
    cancelled = an_event(state=EventState.CANCELLED, cancelled_at=NOW, moved_at=NOW, moved_from=NOW)
    assert [what for what, *_ in told(cancelled, signed())] == [Kind.CANCELLED]


def test_what_a_host_writes_goes_to_who_had_signed_up() -> None:
    message = HostMessage(3, 1, 9, "Bring gloves", NOW + timedelta(hours=1))
    assert Kind.MESSAGE in {what for what, *_ in told(an_event(), signed(Choice.MAYBE), messages=[message])}
    assert told(an_event(), signed(Choice.WAITING, NOW + timedelta(hours=2)), messages=[message]) == []
    own = replace(message, author_id=1)
    assert told(an_event(), signed(Choice.WAITING), messages=[own]) == []


def test_an_offer_can_wait_for_the_morning_if_there_is_time_to_answer() -> None:
    offer = signed(Choice.OFFERED, offered_at=NOW, offered_until=NOW + timedelta(hours=19), turn=2)
    assert told(an_event(), offer) == [(Kind.OFFER, "02 10:00", "03 05:00")]
    assert waits(an_event(), offer) == [f"{NOW + timedelta(hours=19) - LEAST_ANSWER:%d %H:%M}"]


def test_who_was_there_is_asked_when_it_is_settled() -> None:
    settled = an_event(NOW - timedelta(hours=3), settled_at=NOW)
    assert told(settled, signed(checked_in_at=NOW)) == [(Kind.WORTH, "02 10:00", "04 10:00")]
    assert told(settled, signed()) == []
    assert told(replace(settled, host_id=1), signed(checked_in_at=NOW)) == []


def test_whoever_signs_up_or_chooses_brings_no_moment_that_is_not_looked_at_anyway() -> None:
    event = an_event(NOW + timedelta(days=9), closes_minutes=30)
    looked_at = {f"{at:%d %H:%M}" for at in turning_points(event, replace(POLICY, reminders=(45,)))}
    assert looked_at == {"04 10:00", "08 10:00", "10 10:00", "11 07:00", "11 09:00", "11 09:45", "11 10:00"} | {
        *("11 09:15", "11 09:30", "11 11:00")
    }
    own = told(event, signed(), chosen={1: ReminderChoice((3 * DAY, 15), NOW)})
    assert {at for _, at, _ in own} <= looked_at
    assert not [*turning_points(replace(event, state=EventState.CANCELLED), POLICY)]


def test_who_chooses_a_reminder_after_its_moment_waits_for_the_next() -> None:
    late = {1: ReminderChoice((DAY, HOUR), NOW + timedelta(days=2, hours=6))}
    assert [at for _, at, _ in told(an_event(), signed(at=NOW - timedelta(days=1)), chosen=late)] == ["05 09:00"]


def test_settings_say_when_members_are_reminded() -> None:
    assert read_leads("1 week, 1 day, 1 hour, start") == POLICY.reminders
    assert read_leads("") == ()
    with pytest.raises(ValueError, match="I don't understand"):
        read_leads("soon")


# Files


def test_a_calendar_file_has_the_time_in_utc_and_a_sequence() -> None:
    event = an_event(datetime(2026, 3, 29, 16, tzinfo=UTC), sequence=3, place="https://meet.example.org/x")
    calendar = Calendar.from_ical(calendar_of([(event, Choice.MAYBE)], "Gardeners"))
    (entry,) = calendar.walk("VEVENT")
    assert entry["dtstart"].to_ical() == b"20260329T160000Z" and entry["dtend"].to_ical() == b"20260329T170000Z"
    assert (entry["uid"], entry["sequence"], entry["status"]) == ("1f2e@trellis", 3, "TENTATIVE")
    assert entry["url"] == entry["location"] == "https://meet.example.org/x"


def test_a_cancelled_event_is_taken_out_of_calendars() -> None:
    (entry,) = Calendar.from_ical(calendar_of([(an_event(state=EventState.CANCELLED), None)], "x")).walk("VEVENT")
    assert (entry["status"], entry["transp"]) == ("CANCELLED", "TRANSPARENT")


def test_a_title_cannot_break_a_calendar_file() -> None:
    nasty = "a;b,c\\d\r\nBEGIN:VEVENT\r\nSUMMARY:x"
    (entry,) = Calendar.from_ical(calendar_of([(an_event(title=nasty), None)], nasty)).walk("VEVENT")
    assert entry["summary"] == " ".join(nasty.split())
