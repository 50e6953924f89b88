"""Events of a living database, as they were before they became tracked things."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage.database import Database
from storage.events import EventStore
from storage.jobs import JobStore
from storage.postings import PostingStore
from storage.reminders import ReminderChoice, ReminderStore

from .earlier import as_it_was

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)

_EVENT = (
    "INSERT INTO events (id, community_id, number, host_id, state, title, zone, starts_at, ends_at, space, uid, token,"
    " created_at, shows_at, changed_at, moved_at, moved_from) VALUES"
    " ({id}, 1, {id}, 5, '{state}', 'Pruning', 'UTC', :later, :later, 'slack/T1', 'u{id}', 't{id}', :now, :now, :now,"
    " {moved}, {moved})"
)
ROWS = (
    "INSERT INTO communities (id, key, name, timezone, created_at) VALUES (1, 'slack/T1', 'Garden', 'UTC', :now)",
    "INSERT INTO members (id, community_id, name, folded_name, joined_at) VALUES (5, 1, 'Mia', 'mia', :now),"
    " (9, 1, 'Noah', 'noah', :now), (10, 1, 'Kenji', 'kenji', :now)",
    _EVENT.format(id=7, state="planned", moved=":now"),
    _EVENT.format(id=8, state="cancelled", moved="NULL"),
    "INSERT INTO event_places (event_id, space, card, thread, happening, happening_sequence) VALUES"
    " (7, 'slack/T1', 'slack/T1/C1/5', 'slack/T1/C1:5', NULL, 0), (7, 'discord/1', 'discord/1/2/6', NULL, '77', 1)",
    "INSERT INTO event_notices (event_id, member_id, what, at) VALUES (7, 9, 'remind/1440/20260304T1000', :now),"
    " (7, 10, 'remind/1440/20260304T1000', :now), (7, 5, 'door', :now), (7, 9, 'moved/20260302T100000', :now),"
    " (7, 9, 'moved/20260301T100000', :now), (8, 9, 'cancelled', :now)",
    "INSERT INTO deliveries (key, channel, message, created_at) VALUES"
    " ('event/7/card/slack/T1', 'slack/T1/C1', 'slack/T1/C1/5', :now),"
    " ('event/7/remind/1440/20260304T1000/named/9-10', 'slack/T1/C1:5', 'slack/T1/C1:5/8', :now),"
    " ('event/7/door/named/5', 'slack/T1/C1:5', 'slack/T1/C1:5/9', :now),"
    " ('event/7/moved/20260302T100000/9', 'member/9', 'slack/T1/D9/1', :now),"
    " ('event/7/worth/10', 'member/10', 'slack/T1/D10/1', :now),"
    " ('event/99/worth/10', 'member/10', 'slack/T1/D10/2', :now), ('event/7/worth/99', 'x', 'slack/T1/D10/3', :now)",
    "INSERT INTO reminder_choices (member_id, minutes) VALUES (9, '60,15')",
    "INSERT INTO jobs (community_id, key, call, due_at, attempts, failed_at) VALUES"
    " (1, 'event/7', 'events.tend:7', :later, 0, NULL), (1, 'event/8', 'events.tend:8', :now, 5, :now),"
    " (1, 'series/3', 'events.extend:3', :now, 0, NULL), (1, 'every/events.sweep/1', 'events.sweep', :now, 0, NULL),"
    " (1, NULL, 'attending.redraw:9', :now, 0, NULL), (1, 'x', 'events.tender:7', :now, 0, NULL)",
)


async def test_where_events_stand_and_what_was_told_is_known(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0015", ROWS, now=NOW, later=LATER))
    await database.upgrade()

    postings = PostingStore(database)
    assert {
        (row.key, row.spot, row.channel, row.message, row.thread, row.stands) for row in await postings.of("event", 7)
    } == {
        ("card", "slack/T1", "slack/T1/C1", "slack/T1/C1/5", "slack/T1/C1:5", True),
        ("card", "discord/1", "discord/1/2", "discord/1/2/6", None, True),
        ("calendar", "discord/1", "calendar/discord/1", "77", None, True),
    }
    told = await postings.of("event_guests", 7)
    assert {(row.key, row.spot, row.channel, row.message, row.stands) for row in told} == {
        ("remind/1440/20260304T1000", "member/9", "slack/T1/C1:5", "slack/T1/C1:5/8", True),
        ("remind/1440/20260304T1000", "member/10", "slack/T1/C1:5", "slack/T1/C1:5/8", True),
        ("who-came", "member/5", "slack/T1/C1:5", "slack/T1/C1:5/9", True),
        ("moved/20260302T100000/20260302T1000/20260305T1000", "member/9", "member/9", "slack/T1/D9/1", True),
        ("moved/20260301T100000", "member/9", "member/9", None, False),
        ("worth", "member/10", "member/10", "slack/T1/D10/1", True),
    }, "with its message where that is known, and otherwise as told"
    assert {row.member_id for row in told} == {5, 9, 10} and {row.why for row in told} == {""}
    assert [(row.key, row.stands) for row in await postings.of("event_guests", 8)] == [("cancelled", False)]

    assert await ReminderStore(database).chosen(9) == ReminderChoice((60, 15))
    event = await EventStore(database).get(7)
    assert event and event.moved_from == NOW
    jobs = await JobStore(database).due(LATER, 20)
    assert {(job.key, job.call, job.due_at) for job in jobs} == {
        ("event/7", "things.look:event:7", LATER),
        ("event_guests/7", "things.look:event_guests:7", LATER),
        ("event/8", "things.look:event:8", NOW),
        ("event_guests/8", "things.look:event_guests:8", NOW),
        ("series/3", "things.look:series:3", NOW),
        (None, "leave.forget:9", NOW),
        ("x", "events.tender:7", NOW),
    }
    await database.close()


async def test_events_from_before_there_were_co_hosts_have_one_host(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0015", ROWS, now=NOW, later=LATER))
    await database.upgrade()
    store = EventStore(database)
    assert await store.cohosts(7) == [] and await store.put_cohosts(7, [9, 10])
    assert await store.cohosts(7) == [9, 10]
    await database.close()
