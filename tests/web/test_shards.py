"""Several processes of Trellis share out the shards of Discord, whatever becomes of one of them."""

from __future__ import annotations

import asyncio
import json
import signal
import time
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.discord import people
from tests.adapters.discord.server import Used
from tests.databases import Databases

from .conftest import Trellis
from .test_replicas import QUESTION, Town, on_discord, shared, until

pytestmark = on_discord
SHARDS, APART = 4, 1.0
QUESTIONS = {
    "mia": "How do I rotate the webhook secret?",
    "noah": "Why does paging stop at 100?",
    "kenji": "Which soil do tulips want?",
    "sofia": "Which lamp is best for tomatoes in winter?",
    "ava": "Who has the key of the shed on Sunday?",
    "omar": "Can I compost orange peel?",
    "liam": "When does the market open in spring?",
    "ada": "What do bees drink?",
}


class Land(Town):
    """A Discord with a server of each of four shards, and replicas.

    It takes a session each second, the real one each 5 s; replicas leave half a second more in both cases.
    """

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder, url)
        self.server.shards, self.server.required, self.server.apart = SHARDS, SHARDS, APART
        first = self._shard(self.world.guild)
        self.helps = {first: self.help}
        for number in {*range(SHARDS)} - {first}:
            guild = self.world.add_guild(f"Garden {number}", number, SHARDS)
            self.helps[number] = self.world.add_channel("help", guild=guild)

    @property
    def tokens(self) -> dict[str, str]:
        return {**super().tokens, "IDENTIFY_SECONDS": str(APART + 0.5)}

    @staticmethod
    def _shard(guild: str) -> int:
        return (int(guild) >> 22) % SHARDS

    async def heard(self, count: int = SHARDS) -> None:
        """Return when every shard is heard by one session."""
        await until(lambda: sorted(map(len, self.server.hearing.values())) == [1] * count, 60)

    async def use(self, shard: int) -> Used:
        """Have Mia use a command in a server of a shard."""
        return await people.use(self.server, self.mia, self.helps[shard], "question list", {})

    async def answers(self) -> None:
        """Return when a command is answered in each server; once each."""
        used = [await self.use(shard) for shard in self.helps]
        await until(lambda: all(one.original for one in used))
        assert [self.callbacks(one) for one in used] == [1] * SHARDS

    async def ask(self, words: str, who: str = "mia") -> None:
        """Have somebody ask in each server."""
        for channel in self.helps.values():
            await people.say(self.server, self.kit.ids[who], channel, words)

    async def asked(self, words: str) -> None:
        """Return when the question stands in each server."""
        await until(lambda: self.cards(words) >= SHARDS, 60)

    def nothing_is_wrong(self) -> None:
        assert not self.server.hurried, "two shards of a bucket began within five seconds"
        assert all(len(counts) == 1 for counts in self.server.counts), "two numbers of shards were heard at once"
        assert len(self.server.identified) <= 10


async def ready(replica: Trellis) -> dict[str, Any]:
    """Return what a process says of Discord."""

    def ask() -> Any:
        with urllib.request.urlopen(f"{replica.url}/readyz", timeout=5) as answer:  # noqa: S310 - our own
            return json.load(answer)["checks"]["discord"]

    found: dict[str, Any] = await asyncio.to_thread(ask)
    return found


async def shares(*replicas: Trellis) -> list[int]:
    """Return how many shards each process hears, once all together hear each once."""
    async with asyncio.timeout(30):
        while True:
            told = [(await ready(replica))["shards"].get("here", []) for replica in replicas]
            if sorted(number for numbers in told for number in numbers) == [*range(SHARDS)]:
                return [*map(len, told)]
            await asyncio.sleep(0.1)


@pytest.fixture
async def land(tmp_path: Path, databases: Databases) -> AsyncIterator[Land]:
    async with shared(databases) as url:
        land = Land(tmp_path, url)
        await land.server.start()
        yield land
        for replica in land.replicas:
            replica.end()
        await land.server.close()
    assert not land.server.complaints
    land.nothing_is_wrong()


async def test_two_hear_two_each_and_one_takes_over_what_a_killed_one_had(land: Land) -> None:
    first, second = await asyncio.gather(land.start(), land.start())
    await land.heard()
    assert await shares(first, second) == [2, 2]
    await land.answers()
    direct = land.world.direct(land.mia)["id"]
    used = await people.use(land.server, land.mia, direct, "me", {})
    await until(lambda: used.original)
    assert land.callbacks(used) == 1, "shard 0 alone tells of it"

    first.end()
    killed_at = time.monotonic()
    await land.ask(QUESTION)
    await land.heard()
    assert time.monotonic() - killed_at < 30
    await land.asked(QUESTION)
    assert (await ready(second)) == {"ok": True, "shards": {"here": [0, 1, 2, 3]}}
    await land.answers()
    assert land.cards(QUESTION) == SHARDS and len(land.server.identified) == SHARDS + 2


async def test_a_stopped_process_hears_nothing_of_shards_that_another_one_has(land: Land) -> None:
    first, second = await asyncio.gather(land.start(), land.start())
    await land.heard()
    mine = (await ready(first))["shards"]["here"]
    assert first.process
    first.process.send_signal(signal.SIGSTOP)
    missed = [await land.use(shard) for shard in mine]
    await land.ask(QUESTION)
    await until(lambda: len(land.server.identified) == SHARDS + 2, 60)
    await land.asked(QUESTION)
    used = [await land.use(shard) for shard in mine]
    await until(lambda: all(one.original for one in used))
    first.process.send_signal(signal.SIGCONT)
    await until(lambda: first.log.count("no more: it was silent for too long") == 2)
    await land.heard()
    assert {land.callbacks(one) for one in missed} == {0} and {land.callbacks(one) for one in used} == {1}
    assert sorted(await shares(first, second)) == [0, 4]
    await land.answers()
    assert land.cards(QUESTION) == SHARDS


async def test_who_joins_gets_a_share_and_nothing_is_lost_on_the_way(land: Land) -> None:
    first, second = await asyncio.gather(land.start(), land.start())
    await land.heard()
    third = await land.start()
    assert "this one stands by" in third.log and sorted(await shares(first, second, third)) == [0, 2, 2]
    for number, (who, words) in enumerate(QUESTIONS.items()):
        if number == 2:
            await until(lambda: "is given up" in first.log + second.log)
        await land.ask(words, who)
        await asyncio.sleep(0.3)  # what is said must meet the moments in which nobody hears
    await until(lambda: "this process hears" in third.log)
    await land.heard()
    await until(lambda: all(land.cards(words) >= SHARDS for words in QUESTIONS.values()), 60)
    assert sorted(await shares(first, second, third)) == [1, 1, 2]
    assert {land.cards(words) for words in QUESTIONS.values()} == {SHARDS}
    await land.answers()

    assert await asyncio.to_thread(third.stop) == 0
    await land.heard()
    await land.answers()


async def test_the_number_of_shards_grows_and_no_server_is_heard_by_two(land: Land) -> None:
    land.server.shards = land.server.required = 1
    first, second = await asyncio.gather(land.start(), land.start())
    await land.heard(1)
    await land.answers()
    land.server.shards, land.server.required, land.server.resumable = SHARDS, SHARDS, False
    await land.server.drop(4000)
    await land.ask(QUESTION)
    await land.heard()
    await land.asked(QUESTION)
    assert [one.get("shard", [0, 1])[1] for one in land.server.identified[-SHARDS:]] == [SHARDS] * SHARDS
    await until(lambda: land.server.hearing)
    assert sorted(await shares(first, second)) == [2, 2]
    await land.answers()
    assert land.cards(QUESTION) == SHARDS
