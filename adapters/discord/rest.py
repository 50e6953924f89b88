"""Asks Discord over HTTP, through discord.py, which knows the rate limits; what Discord refuses is the contract's error."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeAlias

import aiohttp
import discord
from discord.http import HTTPClient, Route
from discord.webhook.async_ import AsyncWebhookAdapter

from adapters.contract.adapter import AdapterError, Closed, Gone

from .limits import API, CLOSED, GONE, VERSION

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

_TRIES = 3
_CONNECTION = (aiohttp.ClientError, OSError, TimeoutError)


class Refused(AdapterError):
    """Discord said no. `code` is its own number for why, 0 where it gave none."""

    def __init__(self, words: str, code: int = 0) -> None:
        super().__init__(words)
        self.code = code


class Rest:
    """Everything that is asked of Discord goes through here.

    Ordinary requests share discord.py's buckets. Answers to interactions go their own way, since they are counted
    apart and have three seconds: no rate limit of anything else may hold them up.
    """

    def __init__(self, api_url: str = "") -> None:
        self.base = f"{api_url.rstrip('/') or API}/{VERSION}"
        self.http: HTTPClient | None = None
        """Set by whoever is logged in."""
        self._answers = AsyncWebhookAdapter()
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, method: str, path: str, json: Any = None, *, again: bool = True, **ids: Any) -> Any:
        """Make a request; `ids` fill the path.

        `again` says that it may safely be made twice, so that a lost connection is no reason to give up.
        Raises `Gone`, `Closed`, or `Refused` for everything else.
        """
        body = {} if json is None else {"json": json}

        async def once() -> Any:
            if self.http is None:
                raise AdapterError("Discord is not connected")
            return await self.http.request(self._route(method, path, **ids), **body)

        return await self._guard(once, f"{method} {path}", _TRIES if again else 1)

    async def respond(self, interaction: str, token: str, json: JSON) -> None:
        """Give the first answer to an interaction."""
        route = self._route(
            "POST",
            "/interactions/{webhook_id}/{webhook_token}/callback",
            webhook_id=interaction,
            webhook_token=token,
        )
        await self._guard(lambda: self._send(route, json), "first answer", _TRIES)

    async def follow(self, method: str, path: str, application: int, token: str, json: JSON | None = None) -> Any:
        """Show, edit or delete a later answer to an interaction; `path` follows its webhook's."""
        route = self._route(
            method, "/webhooks/{webhook_id}/{webhook_token}" + path, webhook_id=application, webhook_token=token
        )
        return await self._guard(lambda: self._send(route, json), f"{method} later answer", 1 if method == "POST" else _TRIES)

    async def close(self) -> None:
        """Close what was opened. Safe to call twice."""
        if self._session:
            await self._session.close()
            self._session = None

    async def _send(self, route: Route, json: JSON | None) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return await self._answers.request(route, self._session, payload=json)

    def _route(self, method: str, path: str, **ids: Any) -> Route:
        route = Route(method, path, **ids)
        route.url = self.base + route.url.removeprefix(Route.BASE)
        return route

    @staticmethod
    async def _guard(once: Callable[[], Any], what: str, tries: int) -> Any:
        for left in reversed(range(tries)):
            try:
                return await once()
            except discord.HTTPException as refusal:
                words = f"{what}: {refusal.status} {refusal.code} {refusal.text}"
                if refusal.code in CLOSED:
                    raise Closed(words) from refusal
                if refusal.code in GONE or refusal.status == 404:
                    raise Gone(words) from refusal
                raise Refused(words, refusal.code) from refusal
            except (*_CONNECTION, RuntimeError) as lost:
                if not left or isinstance(lost, RuntimeError):
                    raise AdapterError(f"{what}: {lost or type(lost).__name__}") from lost
                log.info("%s: %s, once more", what, lost or type(lost).__name__)
                await asyncio.sleep(_TRIES - left - 0.5)
        raise AssertionError("unreachable")
