"""Discord in several shards: each is heard by who has its lease, and by nobody else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.contract.adapter import Unusable
from adapters.contract.events import MessagePosted, Reconnected
from adapters.contract.models import Account, Channel, Space
from adapters.contract.shards import Hearing, Share
from adapters.contract.ui import Card
from bot.kernel.shards import OwnLeases, PlatformLeases
from storage.database import Database
from storage.processes import Process

from . import people, spec
from .conftest import Rig

pytestmark = spec.missing


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py waits a second or two before it connects again."""
    monkeypatch.setattr("discord.client.ExponentialBackoff.delay", lambda _: 0.01)


@pytest.fixture
async def database(database_file: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{database_file}")
    yield database
    await database.close()


class Land:
    """A Discord with a server, and a help channel in it, of each shard."""

    def __init__(self, rig: Rig, shards: int) -> None:
        self.rig, self.server = rig, rig.server
        rig.server.shards = rig.server.required = shards
        first = (int(rig.world.guild) >> 22) % shards
        self.helps = {first: (rig.world.guild, rig.help)}
        for number in {*range(shards)} - {first}:
            guild = rig.world.add_guild(f"Garden {number}", number, shards)
            self.helps[number] = guild, rig.world.add_channel("help", guild=guild)

    def space(self, shard: int) -> Space:
        return Space("discord", self.helps[shard][0])

    async def say(self, text: str) -> None:
        for _, channel in self.helps.values():
            await people.say(self.server, self.rig.mia, channel, text)
        await self.server.heard()
        for adapter in self.rig.running:
            await adapter.idle()

    def heard(self, text: str) -> list[str]:
        """Return the servers in which a message was heard, as often as it was."""
        posted = [event for event in self.rig.heard if isinstance(event, MessagePosted)]
        return sorted(event.space.id for event in posted if event.message.text == text)

    @property
    def guilds(self) -> list[str]:
        return sorted(guild for guild, _ in self.helps.values())


def leases(database: Database, name: str) -> PlatformLeases:
    return PlatformLeases(database, "discord", Process(name, name, 1), beat=0.1, free=4.0)


async def test_one_process_hears_all_shards(database: Database, rig: Rig) -> None:
    land = Land(rig, 3)
    adapter = await rig.start(leases=OwnLeases(database, "discord", Process("one", "one", 1)))
    assert [one["shard"] for one in rig.server.identified] == [[0, 3], [1, 3], [2, 3]]
    assert adapter.shards == dict.fromkeys(range(3), Hearing.HERE) and adapter.connected and not adapter.stands_by
    assert sorted(info.space.id for info in await adapter.spaces()) == land.guilds
    await land.say("Hello")
    assert land.heard("Hello") == land.guilds
    assert not [event for event in rig.heard if isinstance(event, Reconnected)]
    for number, (guild, channel) in land.helps.items():
        assert await adapter.find_channel(land.space(number), "help") == Channel(land.space(number), channel)
        assert await adapter.profile(Account(land.space(number), rig.mia))
        assert await adapter.post(Channel(land.space(number), channel), Card("Here"), nonce=guild)
    direct = rig.world.direct(rig.mia)["id"]
    await people.say(rig.server, rig.mia, direct, "For you alone")
    await rig.settle()
    assert len(land.heard("For you alone")) == 1


async def test_a_shard_that_is_lost_is_begun_again_alone(database: Database, rig: Rig) -> None:
    land = Land(rig, 3)
    adapter = await rig.start(leases=OwnLeases(database, "discord", Process("one", "one", 1)))
    rig.server.resumable = False
    await rig.server.drop(4000, shard=1)
    async with asyncio.timeout(30):
        while adapter.shards[1] is not Hearing.BEGINNING:  # noqa: ASYNC110  # it does not last
            await asyncio.sleep(0)
    assert not adapter.hears(land.space(1)) and adapter.hears(land.space(0)) and adapter.connected
    await rig.until(lambda: adapter.shards[1] is Hearing.HERE)
    await rig.until(lambda: rig.heard)
    assert [(type(event), event.space) for event in rig.heard] == [(Reconnected, land.space(1))]
    assert [one["shard"] for one in rig.server.identified[3:]] == [[1, 3]]
    await land.say("Hello")
    assert land.heard("Hello") == land.guilds


async def test_a_server_counts_as_heard_only_once_it_is_told_that_something_was_missed(rig: Rig) -> None:
    """Else it would be noted that we listened until now, and what was missed before would not be read."""
    adapter = await rig.start()
    rig.server.resumable, rig.server.dawdles = False, True
    await rig.server.drop(4000)
    await rig.until(lambda: len(rig.server.sessions) == 2 and rig.server.hearing)
    seen = set()
    async with asyncio.timeout(30):
        while not rig.heard:
            seen.add(adapter.hears(rig.space))
            await asyncio.sleep(0)
    assert seen == {False} and adapter.hears(rig.space)
    assert [type(event) for event in rig.heard] == [Reconnected]


async def test_two_share_and_the_rest_is_known_from_what_is_asked_for(database: Database, rig: Rig) -> None:
    land = Land(rig, 2)
    one, two = await asyncio.gather(
        *(rig.start(leases=leases(database, name)) for name in ("one", "two")),
    )
    await rig.until(lambda: {*one.shards.values()} == {*two.shards.values()} == {Hearing.HERE, Hearing.ELSEWHERE})
    assert one.connected and two.connected and [*one.shards.values()] != [*two.shards.values()]
    await land.say("Hello")
    assert land.heard("Hello") == land.guilds
    for adapter in (one, two):
        assert sorted(info.space.id for info in await adapter.spaces()) == land.guilds
        for number, (_, channel) in land.helps.items():
            assert await adapter.find_channel(land.space(number), "help") == Channel(land.space(number), channel)
    rig.heard.clear()
    await one.stop()
    await rig.until(lambda: [*two.shards.values()] == [Hearing.HERE] * 2)
    await rig.until(lambda: rig.heard)
    gone = [number for number in (0, 1) if rig.server.identified[-1]["shard"] == [number, 2]]
    assert [(type(event), event.space) for event in rig.heard] == [(Reconnected, land.space(*gone))]
    await land.say("Good night")
    assert land.heard("Good night") == land.guilds and len(rig.server.identified) == 3


async def test_of_one_bucket_one_shard_begins_at_a_time_and_of_several_several(database: Database, rig: Rig) -> None:
    Land(rig, 4)
    rig.server.concurrency, rig.server.apart = 2, 0.5
    await rig.start(leases=OwnLeases(database, "discord", Process("one", "one", 1)), identify=0.6)
    assert sorted(one["shard"][0] for one in rig.server.identified[:2]) == [0, 1]
    assert len(rig.server.identified) == 4 and not rig.server.hurried


async def test_discord_wants_more_shards_at_the_next_session(
    database: Database, rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    land = Land(rig, 3)
    rig.server.shards = rig.server.required = 1
    adapter = await rig.start(leases=leases(database, "one"))
    assert adapter.shards == {0: Hearing.HERE}
    rig.server.shards = 3
    await land.say("As before")
    assert land.heard("As before") == land.guilds and len(rig.server.identified) == 1, "nothing forces it now"
    rig.server.required, rig.server.resumable = 3, False
    with caplog.at_level(logging.INFO):
        await rig.server.drop(4000)
        await rig.until(lambda: [*adapter.shards.values()] == [Hearing.HERE] * 3)
    assert "Discord is heard by 3 shards" in caplog.text
    await rig.until(lambda: len([event for event in rig.heard if isinstance(event, Reconnected)]) >= 3)
    await land.say("Hello")
    assert land.heard("Hello") == land.guilds and all(len(counts) == 1 for counts in rig.server.counts)


class Slow(PlatformLeases):
    """Leases in a database that takes its time to let go of one: what is ours is looked at twice meanwhile."""

    looks = 0

    async def look(self, recommended: int, *, needed: bool = False, resting: bool = False) -> Share | None:
        self.looks += 1
        return await super().look(recommended, needed=needed, resting=resting)

    async def release(self, number: int) -> None:
        before = self.looks
        for _ in range(100):  # while all ends nobody looks
            if self.looks < before + 3:
                await asyncio.sleep(0.01)
        await super().release(number)


async def test_a_shard_that_is_being_let_go_of_is_not_ended_once_more(database: Database, rig: Rig) -> None:
    land = Land(rig, 3)
    rig.server.shards = rig.server.required = 1
    adapter = await rig.start(leases=Slow(database, "discord", Process("one", "one", 1), beat=0.1, free=4.0))
    rig.server.shards = rig.server.required = 3
    rig.server.resumable = False
    await rig.server.drop(4000)
    await rig.until(lambda: [*adapter.shards.values()] == [Hearing.HERE] * 3)
    await land.say("Hello")
    assert land.heard("Hello") == land.guilds


async def test_a_number_that_is_only_a_little_too_small_stays(database: Database, rig: Rig) -> None:
    land = Land(rig, 2)
    adapter = await rig.start(leases=leases(database, "one"))
    rig.server.shards, rig.server.resumable = 3, False
    await rig.server.drop(4000, shard=1)
    await rig.until(lambda: len(rig.server.identified) == 3 and adapter.shards[1] is Hearing.HERE)
    assert len(adapter.shards) == 2
    await adapter.stop()
    adapter = await rig.start(leases=leases(database, "two"))
    assert len(adapter.shards) == 3, "when nobody hears, it is what Discord recommends"
    assert len(land.guilds) == 2 and adapter.connected


async def test_too_few_shards_by_what_discord_itself_recommends_end_it(rig: Rig) -> None:
    rig.server.required = 2
    with pytest.raises(Unusable, match="more shards than it recommends"):
        await rig.start()


async def test_the_loopback_refuses_what_discord_refuses(rig: Rig) -> None:
    rig.server.shards = 2
    adapter = await rig.start()
    facts = {**rig.server.identified[0]}

    async def begin(**others: object) -> int:
        session = adapter._servers.speaker.http._HTTPClient__session  # type: ignore[attr-defined]
        async with session.ws_connect(rig.server.socket_url) as socket:
            await socket.receive()
            await socket.send_json({"op": 2, "d": {**facts, **others}})
            answer = await socket.receive()
            return int(answer.data) if isinstance(answer.data, int) else int(answer.json()["op"])

    assert [await begin(shard=[2, 2]), await begin(shard=[0, 0])] == [4010, 4010]
    rig.server.required = 2
    assert [await begin(shard=[0, 1]), await begin(shard=[0, 2])] == [4011, 0]
    rig.server.apart = 60.0
    assert await begin(shard=[0, 2]) == 9
    rig.server.apart, rig.server.budget = 0.0, (0, 1000)
    assert await begin(shard=[0, 2]) == 4004
