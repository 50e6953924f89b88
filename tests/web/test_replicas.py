"""Several processes of Trellis with one database: what only one of them may do, and what happens when that one goes."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.adapters.discord import people
from tests.adapters.discord.door import DiscordKit
from tests.adapters.discord.gateway import TOKEN
from tests.adapters.discord.server import Used
from tests.databases import Databases

from .conftest import Trellis

pytestmark = pytest.mark.skipif(bool(DiscordKit.UNREADY), reason=DiscordKit.UNREADY)
QUESTION = "How do I rotate the webhook secret?"


async def until(happened: Callable[[], object], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110 - another process has no event of ours
            await asyncio.sleep(0.02)


class Town:
    """A Discord, and replicas of Trellis that share a database."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._url = folder, url
        self.kit = DiscordKit(folder, lambda: datetime.now(UTC))
        self.server, self.world = self.kit.server, self.kit.world
        self.mia = self.kit.ids["mia"]
        self.help = next(id_ for id_, channel in self.world.channels.items() if channel["name"] == "help")
        self.replicas: list[Trellis] = []

    async def start(self) -> Trellis:
        folder = self._folder / f"replica{len(self.replicas)}"
        folder.mkdir()
        discord = {"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": self.server.url}
        replica = Trellis(folder, program="tests.quick", DATABASE_URL=self._url, **discord)
        self.replicas.append(replica)
        await asyncio.to_thread(replica.start)
        return replica

    async def command(self) -> Used:
        """Have Mia use a command; return it once it is answered."""
        used = await people.use(self.server, self.mia, self.help, "question list", {})
        await until(lambda: used.original)
        return used

    def callbacks(self, used: Used) -> int:
        """Return how often somebody gave an interaction its first answer."""
        return len(self.server.asked("POST", f"/interactions/{used.data['id']}/.*"))

    def cards(self, words: str) -> int:
        """Return how many public messages of ours say that."""
        ours = [one for one in self.world.messages.values() if one.data["author"]["id"] == self.world.bot]
        return sum(words in str(one.data) and not one.reader for one in ours)


@asynccontextmanager
async def town_of(folder: Path, databases: Databases) -> AsyncIterator[Town]:
    async with databases.migrated("postgresql") as database:
        town = Town(folder, database._url.set(drivername="postgresql").render_as_string(hide_password=False))
        await town.server.start()
        try:
            yield town
        finally:
            for replica in town.replicas:
                replica.end()
            await town.server.close()
        assert not town.server.complaints


@pytest.fixture
async def town(tmp_path: Path, databases: Databases) -> AsyncIterator[Town]:
    async with town_of(tmp_path, databases) as town:
        yield town


async def test_a_killed_or_leaving_holder_is_followed_and_what_was_missed_is_read(town: Town) -> None:
    first, second = await town.start(), await town.start()
    assert len(town.server.identified) == 1 and "this one stands by" in second.log
    used = await town.command()
    assert town.callbacks(used) == 1

    first.end()
    await people.say(town.server, town.mia, town.help, QUESTION)
    await until(lambda: len(town.server.identified) == 2)
    await until(lambda: town.cards(QUESTION))
    assert town.callbacks(await town.command()) == 1

    third = await town.start()
    assert len(town.server.identified) == 2 and "this one stands by" in third.log
    leaving = asyncio.create_task(asyncio.to_thread(second.stop))
    await until(lambda: len(town.server.identified) == 3, seconds=3)
    assert await leaving == 0
    assert town.callbacks(await town.command()) == 1
    assert town.cards(QUESTION) == 1


async def test_a_stopped_process_answers_nothing_once_another_may_have_taken_over(town: Town) -> None:
    first, _ = await town.start(), await town.start()
    assert first.process
    first.process.send_signal(signal.SIGSTOP)
    missed = await people.use(town.server, town.mia, town.help, "question list", {})
    await until(lambda: len(town.server.identified) == 2)
    used = await town.command()
    first.process.send_signal(signal.SIGCONT)
    await until(lambda: "hears discord no more" in first.log and first.log.count("this one stands by") == 1)
    assert (town.callbacks(missed), town.callbacks(used)) == (0, 1)
    assert town.callbacks(await town.command()) == 1
    assert len(town.server.identified) == 2, "it does not take back what it lost"
