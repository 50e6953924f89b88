"""All of Trellis on one page: what is built from what, out of the settings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aiohttp import web

from adapters.contract.adapter import Adapter
from adapters.contract.models import Space
from adapters.contract.text import say
from adapters.playground.records import SPACE as PLAYGROUND
from bot.clock import Clock, MovableClock, SystemClock
from bot.kernel.application import Application
from bot.kernel.cog import Cog
from bot.kernel.dashboard.cog import Dashboard
from bot.kernel.dashboard.pages import Pages
from bot.kernel.dashboard.places import Places
from bot.kernel.dashboard.rights import Rights
from bot.kernel.dashboard.server import DashboardServer
from bot.kernel.retention import Kept
from bot.kernel.router import Router
from bot.kernel.shards import leases_on
from bot.kernel.web import WebServer
from bot.text.language import Locales
from config.settings import LOOPBACK, PEOPLE, Settings
from storage.audit import AuditStore
from storage.dashboard import DashboardStore
from storage.database import Database
from storage.erasures import ErasureJournal
from storage.links import LinkStore
from storage.members import MemberStore
from storage.merging import MergeStore
from storage.pepper import Pepper
from storage.processes import Process
from storage.settings import SettingStore

from . import tuning
from .cogs import events, ideas, onboarding, polls, questions, recognition
from .cogs.audit import Audit
from .cogs.link import Link
from .cogs.me import Me
from .cogs.settings import SettingsCog
from .health import Health
from .plugins import load_cogs
from .tuning import channels_of, opens_of, plan_of, roles_of, web_url

if TYPE_CHECKING:
    from adapters.playground.adapter import Playground
    from adapters.slack import OAuth
    from storage.search.encoders import Encoder


@dataclass(slots=True)
class Runtime:
    """Everything that runs."""

    app: Application
    web: WebServer
    playground: Playground | None
    clock: Clock
    health: Health

    async def start(self, told: Callable[[int, int], None] = lambda _day, _of: None) -> None:
        """Serve, connect and set to work. What fails or is cancelled half-way is taken down by `stop`.

        While the playground's past is told at the first start, `told` hears which day it is, and of how many.
        """
        self.app.database.claim()
        await self.app.database.integrity()
        await self.web.start()
        if self.playground:
            self.playground.address = self.web.address
        if self.app.dashboard and not self.app.dashboard.address:
            self.app.dashboard.address = self.web.address
        await self.app.start()
        if self.playground and self.playground.is_new:
            telling = asyncio.ensure_future(self._tell_the_past(self.playground, told))
            try:
                await asyncio.shield(telling)
            except asyncio.CancelledError:
                await telling  # it takes moments, and half of it would stay half for ever
                raise
        self.health.open = True

    async def _tell_the_past(self, playground: Playground, told: Callable[[int, int], None]) -> None:
        from adapters.playground.acts import Acts

        from . import demo

        clock = self.clock
        assert isinstance(clock, MovableClock)

        def grow() -> None:
            day = min((clock.offset + demo.BEGINS).days + 1, demo.BEGINS.days), demo.BEGINS.days
            if day != playground.growing:
                playground.growing = day
                told(*day)

        async def passes(length: timedelta) -> None:
            await self.app.scheduler.pass_time(clock, clock.now() + length)
            grow()

        clock.offset = -demo.BEGINS
        grow()
        await demo.tell(Acts(playground, self.app.settle).act, passes)
        await self.app.scheduler.pass_time(clock, datetime.now(UTC))
        clock.offset = timedelta()
        playground.growing = None

    async def ended(self) -> None:
        """Return when a platform was stopped. Raises `Unusable` when one will not have us back."""
        ends = [asyncio.ensure_future(adapter.ended()) for adapter in self.app.adapters.values()]
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in done:
                end.result()
        finally:
            for end in ends:
                end.cancel()

    async def stop(self) -> None:
        """Stop in the order in which things depend on each other. Safe to call at any time."""
        self.health.open = False
        if self.playground:
            await self.playground.stop()
        await self.web.stop()
        await self.app.stop()


def encoder_from(settings: Settings) -> Encoder | None:
    """Return what finds out what texts mean. Raises `ValueError` where a package is missing."""
    if settings.search_level == "text":
        return None
    from storage.search.encoders import encoder_of  # with all that it needs, which takes memory

    return encoder_of(settings.search_level, settings.search_model)


def journal_of(settings: Settings, database: Database) -> ErasureJournal:
    """Return where it is noted who was erased: a file of its own, best on another disk than the database."""
    return ErasureJournal(Path(settings.erasure_journal or database.file_beside("erasures")))


def build_application(
    settings: Settings, database: Database, adapters: Sequence[Adapter], clock: Clock, extra: tuple[Cog, ...] = ()
) -> Application:
    """Put the cogs and the kernel together, over any adapters.

    Beside our own cogs stand those that `TRELLIS_COGS` names, and `extra` ones. Raises `ValueError` for what does not
    go together.
    """
    own = (*load_cogs(settings.cogs, database), *extra)
    channels, locales = (
        channels_of(settings),
        Locales(settings.language, others=[cog.locale for cog in own if cog.locale]),
    )
    changed, joined = SettingStore(database), tuple(Space.of(space) for space in settings.spaces)
    opens = opens_of(settings)
    said = tuning.Tuning(settings, changed, [cog.section for cog in own if cog.section])
    policies = said.policies
    encoder, roles = encoder_from(settings), roles_of(settings)
    dashboard = (
        Dashboard(DashboardStore(database), settings.web_url.rstrip("/").lower()) if settings.wants_dashboard else None
    )

    cogs = (
        *questions.questions(database, channels.help, channels.agents, policies(tuning.questions_policy), encoder),
        *events.events(
            database, channels.events, channels.moderators, policies(tuning.events_policy), web_url(settings)
        ),
        *ideas.ideas(
            database,
            channels.ideas,
            policies(tuning.ideas_policy),
            board=PLAYGROUND if settings.wants_playground else None,
            locales=locales,
            encoder=encoder,
        ),
        *polls.polls(database, channels.ideas, policies(tuning.polls_policy), pepper_of(settings, database)),
        *recognition.recognition(database, channels, policies(tuning.recognition_policy), joined=joined),
        *onboarding.onboarding(database, channels, opens, policies(tuning.onboarding_policy)),
        Me(MemberStore(database)),
        Link(LinkStore(database), MemberStore(database), MergeStore(database), AuditStore(database)),
        SettingsCog(changed, AuditStore(database), said.daily, PEOPLE),
        Audit(AuditStore(database)),
        *filter(None, [dashboard]),
        *own,
    )
    app = Application(
        database,
        adapters,
        cogs,
        [*channels, opens],
        caught_up=[channels.help, channels.agents],
        moderators=channels.moderators,
        clock=clock,
        roles=roles,
        plan=plan_of(settings),
        locales=locales,
        kept=kept_by(settings),
        journal=journal_of(settings, database),
        sections=said.sections,
    )
    if dashboard:
        app.dashboard = dashboard
        pages = Pages(app.registry.cogs, locales, clock, ZoneInfo(settings.timezone))
        pages.add(Places([*channels, opens]).page())
        pages.add(Rights(app.registry.commands, roles).page())
        served = DashboardServer(dashboard, pages, app.tools, app.units, roles, AuditStore(database))
        app.routes += served.routes()
    return app


def pepper_of(settings: Settings, database: Database) -> Pepper:
    """Return what joins the secret of every anonymous poll and is not in the database."""
    return Pepper(settings.poll_secret.get_secret_value(), database.file_beside("poll-secret"))


def kept_by(settings: Settings) -> Kept:
    """Return how long settings have things kept."""
    days = settings.keep_audit_days, settings.keep_dead_letters_days, settings.keep_removed_days
    return Kept(*(timedelta(days=some) if some else None for some in days))


def offered(settings: Settings) -> Router:
    """Return the router that would be at work, for what it offers to platforms."""
    return build_application(settings, Database(settings.database_url), [], SystemClock()).router


PAGES = ((say("Ideas board"), "/ideas"),)
"""What cogs serve for the playground's people to look at: it leads there, and lets in whom it lets in itself."""


async def build(settings: Settings) -> Runtime:
    """Build everything that settings ask for; nothing runs yet. Raises `ValueError` for what does not go together."""
    if settings.wants_playground and settings.web_host not in LOOPBACK and settings.playground != "on":
        raise ValueError(
            "The playground lets anyone act as anyone, so it is only served on this machine. Set TRELLIS_WEB_HOST to "
            "127.0.0.1, or TRELLIS_PLAYGROUND=on if you know who can reach it."
        )
    database = Database(settings.database_url)
    adapters = platforms(settings, database)
    movable = MovableClock()
    clock: Clock = movable if settings.wants_playground else SystemClock()
    playground = None
    if settings.wants_playground:
        from adapters.playground.adapter import Playground

        playground = Playground(database.file_beside("playground.db"), clock.now)
        playground.timezone = settings.timezone
        adapters.append(playground)
    app = build_application(settings, database, adapters, clock)
    if playground:
        playground.languages = sorted(app.locales.codes, key=lambda code: code != settings.language)
    served = [route for adapter in adapters for route in adapter.routes()]
    if playground is None:
        served += app.routes
    else:
        from adapters.playground.guard import guarded

        pages = {path for _, path in PAGES}
        served += [guarded(playground, route) if route.path in pages else route for route in app.routes]
        movable.offset = await playground.open()
        served += _playground_routes(playground, app, movable)
    health = Health(app, settings.metrics_token.get_secret_value())
    web_server = WebServer(settings.web_host, settings.web_port, [*health.routes(), *served])
    return Runtime(app, web_server, playground, clock, health)


def _playground_routes(playground: Playground, app: Application, clock: MovableClock) -> list[web.RouteDef]:
    """Return what the playground serves. When its clock is moved, everything that comes due is done on the way."""

    async def advance(length: timedelta) -> datetime:
        await app.scheduler.pass_time(clock, clock.now() + length)
        await playground.keep_offset(clock.offset)
        return clock.now()

    async def import_sample() -> dict[str, int]:
        report = await import_sample_of_the_past(app.database, PLAYGROUND, clock.now())
        return {"questions": report.questions, "solved": report.solved} if report else {"questions": 0, "solved": 0}

    from adapters.playground.routes import routes

    from .demo.history import import_sample as import_sample_of_the_past
    from .previews import previews

    served = {route.path for route in app.routes}

    def pages_in(language: str) -> list[tuple[str, str]]:
        translations = app.locales.of(language)
        return [(name.localized(translations).plain(), path) for name, path in PAGES if path in served]

    return routes(
        playground,
        settle=app.settle,
        advance=advance,
        next_due=app.next_entry,
        previews=previews(),
        pages_in=pages_in,
        import_sample=import_sample,
    )


def platforms(settings: Settings, database: Database) -> list[Adapter]:
    """Return the platforms whose tokens are set, not connected yet. Raises `ValueError` for what is not complete."""
    adapters, process = list[Adapter](), Process.this()
    if token := settings.discord_token.get_secret_value():
        from adapters.discord import Discord

        adapters.append(
            Discord(
                token,
                guild_ids=settings.discord_guild_ids,
                api_url=settings.discord_api_url,
                translations=Locales(settings.language).shared,
                leases=leases_on("discord", database, process),
            )
        )
    if settings.wants_slack:
        from adapters.slack import Slack

        adapters.append(
            Slack(
                settings.slack_bot_token.get_secret_value(),
                oauth=_slack_oauth(settings, database, process),
                app_token=settings.slack_app_token.get_secret_value(),
                signing_secret=settings.slack_signing_secret.get_secret_value(),
                api_url=settings.slack_api_url,
                command_prefix=settings.slack_command_prefix,
                suggests=settings.slack_suggested_prompts,
                welcome=settings.welcome_channels,
                translations_of=Locales(settings.language).of,
            )
        )
    return adapters


def _slack_oauth(settings: Settings, database: Database, process: Process) -> OAuth | None:
    """Return what lets admins install the Slack app, where settings ask for it."""
    secret, key = settings.slack_client_secret.get_secret_value(), settings.slack_encryption_key.get_secret_value()
    if not settings.slack_client_id:
        return None
    if not (secret and key):
        raise ValueError("SLACK_CLIENT_ID needs SLACK_CLIENT_SECRET and SLACK_ENCRYPTION_KEY beside it")
    from adapters.slack import OAuth
    from storage.installations import InstallationStore, StateStore, cipher_of

    store = InstallationStore(database, settings.slack_client_id, cipher_of(key), process)
    teams = frozenset(settings.slack_install_teams)
    return OAuth(settings.slack_client_id, secret, store, StateStore(database), teams=teams)
