"""Of several processes one hears Discord. The others know enough to speak, and take their turn."""

from __future__ import annotations

import asyncio
import functools
import logging
import re
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.contract.adapter import Responder, SpaceInfo
from adapters.contract.events import PlatformEvent, Reconnected
from adapters.contract.models import Account, Channel
from adapters.contract.ui import Card
from bot.kernel.shards import PlatformLeases
from storage.database import Database
from storage.processes import Process

from . import people, spec
from .conftest import Rig
from .world import FORUM

pytestmark = spec.missing


@pytest.fixture
async def database(database_file: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{database_file}")
    yield database
    await database.close()


def leases(database: Database, name: str) -> PlatformLeases:
    return PlatformLeases(database, "discord", Process(name, name, 1), beat=1.0)


async def test_who_stands_by_speaks_and_hears_nothing_until_it_is_its_turn(database: Database, rig: Rig) -> None:
    holder = await rig.start(leases=leases(database, "one"))
    forum = rig.world.add_channel("ideas", FORUM)
    thread = await holder.open_thread(await holder.post(rig.channel, Card("Root"), nonce="0"), "A thread")
    await rig.settle()
    rig.heard.clear()
    waiting = await rig.start(leases=leases(database, "two"))
    assert not holder.stands_by and waiting.stands_by
    assert holder.connected and not waiting.connected and len(rig.server.identified) == 1
    assert waiting._servers.me == rig.world.bot, "else it would not know its own messages"
    assert await waiting.spaces() == [SpaceInfo(rig.space, "Greenhouse")]
    assert await waiting.find_channel(rig.space, "#help") == rig.channel
    assert await waiting.find_channel(rig.space, "ideas") == Channel(rig.space, forum)
    assert await waiting.find_channel(rig.space, thread.id) == thread
    ada = await waiting.profile(Account(rig.space, rig.ada))
    assert ada and "admin" in {role.casefold() for role in ada.roles}
    posted = await waiting.post(rig.channel, Card("Here"), nonce="1")
    await waiting.edit(posted, Card("There"))
    assert await waiting.direct(Account(rig.space, rig.mia), Card("For you"), nonce="2")
    await people.say(rig.server, rig.mia, rig.help, "Hello")
    await rig.server.heard()
    await waiting.idle()
    await holder.idle()
    assert len(rig.heard) == 1

    rig.heard.clear()
    await holder.stop()
    await rig.until(lambda: waiting.connected and not waiting.stands_by)
    await rig.until(lambda: [type(event) for event in rig.heard] == [Reconnected])


async def test_who_leaves_hands_over_before_it_has_answered_everything(database: Database, rig: Rig) -> None:
    holder = await rig.start(leases=leases(database, "one"))
    waiting = await rig.start(leases=leases(database, "two"))
    goes_on = asyncio.Event()

    async def take_long(event: PlatformEvent, responder: Responder) -> None:
        if isinstance(event, Reconnected):
            return
        await goes_on.wait()
        await responder.accept()
        await responder.reply(Card("Done"))

    rig.handler = take_long
    used = await people.use(rig.server, rig.ada, rig.help, "settings show", {})
    await rig.until(lambda: rig.heard)
    stopping = asyncio.create_task(holder.stop())
    await rig.until(lambda: waiting.connected)
    assert not stopping.done()
    goes_on.set()
    await stopping
    assert used.original and "Done" in str(used.original.data)
    assert waiting.connected and not holder.connected and len(rig.server.identified) == 2


async def test_a_crash_loop_does_not_use_up_what_discord_grants(
    database: Database, rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for number in range(7):
        adapter = await rig.start(leases=leases(database, f"run {number}"))
        assert await adapter.post(rig.channel, Card("Here"), nonce=str(number))
        await adapter.stop()
    assert len(rig.server.identified) == 5
    assert "too many sessions were begun: the next one with Discord begins in" in caplog.text


async def test_sessions_that_discord_ends_are_counted_too(
    database: Database, rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    adapter = await rig.start(leases=leases(database, "one"))
    rig.server.resumable = False
    for _ in range(4):
        begun = len(rig.server.sessions)
        await rig.server.drop(4000)
        await rig.until(functools.partial(_has_begun, rig, begun))
    await rig.server.drop(4000)
    await rig.until(lambda: re.search(r"the next one with Discord begins in (5\d|60) s", caplog.text))
    assert not adapter.connected
    assert await adapter.post(rig.channel, Card("Here"), nonce="1")
    assert len(rig.server.identified) == 5
    await rig.until(lambda: not [one for one in threading.enumerate() if one.name.startswith("keep-alive")])


def _has_begun(rig: Rig, before: int) -> bool:
    return len(rig.server.sessions) > before and rig.adapter.connected
