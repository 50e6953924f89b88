"""A browser of a story's person, signed in to the dashboard or not."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

from aiohttp import ClientResponse, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from tests.story import Story

INLINE = re.compile(r"</?(?:a|bdi|code|span|strong|time)\b[^>]*>")
"""What stands within a line."""
TOKEN = re.compile(r'name="token" value="(\w+)"')


class Browser:
    """Opens pages and sends forms as a browser does: with cookies, and saying where a form comes from."""

    def __init__(self, story: Story, client: TestClient[Any, Any]) -> None:
        self.story = story
        self.client = client
        self.status = 0
        self.html = ""
        self.headers: dict[str, str] = {}

    @property
    def origin(self) -> str:
        return str(self.client.make_url("")).rstrip("/")

    @property
    def words(self) -> str:
        """What is to be read on the page that is open, on one line."""
        body = self.html.partition("<body>")[2]
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", INLINE.sub("", body)))).strip()

    async def link_of(self, who: str) -> str:
        """Return the link that somebody is given, as a path."""
        person = self.story.person(who)
        await person.uses("/dashboard")
        return URL((await person.last_private()).links["Open the dashboard"]).path_qs

    async def signs_in(self, who: str) -> None:
        """Type the command, follow the link and press the button."""
        path = await self.link_of(who)
        await self.opens(path)
        assert self.status == 200
        await self.enters(path)

    async def enters(self, path: str, **headers: str) -> None:
        """Press the button of a link's page."""
        await self.sends("/dashboard/enter", token="", headers=headers, key=URL(path).query["key"])

    async def opens(self, path: str, **headers: str) -> None:
        async with self.client.get(path, headers=headers, allow_redirects=False) as response:
            await self._keep(response)

    async def sends(
        self, path: str, *, token: str | None = None, headers: dict[str, str] | None = None, **fields: str
    ) -> None:
        """Send a form, by default with the token of the page that is open, and see where that leads."""
        found = TOKEN.search(self.html)
        sent = {"token": token if token is not None else found[1] if found else "", **fields}
        headers = {"Origin": self.origin} | (headers or {})
        async with self.client.post(path, data=sent, headers=headers, allow_redirects=False) as response:
            await self._keep(response)
        if self.status == 303:
            await self.opens(self.headers["Location"])

    async def _keep(self, response: ClientResponse) -> None:
        self.status, self.headers = response.status, dict(response.headers)
        self.html = await response.text()


@asynccontextmanager
async def browser_of(story: Story) -> AsyncIterator[Browser]:
    """Serve what a story's Trellis serves, and open a browser there."""
    app = web.Application()
    app.add_routes(story.app.routes)
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        browser = Browser(story, client)
        assert story.app.dashboard
        story.app.dashboard.address = browser.origin
        yield browser


@asynccontextmanager
async def another(browser: Browser) -> AsyncIterator[Browser]:
    """Open a second browser at the same Trellis, without the first one's cookies."""
    client: TestClient[Any, Any] = TestClient(browser.client.server, cookie_jar=CookieJar(unsafe=True))
    yield Browser(browser.story, client)
    await client.session.close()
