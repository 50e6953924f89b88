"""Runs what no platform sets off: jobs that came due, recurring actions, and drawings of cards."""

from __future__ import annotations

import itertools
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.contract.call import Call
from adapters.contract.models import Space
from adapters.contract.ui import Card
from bot.clock import Clock
from storage.jobs import Job, JobStore
from storage.members import Community, Member

from .actions import Drawing, RecurringAction
from .communities import Communities
from .registry import Bound, Registry
from .units import Units
from .work import Reading, Tools, Work


class Runner:
    """Finds the action that a call names, and runs it."""

    def __init__(
        self, registry: Registry, tools: Tools, units: Units, jobs: JobStore, clock: Clock, communities: Communities
    ) -> None:
        self._registry = registry
        self._tools = tools
        self._units = units
        self._jobs = jobs
        self._clock = clock
        self._communities = communities

    async def run(self, job: Job) -> None:
        """Do one job, as one unit with its end. Raises whatever goes wrong, for the scheduler to count."""
        bound, arguments = self._registry.find(Call.unpack(job.call))
        community = await self._communities.get(job.community_id or 0)
        if community is None:
            raise ValueError(f"job {job.id} belongs to a community that is gone")
        work = Work(self._tools, community, self._clock.now())

        async def do() -> None:
            if isinstance(bound.action, RecurringAction) and job.key == _recurring(bound, community):
                await self._recur(bound, community)
            else:
                await bound.run(work, *arguments)

        await self._units.run(work, do, lambda: self._jobs.take(job), always=True)

    async def draw(self, call: Call, member: Member | None, space: Space) -> Card:
        """Return the card of a drawing. Raises `LookupError` where there is no such drawing."""
        bound, arguments = self._registry.find(call)
        if not isinstance(bound.action, Drawing):
            raise LookupError(f"{call.action} draws nothing")
        community = await self._communities.of(space)
        reading = Reading(self._tools, community, self._clock.now(), member, space)
        card: Card = await bound.action.method(bound.cog, reading, *arguments)
        return card

    async def expect(self, bound: Bound, community: Community) -> None:
        """See to it that a recurring action is on the list. What came due while nobody was there is done late."""
        await self._put_next(bound, community, unless_due=self._clock.now())

    async def bring_forward(self) -> None:
        """Put recurring actions back in their time that a clock which was wrong had put off.

        The next turn may have been done before the clock was set back, and is not done twice: what is planned for that
        one or the one after it is left.
        """
        for community, bound in itertools.product({*self._communities.known.values()}, self._registry.recurring):
            assert isinstance(bound.action, RecurringAction)
            when, zone = bound.action.when(bound.cog), ZoneInfo(community.timezone)
            second = when.after(when.after(self._clock.now(), zone), zone)
            await self._put_next(bound, community, unless_due=second)

    async def _recur(self, bound: Bound, community: Community) -> None:
        """Have a recurring action done now, by a job of its own that is tried again if it fails; and put the next."""
        call, key = bound.action.call(), f"{_recurring(bound, community)}/now"
        await self._tools.agenda.put(call, self._clock.now(), community.id, key)
        await self._put_next(bound, community)

    async def _put_next(self, bound: Bound, community: Community, *, unless_due: datetime | None = None) -> None:
        assert isinstance(bound.action, RecurringAction)
        at = bound.action.when(bound.cog).after(self._clock.now(), ZoneInfo(community.timezone))
        key = _recurring(bound, community)
        await self._tools.agenda.put(bound.action.call(), at, community.id, key, unless_due=unless_due)


def _recurring(bound: Bound, community: Community) -> str:
    """Return the key of the job that stands for the next time of a recurring action."""
    return f"every/{bound.action.full_name}/{community.id}"
