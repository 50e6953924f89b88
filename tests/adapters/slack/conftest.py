"""The people, the server and the adapter of a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.contract.adapter import Responder
from adapters.contract.call import Call
from adapters.contract.commands import Command, Shortcut
from adapters.contract.events import Glance, PlatformEvent
from adapters.contract.forms import Dialog, Field
from adapters.contract.models import Channel, MessageRef, Space
from adapters.contract.ui import Button, Card
from bot.clock import MovableClock
from tests.adapters.inbox import MemoryInbox

from .crowd import Crowd
from .door import SlackKit
from .server import SlackServer

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture(params=["socket", "http"])
async def kit(request: pytest.FixtureRequest, tmp_path: Path, clock: MovableClock) -> AsyncIterator[SlackKit]:
    """A workspace, heard over each of the two transports."""
    kit = SlackKit(tmp_path, clock.now, http=request.param == "http")
    yield kit
    await kit.close()


PRESS = Call("test.press", ("7",))
DIALOG = Dialog("How was it?", Call("test.send", ("7",)), (Field("mark", "Mark"),), again=Call("test.again"))
COMMANDS = [Command("ask", "Ask", (Field("question", "Question"),)), Command("question list", "List")]


class Bench:
    """An adapter at work, with us in the place of the bot."""

    def __init__(self, kit: SlackKit) -> None:
        self.kit = kit
        self.server: SlackServer = kit.server
        self.crowd = Crowd(kit.server)
        self.heard: list[PlatformEvent] = []
        self.inbox = MemoryInbox()
        self.wanted: Callable[[Glance], bool] = lambda _: True
        self.answer: Callable[[PlatformEvent, Responder], Awaitable[None]] | None = None
        self.help = Channel(Space("slack", "T1"), "CHELP")

    def wants(self, glance: Glance) -> bool:
        return self.wanted(glance)

    async def receive(self, event: PlatformEvent, responder: Responder) -> None:
        self.heard.append(event)
        if self.answer:
            await self.answer(event, responder)
        await responder.accept()

    async def start(self) -> None:
        await self.kit.adapter()
        shortcuts = [Shortcut("Mark as answer")]
        await self.kit.slack.start(self.receive, self.wants, COMMANDS, shortcuts, None, self.inbox)

    async def settled(self) -> None:
        await self.kit.slack.idle()

    async def until(self, happened: Callable[[], object]) -> None:
        """Return when something has happened that nobody waits for."""
        for _ in range(500):
            if happened():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it did not happen")

    async def post(
        self, nonce: str = "n1", channel: Channel | None = None, since: datetime | None = None
    ) -> MessageRef:
        card = Card("Press me", buttons=(Button("Press", PRESS),))
        return await self.kit.slack.post(channel or self.help, card, nonce=nonce, since=since)

    def called(self, method: str) -> list[dict[str, object]]:
        return [arguments for name, arguments in self.server.calls if name == method]


@pytest.fixture
async def bench(kit: SlackKit) -> AsyncIterator[Bench]:
    bench = Bench(kit)
    await bench.start()
    yield bench
    await kit.slack.stop()
