"""What is to be said is said: side by side, in order within a lane, and nobody waits for another community."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from adapters.contract.adapter import AdapterError, Away, Feature, Gone, Locked, NoAccess, Retry, Unusable
from adapters.contract.codec import dump_card
from adapters.contract.models import Channel, MessageRef
from adapters.contract.ui import Card
from adapters.discord import rest as discord
from adapters.memory import Memory
from adapters.slack import api as slack
from adapters.slack.pacing import PATIENCE
from bot.clock import MovableClock
from bot.delivery import courier
from bot.delivery.carrying import Carrier
from bot.delivery.courier import HANDFUL, Courier
from bot.delivery.gate import Gate
from bot.delivery.platforms import Platforms
from bot.metrics import Metrics
from bot.text.language import Locales
from storage.database import Database
from storage.members import Community, MemberStore
from storage.outbox import Item, OutboxStore
from storage.peers import PeerStore
from storage.postings import IMPOSSIBLE, LATE, PostingStore
from storage.processes import Process, ProcessStore
from storage.uploads import UploadStore

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Hall(Memory):
    """A platform whose channels can refuse what is said, or keep everybody waiting."""

    def __init__(self, clock: MovableClock) -> None:
        super().__init__(clock.now)
        self.refuses: dict[str, Exception] = {}
        self.looked_for: dict[str, datetime | None] = {}
        """Since when each may have stood, by its nonce."""
        self.slow: set[str] = set()
        self.gate, self.spoke, self.refused = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def post(self, channel: Channel, card: Card, *, nonce: str, since: datetime | None = None) -> MessageRef:
        if channel.id in self.slow:
            await self.gate.wait()
        if refusal := self.refuses.get(channel.id):
            self.tries += 1
            self.refused.set()
            raise refusal
        self.looked_for[card.title.plain()] = since
        message = await super().post(channel, card, nonce=nonce, since=since)
        self.spoke.set()
        return message

    def said(self, channel: str) -> list[str]:
        return [
            posted.card.title.plain()
            for posted in self.messages.values()
            if posted.card and posted.ref.channel.id == channel
        ]


class Desk:
    """A process with what it has to say."""

    def __init__(self, database: Database, owner: str = "me", hall: Hall | None = None) -> None:
        self.database = database
        self.clock = MovableClock(NOW)
        self.hall = hall or Hall(self.clock)
        self.may_be_over = False
        self.outbox, self.postings = OutboxStore(database), PostingStore(database)
        platforms = Platforms({"memory": self.hall}, database)
        members = MemberStore(database)
        carrier = Carrier(platforms, members, UploadStore(database), Locales(), self.clock)
        gate = Gate(members, self.postings, PeerStore(database))
        self.courier = Courier(
            database, self.outbox, self.postings, carrier, gate, self.clock, owner, Metrics(), lambda: self.may_be_over
        )

    async def post(
        self,
        community: Community,
        channel: str,
        words: str,
        *otherwise: str,
        until: datetime | None = None,
        owner: str = "me",
    ) -> Item:
        """Write what is to be said in a channel, with its posting."""
        if channel not in self.hall.places:
            self.hall.add_channel(channel)
        key = Channel(self.hall.space, channel).key
        row = {
            "community_id": community.id,
            "kind": "said",
            "subject_id": 0,
            "key": words,
            "spot": self.hall.space.key,
            "member_id": None,
            "channel": key,
            "digest": "",
            "at": self.clock.now(),
        }
        (posting,) = await self.postings.add([row])
        payload = {"nonce": words, "card": dump_card(Card(words)), "channel": key}
        if otherwise:
            payload["otherwise"] = [Channel(self.hall.space, other).key for other in otherwise]
        now = self.clock.now()
        item = Item("post", key, payload, now, now, community.id, posting_id=posting.id, until=until)
        (written,) = await self.outbox.add([item], owner)
        return written

    async def works(self) -> None:
        """Carry out all that is due."""
        while await self.courier.take_over():
            await self.courier.drained()

    async def waits(self) -> list[Item]:
        return await self.outbox.waiting(self.clock.now())


@pytest.fixture
async def desk(database_file: Path) -> AsyncIterator[Desk]:
    database = Database(f"sqlite:///{database_file}")
    await ProcessStore(database).begin(Process("me", Process.this().host, Process.this().pid))
    yield Desk(database)
    await database.close()


@pytest.fixture
async def community(desk: Desk) -> Community:
    return await MemberStore(desk.database).community("a", "A", "UTC")


async def test_nobody_waits_for_another_community(desk: Desk, community: Community) -> None:
    other = await MemberStore(desk.database).community("b", "B", "UTC")
    desk.hall.slow |= {f"slow-{n}" for n in range(40)}
    for n in range(HANDFUL + 100):
        await desk.post(community, f"slow-{n % 40}", f"slow {n}")
    await desk.post(other, "quick", "hello")
    while await desk.courier.take_over():
        pass
    await asyncio.wait_for(desk.hall.spoke.wait(), 30)
    assert desk.hall.said("quick") == ["hello"]
    assert len(desk.courier.carried) <= HANDFUL + 1, "what is in memory is bounded"
    room = asyncio.Event()
    desk.courier.has_room = room.set
    desk.hall.gate.set()
    await desk.courier.drained()
    assert room.is_set()
    await desk.works()
    assert sum(len(desk.hall.said(f"slow-{n}")) for n in range(40)) == HANDFUL + 100
    assert desk.hall.said("slow-0") == [f"slow {n}" for n in range(0, HANDFUL + 100, 40)], "in their order"


@pytest.mark.parametrize("knows", [True, False], ids=["nonces", "no nonces"])
async def test_what_a_dead_process_may_have_said_is_looked_for_where_the_platform_does_not_know_it(
    desk: Desk, community: Community, monkeypatch: pytest.MonkeyPatch, knows: bool
) -> None:
    monkeypatch.setattr(Hall, "features", frozenset({Feature.NONCES} if knows else ()))
    await desk.post(community, "help", "mine")
    await desk.post(community, "help", "its", owner="dead")
    await desk.works()
    assert desk.hall.looked_for == {"mine": None, "its": None if knows else NOW}


@pytest.mark.parametrize("knows", [True, False], ids=["nonces", "no nonces"])
async def test_what_was_tried_before_is_looked_for_and_what_only_waited_for_its_turn_is_not(
    desk: Desk, community: Community, monkeypatch: pytest.MonkeyPatch, knows: bool
) -> None:
    monkeypatch.setattr(Hall, "features", frozenset({Feature.NONCES} if knows else ()))
    desk.hall.slow.add("busy")
    await desk.post(community, "busy", "first")
    await desk.post(community, "busy", "waits for its turn")
    await desk.post(community, "shut", "tried")
    await desk.post(community, "shut", "behind it")
    await desk.outbox.put_off(await desk.post(community, "help", "for later"), "me", NOW + timedelta(seconds=30))
    desk.hall.refuses["shut"] = Retry("slow down", 90)
    await desk.courier.take_over()
    await desk.hall.refused.wait()
    desk.clock.move_to(NOW + timedelta(seconds=40 if knows else 90))
    desk.hall.gate.set()
    await desk.courier.drained()
    del desk.hall.refuses["shut"]
    await desk.outbox.hasten(desk.hall.space.key, desk.clock.now())
    await desk.works()
    tried = None if knows else NOW
    waits = dict.fromkeys(["first", "waits for its turn", "behind it", "for later"])
    assert desk.hall.looked_for == {"tried": tried, **waits}


@pytest.mark.parametrize("later", [11, 60])
async def test_what_a_dead_process_may_have_said_is_looked_for_until_it_is_said(
    desk: Desk, community: Community, monkeypatch: pytest.MonkeyPatch, later: int
) -> None:
    monkeypatch.setattr(Hall, "features", frozenset())
    await desk.post(community, "help", "first", owner="dead")
    await desk.post(community, "help", "behind", owner="dead")
    desk.hall.refuses["help"] = Away("no answer")
    await desk.works()
    del desk.hall.refuses["help"]
    desk.clock.move_to(NOW + timedelta(seconds=later))
    await desk.works()
    assert desk.hall.looked_for == {"first": NOW, "behind": NOW}


@pytest.mark.parametrize("waited", [0, 60])
async def test_what_was_being_said_when_it_had_to_stop_is_looked_for_by_the_next(
    desk: Desk, community: Community, monkeypatch: pytest.MonkeyPatch, waited: int
) -> None:
    monkeypatch.setattr(Hall, "features", frozenset())
    desk.hall.slow.add("help")
    await desk.post(community, "help", "under way")
    await desk.post(community, "help", "behind")
    await desk.post(community, "ideas", "beside")
    desk.clock.move_to(NOW + timedelta(seconds=waited))
    await desk.courier.take_over()
    await desk.hall.spoke.wait()
    await desk.courier.take_over()
    await desk.courier.stop(0)
    following = Desk(desk.database, "next", desk.hall)
    await ProcessStore(desk.database).begin(Process("next", "", 0))
    await ProcessStore(desk.database).end(Process("me", "", 0))
    desk.hall.slow.clear()
    await following.works()
    assert desk.hall.looked_for == {"beside": None, "under way": NOW, "behind": None}


@pytest.mark.parametrize("has_heard", [True, False])
async def test_what_another_process_took_over_meanwhile_is_left_to_it(
    desk: Desk, community: Community, has_heard: bool
) -> None:
    """It was stopped, and goes on: others took it for dead."""
    desk.hall.slow.add("help")
    await desk.post(community, "help", "under way")
    too_late = await desk.post(community, "help", "too late by then", until=NOW + MINUTE)
    await desk.post(community, "help", "behind")
    await desk.courier.take_over()
    following = Desk(desk.database, "next", Hall(desk.clock))
    await ProcessStore(desk.database).begin(Process("next", "", 0))
    await ProcessStore(desk.database).end(Process("me", "", 0))
    for channel in desk.hall.places:
        following.hall.add_channel(channel)
    await following.works()
    assert following.hall.said("help") == ["under way", "too late by then", "behind"]

    await ProcessStore(desk.database).begin(Process("me", "", 0))
    if has_heard:
        desk.courier.was_taken_for_dead()
    else:
        desk.may_be_over = True
    desk.clock.move_to(NOW + 2 * MINUTE)
    desk.hall.gate.set()
    await desk.courier.drained()
    assert desk.hall.said("help") == ["under way"], "which was on its way already"
    assert too_late.posting_id
    posting = (await desk.postings.get_many([too_late.posting_id]))[too_late.posting_id]
    assert posting.message and posting.gone_at is None, "it stands, as the other process said"
    assert not desk.courier.carried


async def test_what_cannot_be_said_by_one_that_it_no_longer_belongs_to_stays(desk: Desk, community: Community) -> None:
    desk.hall.slow.add("help")
    desk.hall.refuses["help"] = Gone("deleted")
    item = await desk.post(community, "help", "one")
    await desk.courier.take_over()
    await ProcessStore(desk.database).end(Process("me", "", 0))
    await desk.outbox.take_over("next", NOW, ())
    desk.hall.gate.set()
    await desk.courier.drained()
    assert item.posting_id
    assert (await desk.postings.get_many([item.posting_id]))[item.posting_id].gone_at is None


@pytest.mark.parametrize(
    "refusal",
    [
        NoAccess("not invited"),
        Unusable("a scope is missing"),
        Retry("slow down", 90),
        PoolTimeout("the database has no connection free"),
    ],
)
async def test_what_may_be_said_later_waits_and_so_does_what_follows(
    desk: Desk, community: Community, refusal: Exception
) -> None:
    await desk.post(community, "shut", "one")
    await desk.post(community, "shut", "two")
    desk.hall.refuses["shut"] = refusal
    await desk.works()
    assert desk.hall.tries == 1, "what stands behind it isn't tried"
    for _ in range(100):
        desk.clock.move_to(desk.clock.now() + timedelta(hours=1))
        await desk.works()
    (first, second) = await desk.waits()
    assert (first.attempts, second.attempts) == (0, 0) and str(refusal) in (first.last_error or "")
    del desk.hall.refuses["shut"]
    await desk.outbox.hasten(desk.hall.space.key, desk.clock.now())
    await desk.works()
    assert desk.hall.said("shut") == ["one", "two"]


@pytest.mark.parametrize("refusal", [Gone("deleted"), Locked("settled")])
async def test_what_no_place_takes_goes_to_the_next_or_is_noted(
    desk: Desk, community: Community, refusal: AdapterError
) -> None:
    desk.hall.add_channel("lounge")
    moved = await desk.post(community, "shut", "one", "lounge")
    nowhere = await desk.post(community, "shut", "two")
    desk.hall.refuses["shut"] = refusal
    await desk.works()
    assert desk.hall.said("lounge") == ["one"] and not await desk.waits()
    rows = await desk.postings.get_many([moved.posting_id or 0, nowhere.posting_id or 0])
    one, two = rows[moved.posting_id or 0], rows[nowhere.posting_id or 0]
    assert one.stands and one.channel.endswith("/lounge")
    assert not two.stands and two.why == IMPOSSIBLE


async def test_what_comes_too_late_is_left_out_and_noted(desk: Desk, community: Community) -> None:
    item = await desk.post(community, "shut", "now or never", until=NOW + MINUTE)
    desk.hall.refuses["shut"] = NoAccess("not invited")
    await desk.works()
    del desk.hall.refuses["shut"]
    desk.clock.move_to(NOW + timedelta(days=1))
    await desk.works()
    assert desk.hall.said("shut") == []
    assert (await desk.postings.get_many([item.posting_id or 0]))[item.posting_id or 0].why == LATE


async def test_what_waits_is_tried_less_and_less_often_but_soon_once_it_can_be_said(
    desk: Desk, community: Community
) -> None:
    await desk.post(community, "shut", "one")
    desk.hall.refuses["shut"] = Away("503")
    pauses = []
    for minutes in (0, 1, 20, 600):
        desk.clock.move_to(NOW + minutes * MINUTE)
        await desk.works()
        (item,) = await desk.waits()
        pauses.append((item.due_at - desk.clock.now()).total_seconds())
    assert pauses == [10, 30, 600, 900]


async def test_what_hangs_on_a_platform_is_ended_tried_again_and_set_aside(
    desk: Desk, community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.courier.TIMEOUT", timedelta(seconds=0.05))
    desk.hall.slow.add("help")
    await desk.post(community, "help", "stuck")
    await desk.post(community, "ideas", "beside")
    async with asyncio.timeout(20):
        for _ in range(5):
            await desk.works()
            desk.clock.move_to(desk.clock.now() + timedelta(hours=1))
    assert desk.hall.said("ideas") == ["beside"] and not await desk.waits()
    assert [item.last_error for item in await desk.outbox.dead()] == ["TimeoutError()"]


def test_no_request_to_a_platform_takes_as_long_as_an_act_may() -> None:
    """Else a platform that does not answer would pass for a fault of our own."""
    longest = max(slack.UPLOAD, PATIENCE + slack.TIMEOUT, discord._PATIENCE)
    assert longest < courier.TIMEOUT.total_seconds()


async def test_our_own_faults_are_set_aside_with_all_they_hold(desk: Desk, community: Community) -> None:
    await desk.post(community, "hall", "poison")
    behind = await desk.post(community, "hall", "behind it")
    desk.hall.refuses["hall"] = AdapterError("400: no such field")
    for _ in range(10):
        await desk.works()
        desk.clock.move_to(desk.clock.now() + timedelta(hours=1))
    dead = await desk.outbox.dead()
    assert [item.payload["nonce"] for item in dead] == ["poison", "behind it"]
    assert desk.hall.tries == 10
    del desk.hall.refuses["hall"]
    assert await desk.outbox.replay(dead[0].id) and await desk.outbox.drop(behind.id)
    await desk.works()
    assert desk.hall.said("hall") == ["poison"]
