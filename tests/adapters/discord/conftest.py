"""The real adapter and discord.py on a loopback Discord, with us in the place of the bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.contract.adapter import Responder
from adapters.contract.commands import Command, Role, Shortcut, Typing
from adapters.contract.events import Glance, PlatformEvent
from adapters.contract.forms import Field, Kind
from adapters.contract.models import Channel, Space
from adapters.contract.ui import Option
from adapters.discord import Discord

from .door import PACE
from .gateway import TOKEN
from .server import Server
from .world import World

TOPICS = (Option("Webhooks", "webhooks"), Option("Billing", "billing"), Option("Other bills", "other"))
COMMANDS = (
    Command(
        "ask",
        "Ask the community",
        (
            Field("topic", "Topic", required=False, choices=TOPICS),
            Field("question", "Question", longest=150),
            Field("anonymous", "Without my name", Kind.BOOLEAN, required=False),
        ),
    ),
    Command("idea status", "Move an idea on", (Field("idea", "Idea", Kind.INTEGER, suggested=True),), Role.MODERATOR),
    Command("idea merge", "Put two ideas together", (Field("who", "Who", Kind.MEMBER),), Role.MODERATOR),
    Command("settings show", "Show the settings", role=Role.ADMIN),
    Command("duty on", "Go on duty", role=Role.AGENT),
)
SHORTCUTS = (Shortcut("Mark as answer"),)

Handler = Callable[[PlatformEvent, Responder], Awaitable[None]]


class Rig:
    """A Discord with three people and some channels, and an adapter that is told what to answer."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.world = World(lambda: self.now)
        self.server = Server(self.world)
        self.mia = self.world.add_person("Mia")
        self.noah = self.world.add_person("Noah", "agent")
        self.ada = self.world.add_person("Ada", "admin")
        self.help = self.world.add_channel("help")
        self.heard: list[PlatformEvent] = []
        self.wanted: Callable[[Glance], bool] = lambda _: True
        self.handler: Handler | None = None
        self.typed: list[Typing] = []
        self.suggestions: list[Option] = []
        self.suggestions_take = 0.0
        self.running: list[Discord] = []

    @property
    def adapter(self) -> Discord:
        return self.running[-1]

    @property
    def space(self) -> Space:
        return Space("discord", self.world.guild)

    @property
    def channel(self) -> Channel:
        return Channel(self.space, self.help)

    def wants(self, glance: Glance) -> bool:
        return self.wanted(glance)

    async def receive(self, event: PlatformEvent, responder: Responder) -> None:
        self.heard.append(event)
        if self.handler:
            await self.handler(event, responder)

    async def suggest(self, asked: Typing) -> list[Option]:
        self.typed.append(asked)
        await asyncio.sleep(self.suggestions_take)
        return self.suggestions

    async def start(self, token: str = TOKEN, patience: float = 0.3, **options: Any) -> Discord:
        commands, shortcuts = options.pop("commands", COMMANDS), options.pop("shortcuts", SHORTCUTS)
        pace = replace(PACE, patience=patience, silence=patience * 1.25, heartbeat=options.pop("heartbeat", 60.0))
        pace = replace(pace, identify=options.pop("identify", pace.identify))
        adapter = Discord(token, api_url=self.server.url, pace=pace, **options)
        self.running.append(adapter)
        await adapter.start(self.receive, self.wants, commands, shortcuts, self.suggest)
        return adapter

    async def settle(self) -> None:
        await self.server.heard()
        await self.adapter.idle()

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait for something to hold; a reconnection takes its moment."""
        async with asyncio.timeout(30):
            while not holds():  # noqa: ASYNC110  # what is looked at belongs to others
                await asyncio.sleep(0.01)

    def private(self, who: str) -> list[dict[str, Any]]:
        """Return what one person alone sees."""
        return [kept.data for kept in self.world.messages.values() if kept.reader == who]


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig()
    await rig.server.start()
    yield rig
    for adapter in rig.running:
        await adapter.stop()
    await rig.server.close()
    assert not rig.server.complaints, rig.server.complaints
