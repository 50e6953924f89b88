"""Discord's rate limits: a bucket for each route and what it is about, and one for everything.

Discord publishes no number of a bucket, and asks clients to follow the headers; these are those it is seen to use.
`speed` is by how much faster than Discord's its clock runs here, so that a test of half a minute takes a moment.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

EVERYTHING = (50, 1.0)
"""Requests a second of one bot; those that answer interactions are not counted."""
_QUOTAS = [
    ("POST", r"/channels/\d+/messages", (5, 5.0)),
    ("PATCH", r"/channels/\d+/messages/\d+", (5, 5.0)),
    ("DELETE", r"/channels/\d+/messages/\d+", (5, 1.0)),
    ("POST", r"/channels/\d+/(messages/\d+/)?threads", (10, 10.0)),
    ("PATCH", r"/channels/\d+", (2, 600.0)),
    ("GET", r"/channels/\d+/messages", (5, 5.0)),
    ("POST", r"/users/@me/channels", (10, 10.0)),
    ("POST", r"/webhooks/.+|/interactions/.+", (5, 2.0)),
    ("PATCH", r"/webhooks/.+", (5, 2.0)),
]
_ANYTHING_ELSE = (30, 10.0)
_MAJOR = re.compile(r"/(channels|guilds)/(\d+)|/webhooks/(\d+/[^/]+)|/interactions/(\d+)")


@dataclass(slots=True)
class _Bucket:
    most: int
    length: float
    ends: float = 0.0
    used: int = 0

    def take(self, now: float) -> float:
        """Count a request. Return for how many seconds there is none left, or 0."""
        if now >= self.ends:
            self.ends, self.used = now + self.length, 0
        if self.used >= self.most:
            return self.ends - now
        self.used += 1
        return 0.0


@dataclass(slots=True)
class Refusal:
    """A request that came too early: for how many seconds more, and whether for everything."""

    after: float
    everything: bool


@dataclass(slots=True)
class Buckets:
    """Counts requests. `refused` are those that got a 429, `early` those of them that had been told to wait."""

    speed: float = 1.0
    seconds: Callable[[], float] = time.monotonic
    refused: list[tuple[str, str]] = field(default_factory=list)
    early: list[tuple[str, str]] = field(default_factory=list)
    _buckets: dict[tuple[str, str], _Bucket] = field(default_factory=dict)
    _told: dict[tuple[str, str], float] = field(default_factory=dict)
    """Until when whoever asks is known to have been told to wait."""

    def take(self, method: str, path: str) -> tuple[dict[str, str], Refusal | None]:
        """Count a request; return the headers of its answer, and the refusal if it comes too early."""
        now = self.seconds()
        name, quota = self._route(method, path)
        if not path.startswith(("/webhooks/", "/interactions/")):
            whole = self._bucket(("", ""), EVERYTHING)
            if left := whole.take(now):
                self._refuse(("", ""), method, path, now, left)
                return {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}, Refusal(left, everything=True)
        bucket = self._bucket(name, quota)
        left = bucket.take(now)
        headers = {
            "X-RateLimit-Limit": str(bucket.most),
            "X-RateLimit-Remaining": str(bucket.most - bucket.used),
            "X-RateLimit-Reset": f"{time.time() + bucket.ends - now:.3f}",
            "X-RateLimit-Reset-After": f"{bucket.ends - now:.3f}",
            "X-RateLimit-Bucket": f"{hash(name[0]) & 0xFFFFFFFF:08x}",
        }
        if not left:
            return headers, None
        self._refuse(name, method, path, now, left)
        return headers | {"X-RateLimit-Scope": "user"}, Refusal(left, everything=False)

    def _bucket(self, name: tuple[str, str], quota: tuple[int, float]) -> _Bucket:
        return self._buckets.setdefault(name, _Bucket(quota[0], quota[1] / self.speed))

    def _refuse(self, name: tuple[str, str], method: str, path: str, now: float, left: float) -> None:
        self.refused.append((method, path))
        if now < self._told.get(name, 0.0):
            self.early.append((method, path))
        self._told[name] = now + left

    @staticmethod
    def _route(method: str, path: str) -> tuple[tuple[str, str], tuple[int, float]]:
        about = _MAJOR.match(path)
        major = about[0] if about else ""
        for wanted, pattern, quota in _QUOTAS:
            if wanted == method and re.fullmatch(pattern, path):
                return (f"{wanted} {pattern}", major), quota
        return (f"{method} {re.sub(r'[0-9]+', '*', path)}", major), _ANYTHING_ELSE
