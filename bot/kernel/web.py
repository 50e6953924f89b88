"""The one web server: it serves whatever routes the top floor brings."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from aiohttp import web

LONGEST_REQUEST = 1024 * 1024
"""In bytes. The longest that anyone sends us are Slack's views."""


class WebServer:
    """Serves HTTP on one address; with port 0, on one that the machine chooses."""

    def __init__(self, host: str, port: int, routes: Iterable[web.RouteDef]) -> None:
        self._host = host
        self._port = port
        self._app = web.Application(client_max_size=LONGEST_REQUEST)
        self._app.on_response_prepare.append(_close_up)
        self._app.add_routes(routes)
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=5)

    async def start(self) -> None:
        """Listen. Raises `OSError` where the address is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()

    async def stop(self) -> None:
        """Answer what was asked, then listen no more."""
        await self._runner.cleanup()

    @property
    def address(self) -> str:
        """Where it can be reached from this machine."""
        host, port = self._runner.addresses[0][:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - where it listens, not where to go
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def is_same(brought: str, secret: str) -> bool:
    """Compare what somebody brought, whatever it is made of, with a secret, in a time that does not tell how alike."""
    return hmac.compare_digest(brought.encode("utf-8", "replace"), secret.encode())


async def _close_up(_: web.Request, response: web.StreamResponse) -> None:
    """Say nothing of what we are made of, and let no page of ours be shown within another one or guessed at."""
    response.headers.popall("Server", None)
    response.headers.setdefault("Content-Security-Policy", "frame-ancestors 'none'")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
