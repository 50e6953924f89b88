"""What whoever runs Trellis asks over HTTP: does it live, can it do its work, and what has it counted?"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aiohttp import web

from adapters.contract.adapter import SKEWED
from adapters.contract.shards import Hearing
from bot.kernel.application import Application
from bot.kernel.web import is_same
from bot.metrics import CONTENT_TYPE

log = logging.getLogger(__name__)

LATE = timedelta(minutes=10)
"""What has been due for longer shows that Trellis does not keep up, or that a platform is away."""
SILENT = timedelta(hours=2)
"""After so long without a self-check, which there is each hour, something has stopped."""
LOW = 100 * 1000 * 1000
"""Bytes. With less, the disk will soon be full."""


class Health:
    """Looks at the whole of a running Trellis. With a `token`, who brings it reads the metrics."""

    def __init__(self, app: Application, token: str) -> None:
        self._app = app
        self._token = token
        if token:  # it costs a little with each statement
            app.database.time_statements(app.metrics.statement)
        is_here = app.database.dialect == "sqlite"
        self._folder = app.database.file_beside("disk").absolute().parent if is_here else None
        """Where the database grows; None where that is another machine's business."""
        self.open = False
        """Whether it has started, and is not stopping."""

    def routes(self) -> list[web.RouteDef]:
        """Return what is served: the metrics only where a token is set, and then to whoever brings it."""
        routes = [web.get("/healthz", self._live), web.get("/readyz", self._ready)]
        return [*routes, web.get("/metrics", self._metrics)] if self._token else routes

    async def _live(self, _: web.Request) -> web.Response:
        return _answer("ok" if self.open else "unavailable")

    async def _ready(self, _: web.Request) -> web.Response:
        if not self.open:
            return _answer("unavailable", {"started": {"ok": False}})
        checks = await self.checks()
        failing = [name for name, check in checks.items() if not check["ok"]]
        if failing:
            log.warning("not ready: %s", ", ".join(failing))
        return _answer("unavailable" if failing else "ok", checks)

    async def checks(self) -> dict[str, dict[str, Any]]:
        """Return each thing that has to hold, by its name: `ok`, and what was found."""
        checks: dict[str, dict[str, Any]] = {"database": await self._database()}
        for platform, adapter in self._app.adapters.items():
            checks[platform] = {"ok": adapter.connected or adapter.stands_by} | _shards(adapter.shards)
            if abs(adapter.skew) > SKEWED:
                checks[platform] |= {"ok": False, "clock_skew_seconds": int(adapter.skew)}
        if checks["database"]["ok"]:
            backlog = await self._app.backlog()
            depth = sum(queue.depth for queue in backlog.queues.values())
            oldest = int(backlog.oldest.total_seconds())
            checks["backlog"] = {"ok": backlog.oldest < LATE, "depth": depth, "oldest_seconds": oldest}
        if ran_at := self._app.self_check.ran_at:
            ago = self._app.clock.now() - ran_at
            checks["self_check"] = {"ok": ago < SILENT, "seconds_ago": int(ago.total_seconds())}
        if self._folder:
            free = shutil.disk_usage(self._folder).free
            checks["disk"] = {"ok": free >= LOW, "free_bytes": free}
        return checks

    async def _database(self) -> dict[str, Any]:
        """Write something, as whatever a member does would."""
        try:
            await self._app.sign_of_life()
        except Exception as error:
            log.warning("the database takes nothing: %r", error)
            return {"ok": False}
        return {"ok": True}

    async def _metrics(self, request: web.Request) -> web.Response:
        if not is_same(request.headers.get("Authorization", ""), f"Bearer {self._token}"):
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        metrics = self._app.metrics
        metrics.shards.clear()
        for platform, adapter in self._app.adapters.items():
            metrics.connected.labels(platform).set(adapter.connected)
            for number, hearing in adapter.shards.items():
                metrics.shards.labels(platform, number).set(hearing is Hearing.HERE)
        try:
            backlog = await self._app.backlog()
        except Exception as error:  # what is counted in memory is told all the same
            log.warning("the backlog cannot be read: %r", error)
        else:
            metrics.dead.set(backlog.dead)
            for name, queue in backlog.queues.items():
                metrics.depth.labels(name).set(queue.depth)
                metrics.age.labels(name).set(queue.oldest.total_seconds())
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE})


def _shards(shards: Mapping[int, Hearing]) -> dict[str, Any]:
    """Return which shards are heard by whom; nothing of a platform that has none."""
    told = {one.value: [number for number, hearing in shards.items() if hearing is one] for one in Hearing}
    return {"shards": {who: numbers for who, numbers in told.items() if numbers}} if shards else {}


def _answer(status: str, checks: Mapping[str, Any] | None = None) -> web.Response:
    told = {"status": status} | ({"checks": checks} if checks else {})
    headers = {"Cache-Control": "no-store"}
    return web.json_response(told, status=200 if status == "ok" else 503, headers=headers)
