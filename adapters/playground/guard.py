"""Whom the playground answers: this machine alone, since anyone acts as anyone there; and how it says what is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from ipaddress import ip_address
from typing import TypeAlias
from urllib.parse import urlsplit

from aiohttp import web

from .adapter import Playground
from .requests import Refused

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guarded(playground: Playground, route: web.RouteDef) -> web.RouteDef:
    """Return a route that answers only whom the playground answers."""
    handler: Handler = route.handler
    return web.route(route.method, route.path, partial(_guarded, playground, handler))


async def _guarded(playground: Playground, handler: Handler, request: web.Request) -> web.StreamResponse:
    """Let a request through if it comes from here; whatever it asks wrongly is answered with one sentence."""
    try:
        _check(playground, request)
        async with playground.under_way():
            return await handler(request)
    except Refused as refused:
        return web.json_response({"error": str(refused)}, status=refused.status)
    except web.HTTPRequestEntityTooLarge:
        return web.json_response({"error": "That is too much at once."}, status=413)


def _check(playground: Playground, request: web.Request) -> None:
    if not _is_from_here(request):
        raise Refused(403, "The playground answers only to this machine.")
    if request.path.startswith("/api/"):
        if not playground.is_running:
            raise Refused(503, "Trellis is not at work right now.")
        if playground.growing:
            day, days = playground.growing
            raise Refused(503, f"A small community is growing: day {day} of {days}. It takes a few seconds, just once.")


def _is_from_here(request: web.Request) -> bool:
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        return False
    try:
        name = urlsplit(f"//{request.host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
