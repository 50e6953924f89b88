"""What was written while Trellis was away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from adapters.contract.adapter import Away, SpaceInfo
from adapters.contract.events import MessageDeleted, MessagePosted
from adapters.contract.models import Account, MessageRef, Profile
from adapters.memory import Memory
from bot import Cog, Context, listener
from bot.bootstrap import build_application
from bot.clock import MovableClock
from bot.kernel.application import Application
from bot.kernel.catching_up import CatchingUp
from config.settings import Settings
from storage.database import Database
from storage.inbox import InboxStore
from storage.members import Member
from tests.doors import MemoryDoor
from tests.story import Story

from .conftest import Begin

QUESTION = "How do I rotate the webhook secret?"


@pytest.mark.needs("absence")
@pytest.mark.needs("catching up")
async def test_a_question_asked_while_nobody_listened_is_taken_up(story: Story, begin: Begin) -> None:
    mia = story.person("mia")
    await mia.says("How do I page through the list of users?", "help")
    await story.app.stop()
    await mia.says(QUESTION, "help")
    story = await begin()
    await story.app.settle()
    card = await story.person("noah").reads(QUESTION)
    assert "Question #2" in card.words or card.fields["State"] == "🌱 Open"
    titles = [seen.title for seen in await story.person("noah").sees() if "page through" in seen.title]
    assert len(titles) == 1, "what was heard before is not heard twice"


@pytest.mark.needs("taking back")
async def test_what_somebody_deletes_is_taken_back_though_nobody_says_who_did_it(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    message = await mia.says(QUESTION, "help")
    await noah.reads(QUESTION)
    account = story.door.account("mia")
    help_ = await story.app.platforms.find_channel(account.space, "help")
    assert help_
    nobody = Profile(Account(account.space, "0"), "")
    gone = MessageDeleted(id="gone", at=story.now, by=nobody, message=MessageRef(help_, message))
    answers: Any = None  # there is nobody to answer
    await story.app.router.receive(gone, answers)
    await story.app.settle()
    assert await story.app.members.by_account(nobody.account.key) is None
    assert "🌱 Open" not in [seen.fields.get("State") for seen in await noah.sees()]


async def _lost(story: Story) -> Memory:
    platform = getattr(story.door, "platform", None)
    if not isinstance(platform, Memory):
        pytest.skip("the connection is cut where we can do that")
    platform.connected = False
    return platform


async def _again(story: Story, platform: Memory, *, missed: bool = True) -> None:
    await platform.reconnect(missed=missed)
    await story.app.catching_up.done()
    await story.app.settle()


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_was_asked_while_the_connection_was_lost_is_taken_up(story: Story) -> None:
    platform = await _lost(story)
    await story.person("mia").says(QUESTION, "help")
    await _again(story, platform, missed=False)
    await story.person("noah").does_not_read("State: ")
    platform.connected = False
    await _again(story, platform)
    assert [seen.fields["State"] for seen in await story.person("noah").sees() if QUESTION in seen.title] == ["🌱 Open"]


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_until_when_we_heard_is_noted_only_while_we_hear(story: Story, clock: MovableClock) -> None:
    space = story.door.account("mia").space
    before = await InboxStore(story.app.database).heard_until(space.key)
    platform = await _lost(story)
    clock.move_to(clock.now() + timedelta(hours=3))
    await story.app.catching_up.stop()
    assert await InboxStore(story.app.database).heard_until(space.key) == before
    await _again(story, platform)
    assert await InboxStore(story.app.database).heard_until(space.key) == clock.now()


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_who_came_and_went_meanwhile_is_noticed_once(story: Story, clock: MovableClock) -> None:
    ada = story.person("ada")
    await story.person("mia").uses("/me")
    platform = await _lost(story)
    platform.add_person("ravi", "Ravi")
    await platform.join("ravi")
    await platform.leave("mia")
    clock.move_to(clock.now() + timedelta(minutes=10))
    assert await story.app.members.by_account(story.door.account("ravi").key) is None
    for _ in range(2):
        await _again(story, platform)
    ravi = await story.app.members.by_account(story.door.account("ravi").key)
    assert ravi and ravi.left_at is None
    mia = await story.app.members.by_account(story.door.account("mia").key)
    assert mia and mia.left_at == clock.now() and mia.name == "Mia"
    assert ada


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_the_database_could_not_keep_is_read_once_it_is_back(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    mia = story.person("mia")
    await mia.uses("/me")
    with monkeypatch.context() as broken:

        def away(*_: object) -> None:
            raise OperationalError("BEGIN", {}, ConnectionError("the database is away"))

        broken.setattr(story.app.database, "write", away)
        broken.setattr(story.app.database, "unit", away)
        await mia.says(QUESTION, "help")
        await story.app.catching_up.done()
    await story.app.settle()
    monkeypatch.setattr("bot.kernel.catching_up.EVERY", 0.0)  # a minute later
    story.app.catching_up.go_on()
    await story.app.catching_up.done()
    await story.app.settle()
    found = [seen for seen in await story.person("noah").sees() if QUESTION in seen.title]
    assert len(found) == 1


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_where_the_platform_lets_us_read_little_at_a_time_the_rest_is_read_later(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.kernel.catching_up.EVERY", 0.0)
    story = await begin(TRELLIS_HELP_CHANNELS="help,general,introductions")
    heard = InboxStore(story.app.database)
    space = story.door.account("mia").space
    platform = await _lost(story)
    before = await heard.heard_until(space.key)
    await story.passes(minutes=30)
    for number, channel in enumerate(("help", "general", "introductions")):
        await story.person("mia").says(f"How do I rotate the webhook secret number {number}?", channel)
    platform.read_at_once = 1
    found: list[int] = []
    for _ in range(4):
        assert await heard.heard_until(space.key) == before
        await _again(story, platform) if not found else story.app.catching_up.go_on()
        await story.app.catching_up.done()
        await story.app.settle()
        found.append(len({seen.title for seen in await story.person("noah").sees() if "webhook" in seen.title}))
    assert found == [1, 2, 3, 3], "last comes the channel of support"
    assert await heard.heard_until(space.key) == story.now


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_cannot_be_read_now_is_read_later(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.kernel.catching_up.EVERY", 0.0)
    platform = await _lost(story)
    await story.person("mia").says(QUESTION, "help")
    with monkeypatch.context() as broken:

        async def away(*_: object) -> None:
            raise Away("503")

        broken.setattr(platform, "catch_up", away)
        await _again(story, platform)
    await story.person("noah").does_not_read("State: ")
    story.app.catching_up.go_on()
    await story.app.catching_up.done()
    await story.app.settle()
    assert QUESTION in (await story.person("noah").reads(QUESTION)).title


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_was_on_its_way_when_it_was_noted_until_when_we_heard_is_read(begin: Begin) -> None:
    story = await begin()
    await story.person("mia").uses("/me")
    platform = await _lost(story)
    await story.person("mia").says(QUESTION, "help")
    platform.connected = True  # nobody noticed anything
    await story.passes(seconds=59)
    await story.app.stop()
    story = await begin()
    await story.app.settle()
    assert QUESTION in (await story.person("noah").reads(QUESTION)).title


class Flicker(Cog):
    """Once while something is read back, the connection is lost for a moment, in which something is asked."""

    name = "flicker"
    platform: Memory | None = None

    @listener(MessagePosted, where=lambda cog, glance: cog.platform is not None and "number 0" in glance.text)
    async def flicker(self, _: Context, __: MessagePosted) -> None:
        platform, self.platform = self.platform, None
        assert platform
        platform.connected = False
        await platform.say("kenji", "help", "How do I page through the list of users?")
        await platform.reconnect()

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_is_missed_while_the_rest_has_to_be_read_later_is_read_too(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.kernel.catching_up.EVERY", 0.0)
    flicker = Flicker()
    story = await begin((flicker,), TRELLIS_HELP_CHANNELS="help,general")
    flicker.platform = platform = await _lost(story)
    for number, channel in enumerate(("help", "general")):
        await story.person("mia").says(f"How do I rotate the webhook secret number {number}?", channel)
    platform.read_at_once = 1
    await _again(story, platform)
    for _ in range(6):
        story.app.catching_up.go_on()
        await story.app.catching_up.done()
        await story.app.settle()
    titles = {seen.title for seen in await story.person("noah").sees()}
    found = [words for words in ("number 0", "number 1", "page through") if any(words in title for title in titles)]
    assert found == ["number 0", "number 1", "page through"]


class Stuck(Cog):
    """Does not come to an end with what it hears."""

    name = "stuck"

    def __init__(self) -> None:
        self.reached = asyncio.Event()

    @listener(MessagePosted, where=lambda _, glance: glance.text == QUESTION)
    async def wait(self, _: Context, __: MessagePosted) -> None:
        self.reached.set()
        await asyncio.Event().wait()

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_was_missed_is_read_by_the_next_where_it_had_to_stop_in_the_middle(begin: Begin) -> None:
    stuck = Stuck()
    story = await begin((stuck,))
    platform = await _lost(story)
    await story.person("mia").says(QUESTION, "help")
    await story.person("kenji").says("How do I page through the list of users?", "help")
    await story.passes(minutes=10)
    await platform.reconnect()
    await stuck.reached.wait()
    await story.app.stop()
    story = await begin()
    await story.app.settle()
    titles = {seen.title for seen in await story.person("noah").sees()}
    assert any("page through" in title for title in titles)


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_reading_ends_also_where_nothing_can_be_noted(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise OperationalError("BEGIN", {}, ConnectionError("the database is away"))

    monkeypatch.setattr(InboxStore, "note_heard", away)
    await story.app.stop()
    assert isinstance(story.door, MemoryDoor)
    assert story.door.platform._receive is None, "the platforms are told to stop as well"


class OutOfReach(Memory):
    """A platform that keeps what it hears, and cannot hand the first of it over at first."""

    def __init__(self, clock: MovableClock) -> None:
        super().__init__(clock.now)
        self.taken_up: list[str] = []
        self.trouble: Exception | None = None

    async def take_up(self, key: str, body: Mapping[str, Any]) -> None:
        if self.trouble and body["first"]:
            raise self.trouble
        self.taken_up.append(key)


@pytest.mark.parametrize("trouble", [Away("the workspace cannot be reached"), KeyError("canary")])
async def test_what_was_kept_and_is_out_of_reach_keeps_nothing_else_from_being_handled(
    database_file: Path, trouble: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    clock = MovableClock(datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    database, platform = Database(f"sqlite:///{database_file}"), OutOfReach(clock)
    for key in ("one", "two"):
        await InboxStore(database).keep(key, "memory", {"first": key == "one"}, "dead", clock.now())
    platform.trouble = trouble
    app = build_application(Settings(), database, [platform], clock)
    await app.start()
    try:
        assert platform.taken_up == ["two"] and "canary" not in caplog.text
        platform.trouble = None
        clock.move_to(clock.now() + timedelta(seconds=11))
        await app.inboxes.take_up()
        assert platform.taken_up == ["two", "one"]
    finally:
        await app.stop()


async def test_what_was_kept_though_nobody_heard_so_is_handed_back_once_nobody_handles_it(database_file: Path) -> None:
    """The database was too slow to say that it is kept, or what became of it could not be noted."""
    clock = MovableClock(datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    database, platform = Database(f"sqlite:///{database_file}"), OutOfReach(clock)
    app = build_application(Settings(), database, [platform], clock)
    await app.start()
    try:
        inbox = app.inboxes.of("memory")
        await inbox.keep("in hand", {"first": False})
        await InboxStore(database).keep("lost sight of", "memory", {"first": False}, app._process.id, clock.now())
        for _ in range(2):
            await app.inboxes.take_up()
            assert platform.taken_up == ["lost sight of"]
        await inbox.done("lost sight of")
        await inbox.done("in hand")
        assert await InboxStore(database).waiting() == 0
    finally:
        await app.stop()


async def test_what_was_kept_of_a_platform_that_is_no_more_is_set_aside(database_file: Path) -> None:
    clock = MovableClock(datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    database = Database(f"sqlite:///{database_file}")
    await InboxStore(database).keep("one", "slack", {}, "dead", clock.now())
    app = build_application(Settings(), database, [OutOfReach(clock)], clock)
    await app.start()
    try:
        for _ in range(5):
            clock.move_to(clock.now() + timedelta(hours=1))
            await app.inboxes.take_up()
        assert [letter.key for letter in await InboxStore(database).dead()] == ["one"]
        assert (await app.backlog()).oldest == timedelta()
    finally:
        await app.stop()


class Unavailable(Memory):
    """A platform that tells of its space late, as Discord does after trouble of its own, and is told to stop early."""

    is_away = False
    stop_early: CatchingUp | None = None

    async def spaces(self) -> Sequence[SpaceInfo]:
        return [] if self.is_away else await super().spaces()

    async def take_up(self, key: str, body: Mapping[str, Any]) -> None:
        if self.stop_early:
            await self.stop_early.stop()


@pytest.mark.parametrize("trouble", ["late", "told to stop at the start"])
async def test_nothing_counts_as_heard_before_it_is_known_what_was_missed(
    database_file: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr("bot.kernel.catching_up.EVERY", 0.0)
    clock = MovableClock(datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    platform = Unavailable(clock.now)
    for channel in ("help", "general"):
        platform.add_channel(channel)
    for name in ("Mia", "Kenji"):
        platform.add_person(name.lower(), name)
    apps: list[Application] = []

    async def start() -> None:
        database = Database(f"sqlite:///{database_file}")
        apps.append(build_application(Settings(), database, [platform], clock))
        platform.stop_early = apps[-1].catching_up if trouble != "late" and len(apps) == 2 else None
        await apps[-1].start()

    await start()
    await InboxStore(apps[0].database).keep("one", "memory", {}, "dead", clock.now())
    await apps[0].stop()
    await platform.say("mia", "help", QUESTION)
    clock.move_to(clock.now() + timedelta(hours=1))
    platform.is_away = trouble == "late"
    await start()
    if trouble == "late":
        await platform.say("kenji", "general", "Good morning")
        apps[1].catching_up.go_on()
        await apps[1].catching_up.done()
    else:
        await apps[1].stop()
        await start()
    await apps[-1].settle()
    await apps[-1].stop()
    assert any(posted.card and QUESTION in posted.card.title.plain() for posted in platform.messages.values())
