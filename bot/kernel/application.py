"""Trellis at work: adapters that hear, a router that answers, a scheduler that remembers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime

from adapters.contract.adapter import Adapter, Feature, Responder
from adapters.contract.events import (
    ChannelDeleted,
    Glance,
    Overheard,
    PlatformEvent,
    Reconnected,
    SpaceChanged,
    SpaceJoined,
)
from adapters.contract.models import Space
from bot.clock import Clock
from bot.delivery.carrying import Carrier
from bot.delivery.courier import Courier
from bot.delivery.gate import Gate
from bot.delivery.platforms import Platforms
from bot.delivery.writing import Writer
from bot.metrics import Metrics
from bot.text.language import Locales
from storage.audit import AuditStore
from storage.backlog import Backlog, BacklogStore
from storage.dashboard import DashboardStore
from storage.database import Database
from storage.dead_letters import DeadLetters
from storage.departures import DepartureStore
from storage.drafts import DraftStore
from storage.erasures import ErasureJournal
from storage.inbox import InboxStore
from storage.jobs import JobStore
from storage.known_messages import KnownMessages
from storage.members import Community, MemberStore
from storage.namings import NamingStore
from storage.outbox import OutboxStore
from storage.peers import PeerStore
from storage.postings import PostingStore
from storage.processes import BEAT_SECONDS, Process, ProcessStore
from storage.troubles import TroubleStore
from storage.uploads import UploadStore

from .agenda import Agenda
from .background import end, if_possible, repeat
from .catching_up import CatchingUp
from .channels import ChannelGroup
from .clock_watch import ClockWatch
from .cog import Cog
from .communities import Communities, CommunityPlan
from .dashboard.cog import Dashboard
from .departures import Departures, Leaving
from .domain_events import MissedRead, MissedUnread
from .drafts import Drafts
from .forgetting import Forgetting
from .front_door import FrontDoor
from .help import Help
from .home import Home
from .inbox import Inboxes
from .paused import Paused
from .policies import NO_SECTIONS, Sections
from .presence import Presence
from .privacy import Privacy
from .pulse import Pulse
from .registry import Registry, migrations_of
from .retention import FOREVER, Kept, Retention
from .roles import RoleMap
from .router import Router
from .runner import Runner
from .scheduler import Scheduler
from .self_check import SelfCheck
from .things import Things
from .tracking import Tracking, places_key
from .trouble import Troubles, Worry
from .units import Units
from .upkeep import Upkeep
from .work import Tools

log = logging.getLogger(__name__)

GRACE = 20.0
"""Seconds that what is being delivered may take when Trellis stops."""
REFRESH_EVERY = 60.0
"""Seconds after which what another process wrote is known, where it is kept in memory."""
PRESENCE_EVERY = 10.0
"""Seconds after which it is written down who was seen."""


class Application:
    """Everything that runs. `cogs` share nothing but what the constructor gave them.

    `caught_up` are the channels in which what was written while nobody listened is read afterwards.
    """

    dashboard: Dashboard | None = None
    _is_leaving = False
    """Whether we were told to stop: we live on until all is said."""

    def __init__(
        self,
        database: Database,
        adapters: Sequence[Adapter],
        cogs: tuple[Cog, ...],
        channels: Sequence[ChannelGroup],
        *,
        caught_up: Sequence[ChannelGroup] = (),
        moderators: ChannelGroup,
        clock: Clock,
        roles: RoleMap,
        plan: CommunityPlan,
        locales: Locales,
        journal: ErasureJournal,
        kept: Kept = FOREVER,
        sections: Sections = NO_SECTIONS,
    ) -> None:
        self.database = database
        self.adapters: Mapping[str, Adapter] = {adapter.platform: adapter for adapter in adapters}
        self.clock, self.locales = clock, locales
        self.members = MemberStore(database)
        self.metrics = metrics = Metrics()
        self._ready = asyncio.Event()
        self._early: set[asyncio.Task[None]] = set()
        """Who waits for us to be ready."""
        self._process, self._backlog = Process.this(), BacklogStore(database)
        self._pulse = Pulse(ProcessStore(database), self._process)
        self.jobs, self._inbox, outbox = JobStore(database), InboxStore(database), OutboxStore(database)
        self.inboxes = Inboxes(self._inbox, self.adapters, self._process.id, clock)
        postings, namings, drafts = PostingStore(database), NamingStore(database), DraftStore(database)
        uploads, audit, letters = UploadStore(database), AuditStore(database), DeadLetters(database)

        self.platforms = platforms = Platforms(self.adapters, database)
        self.communities = communities = Communities(plan, self.members, channels, platforms, self._begin)
        carrier = Carrier(platforms, self.members, uploads, locales, clock)
        speaking = carrier, Gate(self.members, postings, PeerStore(database)), clock, self._process.id, metrics
        self.courier = Courier(database, outbox, postings, *speaking, self._pulse.may_be_over)
        writer = Writer(outbox, postings, namings, self._process.id, locales.shared_code)
        things = Things(database, postings, platforms, writer.digest)

        unfinished, help_, door, home = Drafts(drafts, uploads, self._inbox, postings), Help(), FrontDoor(), Home()
        privacy = Privacy(self.members, uploads, audit, journal, paused := Paused())
        tracking = Tracking(things, postings, namings, outbox, self._inbox)
        noting = (self.jobs, outbox, postings, letters, TroubleStore(database), audit)
        troubles = Troubles(*noting, moderators, caught_up, communities.name_of)
        departures = Departures(DepartureStore(database), audit, privacy, moderators, kept.removed)
        retention = Retention(audit, letters, DashboardStore(database), departures, kept)
        own = (home, help_, door, privacy, unfinished, tracking, troubles, retention, departures)
        self.registry = registry = Registry((*cogs, *own))
        unfinished.registry = help_.registry = home.registry = door.registry = privacy.registry = registry
        for cog in registry.cogs:
            for lifecycle in cog.lifecycles():
                things.track(lifecycle)
        self._agenda, self._presence = Agenda(self.jobs, registry.hearing, database), Presence(self.members)
        self.tools = tools = Tools(
            *(database, self.members, drafts, uploads, self._agenda, locales, self._presence, paused),
            *(registry.cogs, platforms, things, postings, sections),
        )
        self.units = units = Units(
            database, writer, self.courier, things, self._agenda, communities.get, self._inbox, clock, tools, metrics
        )
        self.forgetting = Forgetting(database, journal, self.members, communities, privacy, tools, units, clock)
        self.self_check = SelfCheck(units, tools, troubles, communities.known.values, clock)
        self.routes = [route for cog in registry.cogs for route in cog.routes()]
        self.catching_up = CatchingUp(
            self.adapters, caught_up, self._inbox, self.members, clock, lambda: communities.known, self._tell_of_missed
        )
        known, leaving = KnownMessages(database), Leaving(departures, self.adapters, communities, tools, units, clock)
        self.upkeep = Upkeep(registry, leaving, communities, self._presence, known, tools, clock)
        self.router = Router(registry, tools, units, known, clock, roles, communities, self.catching_up.missed, metrics)
        self.runner = Runner(registry, tools, units, self.jobs, clock, communities)
        carrier.draw, carrier.posted = self.runner.draw, known.add
        self.scheduler = Scheduler(self.jobs, outbox, self.courier, clock, self.runner.run, metrics)
        self.clock_watch = ClockWatch(self.runner)
        self._agenda.expect, self.courier.has_room = self.scheduler.expect, self.scheduler.wake
        self.courier.troubled = self.scheduler.troubled = Worry(self._agenda, clock).begin
        self._running: list[asyncio.Task[None]] = []
        """What goes on until we stop: the heartbeat, and keeping what is in memory fresh."""

    async def start(self) -> None:
        """Bring the database up to date, connect every platform, and take up what was left undone."""
        await self.upgrade()
        await self.database.empty_log()  # what a process that was killed had deleted stands in it
        await self._pulse.begin()
        for adapter in self.adapters.values():
            has_people = Feature.PERSON_MENU in adapter.features
            shortcuts = [one for one in self.router.shortcuts if has_people or not one.on_person]
            offered = self.router.commands, shortcuts, self.router.suggest
            await adapter.start(self._receive, self._wants, *offered, self.inboxes.of(adapter.platform))
            for info in await adapter.spaces():
                await self.communities.of(info.space, info.name)
        await self.upkeep.begin()
        if again := await self.forgetting.again():
            log.warning("%d accounts were erased after this database was backed up, and are erased again", again)
        await self.forgetting.note_missing()
        self._ready.set()
        self.scheduler.start()
        self._running = [
            asyncio.create_task(self._beat(), name="heartbeat"),
            asyncio.create_task(repeat(self.upkeep.refresh, REFRESH_EVERY), name="refresh"),
            asyncio.create_task(repeat(self.upkeep.note_presence, PRESENCE_EVERY), name="presence"),
            asyncio.create_task(repeat(self.clock_watch.look, BEAT_SECONDS), name="clock watch"),
            asyncio.create_task(repeat(self.self_check.look, REFRESH_EVERY), name="self-check"),
        ]
        await self.inboxes.take_up()
        self._running.append(asyncio.create_task(repeat(self.inboxes.take_up, BEAT_SECONDS), name="take up"))
        for community in {*self.communities.known.values()}:
            await self._find_places(community)  # each in a commit of its own: in one, two starts would block each other
        self.catching_up.go_on()
        await self.catching_up.done()
        log.info("Trellis is at work on %s", ", ".join(self.adapters) or "nothing")

    async def upgrade(self) -> None:
        """Bring the database's tables up to date, those of all cogs."""
        await self.database.upgrade(migrations_of(self.registry.cogs))

    async def stop(self) -> None:
        """Hear no more, finish what is under way, close everything. Safe to call twice.

        What was heard before all platforms were connected is given up: it would wait for ever.
        """
        for waiting in self._early:
            waiting.cancel()
        self._is_leaving = True
        try:
            if self._ready.is_set():
                await self.catching_up.stop()
            for adapter in self.adapters.values():
                await adapter.hear_no_more()
            if self._ready.is_set():
                self._ready.clear()
                await if_possible(self._presence.write_down(self.clock.now()))
            if self._running:
                heartbeat, *others = self._running
                await end(*others)
                await self.scheduler.stop()
                await if_possible(self.courier.stop(GRACE))
                await end(heartbeat)
                await if_possible(self._pulse.end())
        finally:
            for adapter in self.adapters.values():
                await adapter.stop()
            await self.database.close()

    async def _find_places(self, community: Community) -> None:
        """Have looked whether what lost its place has another one by now."""
        key = places_key(community.id)
        await self._agenda.put(Tracking.find_places.call(0), self.clock.now(), community.id, key)

    async def _begin(self, community: Community) -> None:
        """See to it that what recurs does so in a community too, in one commit."""
        async with nullcontext() if self.database.current else self.database.unit():
            for bound in self.registry.recurring:
                await self.runner.expect(bound, community)

    async def _beat(self) -> None:
        """Say that we are alive, again and again, and free what the dead have left. It waits for nothing else."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                if not await self._pulse.beat():
                    self.courier.was_taken_for_dead()
                if await self._pulse.bury():
                    self.scheduler.wake()
                if not self._is_leaving:
                    self.catching_up.go_on()
            except Exception as failure:
                log.warning("no heartbeat: %r", failure)

    async def next_entry(self) -> datetime | None:
        """Return when something is due that anyone might notice."""
        unnoticed = (Drafts.sweep, Retention.sweep, Troubles.look_daily)
        return await self.jobs.next_due(but=[recurring.call().pack() for recurring in unnoticed])

    async def backlog(self) -> Backlog:
        """Return what is due and not done yet."""
        return await self._backlog.read(self.clock.now())

    async def sign_of_life(self) -> None:
        """Write to the database that this process is alive. Raises what the database raises."""
        if not await self._pulse.beat():
            self.courier.was_taken_for_dead()

    async def settle(self) -> None:
        """Return when everything that is due by now has been done."""
        await self.scheduler.run_due()

    def _wants(self, glance: Glance) -> bool:
        """Say whether anyone wants something. Nobody knows before all is ready, nor in a space that is new to us."""
        return (
            glance.channel.space not in self.communities.known or not self._ready.is_set() or self.router.wants(glance)
        )

    async def _receive(self, event: PlatformEvent, responder: Responder) -> None:
        if not self._ready.is_set():
            await self._be_ready()
        if isinstance(event, SpaceJoined):
            self.communities.drop(event.space)
            if community := await self.communities.settle_in(event.space, event.name):
                await self._find_places(community)
            return
        if isinstance(event, Overheard | Reconnected) and event.space not in self.communities.known:
            await self.communities.settle_in(event.space)
        if isinstance(event, Reconnected):
            self.catching_up.missed(event.space)
            return
        if isinstance(event, ChannelDeleted | SpaceChanged) and event.space in self.communities.known:
            deleted = event.channel if isinstance(event, ChannelDeleted) else None
            await self.communities.note_change(event.space, deleted, self.clock.now())
        await self.router.receive(event, responder)
        if isinstance(event, SpaceChanged):
            self.scheduler.wake()

    async def _be_ready(self) -> None:
        task = asyncio.current_task()
        assert task
        self._early.add(task)
        try:
            await self._ready.wait()
        finally:
            self._early.discard(task)

    async def _tell_of_missed(self, space: Space, until: datetime, since: datetime) -> None:
        """Have it known that a space, heard `until`, is read from `since` on: who relies on messages looks again."""
        community, now = await self.communities.of(space), self.clock.now()
        await self._agenda.publish(MissedRead(space.key), community.id, now)
        if since > until:
            await self._agenda.publish(MissedUnread(space.key, until.isoformat(), since.isoformat()), community.id, now)
