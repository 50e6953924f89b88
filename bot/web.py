"""The one web server: health, and whatever routes those at the top of the house bring."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

log = logging.getLogger(__name__)


class WebServer:
    """Serves HTTP on one address. `ready` raises if Trellis cannot do its work; `/healthz` says so."""

    def __init__(
        self, host: str, port: int, routes: Iterable[web.RouteDef], ready: Callable[[], Awaitable[None]]
    ) -> None:
        self._host = host
        self._port = port
        self._ready = ready
        self._app = web.Application(client_max_size=1024 * 1024)
        self._app.add_routes([web.get("/healthz", self._health), *routes])
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
        """Where it listens: with port 0, the port that the machine chose."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    async def _health(self, _: web.Request) -> web.Response:
        try:
            await self._ready()
        except Exception:
            log.exception("not healthy")
            return web.json_response({"status": "unavailable"}, status=503)
        return web.json_response({"status": "ok"})
