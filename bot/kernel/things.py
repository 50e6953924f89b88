"""Makes what stands in the channels say what the store says, for all tracked things alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.models import Space
from adapters.contract.ui import Card
from bot.delivery.platforms import Platforms
from storage.database import Database
from storage.postings import Posted, PostingStore
from storage.withdrawing import withdraw

from .lifecycle import Due, Lifecycle, Standing
from .planning import Planner
from .work import Work

MOST_STEPS = 50
"""So many steps of one thing may be due at once."""


class EndlessSteps(RuntimeError):
    """A step that was due changed nothing: it would be due for ever."""


class Things:
    """Every tracked thing, by its kind."""

    def __init__(
        self, database: Database, postings: PostingStore, platforms: Platforms, digest: Callable[[Card], str]
    ) -> None:
        self._database = database
        self._postings = postings
        self._platforms = platforms
        self._digest = digest
        self.kinds: dict[str, Lifecycle[Any]] = {}

    def track(self, lifecycle: Lifecycle[Any]) -> None:
        """Look after the things of a kind. Raises `ValueError` where that is taken."""
        if lifecycle.kind in self.kinds:
            raise ValueError(f"two lifecycles are called {lifecycle.kind!r}")
        self.kinds[lifecycle.kind] = lifecycle

    async def standing(self, kind: str, id_: int) -> Standing:
        """Return what stands of a thing."""
        return Standing(await self._postings.of(kind, id_), self._platforms.link)

    async def links(self, kind: str, ids: Iterable[int], key: str, near: Space | None = None) -> dict[int, str]:
        """Return the web addresses of one message of several things, the ones in `near` where there are some."""
        found = await self._postings.of_many(kind, [*ids], key)
        links = {id_: Standing(rows, self._platforms.link).link(key, near) for id_, rows in found.items()}
        return {id_: link for id_, link in links.items() if link}

    async def lose(self, work: Work, row: Posted) -> None:
        """Somebody deleted a message of a thing: let its lifecycle know, and look at it."""
        lifecycle = self.kinds.get(row.kind)
        if lifecycle is None:
            return
        snapshot = await lifecycle.read(work, row.subject_id, await self.standing(row.kind, row.subject_id))
        if snapshot is not None:
            await lifecycle.lost(work, snapshot, row)
            work.touch(row.kind, row.subject_id)

    def touch(self, work: Work, row: Posted) -> None:
        """Have the thing of a posting looked at, if it is a tracked one, with all that hangs on where it stands."""
        if lifecycle := self.kinds.get(row.kind):
            for kind in (row.kind, *lifecycle.along):
                work.touch(kind, row.subject_id)

    async def reconcile(self, work: Work, kind: str, id_: int) -> datetime | None:
        """Take what is due of a thing, write what has to be said of it, and return when to look again.

        Part of a unit, whose transaction it opens: nobody else changes the thing meanwhile.
        """
        lifecycle = self.kinds[kind]
        await lifecycle.lock(work, id_)
        standing = await self.standing(kind, id_)
        snapshot = await lifecycle.read(work, id_, standing)
        snapshot, due = await self._take_steps(work, lifecycle, id_, snapshot, standing)
        is_open = snapshot is not None and lifecycle.is_open(snapshot)
        zone = ZoneInfo(work.community.timezone)
        planner = Planner(kind, id_, standing, work.now, self._digest, zone, is_open=is_open)
        for one in lifecycle.shown(snapshot) if snapshot is not None else ():
            planner.show(one)
        planner.over(lifecycle, snapshot)
        plan = planner.plan
        await self._postings.forget([row.id for row in plan.again])
        if plan.withdrawn:
            await withdraw(self._database, {row.id for row in plan.withdrawn}, work.now)
        work.outgoing.posts += plan.posts
        work.outgoing.edits += plan.edits
        work.outgoing.effects += plan.effects
        later = [at for at in (*plan.when, *([due.at] if due else ())) if at > work.now]
        return min(later, default=None)

    async def _take_steps(
        self, work: Work, lifecycle: Lifecycle[Any], id_: int, snapshot: Any, standing: Standing
    ) -> tuple[Any, Due | None]:
        """Take what is due until nothing is, and return how the thing is then, and what comes due next."""
        for _ in range(MOST_STEPS):
            due = lifecycle.due(snapshot) if snapshot is not None else None
            if due is None or due.step is None or due.at > work.now:
                return snapshot, due
            before = snapshot
            await lifecycle.take(work, snapshot, due.step)
            snapshot = await lifecycle.read(work, id_, standing)
            if snapshot == before:
                raise EndlessSteps(f"{lifecycle.kind} {id_}: {due.step} changes nothing")
        raise EndlessSteps(f"{lifecycle.kind} {id_}: there is no end of steps")
