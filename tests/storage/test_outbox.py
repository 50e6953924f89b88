"""What is to be said is carried by one process, and by another one when that is dead."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.clock import MovableClock
from bot.delivery.recording import Outcome, Recorder
from storage.database import Database
from storage.inbox import Handled, InboxStore
from storage.members import Community, MemberStore
from storage.namings import NamingStore
from storage.outbox import BEHIND, Item, OutboxStore, Stuck
from storage.postings import LATE, Posted, PostingStore, Result
from storage.processes import Process, ProcessStore, processes
from storage.troubles import TroubleStore

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def outbox(database: Database) -> OutboxStore:
    return OutboxStore(database)


def item(community: Community, lane: str = "a", due_at: datetime = NOON, **facts: Any) -> Item:
    return Item("show", lane, {"card": lane}, NOON, due_at, community.id, **facts)


def posting(community: Community, key: str = "card", spot: str = "slack/T1") -> dict[str, Any]:
    return {
        "community_id": community.id,
        "kind": "idea",
        "subject_id": 7,
        "key": key,
        "spot": spot,
        "member_id": None,
        "channel": "slack/T1/C1",
        "digest": "x",
        "at": NOON,
    }


async def test_who_records_and_who_changes_a_thing_do_not_wait_for_each_other(
    database: Database, replica: Database, community: Community
) -> None:
    """Both lock the thing first, in two processes."""
    outbox, postings = OutboxStore(database), PostingStore(database)
    (row,) = await postings.add([posting(community)])
    (written,) = await outbox.add([item(community, posting_id=row.id)], "one")
    errors: list[str] = []
    let_go: list[Item] = []
    recorded: list[int] = []
    recorder = Recorder(database, outbox, postings, MovableClock(NOON), "one", let_go.extend, recorded.extend)

    async def look(_: Sequence[Posted]) -> None:
        try:
            await database.lock("idea/7")
        except Exception as trouble:
            errors.append(repr(trouble))
            raise

    recorder.follow = look
    async with replica.unit():
        await replica.lock("idea/7")
        if replica.dialect == "postgresql":
            recorder.record(Outcome(written, (Result(row.id, message="slack/T1/C1/1"),)))
            await asyncio.sleep(0.2)
        await OutboxStore(replica).replace([row.id])
    if recorder.task:
        await recorder.task
        assert let_go == [written]
    assert not errors


async def alive(database: Database, id_: str, pid: int | None = None) -> Process:
    process = Process(id_, Process.this().host, pid or os.getppid())
    await ProcessStore(database).begin(process)
    return process


async def test_items_keep_their_order_and_are_their_writers(
    database: Database, outbox: OutboxStore, community: Community
) -> None:
    await alive(database, "one")
    written = await outbox.add([item(community, f"{n}") for n in range(5)], "one")
    assert [one.payload["card"] for one in written] == ["0", "1", "2", "3", "4"]
    assert await outbox.take_over("two", NOON, ()) == []
    assert await outbox.take_over("one", NOON, {one.id for one in written}) == []


async def test_what_a_dead_process_owned_is_taken_over_once(
    database: Database, outbox: OutboxStore, community: Community
) -> None:
    store, one = ProcessStore(database), await alive(database, "one")
    written = await outbox.add([item(community), item(community, due_at=NOON + MINUTE)], "one")
    two = await alive(database, "two")
    async with database.write() as connection:
        silent = update(processes).where(processes.c.id == "one").values(beat=processes.c.beat - 21)
        await connection.execute(silent)
    assert await store.bury(two) and not await store.bury(two)
    (taken,) = await outbox.take_over("two", NOON, ())
    assert taken.id == written[0].id and taken.inherited, "it may have been carried out"
    assert await outbox.take_over("three", NOON, ()) == []
    assert not await store.beat(one), "it learns that it was taken for dead"
    await outbox.finish([written[0].id], "one")
    assert await outbox.next_due() == NOON, "and closes nothing that another took"
    await outbox.finish([written[0].id], "two")
    assert await outbox.next_due() == NOON + MINUTE


async def test_what_a_dead_process_had_in_hand_may_be_done_until_it_is_known(
    database: Database, outbox: OutboxStore, community: Community
) -> None:
    """Also where it had waited there behind something else, and who takes it over stops before it is its turn."""
    await alive(database, "two")
    waited, _ = await outbox.add([item(community), item(community, "b")], "one")
    await outbox.retry(waited, "one", BEHIND, NOON, counted=False)
    assert len(await outbox.take_over("two", NOON, ())) == 2
    await outbox.release("two")
    assert [one.may_be_done for one in await outbox.take_over("three", NOON, ())] == [True, True]


async def test_a_process_that_is_gone_from_this_machine_is_dead_at_once(database: Database) -> None:
    store = ProcessStore(database)
    await alive(database, "gone", pid=2**22 - 1)
    await alive(database, "other")
    assert await store.bury(await alive(database, "me", pid=os.getpid()))
    async with database.read() as connection:
        assert {row.id for row in await connection.execute(processes.select())} == {"other", "me"}


async def test_what_a_process_leaves_with_a_goodbye_is_free_at_once(
    database: Database, outbox: OutboxStore, community: Community
) -> None:
    one = await alive(database, "one")
    await outbox.add([item(community)], "one")
    await ProcessStore(database).end(one)
    assert len(await outbox.take_over("two", NOON, ())) == 1


async def test_a_failed_item_holds_its_lane_and_is_set_aside_with_its_content(
    database: Database, outbox: OutboxStore, community: Community
) -> None:
    await alive(database, "one")
    first, second, other = await outbox.add([item(community), item(community), item(community, "b")], "one")
    await outbox.retry(first, "one", "away" * 1000, NOON + MINUTE, counted=False)
    await outbox.hold("a", "one", NOON + MINUTE)
    assert [one.id for one in await outbox.take_over("one", NOON, ())] == [other.id]
    again = await outbox.take_over("one", NOON + MINUTE, {other.id})
    assert [(one.id, one.attempts, one.inherited) for one in again] == [(first.id, 0, False), (second.id, 0, False)]
    await outbox.set_aside(first, "one", "broken", NOON)
    [dead] = await outbox.dead(community.id)
    assert (dead.payload, dead.last_error, dead.failed_at) == ({"card": "a"}, "broken", NOON)
    assert await outbox.dead(community.id + 1) == []
    assert await outbox.replay(dead.id) and not await outbox.replay(dead.id)
    assert not await outbox.drop(dead.id)


async def test_what_is_stuck_is_counted_by_its_lane_and_what_keeps_it(
    database: Database, outbox: OutboxStore, community: Community
) -> None:
    await alive(database, "one")
    lanes = ["a", "a", "a", "b", "b", "c"]
    waiting = await outbox.add([item(community, lane) for lane in lanes], "one")
    for one in (waiting[0], waiting[1], waiting[3]):
        await outbox.retry(one, "one", "Away('down')", NOON + MINUTE, counted=False)
    await outbox.hold("a", "one", NOON + MINUTE)
    await outbox.retry(waiting[4], "one", "KeyError('ours')", NOON, counted=True)
    [note] = await outbox.add([replace(item(community), payload={"nonce": "said/0/note%/1"})], "one")
    await outbox.retry(note, "one", "Away('down')", NOON, counted=False)
    expected = [Stuck("a", "Away('down')", 2, NOON), Stuck("a", BEHIND, 1, NOON), Stuck("b", "Away('down')", 1, NOON)]
    assert await outbox.stuck(community.id, but="said/0/note%/") == expected
    assert [one.number for one in await outbox.stuck(community.id)] == [3, 1, 1]
    assert not await outbox.stuck(community.id + 1)


async def test_who_sleeps_is_told_later_and_that_is_no_failure(
    database: Database, outbox: OutboxStore, community: Community
) -> None:
    await alive(database, "one")
    [one] = await outbox.add([item(community)], "one")
    await outbox.put_off(one, "two", NOON + 9 * MINUTE)
    assert await outbox.next_due() == NOON
    await outbox.put_off(one, "one", NOON + MINUTE)
    assert await outbox.next_due() == NOON + MINUTE and not await outbox.stuck(community.id)
    assert await outbox.finish([one.id], "two") == set()
    assert await outbox.finish([one.id], "one") == {one.id}


async def test_what_is_known_of_troubles_is_kept_and_forgotten(database: Database, community: Community) -> None:
    store = TroubleStore(database)
    await store.keep(community.id, {"away/slack/T1": NOON, "aside/": NOON})
    await store.keep(community.id, {"aside/": NOON + MINUTE})
    assert await store.of(community.id) == {"aside/": NOON + MINUTE}
    await store.keep(community.id, {})
    assert await store.of(community.id) == {}


async def test_what_stands_is_noted_once_and_told_from_what_does_not(database: Database, community: Community) -> None:
    postings = PostingStore(database)
    first, second = await postings.add([posting(community), posting(community, "card", "discord/1")])
    assert await postings.add([posting(community)]) == []
    assert not first.stands
    stands, late = await postings.record(
        [Result(first.id, message="slack/T1/C1/1", thread="slack/T1/C1:1"), Result(second.id, gone_at=NOON, why=LATE)]
    )
    assert stands.stands and not late.stands and late.why == LATE
    assert [row.id for row in await postings.by_thread("slack/T1/C1:1", "idea")] == [first.id]
    [lost] = await postings.lose("slack/T1/C1/1", NOON)
    assert lost.id == first.id and await postings.lose("slack/T1/C1/1", NOON) == []


async def test_a_posting_that_is_forgotten_takes_what_was_to_be_done_along(
    database: Database, outbox: OutboxStore, community: Community
) -> None:
    postings = PostingStore(database)
    [row] = await postings.add([posting(community)])
    await outbox.add([item(community, posting_id=row.id)], "one")
    await outbox.replace([row.id])
    assert await outbox.next_due() is None
    await outbox.add([item(community, posting_id=row.id)], "one")
    await postings.forget([row.id])
    assert await outbox.next_due() is None


async def test_old_postings_of_a_kind_are_forgotten(database: Database, community: Community) -> None:
    postings = PostingStore(database)
    await postings.add([posting(community, key) for key in ("digest/1", "digest/2")])
    await postings.add([posting(community, "digest/3") | {"at": NOON + MINUTE}])
    assert await postings.prune("poll", NOON + MINUTE) == 0
    assert await postings.prune("idea", NOON + MINUTE) == 2
    assert [row.key for row in await postings.of("idea", 7)] == ["digest/3"]


async def test_what_names_somebody_is_kept_until_they_are_forgotten(database: Database, community: Community) -> None:
    postings, namings, members = PostingStore(database), NamingStore(database), MemberStore(database)
    await members.join_space("slack/T1", community.id, "T1")
    mia, _ = await members.arrive(community.id, "slack/T1/U1", "slack/T1", "Mia", NOON)
    names, told, direct, other = await postings.add(
        [
            posting(community, "names"),
            posting(community, "told", f"member/{mia.id}") | {"member_id": mia.id},
            posting(community, "direct", f"member/{mia.id}") | {"member_id": mia.id, "channel": f"member/{mia.id}"},
            posting(community, "other"),
        ]
    )
    await postings.record(Result(row.id, f"slack/T1/C1/{row.key}") for row in (names, told, direct, other))
    await namings.note([(names.id, mia.id), (names.id, mia.id)])
    assert await postings.prune("idea", NOON + MINUTE) == 2, "what is for her alone, and what names nobody"
    assert [row.id for row in await namings.of(mia.id)] == [names.id]

    await namings.forget(mia.id)
    await postings.forget_member(mia.id)
    assert [row.key for row in await namings.stale(community.id, 0, 10)] == ["names", "told"]
    assert [row.key for row in await namings.stale(community.id, names.id, 10)] == ["told"]
    assert not await namings.of(mia.id)
    await postings.look({names.id: "new", told.id: "new"})
    assert not await namings.stale(community.id, 0, 10)


async def test_an_event_is_taken_by_exactly_one_unit(database: Database, replica: Database) -> None:
    one, two = InboxStore(database), InboxStore(replica)
    await one.take("a", NOON)
    with pytest.raises(Handled):
        await two.take("a", NOON)


async def test_a_kept_event_waits_until_it_is_handled_whoever_lives(database: Database) -> None:
    inbox = InboxStore(database)
    await alive(database, "one")
    assert await inbox.keep("a", "slack", {"text": "hé"}, "one", NOON)
    assert not await inbox.keep("a", "slack", {}, "two", NOON)
    assert await inbox.take_over("two", NOON) == []
    await ProcessStore(database).end(Process("one", "", 0))
    [kept] = await inbox.take_over("two", NOON)
    assert (kept.key, kept.platform, kept.body) == ("a", "slack", {"text": "hé"})
    await inbox.take("a", NOON)
    assert await inbox.waiting() == 0
    await ProcessStore(database).end(Process("two", "", 0))
    assert await inbox.take_over("three", NOON) == []


async def test_old_events_are_forgotten_but_none_that_wait(database: Database) -> None:
    inbox = InboxStore(database)
    await inbox.take("old", NOON - 2 * MINUTE)
    await inbox.keep("waits", "slack", {}, "one", NOON - 2 * MINUTE)
    await inbox.take("new", NOON)
    assert await inbox.prune(NOON - MINUTE) == 1
    assert await inbox.waiting() == 1
