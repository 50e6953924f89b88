import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database
from storage.events import Event, EventState, EventStore
from storage.members import Community, Member, MemberStore
from storage.merging import MergeStore
from storage.reminders import ReminderStore
from storage.series import SeriesStore
from storage.signups import Choice, SignupStore
from storage.turnout import Tally, TurnoutStore

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def events(database: Database) -> EventStore:
    return EventStore(database)


@pytest.fixture
def signups(database: Database) -> SignupStore:
    return SignupStore(database)


async def people(database: Database, community: Community, number: int) -> list[Member]:
    members = MemberStore(database)
    async with database.unit():
        return [
            (await members.arrive(community.id, f"slack/T1/U{one}", "slack/T1", f"Member {one}", NOON))[0]
            for one in range(number)
        ]


async def drafted(events: EventStore, host: Member, **facts: object) -> Event:
    given = {"title": "Pruning", "zone": "Europe/Berlin", "starts_at": NOON + 24 * HOUR, "ends_at": NOON + 25 * HOUR}
    return await events.draft(host.community_id, host.id, "slack/T1", NOON, **given | facts)


async def posted(events: EventStore, host: Member, **facts: object) -> Event:
    event = await events.post((await drafted(events, host, **facts)).id, NOON)
    assert event
    return event


async def test_two_hundred_sign_up_at_once_for_twenty_places(
    database: Database, replica: Database, community: Community, events: EventStore, signups: SignupStore
) -> None:
    everyone = await people(database, community, 200)
    event = await posted(events, everyone[0], capacity=20)
    stores = (signups, SignupStore(replica))

    async def sign_up(number: int, member: Member) -> None:
        for store in stores:  # on two platforms at once
            await store.sign_up(event.id, member.id, Choice.GOING, NOON + timedelta(seconds=number))

    await asyncio.gather(*(sign_up(number, member) for number, member in enumerate(everyone)))
    said = await signups.of(event.id)
    assert Counter(one.choice for one in said) == {Choice.GOING: 20, Choice.WAITING: 180}
    assert sorted(one.turn for one in said if one.choice is Choice.WAITING) == [*range(1, 181)]

    leaving = [one.member_id for one in said if one.choice is Choice.GOING][:5]
    await asyncio.gather(*(signups.sign_up(event.id, member, Choice.NO, NOON) for member in leaving))
    queue = [one.member_id for one in said if one.choice is Choice.WAITING]
    for member_id in queue[:8]:
        await asyncio.gather(*(store.offer(event.id, [(member_id, NOON + HOUR)], NOON) for store in stores))
    said = await signups.of(event.id)
    assert [one.member_id for one in said if one.choice is Choice.OFFERED] == queue[:5]
    assert Counter(one.choice for one in said)[Choice.WAITING] == 175


async def test_places_and_turns(
    database: Database, community: Community, events: EventStore, signups: SignupStore
) -> None:
    mia, noah, kenji = await people(database, community, 3)
    event = await posted(events, mia, capacity=1)

    async def said(member: Member, wish: Choice, *, last_call: bool = False) -> Choice:
        signup = await signups.sign_up(event.id, member.id, wish, NOON, last_call=last_call)
        assert signup
        return signup.choice

    assert [await said(one, Choice.GOING) for one in (mia, noah, kenji, noah)] == [
        Choice.GOING,
        Choice.WAITING,
        Choice.WAITING,
        Choice.WAITING,
    ]
    assert [one.member_id for one in await signups.of(event.id) if one.turn] == [noah.id, kenji.id]
    assert not await signups.offer(event.id, [(noah.id, NOON + HOUR)], NOON), "there's no place"
    assert await said(mia, Choice.MAYBE) is Choice.MAYBE
    assert await said(mia, Choice.GOING) is Choice.WAITING, "those who wait come first"
    assert not await signups.offer(event.id, [(kenji.id, NOON + HOUR)], NOON), "it isn't his turn"
    assert await signups.offer(event.id, [(noah.id, NOON + HOUR)], NOON)
    assert not await signups.offer(event.id, [(kenji.id, NOON + HOUR)], NOON), "never to two at once"
    assert not await signups.lapse(event.id, NOON + HOUR - timedelta(seconds=1))
    assert await signups.lapse(event.id, NOON + HOUR) and not await signups.lapse(event.id, NOON + HOUR)
    assert await said(noah, Choice.GOING) is Choice.WAITING
    assert await said(noah, Choice.GOING, last_call=True) is Choice.GOING
    assert not await signups.offer(event.id, [(kenji.id, NOON + HOUR)], NOON)
    await events.cancel(event.id, NOON)
    assert await signups.sign_up(event.id, kenji.id, Choice.NO, NOON) is None


async def test_the_first_few_are_shown_and_all_are_counted(
    database: Database, community: Community, events: EventStore, signups: SignupStore
) -> None:
    everyone = await people(database, community, 12)
    turnout = TurnoutStore(database)
    event, other = await posted(events, everyone[0], capacity=4), await posted(events, everyone[0])
    for number, member in enumerate(everyone[:9]):
        await signups.sign_up(event.id, member.id, Choice.GOING, NOON + timedelta(minutes=20 - number))
    for member in everyone[9:]:
        await signups.sign_up(event.id, member.id, Choice.MAYBE, NOON)
    await signups.sign_up(event.id, everyone[3].id, Choice.NO, NOON)
    assert await signups.offer(event.id, [(one.id, NOON + HOUR) for one in everyone[4:7]], NOON) == 1
    ids = [one.id for one in everyone]
    said = await turnout.first(event.id, 3)
    assert [one.member_id for one in said if one.choice is Choice.GOING] == ids[2::-1]
    assert [one.member_id for one in said if one.choice in (Choice.OFFERED, Choice.WAITING)] == ids[4:8]
    assert [one.member_id for one in said if one.choice is Choice.MAYBE] == ids[9:12]
    tally = (await turnout.tallies([event.id, other.id]))[event.id]
    assert tally.said == {Choice.GOING: 3, Choice.NO: 1, Choice.OFFERED: 1, Choice.WAITING: 4, Choice.MAYBE: 3}
    assert (tally.of(Choice.GOING, Choice.OFFERED), tally.first_until, tally.came) == (4, NOON + HOUR, 0)
    assert await turnout.tally(other.id) == Tally() and await turnout.tallies([]) == {}
    assert await turnout.next_waiting(event.id, 2) == ids[5:7]
    waiting = await signups.get(event.id, ids[7])
    assert waiting and await turnout.position(waiting) == 3
    for member in everyone[:3]:
        await signups.check_in(event.id, member.id, NOON)
        await signups.rate(event.id, member.id, 2)
    assert [one.member_id for one in await turnout.came(event.id, 2)] == ids[2:0:-1]
    assert await turnout.were_there(event.id, ids[0], 5) == ids[1:3] and await turnout.worths(event.id) == {2: 3}
    assert await turnout.absent(event.id, 2, skip=1) == sorted(ids[4:], key=lambda id_: f"Member {id_ - ids[0]}")[1:3]
    assert [(one.id, choice) for one, choice in await turnout.coming(ids[7], NOON)] == [(event.id, Choice.WAITING)]
    assert await turnout.choices(ids[3], [event.id, other.id]) == {event.id: Choice.NO}
    await signups.sign_up(other.id, ids[7], Choice.MAYBE, NOON)
    await events.cancel(event.id, NOON)
    assert [one.id for one, _ in await turnout.coming(ids[7], NOON)] == [other.id]
    assert {one.id for one, _ in await turnout.latest(ids[7], 5)} == {event.id, other.id}


async def test_checking_in(database: Database, community: Community, events: EventStore, signups: SignupStore) -> None:
    mia, noah, kenji = await people(database, community, 3)
    event = await posted(events, mia, capacity=1)
    first = await signups.check_in(event.id, noah.id, NOON)
    again = await signups.check_in(event.id, noah.id, NOON + HOUR)
    assert first and first == again and first.choice is Choice.GOING
    assert await signups.check_in(event.id, kenji.id, NOON) is None
    assert await signups.check_in(event.id, kenji.id, NOON, by_host=True)
    assert await signups.rate(event.id, noah.id, 3) and not await signups.rate(event.id, mia.id, 3)
    await signups.check_out(event.id, noah.id)
    assert not await signups.rate(event.id, noah.id, 1)


async def test_a_draft_is_posted_once_and_numbered(
    database: Database, community: Community, events: EventStore
) -> None:
    (mia,) = await people(database, community, 1)
    draft = await drafted(events, mia)
    done = await asyncio.gather(*(events.post(draft.id, NOON) for _ in range(5)))
    assert [event.number for event in done if event] == [1]
    assert (await posted(events, mia)).number == 2
    assert await events.redraft(draft.id, NOON, title="Too late") is None
    assert await events.by_number(community.id, 1) and not await events.by_number(community.id + 1, 1)


async def test_changes_count_up_and_come_too_late(database: Database, community: Community, events: EventStore) -> None:
    (mia,) = await people(database, community, 1)
    event = await posted(events, mia)
    moved = await events.move(event, NOON + 30 * HOUR, NOON + 31 * HOUR, NOON)
    assert moved and (moved.sequence, moved.moved_from) == (1, event.starts_at)
    assert await events.move(event, NOON + 40 * HOUR, NOON + 41 * HOUR, NOON) is None, "it was read before it was moved"
    assert await events.cancel(event.id, NOON + 31 * HOUR) is None, "it's over"
    cancelled = await events.cancel(event.id, NOON)
    assert cancelled and cancelled.sequence == 2 and await events.cancel(event.id, NOON) is None
    assert await events.edit(event.id, NOON, title="x") is None and await events.settle(event.id, NOON) is None


async def test_a_series_is_extended_once(
    database: Database, replica: Database, community: Community, events: EventStore
) -> None:
    (mia,) = await people(database, community, 1)
    store = SeriesStore(database)
    draft = await drafted(events, mia, rule="FREQ=WEEKLY", capacity=7)
    series = await store.begin(draft, "2026-11-23T13:00", 60)
    first = await events.post(draft.id, NOON, series.id, series.first)
    assert first and first.occurrence == "2026-11-23T13:00"
    next_one = [("2026-11-30T13:00", NOON + 192 * HOUR, NOON + 193 * HOUR, NOON)]
    made = await asyncio.gather(
        *(one.extend(series, "slack/T1", NOON, next_one) for one in (store, SeriesStore(replica)) * 3)
    )
    (second,) = [event for some in made for event in some]
    assert (second.title, second.capacity, second.number, second.state) == ("Pruning", 7, 2, EventState.PLANNED)
    assert second.uid != first.uid and second.series_id == series.id
    assert await store.end(series.id, NOON) and not await store.end(series.id, NOON)
    assert await store.extend(series, "slack/T1", NOON, next_one) == []


async def test_calendars_have_an_address_of_their_own(database: Database, community: Community) -> None:
    mia, noah = await people(database, community, 2)
    reminders = ReminderStore(database)
    token = await reminders.feed(mia.id)
    assert token == await reminders.feed(mia.id) != await reminders.feed(noah.id)
    assert await reminders.owner(token) == mia.id
    renewed = await reminders.feed(mia.id, renew=True)
    assert await reminders.owner(token) is None and await reminders.owner(renewed) == mia.id


async def test_a_member_is_forgotten(
    database: Database, community: Community, events: EventStore, signups: SignupStore
) -> None:
    mia, noah = await people(database, community, 2)
    reminders = ReminderStore(database)
    event, draft = await posted(events, mia), await drafted(events, mia)
    await signups.sign_up(event.id, mia.id, Choice.GOING, NOON)
    await signups.sign_up(event.id, noah.id, Choice.GOING, NOON)
    await reminders.write(event.id, mia.id, "Bring gloves", NOON)
    await reminders.choose(mia.id, [60], NOON)
    token = await reminders.feed(mia.id)
    for store in (events, signups, reminders):
        await store.forget(mia.id)
    assert await events.get(draft.id) is None and await events.hosted(mia.id) == []
    kept = await events.get(event.id)
    assert kept and kept.host_id is None and kept.stale
    assert [one.member_id for one in await signups.of(event.id)] == [noah.id]
    assert await reminders.owner(token) is None and await reminders.chosen(mia.id) is None
    assert [message.words for message in await reminders.written(event.id)] == [""]
    assert [one.id for one in await events.take_stale(community.id)] == [event.id]
    assert await events.take_stale(community.id) == []


async def test_two_members_become_one_with_one_place(
    database: Database, community: Community, events: EventStore, signups: SignupStore
) -> None:
    mia, second = await people(database, community, 2)
    event = await posted(events, second, capacity=2)
    await signups.sign_up(event.id, mia.id, Choice.GOING, NOON)
    await signups.sign_up(event.id, second.id, Choice.MAYBE, NOON)
    await MergeStore(database).merge(mia.id, second.id, NOON)
    assert [(one.member_id, one.choice) for one in await signups.of(event.id)] == [(mia.id, Choice.GOING)]
    assert [one.id for one in await events.hosted(mia.id)] == [event.id]


async def test_several_host_one_event(database: Database, community: Community, events: EventStore) -> None:
    host, mia, kenji = await people(database, community, 3)
    event, draft = await posted(events, host), await drafted(events, host)
    assert await events.put_cohosts(event.id, [kenji.id, mia.id, mia.id])
    assert not await events.put_cohosts(event.id, [mia.id, kenji.id]), "nothing changes"
    assert await events.cohosts(event.id) == [mia.id, kenji.id] and await events.cohosted(mia.id) == [event.id]
    await events.put_cohosts(draft.id, [kenji.id])
    await events.drop(draft.id)
    assert await events.cohosted(kenji.id) == [event.id]
    await events.forget(mia.id)
    assert await events.cohosts(event.id) == [kenji.id]
    assert [one.id for one in await events.take_stale(community.id)] == [event.id], "its cards name somebody less"
    await MergeStore(database).merge(host.id, kenji.id, NOON)
    assert await events.cohosts(event.id) == [host.id]
