"""Forgets what need not be kept for ever: what was done by whom, and what failed and nobody looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from storage.audit import AuditStore
from storage.dashboard import DashboardStore
from storage.dead_letters import DeadLetters
from storage.members import Member

from .cog import Cog, every
from .departures import Departures
from .work import Work


@dataclass(frozen=True, slots=True)
class Kept:
    """How long each is kept; None for ever."""

    audit: timedelta | None = None
    dead_letters: timedelta | None = None
    removed: timedelta | None = None


FOREVER = Kept()


class Retention(Cog):
    """Each night, for each community. What else is kept, and for how long, is in docs/data.md."""

    name = "retention"
    room = "Settings"

    def __init__(
        self,
        audit: AuditStore,
        letters: DeadLetters,
        sign_ins: DashboardStore,
        departures: Departures,
        kept: Kept,
    ) -> None:
        self._audit = audit
        self._letters = letters
        self._sign_ins = sign_ins
        self._departures = departures
        self._kept = kept

    @every("daily 04:20")
    async def sweep(self, work: Work) -> None:
        """Forget what is older than it may become."""
        await self._sign_ins.prune(work.now)
        if self._kept.audit:
            await self._audit.prune(work.community.id, work.now - self._kept.audit)
        if self._kept.dead_letters:
            await self._letters.prune(work.community.id, work.now - self._kept.dead_letters)
        await self._departures.begin(work)

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...
