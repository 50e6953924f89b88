"""Several processes of Trellis with one database: what only one of them may do, and what happens when that one goes."""

from __future__ import annotations

import asyncio
import signal
import urllib.request
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.database import Database
from storage.leases import leases
from storage.outbox import outbox
from tests.adapters.discord import people
from tests.adapters.discord.door import DiscordKit
from tests.adapters.discord.gateway import TOKEN
from tests.adapters.discord.server import Used
from tests.adapters.slack.crowd import Crowd
from tests.adapters.slack.door import SlackKit
from tests.adapters.slack.things import APP_TOKEN, BOT, BOT_TOKEN, Fault
from tests.databases import Databases
from tests.switch import behind_a_switch

from .conftest import Trellis

on_discord = pytest.mark.skipif(bool(DiscordKit.UNREADY), reason=DiscordKit.UNREADY)
QUESTION = "How do I rotate the webhook secret?"


async def until(happened: Callable[[], object], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110 - another process has no event of ours
            await asyncio.sleep(0.02)


class Replicas:
    """Processes of Trellis that share a database, and what they are connected to."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self.url = folder, url
        self.replicas: list[Trellis] = []

    @property
    def tokens(self) -> dict[str, str]:
        """The settings of what they are connected to."""
        raise NotImplementedError

    async def start(self, url: str = "", **settings: str) -> Trellis:
        folder = self._folder / f"replica{len(self.replicas)}"
        folder.mkdir()
        shared = self.tokens | {"DATABASE_URL": url or self.url, "TRELLIS_POLL_SECRET": "the same for all"}
        replica = Trellis(folder, program="tests.quick", **shared, **settings)
        self.replicas.append(replica)
        await asyncio.to_thread(replica.start)
        return replica


class Town(Replicas):
    """A Discord, and replicas."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder, url)
        self.kit = DiscordKit(folder, lambda: datetime.now(UTC))
        self.server, self.world = self.kit.server, self.kit.world
        self.mia = self.kit.ids["mia"]
        self.help = next(id_ for id_, channel in self.world.channels.items() if channel["name"] == "help")

    @property
    def tokens(self) -> dict[str, str]:
        return {"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": self.server.url}

    async def command(self) -> Used:
        """Have Mia use a command; return it once it is answered."""
        used = await people.use(self.server, self.mia, self.help, "question list", {})
        await until(lambda: used.original)
        return used

    async def renewed(self) -> None:
        """Return when the lease has been renewed: its holder knows by now who else is there."""
        database = Database(self.url)
        beats: set[float] = set()
        async with asyncio.timeout(30):
            while len(beats) < 3:
                async with database.read() as connection:
                    beats |= {*await connection.scalars(select(leases.c.beat))}
                await asyncio.sleep(0.05)
        await database.close()

    def callbacks(self, used: Used) -> int:
        """Return how often somebody gave an interaction its first answer."""
        return len(self.server.asked("POST", f"/interactions/{used.data['id']}/.*"))

    def cards(self, words: str) -> int:
        """Return how many public messages of ours say that."""
        ours = [one for one in self.world.messages.values() if one.data["author"]["id"] == self.world.bot]
        return sum(words in str(one.data) and not one.reader for one in ours)


class Workspace(Replicas):
    """A Slack, and replicas."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder, url)
        self.server = SlackKit(folder, lambda: datetime.now(UTC)).server
        self.crowd = Crowd(self.server)

    @property
    def tokens(self) -> dict[str, str]:
        there = f"{self.server.url}/api/"
        return {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": APP_TOKEN, "SLACK_API_URL": there}

    def cards(self, words: str) -> int:
        """Return how many messages of ours in channels say that."""
        ours = [one for place in self.server.places.values() for one in place.messages.values()]
        return sum(words in str(one) for one in ours if one.get("user") == BOT)

    def told(self, words: str) -> int:
        """Return how often somebody was privately told that."""
        return sum(words in str(one) for one in self.server.ephemeral.values())


@asynccontextmanager
async def shared(databases: Databases) -> AsyncIterator[str]:
    async with databases.migrated("postgresql") as database:
        yield database._url.set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
async def town(tmp_path: Path, databases: Databases) -> AsyncIterator[Town]:
    async with shared(databases) as url:
        town = Town(tmp_path, url)
        await town.server.start()
        yield town
        for replica in town.replicas:
            replica.end()
        await town.server.close()
    assert not town.server.complaints


@pytest.fixture
async def workspace(tmp_path: Path, databases: Databases) -> AsyncIterator[Workspace]:
    async with shared(databases) as url:
        workspace = Workspace(tmp_path, url)
        await workspace.server.start()
        yield workspace
        for replica in workspace.replicas:
            replica.end()
        await workspace.server.stop()
    assert not workspace.server.violations


@on_discord
async def test_a_killed_or_leaving_holder_is_followed_and_what_was_missed_is_read(town: Town) -> None:
    first, second = await town.start(), await town.start()
    assert len(town.server.identified) == 1 and "this one stands by" in second.log
    with urllib.request.urlopen(f"{second.url}/readyz", timeout=5) as ready:  # noqa: ASYNC210, S310 - our own
        assert ready.status == 200
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
    await until(lambda: len(town.server.identified) == 3)
    assert await leaving == 0
    assert town.callbacks(await town.command()) == 1
    assert town.cards(QUESTION) == 1


@on_discord
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


@on_discord
async def test_whoever_is_cut_off_from_the_database_hears_no_more(town: Town) -> None:
    async with behind_a_switch(town.url) as (switch, url):
        first, _ = await town.start(url), await town.start()
        await until(lambda: len(town.server.sessions) == 1)
        await town.renewed()
        switch.open()
        await until(lambda: len(town.server.identified) == 2)
        for _ in range(3):
            assert town.callbacks(await town.command()) == 1
        switch.close()
        await until(lambda: first.log.count("this one stands by") == 1)
        await until(lambda: len([one for one in town.server.sessions if one.listens]) == 1)
        assert town.callbacks(await town.command()) == 1
        assert len(town.server.identified) == 2


async def test_slacks_events_are_spread_over_all_and_handled_once(workspace: Workspace) -> None:
    """The server gives each envelope to the next of its connections, of which each process has two."""
    server, crowd = workspace.server, workspace.crowd
    _, second = await asyncio.gather(workspace.start(), workspace.start())
    assert len(server.sockets) == 4
    ideas = ["Bees on the roof", "A shed for tools", "Longer opening hours", "Water from rain", "Soup in winter"]
    await asyncio.gather(*(crowd.slash("UMIA", "CIDEAS", "/idea", f'add title:"{idea}"') for idea in ideas))
    await until(lambda: all(map(workspace.cards, ideas)) and workspace.told("is posted") == len(ideas))

    server.hold()
    await crowd.say("UMIA", "CHELP", QUESTION)
    await server.release(copies=3)
    await until(lambda: workspace.cards(QUESTION))

    second.end()
    more = ["A map of all beds", "Compost for everyone", "Lamps along the path"]
    await until(lambda: len(server.sockets) == 2)
    await asyncio.gather(*(crowd.slash("UMIA", "CIDEAS", "/idea", f'add title:"{idea}"') for idea in more))
    await until(lambda: all(map(workspace.cards, more)))
    assert {workspace.cards(idea) for idea in ideas + more} == {1}
    assert workspace.cards(QUESTION) == 1


async def test_what_a_stopped_process_had_in_hand_is_another_ones_once_it_goes_on(workspace: Workspace) -> None:
    """It is stopped while one message stands and its answer is on its way, and another one waits behind that.

    It goes on, and gets its answer, while the one that took both over still looks whether the first one stands.
    """
    server, ideas = workspace.server, {"UMIA": "Bees on the roof", "UNOAH": "A shed for tools"}
    database, answered, looked = Database(workspace.url), asyncio.Event(), asyncio.Event()
    first = await workspace.start(FREE_SECONDS="1")
    server.faults["chat.postMessage"] = deque([Fault(until=answered)])
    adding = (workspace.crowd.slash(who, "CIDEAS", "/idea", f'add title:"{idea}"') for who, idea in ideas.items())
    await asyncio.gather(*adding)
    await until(lambda: sum(map(workspace.cards, ideas.values())) == 1)
    await workspace.start(FREE_SECONDS="1")
    server.faults["conversations.history"] = deque([Fault(until=looked)])
    assert first.process
    first.process.send_signal(signal.SIGSTOP)
    await until(lambda: not server.faults["conversations.history"])

    first.process.send_signal(signal.SIGCONT)
    answered.set()
    await until(lambda: "the others took this process for dead" in first.log)
    await until(lambda: "(post) is left to another process" in first.log)
    answers = "(answer) is left to another process"  # where its start took long, they were told that it takes a while
    await until(lambda: first.log.count(answers) + len(server.ephemeral) == len(ideas))
    async with database.read() as connection:
        owners = [*await connection.scalars(select(outbox.c.owner).where(outbox.c.act == "post"))]
    assert len(owners) == 2 and len({*owners}) == 1, "the first closes nothing that the second has in hand"
    looked.set()
    async with asyncio.timeout(30), database.read() as connection:
        while await connection.scalar(select(outbox.c.id).limit(1)):  # noqa: ASYNC110  # another process does it
            await asyncio.sleep(0.02)
    await database.close()
    assert [workspace.cards(idea) for idea in ideas.values()] == [1, 1]
    assert sorted(one["user"] for one in server.ephemeral.values()) == [*ideas], "each is answered once"
