"""The app as whoever wants it installs it, in as many workspaces as want it."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import aiohttp
from cryptography.fernet import Fernet
from sqlalchemy import text

from adapters.contract.adapter import Responder
from adapters.contract.events import PlatformEvent
from adapters.slack import OAuth, Slack
from adapters.slack.register import SCOPES
from bot.text.language import Locales
from storage.database import Database
from storage.installations import InstallationStore, StateStore, cipher_of
from storage.processes import Process

from .crowd import Crowd
from .door import SlackKit
from .things import CLIENT_ID, CLIENT_SECRET, SECRET

TABLES = ("slack_bots", "slack_installations")
KEY = Fernet.generate_key().decode()


class Many:
    """The app as it is installed by whoever wants it: with a database, and no token of its own."""

    def __init__(self, kit: SlackKit, database: Database) -> None:
        self.kit = kit
        self.server = kit.server
        self.crowd = Crowd(kit.server)
        self.database = database
        self.heard: list[PlatformEvent] = []
        self.free = asyncio.Event()
        """What happens in T2 is not done before."""
        self.free.set()
        self.teams: frozenset[str] = frozenset()
        self.kind = InstallationStore
        self.secret = ""
        """What the app takes for its client secret, if that is wrong."""

    async def start(self) -> None:
        if not self.server.url:
            await self.server.start()
        self.kit.slack = self.slack = self.app(Process.this())

        async def receive(event: PlatformEvent, responder: Responder) -> None:
            self.heard.append(event)
            if event.space.id == "T2":
                await self.free.wait()
            await responder.accept()

        await self.kit.serve()
        self.address = self.server.target.removesuffix("/slack/events")
        await self.slack.start(receive, lambda _: True, [], [])

    def app(self, process: Process, database: Database | None = None) -> Slack:
        """Return the app as one process runs it."""
        database = database or self.database
        self.store = self.kind(database, CLIENT_ID, cipher_of(KEY), process)
        return Slack(
            oauth=OAuth(CLIENT_ID, self.secret or CLIENT_SECRET, self.store, StateStore(database), teams=self.teams),
            signing_secret=SECRET,
            api_url=f"{self.server.url}/api/",
            suggests=self.kit.suggests,
            translations_of=Locales().of,
            now=self.server.now,
        )

    async def begin(self, session: aiohttp.ClientSession) -> dict[str, list[str]]:
        """Click on the link that the admin was given; return what Slack is asked."""
        async with session.get(f"{self.address}/slack/install", allow_redirects=False) as answer:
            assert answer.status == 302 and answer.headers["Location"].startswith(
                "https://slack.com/oauth/v2/authorize"
            )
            cookie = answer.cookies["slack-app-oauth-state"]
            session.headers["Cookie"] = f"slack-app-oauth-state={cookie.value}"
            return parse_qs(urlsplit(answer.headers["Location"]).query)

    async def end(self, session: aiohttp.ClientSession, **query: str) -> tuple[int, str]:
        async with session.get(f"{self.address}/slack/oauth_redirect", params=query) as answer:
            return answer.status, await answer.text()

    async def install(self, team: str) -> None:
        async with aiohttp.ClientSession() as session:
            asked = await self.begin(session)
            assert asked["client_id"] == [CLIENT_ID] and set(asked["scope"][0].split(",")) == SCOPES.keys()
            self.server.codes["code1"] = team
            assert (await self.end(session, code="code1", state=asked["state"][0]))[0] == 200

    async def stored(self) -> str:
        async with self.database.read() as connection:
            tables = [await connection.execute(text(f"SELECT * FROM {name}")) for name in TABLES]  # noqa: S608
            return str([table.all() for table in tables])
