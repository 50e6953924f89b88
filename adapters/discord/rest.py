"""Asks Discord over HTTP. What Discord refuses becomes one of the contract's errors."""

from __future__ import annotations

import asyncio
import json as json_
import logging
import mimetypes
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import aiohttp
import discord
from discord.http import HTTPClient, Route

from adapters.contract.adapter import AdapterError, Away, Closed, Gone, NoAccess, Retry, Unusable
from adapters.contract.files import File, beginning

from .limits import API, CLOSED, FATAL, GONE, LONGEST_WAIT, VERSION, Code

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

_TRIES = 3
_PATIENCE = 45.0
"""Seconds that a request may take, the wait for its turn included: less than those who ask for it wait."""
_TIMEOUT = aiohttp.ClientTimeout(total=10)
"""Seconds that one answer to an interaction may take."""
_READING = aiohttp.ClientTimeout(total=6)
"""Seconds that a file may take which somebody chose: they wait for an answer."""
_SOON = 0.3
"""Seconds until an answer to an interaction is tried again."""
_LOST = (aiohttp.ClientError, OSError, TimeoutError, json_.JSONDecodeError)
"""No answer, or one that cannot be Discord's."""


class Refused(AdapterError):
    """Discord said no. `code` is its own number for why, 0 where it gave none.

    `again` says that it was not the first attempt, so that an earlier one may have had its effect.
    """

    def __init__(self, words: str, code: int = 0, *, again: bool = False) -> None:
        super().__init__(words)
        self.code = code
        self.again = again


class Rest:
    """Everything that is asked of Discord goes through here.

    Ordinary requests go through discord.py, which shares out its rate limits and tries again after a server's error.
    That must not happen to what has neither a nonce nor a fixed place; and answers to interactions are counted apart
    and have three seconds, so that no other limit may hold them up. Both go their own way.
    """

    def __init__(self, token: str, api_url: str = "") -> None:
        self.base = f"{api_url.rstrip('/') or API}/{VERSION}"
        self.http: HTTPClient | None = None
        """Set by whoever is logged in."""
        self._token = token
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self,
        method: str,
        path: str,
        json: Any = None,
        files: Sequence[File] = (),
        query: Mapping[str, str] | None = None,
        **ids: Any,
    ) -> Any:
        """Make a request that may safely be made twice; `ids` fill the path.

        Raises `Gone`, `Closed`, `NoAccess`, `Refused`, `Retry`, or `Away` where no answer came.
        """
        what = f"{method} {path}"
        body: JSON = {} if json is None else {"form": _form(json, files)} if files else {"json": json}
        for left in reversed(range(_TRIES)):
            if self.http is None:
                raise Away("Discord is not connected")
            patience = asyncio.timeout(_PATIENCE)
            try:
                async with patience:
                    return await self.http.request(self._route(method, path, **ids), params=query or {}, **body)
            except discord.HTTPException as refusal:
                raise _error(what, refusal.status, refusal.code, refusal.text) from refusal
            except discord.RateLimited as limited:
                asked = f"{what}: Discord asks to wait {limited.retry_after:.0f} s"
                raise Retry(asked, limited.retry_after) from limited
            except _LOST as lost:
                if not left or patience.expired():
                    raise Away(f"{what}: {lost or type(lost).__name__}") from lost
                await asyncio.sleep((_TRIES - left) / 2)
            except RuntimeError as closed:  # aiohttp's word for a session that was closed under us
                raise Away(f"{what}: {closed}") from closed
        raise AssertionError("unreachable")

    async def ask_once(self, method: str, path: str, json: JSON, files: Sequence[File] = (), **ids: Any) -> Any:
        """Make a request that must not be made twice. Raises `AdapterError` where it is not known whether it was."""
        headers = {"Authorization": f"Bot {self._token}"}
        return await self._send(self._route(method, path, **ids), json, files, headers, tries=1)

    async def respond(self, interaction: str, token: str, json: JSON, files: Sequence[File] = ()) -> None:
        """Give the first answer to an interaction."""
        path = "/interactions/{interaction}/{token}/callback"
        await self._send(self._route("POST", path, interaction=interaction, token=token), json, files)

    async def follow(
        self,
        method: str,
        path: str,
        application: str,
        token: str,
        json: JSON | None = None,
        files: Sequence[File] = (),
    ) -> Any:
        """Show, edit or remove a later answer to an interaction; `path` follows the address of its webhook."""
        route = self._route(method, "/webhooks/{application}/{token}" + path, application=application, token=token)
        return await self._send(route, json, files, tries=1 if method == "POST" else _TRIES)

    async def read_file(self, url: str, most: int) -> bytes | None:
        """Return what somebody chose in a form, from its address; None where it has over `most` bytes."""
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=_TIMEOUT)
        try:
            async with self._session.get(url, timeout=_READING) as answer:
                if answer.status != 200:
                    raise Gone(f"Discord answers {answer.status} for a file")
                content = await beginning(answer.content.iter_any(), most)
                return content if len(content) <= most else None
        except _LOST as lost:
            raise Away(f"a file: {type(lost).__name__}") from lost

    async def close(self) -> None:
        """Close what was opened. Safe to call twice."""
        if self._session:
            await self._session.close()
            self._session = None

    def _route(self, method: str, path: str, **ids: Any) -> Route:
        route = Route(method, path, **ids)
        route.url = self.base + route.url.removeprefix(Route.BASE)
        return route

    async def _send(
        self,
        route: Route,
        json: JSON | None,
        files: Sequence[File] = (),
        headers: dict[str, str] | None = None,
        tries: int = _TRIES,
    ) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=_TIMEOUT)
        what = f"{route.method} {route.path}"
        again = False
        while True:
            tries -= 1
            try:
                body = {"data": _multipart(json, files)} if files else {"json": json}
                async with self._session.request(route.method, route.url, headers=headers, **body) as answer:
                    told = await answer.json() if answer.content_type == "application/json" else None
                    status = answer.status
            except (*_LOST, ValueError) as lost:
                if tries < 1:
                    raise Away(f"{what}: {type(lost).__name__}") from lost
                again = True
                await asyncio.sleep(_SOON)
                continue
            if status < 300:
                return told
            facts: JSON = told if isinstance(told, dict) else {}
            wait = float(facts.get("retry_after", LONGEST_WAIT)) if status == 429 else 0
            if wait >= LONGEST_WAIT:
                raise Retry(f"{what}: Discord asks to wait {wait:.0f} s", wait)
            if wait:
                tries += 1  # it was not done, so this was no try
                await asyncio.sleep(wait)
            elif status < 500 or tries < 1:
                raise _error(what, status, facts.get("code", 0), facts.get("message", ""), again=again)
            else:
                again = True
                await asyncio.sleep(_SOON)


def _form(json: Any, files: Sequence[File]) -> list[JSON]:
    """Return the parts of a request with files, as discord.py takes them."""
    parts: list[JSON] = [{"name": "payload_json", "value": json_.dumps(json), "content_type": "application/json"}]
    for number, file in enumerate(files):
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        parts.append({"name": f"files[{number}]", "value": file.content, "filename": file.name, "content_type": kind})
    return parts


def _multipart(json: Any, files: Sequence[File]) -> aiohttp.FormData:
    data = aiohttp.FormData(quote_fields=False)  # Discord reads no name with its brackets escaped
    for part in _form(json, files):
        data.add_field(**part)
    return data


def _error(what: str, status: int, code: int, words: str, *, again: bool = False) -> AdapterError:
    said = f"{what}: {status} {code} {words}"
    if code in CLOSED:
        return Closed(said)
    if code in GONE or status == 404:
        return Gone(said)
    if code == Code.NO_ACCESS:
        return NoAccess(
            f"{said}. Let Trellis see that channel: Edit Channel, Permissions, add Trellis, “View Channel”."
        )
    if status == 401:
        return Unusable(FATAL[4004])
    if status == 429:
        return Retry(said, LONGEST_WAIT)
    return Refused(said, code, again=again) if status < 500 else Away(said)
