"""Days on simcord: a Discord that others wrote, with its own idea of who may do what and what may be answered when.

discord.py's parsers and cache are the real ones, and so is everything of ours above the wire; the wire itself is in
`test_gateway.py`. Whatever was asked of simcord is held against Discord's OpenAPI in the end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from discord.http import Route
from simcord.backend.errors import BackendError

from adapters.contract.adapter import Gone, Unusable
from adapters.contract.files import File
from adapters.contract.models import Account, CalendarEntry, Channel, Space
from adapters.contract.shards import Alone
from adapters.discord import Discord
from adapters.discord.connection import Connection
from adapters.discord.gateway import Client, Hear
from adapters.discord.limits import Part
from adapters.discord.rest import Rest, _error, _form
from adapters.discord.servers import Servers
from bot.bootstrap import build_application
from bot.clock import MovableClock
from config.settings import Settings
from storage.database import Database

from . import spec
from .door import PACE

pytestmark = spec.missing


class SimRest(Rest):
    """Also what goes past discord.py, the answers to interactions, goes to simcord."""

    async def _send(
        self,
        route: Route,
        json: Any,
        files: Sequence[File] = (),
        headers: dict[str, str] | None = None,
        tries: int = 1,
    ) -> Any:
        assert self.http
        try:
            return await self.http.request(route, **({"form": _form(json, files)} if files else {"json": json}))
        except discord.HTTPException as refusal:
            raise _error(route.path, refusal.status, refusal.code, refusal.text) from refusal


class SimConnection(Connection):
    """Hands our client to simcord, which stands in for the gateway, with a server that has some channels."""

    env: simcord.Env

    async def open(
        self, hear: Hear, prepare: Callable[[Servers], Awaitable[None]], renewed: Callable[[Client], None]
    ) -> None:
        self._renewed = renewed
        client = Client(self._rest, hear, PACE, message_content=True)
        servers = self.servers = Servers(client)
        self.env = simcord.Env(client)
        await self.env.start()
        self._rest.http = client.http
        guild = self.env.create_guild("Greenhouse")
        for name in ("help", "general", "introductions", "events", "ideas"):
            guild.create_text_channel(name)
        assert client.user
        hidden, seen = (discord.PermissionOverwrite(view_channel=view) for view in (False, True))
        guild.create_text_channel("agents", overwrites={guild.default_role: hidden, client.user: seen})
        await prepare(servers)
        await self._leases.take(0)
        servers.hear(0, client)
        client.listens = client.is_announced = True

    async def close(self) -> None:
        """The story ends before simcord does."""


def texts(message: discord.Message) -> dict[int, str]:
    """Return the texts of a card by their numbers."""
    parts = (part for one in message.components if isinstance(one, discord.Container) for part in one.children)
    return {part.id or 0: part.content for part in parts if isinstance(part, discord.TextDisplay)}


class Day:
    """A day on simcord: our adapter, and what people can do."""

    def __init__(self, adapter: Discord, env: simcord.Env) -> None:
        self.adapter = adapter
        self.env = env
        self.mia, self.noah = (env.guild.add_member(env.create_user(name)) for name in ("mia", "noah"))
        self.help = env.guild.channels["help"]
        self.space = Space("discord", str(env.guild.id))

    def account(self, who: simcord.MemberActor) -> Account:
        return Account(self.space, str(who.id))

    @property
    def card(self) -> discord.Message:
        """The newest card in the help channel that everyone can read."""
        return [message for message in self.help.history(viewer=self.noah) if texts(message)][-1]

    @property
    def state(self) -> str:
        return texts(self.card)[Part.FIELDS]


@pytest.fixture
async def day(database_file: Path) -> AsyncIterator[Day]:
    adapter = Discord("token", pace=PACE)
    rest = SimRest("token")
    adapter._rest = adapter._posts._rest = adapter._people._rest = rest
    connection = adapter._connection = SimConnection(rest, "token", PACE, Alone(), adapter._look, content=True)
    app = build_application(Settings(), Database(f"sqlite:///{database_file}"), [adapter], MovableClock())
    await app.start()
    yield Day(adapter, connection.env)
    await app.stop()
    asked = connection.env.http_requests
    await connection.env.shutdown()
    for one in asked:
        wrong = [*spec.problems(one.method, one.path, one.json)] if one.path != "/oauth2/applications/@me" else []
        assert not wrong, f"{one.method} {one.path}: {wrong}"


async def test_a_question_is_asked_answered_and_solved(day: Day) -> None:
    asked = await day.mia.slash(day.help, "ask", question="How do I rotate the webhook secret?")
    assert asked.ephemeral and asked.response and "Question" in str(asked.response.components)
    assert texts(day.card)[Part.TITLE] == "### How do I rotate the webhook secret?" and "Open" in day.state
    (thread,) = day.help.threads
    await day.noah.send(thread, "Settings, Webhooks, Rotate. The old one works for a day.")
    await day.mia.click(day.card, label="Mark as solved")
    assert "Solved" in day.state and day.noah.mention in day.state
    found = await day.noah.autocomplete(day.help, "search", "query", "webhook")
    assert [choice["value"] for choice in found] == ["How do I rotate the webhook secret?"]


async def test_a_message_becomes_a_question_by_its_menu_and_a_form(day: Day) -> None:
    general = day.env.guild.channels["general"]
    message = await day.mia.send(general, "Why does paging stop at 100?")
    shown = await day.mia.context_menu(general, "Ask the community", message)
    assert shown.modal and shown.modal["title"] == "Ask the community"
    sent = await day.mia.submit_modal(shown, {"question": "Why does paging stop at 100?", "details": "Since *today*."})
    assert sent.ephemeral
    assert texts(day.card)[Part.TITLE] == "### Why does paging stop at 100?"
    assert texts(day.card)[Part.BODY] == "Since \\*today\\*."


async def test_roles_are_given_only_below_our_own(day: Day) -> None:
    guild, mia = day.env.guild, day.account(day.mia)
    mentor, crown = guild.create_role("mentor"), guild.create_role("crown", position=90)
    await day.adapter.set_role(mia, "mentor", True)
    profile = await day.adapter.profile(mia)
    assert profile and {"mentor", str(mentor.id)} <= profile.roles and str(crown.id) not in profile.roles
    await day.adapter.set_role(mia, "mentor", False)
    profile = await day.adapter.profile(mia)
    assert profile and "mentor" not in profile.roles
    with pytest.raises(Unusable, match="“crown”"):
        await day.adapter.set_role(mia, "crown", True)
    with pytest.raises(Gone):
        await day.adapter.set_role(mia, "astronaut", True)


async def test_a_meeting_is_planned_moved_and_called_off(day: Day) -> None:
    starts = datetime.now(UTC) + timedelta(days=400)
    meeting = CalendarEntry("Garden walk", "Bring *boots*.", "", starts, starts + timedelta(hours=1))
    known = await day.adapter.put_entry(day.space, meeting, None, new=False)
    assert known and await day.adapter.put_entry(day.space, replace(meeting, place="Shed"), known, new=False) == known
    await day.adapter.drop_entry(day.space, known)
    await day.adapter.drop_entry(day.space, known)


async def test_someone_is_let_in(day: Day) -> None:
    agents = day.env.guild.channels["agents"]
    with pytest.raises(BackendError, match="Missing Access"):
        await day.mia.send(agents, "Hello")
    await day.adapter.let_in(day.account(day.mia), Channel(day.space, str(agents.id)))
    await day.mia.send(agents, "Hello")
