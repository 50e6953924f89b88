"""Units: what stands in each other's way is done again, and a lost database does no further harm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, make_url, select, text

from adapters.contract.ui import Card
from adapters.memory import Memory
from bot import Cog, Context, command
from bot.bootstrap import build_application
from bot.clock import MovableClock
from bot.kernel.application import Application
from bot.kernel.tracking import places_key
from config.settings import Settings
from storage.database import Database
from storage.inbox import Handled, InboxStore
from storage.jobs import JobStore
from storage.members import Member
from storage.people import communities
from tests.adapters.discord import spec
from tests.adapters.discord.door import DiscordKit
from tests.databases import Databases

from .test_group_commit import A_SECOND
from .test_trouble import KINDLY

THINKING = {"type": 5, "data": {"flags": 64}}
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


class Tug(Cog):
    """Two people pull at the same two things, each from their end."""

    name = "tug"

    def __init__(self, people: int) -> None:
        self.holds = asyncio.Barrier(people)
        self.people = people
        self.begun = 0
        self.starts = asyncio.Event()
        self.starts.set()

    @command("pull", "Pull")
    async def pull(self, ctx: Context) -> None:
        """Take one thing, and then the other's."""
        await self.starts.wait()
        self.begun += 1
        first, second = ("left", "right") if ctx.member.name == "Mia" else ("right", "left")
        await ctx.lock(first)
        if self.begun <= self.people:
            await self.holds.wait()
        await ctx.lock(second)
        ctx.say(ctx.channel, Card(f"{ctx.member.name} has both"), key=f"tug/{ctx.member.id}")
        await ctx.reply(Card("You have both"))

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...


class Count(Cog):
    """Counts far."""

    name = "count"
    database: Database

    @command("count", "Count")
    async def count(self, ctx: Context) -> None:
        await ctx.lock("count")
        async with self.database.write() as connection:
            await connection.execute(text(A_SECOND))

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...


class Cable:
    """A connection to PostgreSQL that is cut once the server has committed, and before it can say so."""

    def __init__(self, server: URL) -> None:
        self._server = server
        self.cuts = False
        self.was_cut = False
        self.is_down = False
        self._ends: list[asyncio.StreamWriter] = []

    def take_down(self) -> None:
        """Let nobody reach the server any more."""
        self.is_down = True
        for end in self._ends:
            end.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            writer.close()
            return
        self._ends.append(writer)
        there = await asyncio.open_connection(self._server.host, self._server.port)
        both = [asyncio.create_task(self._carry(reader, there[1])), asyncio.create_task(self._answer(there[0], writer))]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        for end in (there[1], writer):
            end.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while words := await reader.read(65536):
            self._committing = b"COMMIT" in words
            writer.write(words)
            await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while words := await reader.read(65536):
            if self.cuts and b"COMMIT" in words:
                self.cuts, self.was_cut = False, True
                return
            writer.write(words)
            await writer.drain()


@asynccontextmanager
async def cable(server: URL) -> AsyncIterator[tuple[Cable, int]]:
    cable = Cable(server)
    listening = await asyncio.start_server(cable.serve, "127.0.0.1", 0)
    async with listening:
        yield cable, listening.sockets[0].getsockname()[1]


class Elsewhere(Memory):
    """A second platform, whose people are another community."""

    platform = "elsewhere"


@asynccontextmanager
async def at_work(url: str, *cogs: Cog) -> AsyncIterator[tuple[Memory, Application]]:
    clock = MovableClock(NOW)
    memory = Memory(clock.now)
    memory.add_channel("general")
    for name in ("mia", "noah"):
        memory.add_person(name, name.capitalize())
    async with running(build_application(Settings(), Database(url), [memory], clock, cogs)) as app:
        yield memory, app


@asynccontextmanager
async def running(app: Application) -> AsyncIterator[Application]:
    await app.start()
    try:
        yield app
    finally:
        await app.stop()


def said(memory: Memory) -> list[str]:
    posted = [one for one in memory.messages.values() if one.card]
    return sorted(f"{one.reader}: {one.card.title.plain()}" for one in posted if one.card)


async def test_who_stands_in_each_others_way_both_get_there(postgresql_databases: Databases) -> None:
    async with postgresql_databases.migrated("postgresql") as database:
        tug = Tug(2)
        async with at_work(database._url.render_as_string(hide_password=False), tug) as (memory, _):
            await asyncio.gather(memory.use("mia", "general", "pull", {}), memory.use("noah", "general", "pull", {}))
            assert tug.begun == 3, "one of them began again"
            assert said(memory) == [": Mia has both", ": Noah has both", "mia: You have both", "noah: You have both"]


async def test_who_is_given_up_in_a_statement_spoils_nothing_for_others(
    database_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, tug = Count(), Tug(2)
    async with at_work(f"sqlite:///{database_file}", count, tug) as (memory, app):
        count.database = app.database
        for who in ("mia", "noah"):
            await memory.use(who, "general", "help", {})  # so that they are known
        monkeypatch.setattr("storage.sqlite.GROUP_SECONDS", 5)  # so that both are to be kept together
        pulling = asyncio.create_task(memory.use("mia", "general", "pull", {}))
        await until(lambda: tug.begun)
        monkeypatch.setattr("bot.kernel.router.INTERACTION", timedelta(seconds=0.5))
        counting = asyncio.create_task(memory.use("noah", "general", "count", {}))
        await until(lambda: app.database._group._waiting)
        tug.people = 0
        await tug.holds.wait()
        await asyncio.gather(pulling, counting)
        await app.settle()
        told = [
            f"{one.reader}: {one.card.summary.plain()}" for one in memory.messages.values() if one.card and one.reader
        ]
        assert tug.begun == 2, "it was done again"
        assert sorted(told[2:]) == ["mia: You have both", f"noah: {KINDLY}"]


async def until(holds: Callable[[], object]) -> None:
    """Return once that is so."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def test_what_waits_for_others_can_be_kept_meanwhile(postgresql_databases: Databases) -> None:
    """A process that is killed while a unit of its own waits long has kept what that was about."""
    async with postgresql_databases.migrated("postgresql") as database:
        inbox = InboxStore(database)
        async with database.unit(partial(inbox.take, "memory/home/1", NOW)):
            await database.lock("something that others wait for")
            kept = asyncio.create_task(inbox.keep("memory/home/1", "memory", {}, "me", NOW))
            assert await asyncio.wait_for(kept, 30)
            assert await inbox.waiting() == 1
        assert await inbox.waiting() == 0
        with pytest.raises(Handled):
            async with database.unit(partial(inbox.take, "memory/home/1", NOW)) as unit:
                _ = await unit.begin()


async def test_two_who_hear_the_same_handle_it_once(postgresql_databases: Databases) -> None:
    async with postgresql_databases.migrated("postgresql") as database:
        inbox, done = InboxStore(database), list[str]()

        async def handle(who: str) -> None:
            async with database.unit(partial(inbox.take, "memory/home/1", NOW)) as unit:
                _ = await unit.begin()
                await asyncio.sleep(0)
                done.append(who)

        both = await asyncio.gather(handle("one"), handle("other"), return_exceptions=True)
        assert len(done) == 1 and [type(one) for one in both if one] == [Handled]


async def test_what_was_kept_is_not_said_to_be_lost(postgresql_databases: Databases) -> None:
    async with postgresql_databases.migrated("postgresql") as database:
        server = make_url(database._url.render_as_string(hide_password=False))
        async with cable(server) as (wire, port):
            url = server.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
            async with at_work(url, tug := Tug(1)) as (memory, app):
                await memory.use("mia", "general", "help", {})  # so that she is known
                wire.cuts = True
                await memory.use("mia", "general", "pull", {})
                assert wire.was_cut and tug.begun == 1
                await app.settle()
                assert said(memory)[0::2] == [": Mia has both", "mia: You have both"]


@spec.missing
async def test_who_sees_us_think_hears_what_was_kept_although_that_was_not_told(
    postgresql_databases: Databases, tmp_path: Path
) -> None:
    kit, tug = DiscordKit(tmp_path, lambda: NOW), Tug(1)
    async with postgresql_databases.migrated("postgresql") as database:
        server = make_url(database._url.render_as_string(hide_password=False))
        async with cable(server) as (wire, port):
            url = server.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
            app = build_application(Settings(), Database(url), [await kit.adapter()], MovableClock(NOW), (tug,))
            async with running(app):
                door = await kit.door(app.settle)
                await door.use("mia", "general", "help", {})  # so that she is known
                tug.starts.clear()
                using = asyncio.create_task(door.use("mia", "general", "pull", {}))
                while not [one for one in kit.server.requests if one.body == THINKING]:  # noqa: ASYNC110 - nobody tells
                    await asyncio.sleep(0.01)
                wire.cuts = True
                tug.starts.set()
                await using
                told = [one.title for one in await door.visible("mia") if one.private]
                assert wire.was_cut and told[1:] == ["You have both"]
    await kit.close()


@pytest.mark.parametrize("waited_for", [0, 1])
async def test_processes_that_start_together_do_not_block_each_other(
    postgresql_databases: Databases, waited_for: int
) -> None:
    async with postgresql_databases.migrated("postgresql") as database:
        url = database._url.render_as_string(hide_password=False)
        both = [Memory(lambda: NOW), Elsewhere(lambda: NOW)]
        app = build_application(Settings(), Database(url), both, MovableClock(NOW))
        await app.start()
        await app.stop()
        async with database.read() as connection:
            ids = [*await connection.scalars(select(communities.c.id).order_by(communities.c.id))]
        keys = [places_key(id_) for id_ in ids]
        jobs = JobStore(database)
        again = build_application(Settings(), Database(url), both, MovableClock(NOW))
        async with database.unit():
            await jobs.put("other", NOW, key=keys[waited_for])
            starting = asyncio.create_task(again.start())
            await is_waiting(database)
            await asyncio.wait_for(jobs.put("other", NOW, key=keys[1 - waited_for]), 0.5)
        await starting
        await again.stop()


async def is_waiting(database: Database) -> None:
    """Return once some transaction waits for another one's."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(30), database.read(kept=True) as connection:
        while not await connection.scalar(waiting):  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.01)


async def test_without_the_database_everything_still_ends_in_order(postgresql_databases: Databases) -> None:
    async with postgresql_databases.migrated("postgresql") as database:
        server = make_url(database._url.render_as_string(hide_password=False))
        async with cable(server) as (wire, port):
            url = server.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
            async with at_work(url, Tug(1)) as (memory, app):
                await memory.say("mia", "general", "Good morning")
                wire.take_down()
                await app.stop()
                assert not [task for task in asyncio.all_tasks() if task.get_name() == "heartbeat"]
