"""Serves the page of `trellis setup` on this machine alone, to the one browser that was given its address."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Awaitable, Callable
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.kernel.dashboard.cog import is_loopback
from bot.kernel.dashboard.drawing import FOLDER as DASHBOARD
from bot.kernel.dashboard.replies import framed, see_other
from bot.kernel.web import is_same

from .draft import COMMUNITY, Draft
from .env_file import write_env

if TYPE_CHECKING:
    from jinja2 import Environment

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.Response]]
COOKIE = "trellis_setup"
PLATFORMS = ("slack", "discord")
HERE = Path(__file__).parent
FILES = {
    "style.css": (DASHBOARD / "static" / "style.css", "text/css"),
    "leaf.svg": (DASHBOARD / "static" / "leaf.svg", "image/svg+xml"),
    "setup.js": (HERE / "static" / "setup.js", "text/javascript"),
}
HOST = "127.0.0.1"


class SetupServer:
    """The page. `done` is set once `.env` is written and the browser has been told so."""

    def __init__(self, draft: Draft, env: Path) -> None:
        self._draft = draft
        self._env = env
        self._key = secrets.token_urlsafe(32)
        """What the address has to have: it lets one browser in, and is good for nothing then."""
        self._cookie = ""
        self._token = secrets.token_urlsafe(32)
        self.done = asyncio.Event()
        self._app = web.Application(client_max_size=64 * 1024)
        pages: list[tuple[str, str, Handler]] = [
            ("GET", "/", self._begin),
            ("GET", "/{platform:slack|discord}", self._ask),
            ("POST", "/{platform:slack|discord}", self._take),
            ("POST", "/{platform:slack|discord}/look", self._look),
            ("GET", "/community", self._ask_community),
            ("POST", "/community", self._take_community),
            ("POST", "/finish", self._finish),
            *(("GET", f"/{name}", partial(_file, name)) for name in FILES),
        ]
        self._app.add_routes(
            [web.route(method, path, partial(self._answer, handler)) for method, path, handler in pages]
        )
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=5)

    async def start(self, port: int = 0) -> str:
        """Listen on this machine, and return the address to open: it lets in one browser, once."""
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port).start()
        return f"http://{HOST}:{self._runner.addresses[0][1]}/?key={self._key}"

    async def stop(self) -> None:
        """Answer what was asked, then listen no more."""
        await self._runner.cleanup()

    async def _answer(self, handler: Handler, request: web.Request) -> web.Response:
        """Let the one browser in, and nobody else."""
        if not is_loopback(request.host):
            return _page("message", HTTPStatus.MISDIRECTED_REQUEST, said="I answer only to this machine.")
        if request.path.lstrip("/") in FILES:
            return await handler(request)
        if key := request.query.get("key", ""):
            return self._let_in(key)
        if not self._cookie or not is_same(request.cookies.get(COOKIE, ""), self._cookie):
            return _page("message", HTTPStatus.UNAUTHORIZED, said="Open the address that trellis setup printed.")
        try:
            if request.method == "POST" and not await self._is_own(request):
                said = "That did not come from this page. Reload it, please."
                return _page("message", HTTPStatus.FORBIDDEN, said=said)
            return await handler(request)
        except Exception:
            log.exception("trellis setup failed at %s %s", request.method, request.path)
            said = "Something went wrong, and nothing was written. The terminal says what."
            return _page("message", HTTPStatus.INTERNAL_SERVER_ERROR, said=said)

    def _let_in(self, key: str) -> web.Response:
        if not self._key or not is_same(key, self._key):
            said = "This address was used already. Stop trellis setup with Ctrl+C, and start it again."
            return _page("message", HTTPStatus.GONE, said=said)
        self._key, self._cookie = "", secrets.token_urlsafe(32)
        response = see_other("/")
        response.set_cookie(COOKIE, self._cookie, path="/", httponly=True, samesite="Strict")
        return response

    async def _is_own(self, request: web.Request) -> bool:
        token = str((await request.post()).get("token", ""))
        is_ours = request.headers.get("Origin") == f"http://{request.host}"
        return is_ours and is_same(token, self._token)

    def _drawn(self, template: str, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> web.Response:
        return _page(template, status, draft=self._draft, token=self._token, env=self._env, **values)

    async def _begin(self, _: web.Request) -> web.Response:
        ready = any(map(self._draft.is_ready, PLATFORMS))
        return self._drawn("begin", ready=ready, shadowed=[name for name in self._draft.values if name in os.environ])

    async def _ask(self, request: web.Request) -> web.Response:
        platform = request.match_info["platform"]
        return self._drawn(platform, found=self._draft.found.get(platform, ()))

    async def _look(self, request: web.Request) -> web.Response:
        """Say what the platform says of what was pasted so far."""
        found = await self._draft.looked_at(request.match_info["platform"], await _sent(request))
        return self._drawn("found", found=found)

    async def _take(self, request: web.Request) -> web.Response:
        platform = request.match_info["platform"]
        if await self._draft.take(platform, await _sent(request)):
            return self._drawn("taken", found=self._draft.found[platform], name=platform.capitalize())
        found = self._draft.found[platform]
        return self._drawn(platform, HTTPStatus.UNPROCESSABLE_ENTITY, found=found, is_missing=not found)

    async def _ask_community(self, _: web.Request) -> web.Response:
        return self._drawn("community", questions=COMMUNITY, wrong={}, sent={})

    async def _take_community(self, request: web.Request) -> web.Response:
        sent = await _sent(request)
        if wrong := self._draft.answer(sent):
            return self._drawn(
                "community", HTTPStatus.UNPROCESSABLE_ENTITY, questions=COMMUNITY, wrong=wrong, sent=sent
            )
        return see_other("/")

    async def _finish(self, _: web.Request) -> web.Response:
        try:
            write_env(self._env, self._draft.values)
        except (ValueError, OSError) as wrong:  # what cannot be read again, or is no text; or cannot be written
            return self._drawn("begin", HTTPStatus.CONFLICT, ready=True, shadowed=(), problem=str(wrong))
        self.done.set()
        return self._drawn("done", names=sorted(self._draft.values))


async def _file(name: str, _: web.Request) -> web.Response:
    path, kind = FILES[name]
    response = framed(web.Response(body=path.read_bytes(), content_type=kind, charset="utf-8"))
    response.headers["Cache-Control"] = "private, max-age=3600"  # the last page is shown when nothing is served
    return response


def _page(template: str, status: HTTPStatus, **values: Any) -> web.Response:
    text = _environment().get_template(f"{template}.html").render(**values)
    return framed(web.Response(text=text, status=status, content_type="text/html"))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader

    return Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


async def _sent(request: web.Request) -> dict[str, str]:
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
