"""How an event that repeats goes on: the next of its occurrences become events in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from bot.kernel.lifecycle import Due, Lifecycle, Shown, Standing
from bot.kernel.policies import Policies
from bot.kernel.work import Work
from storage.events import EventStore
from storage.series import Series, SeriesStore

from .lifecycle import EVENT
from .notifications import GUESTS
from .policy import Policy
from .repeating import WALL, moment, read_wall, shows_at, to_make, wall

SERIES = "series"
"""What series are called among tracked things."""


class Step(Enum):
    """What is done for a series when it is due."""

    EXTEND = "make events of the next occurrences"
    END = "make no more of them"


@dataclass(frozen=True, slots=True)
class SeriesSnapshot:
    """A series as it is now: when its next occurrences are that are events, and which shall become some."""

    now: datetime
    series: Series
    space: str
    ahead: tuple[datetime, ...]
    wanted: tuple[tuple[str, datetime], ...]


class SeriesLifecycle(Lifecycle[SeriesSnapshot]):
    """Nothing of a series itself is shown: its occurrences are events like any other."""

    kind = SERIES

    def __init__(self, series: SeriesStore, events: EventStore, policies: Policies[Policy]) -> None:
        super().__init__()
        self._series = series
        self._events = events
        self._policies = policies

    async def read(self, work: Work, id_: int, standing: Standing) -> SeriesSnapshot | None:  # noqa: ARG002
        series = await self._series.get(id_)
        if series is None:
            return None
        policy, zone = await self._policies.of(work.community.id), ZoneInfo(series.zone)
        since = min(series.made_until, f"{wall(work.now - timedelta(days=1), zone):{WALL}}")
        made = await self._events.of_series(id_, since)
        due = [moment(read_wall(event.occurrence), zone) for event in made if event.occurrence]
        ahead = tuple(sorted(at for at in due if at > work.now))
        wanted = to_make(series.rule, series.first, series.made_until, zone, work.now, policy.ahead - len(ahead))
        return SeriesSnapshot(work.now, series, made[0].space if made else "", ahead, tuple(wanted))

    def due(self, snapshot: SeriesSnapshot) -> Due | None:
        if snapshot.series.ended_at:
            return None
        if snapshot.wanted:
            return Due(snapshot.now, Step.EXTEND)
        return Due(snapshot.ahead[0]) if snapshot.ahead else Due(snapshot.now, Step.END)

    async def take(self, work: Work, snapshot: SeriesSnapshot, step: Step) -> None:
        series = snapshot.series
        if step is Step.END:
            await self._series.end(series.id, work.now)
            return
        length = timedelta(minutes=series.minutes)
        occurrences = [(at, starts, starts + length, shows_at(starts, work.now)) for at, starts in snapshot.wanted]
        before = await self._events.of_series(series.id, series.first)
        cohosts = await self._events.cohosts(before[-1].id) if before else []
        for event in await self._series.extend(series, snapshot.space, work.now, occurrences):
            await self._events.put_cohosts(event.id, cohosts)
            work.touch(EVENT, event.id)
            work.touch(GUESTS, event.id)

    def is_open(self, snapshot: SeriesSnapshot) -> bool:
        return snapshot.series.ended_at is None

    def shown(self, snapshot: SeriesSnapshot) -> Iterator[Shown]:  # noqa: ARG002
        return iter(())
