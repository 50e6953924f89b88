"""The process is killed between every two durable steps: what was accepted happens, once, and whoever waits is told."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.bootstrap import build_application
from bot.clock import SystemClock
from config.settings import Settings
from storage.database import Database
from storage.members import MemberStore
from tests.adapters.discord import people
from tests.adapters.discord.door import DiscordKit
from tests.adapters.discord.gateway import TOKEN
from tests.adapters.discord.server import Used
from tests.adapters.slack.crowd import Crowd
from tests.adapters.slack.door import SlackKit
from tests.adapters.slack.things import APP_TOKEN, BOT, BOT_TOKEN, TEAM
from tests.crashing import run_and_die, words_of
from tests.doors import Kit

FEWEST, MOST = 3, 40
"""How many durable steps any act here takes."""
TITLE = "Dark mode for the board"
ABOUT = "I am Mia, and I grow tomatoes on a balcony."
QUESTION = "How do I rotate the webhook secret?"


class Scene(ABC):
    """Somebody does something on a platform, which outlives the processes that hear of it, as the database does."""

    kit: Kit
    tokens: dict[str, str]

    def __init__(self, folder: Path, how: signal.Signals = signal.SIGKILL) -> None:
        folder.mkdir()
        self._how = how
        self._log = folder / "steps"
        self._database = f"sqlite:///{folder / 'trellis.db'}"

    @abstractmethod
    async def act(self) -> None:
        """Do it."""

    @abstractmethod
    def is_done(self) -> bool:
        """Say whether all that should come of it is there."""

    @abstractmethod
    def check(self) -> None:
        """Fail where something is lost, or there twice."""

    async def dies(self, after: int) -> bool:
        """Have a process hear it that ends after so many steps, and another one go on; say whether the first ended."""
        settings = self.tokens | {
            "DATABASE_URL": self._database,
            "TRELLIS_COGS": "tests.crashing:Bell",
            "TRELLIS_PLAYGROUND": "off",
            "TRELLIS_WEB_PORT": "0",
        }
        process = run_and_die(settings, after, str(self._log), self._how)
        try:
            await _until(lambda: "Trellis is at work" in words_of(str(self._log)) or process.exitcode is not None)
            doing = asyncio.create_task(self.act())
            await _until(lambda: self.is_done() or process.exitcode is not None)
            if died := len(self.steps.splitlines()) >= after:  # where it is told to stop, all may be done before
                await _until(lambda: process.exitcode is not None)
        finally:
            process.kill()
            process.join()
        read = Settings.model_validate(settings)
        app = build_application(read, Database(read.database_url), [await self.kit.adapter()], SystemClock())
        try:
            await app.start()
            await doing
            await app.settle()
        finally:
            await app.stop()
            await self.kit.close()
        return died

    @property
    def steps(self) -> str:
        """What the process did before it died."""
        return self._log.read_text() if self._log.exists() else ""


async def _until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not happened():  # noqa: ASYNC110  # another process does it
            await asyncio.sleep(0.01)


def _now() -> datetime:
    return datetime.now(UTC)


class OnSlack(Scene):
    def __init__(self, folder: Path, how: signal.Signals = signal.SIGKILL) -> None:
        super().__init__(folder, how)
        self.kit: SlackKit = SlackKit(folder, _now)
        self.server = self.kit.server
        self.crowd = Crowd(self.server)

    async def dies(self, after: int) -> bool:
        await self.server.start()
        self.tokens = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_API_URL": f"{self.server.url}/api/",
        }
        return await super().dies(after)

    def said(self, channel: str, words: str) -> int:
        """Return how often Trellis said something in a channel, its threads apart."""
        place = self.server.places.get(channel)
        ours = [one for one in place.messages.values() if one.get("user") == BOT] if place else []
        return sum(words in str(one) for one in ours if one.get("thread_ts", one["ts"]) == one["ts"])


class SlackCommand(OnSlack):
    command, typed = "/idea", f'add title:"{TITLE}"'
    channel, posted, told = "CIDEAS", TITLE, "is posted"

    async def act(self) -> None:
        await self.crowd.slash("UMIA", "CGENERAL", self.command, self.typed)

    def is_done(self) -> bool:
        return self.said(self.channel, self.posted) > 0 and self._told() > 0

    def check(self) -> None:
        assert self.said(self.channel, self.posted) <= 1
        assert self._told() <= 2, "an answer may come twice, where the first time nobody heard that it came"
        if any(status == 200 for _, _, status in self.server.acks):
            assert self.said(self.channel, self.posted) == 1 and self._told()

    def _told(self) -> int:
        return sum(self.told in str(one) for one in self.server.ephemeral.values())


class SlackIntroduction(SlackCommand):
    command, typed = "/introduce", f'about:"{ABOUT}"'
    channel, posted, told = "CINTRODUCTIONS", ABOUT, "Your introduction is"


class SlackQuestion(SlackCommand):
    command, typed = "/ask", f'question:"{QUESTION}"'
    channel, posted = "CHELP", QUESTION


class SlackMessage(OnSlack):
    async def act(self) -> None:
        await self.crowd.say("UMIA", "CGENERAL", "Ring it")

    def is_done(self) -> bool:
        return self._heard() == (1, 1)

    def check(self) -> None:
        assert self._heard() == (1, 1), "Slack tells it again until it is acknowledged"

    def _heard(self) -> tuple[int, int]:
        return self.said("CGENERAL", "Heard: Ring it"), self.said("DMIA", "the bell tolls")


class SlackThanks(OnSlack):
    """Somebody thanks someone who was here not long ago."""

    async def dies(self, after: int) -> bool:
        database, space = Database(self._database), f"slack/{TEAM}"
        members = MemberStore(database)
        community = await members.community(space, "Home", "UTC")
        await members.join_space(space, community.id, "Home")
        await members.arrive(community.id, f"{space}/UNOAH", space, "Noah", _now())
        await database.close()
        return await super().dies(after)

    async def act(self) -> None:
        await self.crowd.slash("UMIA", "CGENERAL", "/thanks", "<@UNOAH> for the patient review")

    def is_done(self) -> bool:
        return self._thanked() > 0 and self._told() > 0 and self._is_recorded()

    def check(self) -> None:
        assert self._thanked() <= 1
        assert self._told() <= 2, "an answer may come twice, where the first time nobody heard that it came"
        if any(status == 200 for _, _, status in self.server.acks):
            assert self._thanked() == 1 and self._told()

    def _is_recorded(self) -> bool:
        with closing(sqlite3.connect(self._database.removeprefix("sqlite:///"))) as connection:
            return not connection.execute("SELECT count(*) FROM outbox").fetchone()[0]

    def _thanked(self) -> int:
        return self.said("CGENERAL", "for the patient review")

    def _told(self) -> int:
        return sum("will read it" in str(one) for one in self.server.ephemeral.values())


class OnDiscord(Scene):
    def __init__(self, folder: Path, how: signal.Signals = signal.SIGKILL) -> None:
        super().__init__(folder, how)
        self.kit: DiscordKit = DiscordKit(folder, _now)
        self.server, self.world = self.kit.server, self.kit.world
        self.mia = self.kit.ids["mia"]

    async def dies(self, after: int) -> bool:
        await self.server.start()
        self.tokens = {"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": self.server.url}
        return await super().dies(after)

    def channel(self, name: str) -> str:
        return next(id_ for id_, place in self.world.channels.items() if place.get("name") == name)

    def said(self, channel: str, words: str) -> int:
        kept = [one for one in self.world.messages.values() if one.data["author"]["id"] == self.world.bot]
        return sum(words in str(one.data) for one in kept if one.data["channel_id"] == channel and not one.reader)


class DiscordCommand(OnDiscord):
    place, posted = "ideas", TITLE
    command, option = "idea add", "title"
    used: Used | None = None

    async def act(self) -> None:
        facts, here = {self.option: self.posted}, self.channel(self.place)
        self.used = await people.use(self.server, self.mia, here, self.command, facts, insist=False)

    def is_done(self) -> bool:
        return self.said(self.channel(self.place), self.posted) > 0 and self._is_told()

    def check(self) -> None:
        assert self.said(self.channel(self.place), self.posted) <= 1
        assert self.used
        if self.used.first:
            assert self.is_done(), "whoever sees that Trellis is thinking is answered"

    def _is_told(self) -> bool:
        return bool(self.used and self.used.original and "is posted" in str(self.used.original.data))


class DiscordQuestion(DiscordCommand):
    place, posted = "help", QUESTION
    command, option = "ask", "question"


class DiscordPost(OnDiscord):
    async def act(self) -> None:
        await people.say(self.server, self.mia, self.channel("help"), QUESTION)

    def is_done(self) -> bool:
        return self._asked() == 1

    def check(self) -> None:
        assert self._asked() == 1, "its card stands in the thread beneath it"

    def _asked(self) -> int:
        return sum(self.said(id_, QUESTION) for id_ in self.world.channels)


class DiscordMessage(OnDiscord):
    async def act(self) -> None:
        await people.say(self.server, self.mia, self.channel("help"), "Ring it")

    def is_done(self) -> bool:
        return self._heard() == (1, 1)

    def check(self) -> None:
        assert self._heard() == (1, 1), "Discord tells it once, but it can be read back"

    def _heard(self) -> tuple[int, int]:
        direct = self.world.direct(self.mia)["id"]
        return self.said(self.channel("help"), "Heard: Ring it"), self.said(direct, "the bell tolls")


SCENES = [
    SlackCommand,
    SlackIntroduction,
    SlackQuestion,
    SlackMessage,
    SlackThanks,
    *(
        pytest.param(scene, marks=pytest.mark.skipif(bool(DiscordKit.UNREADY), reason=DiscordKit.UNREADY))
        for scene in (DiscordCommand, DiscordQuestion, DiscordPost, DiscordMessage)
    ),
]


@pytest.mark.parametrize("scene", SCENES)
async def test_killed_after_each_durable_step(scene: type[Scene], tmp_path: Path, empty_database: Path) -> None:
    await _ends_after_each_step(scene, signal.SIGKILL, tmp_path, empty_database)


@pytest.mark.parametrize("scene", SCENES)
async def test_told_to_stop_after_each_durable_step(scene: type[Scene], tmp_path: Path, empty_database: Path) -> None:
    await _ends_after_each_step(scene, signal.SIGTERM, tmp_path, empty_database)


async def _ends_after_each_step(scene: type[Scene], how: signal.Signals, tmp_path: Path, empty_database: Path) -> None:
    for after in range(1, MOST):
        one = scene(tmp_path / str(after), how)
        shutil.copy(empty_database, tmp_path / str(after) / "trellis.db")
        died = await one.dies(after)
        try:
            one.check()
        except AssertionError as wrong:
            wrong.add_note(f"It was sent {how.name} after {after} steps:\n{one.steps}")
            raise
        if not died:
            assert after > FEWEST
            return
    raise AssertionError("it never ends")
