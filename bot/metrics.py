"""What Trellis counts of itself, as Prometheus reads it.

Times are in seconds. No label says who, where or what was written: only platforms, kinds and outcomes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    exposition,
)

CONTENT_TYPE = exposition.CONTENT_TYPE_PLAIN_1_0_0
_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@dataclass(slots=True)
class _Work:
    """What is being timed: when it began (by `perf_counter`), what it is, and what became of it."""

    since: float
    labels: tuple[str, ...]
    outcome: str = "ok"


_current: ContextVar[_Work | None] = ContextVar("current", default=None)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._events = self._histogram(
            "event_seconds",
            "From hearing an event that is wanted until it was answered.",
            "platform",
            "kind",
            "outcome",
        )
        self._kept = self._histogram(
            "event_kept_seconds", "From hearing it until it was kept and acknowledged.", "platform", "kind"
        )
        self._jobs = self._histogram("job_seconds", "How long jobs took.", "outcome")
        self._deliveries = self._histogram(
            "delivery_seconds", "How long it took to say or do something on a platform.", "platform", "act", "outcome"
        )
        self._statements = self._histogram("database_seconds", "How long statements of the database took.")
        self._waits = Counter(
            "trellis_rate_limit_wait_seconds",
            "How long platforms asked deliveries to wait.",
            ("platform",),
            registry=self.registry,
        )
        self.depth = self._gauge("queue_depth", "What is due and not done yet.", "queue")
        self.age = self._gauge("queue_oldest_seconds", "How long the oldest of that has been due.", "queue")
        self.dead = self._gauge("dead_letters", "What failed too often and was set aside.")
        self.connected = self._gauge("connected", "1 while a platform tells what happens there.", "platform")
        self.shards = self._gauge("shard", "1 while this process hears a shard.", "platform", "shard")

    def _histogram(self, name: str, told: str, *labels: str) -> Histogram:
        return Histogram(f"trellis_{name}", told, labels, buckets=_BUCKETS, registry=self.registry)

    def _gauge(self, name: str, told: str, *labels: str) -> Gauge:
        return Gauge(f"trellis_{name}", told, labels, registry=self.registry)

    @contextmanager
    def _timed(self, histogram: Histogram, *labels: str) -> Iterator[None]:
        """Time what is done inside. All is well with it, unless it `becomes` something else."""
        work = _Work(perf_counter(), labels)
        token = _current.set(work)
        try:
            yield
        finally:
            _current.reset(token)
            histogram.labels(*labels, work.outcome).observe(perf_counter() - work.since)

    def event(self, platform: str, kind: str) -> AbstractContextManager[None]:
        """Time the handling of an event, which becomes `away` where it could not be kept, `failed` by our own fault."""
        return self._timed(self._events, platform, kind)

    def job(self) -> AbstractContextManager[None]:
        """Time a job, which becomes `wait`, `failed`, or `taken` where another process did it."""
        return self._timed(self._jobs)

    def delivery(self, platform: str, act: str) -> AbstractContextManager[None]:
        """Time a delivery, which becomes `wait`, `late`, `impossible`, `failed`, or `nobody` where that is told."""
        return self._timed(self._deliveries, platform, act)

    def becomes(self, outcome: str) -> None:
        """Say what became of what is being timed, in a word."""
        if work := _current.get():
            work.outcome = outcome

    def kept(self) -> None:
        """The event that is being handled is kept and acknowledged."""
        if work := _current.get():
            self._kept.labels(*work.labels).observe(perf_counter() - work.since)

    def asked_to_wait(self, platform: str, seconds: float) -> None:
        """A platform's rate limit is reached."""
        self._waits.labels(platform).inc(seconds)

    def statement(self, seconds: float) -> None:
        """A statement of the database took that long."""
        self._statements.observe(seconds)

    def text(self) -> bytes:
        """Return everything as Prometheus reads it."""
        return exposition.generate_latest(self.registry)
