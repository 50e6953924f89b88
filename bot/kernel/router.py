"""Brings each event to the handlers that want it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from adapters.contract.adapter import Need, Responder
from adapters.contract.commands import Command, Shortcut, Typing
from adapters.contract.events import (
    Glance,
    Interaction,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Overheard,
    PlatformEvent,
    ShortcutUsed,
    Unattended,
)
from adapters.contract.forms import matching
from adapters.contract.models import Channel, MessageRef, Space
from adapters.contract.text import Text, say
from adapters.contract.ui import Option
from bot.clock import Clock
from bot.metrics import Metrics
from bot.tracing import traced
from storage.away import AWAY
from storage.inbox import Handled
from storage.known_messages import KnownMessages
from storage.members import Community, Erased, Member

from .actions import CommandAction, Listener, ShortcutAction
from .addressed import command_said
from .admission import Admission
from .answers import problem_card
from .communities import Communities
from .context import Context
from .errors import FORGOTTEN, UserError
from .freshness import Freshness
from .interactions import Interactions, sorry_words
from .registry import Bound, Registry
from .roles import RoleMap, highest
from .units import Units
from .work import Suggesting, Tools, Work

log = logging.getLogger(__name__)

PATIENCE, INTERACTION = timedelta(seconds=60), timedelta(seconds=10)
"""How long an event may take, and what somebody used and waits for: then they are told that it was not kept."""


class Router:
    """Hears everything that happens on every platform."""

    def __init__(
        self,
        registry: Registry,
        tools: Tools,
        units: Units,
        known: KnownMessages,
        clock: Clock,
        roles: RoleMap,
        communities: Communities,
        missed: Callable[[Space], None],
        metrics: Metrics,
    ) -> None:
        self._registry = registry
        self._tools = tools
        self._units = units
        self._known = known
        self._clock = clock
        self._admission = Admission(registry, tools, roles)
        self._communities = communities
        self._missed = missed
        self._metrics = metrics
        self._freshness = Freshness(tools.platforms.fetch)
        self._interactions = Interactions(registry, tools, units, clock)

    # What platforms register

    @property
    def commands(self) -> list[Command]:
        """What members can type, for the platforms to register, in the community's language."""
        shared, others = self._tools.locales.shared, self._tools.locales.others
        return [
            Command(
                name,
                bound.action.description,
                bound.action.form.fields(bound.cog) if bound.action.form else (),
                bound.action.role,
                bound.action.personal,
                bound.action.start,
                bound.action.prompt,
                others,
            ).localized(shared)
            for name, bound in self._registry.commands.items()
            if isinstance(bound.action, CommandAction)
        ]

    @property
    def shortcuts(self) -> list[Shortcut]:
        """What members can pick at a message or a person, in the community's language."""
        shared, others = self._tools.locales.shared, self._tools.locales.others
        return [
            Shortcut(name, bound.action.role, bound.action.on_person, others).localized(shared)
            for name, bound in self._registry.shortcuts.items()
            if isinstance(bound.action, ShortcutAction)
        ]

    @property
    def needs(self) -> frozenset[Need]:
        """What all cogs together ask of a platform beside reading and writing."""
        return frozenset(need for cog in self._registry.cogs for need in cog.needs())

    # What happens

    async def suggest(self, asked: Typing) -> Sequence[Option]:
        """Return what an option may be of which only the beginning is typed. Never raises."""
        bound = self._registry.commands.get(asked.command)
        find = bound.action.form.suggest(asked.option) if bound and bound.action.form else None
        if bound is None or find is None:
            return ()
        try:
            community = await self._communities.of(asked.by.account.space)
            member, role = await self._admission.known(asked.by)
            if role < bound.action.role:
                return ()
            moment = Suggesting(self._tools, community, self._clock.now(), member, role, asked.typed)
            return matching(await find(bound.cog, moment), asked.typed)
        except Exception:
            log.exception("could not suggest anything for %s of /%s", asked.option, asked.command)
            return ()

    def wants(self, glance: Glance) -> bool:
        """Say whether any cog may want something that was overheard, and note who was there.

        It asks no store, no platform and no clock.
        """
        if glance.kind is MessagePosted and not glance.bot and not self._tools.paused.ignores(glance):
            self._tools.presence.note(glance.account, glance.when)
        self._freshness.note(glance)
        wanted = bool(self._wanting(glance))
        if wanted:  # before it is handled: it may be deleted while it is
            self._known.add(glance.message.key)
        return wanted

    def _wanting(self, glance: Glance) -> list[Bound]:
        """Return the listeners that may want something.

        What bots do is not wanted, unless their message is deleted; nor what those do who have paused.
        """
        if (glance.bot and glance.kind is not MessageDeleted) or self._tools.paused.ignores(glance):
            return []
        if glance.kind is not MessagePosted:
            glance = replace(glance, known=glance.message.key in self._known)
        return [bound for bound in self._registry.listeners.get(glance.kind, ()) if bound.wants(glance)]

    async def receive(self, event: PlatformEvent, responder: Responder) -> None:
        """Handle one event to its end, and accept it once that is kept.

        Never raises: the person who waits is told what went wrong.
        """
        if isinstance(event, MessagePosted | MessageEdited):
            event = command_said(event, self._registry.commands, self._tools.locales.shared) or event
        if isinstance(event, Overheard):
            async with self._freshness.turn(event):
                current = await self._freshness.current(event)
                listeners = self._wanting(current.glance) if current else []
                if current and listeners:
                    await self._handle(current, responder, listeners)
                else:
                    await responder.accept()
            return
        if event.by.bot:
            return
        if isinstance(event, ShortcutUsed):
            self._known.add(event.message.ref.key)
        await self._handle(event, responder, self._registry.listeners.get(type(event), []))

    async def _handle(self, event: PlatformEvent, responder: Responder, listeners: Sequence[Bound]) -> None:
        key = f"{event.space.key}/{event.id}"
        platform, kind = event.space.platform, type(event).__name__
        with traced(key), self._metrics.event(platform, kind):
            await self._try(event, responder, listeners, key)
            log.debug("%s was handled", kind)

    async def _try(self, event: PlatformEvent, responder: Responder, listeners: Sequence[Bound], key: str) -> None:
        try:
            patience = INTERACTION if isinstance(event, Interaction) else PATIENCE
            async with self._units.within(patience):
                community = await self._communities.of(event.space)
                if isinstance(event, Unattended):
                    await self._hear_of(event, responder, community, listeners, key)
                elif isinstance(event, Interaction):
                    member = await self._admission.meet(event, community)
                    await self._interactions.handle(event, responder, community, member, key)
                else:
                    await self._hear_from(event, responder, community, listeners, key)
        except (TimeoutError, *AWAY) as trouble:
            self._metrics.becomes("away")
            log.warning("%s could not be kept: %r", type(event).__name__, trouble)
            await self._report(event, responder, say("I couldn't keep that just now. Please try again in a minute."))
            if not isinstance(event, Interaction):
                self._missed(event.space)
        except Erased:  # done before they were forgotten, as by who pressed twice
            await self._report(event, responder, FORGOTTEN)
        except Exception:
            self._metrics.becomes("failed")
            await self._report(event, responder, sorry_words(event))

    async def _hear_from(
        self, event: PlatformEvent, responder: Responder, community: Community, listeners: Sequence[Bound], key: str
    ) -> None:
        try:
            member = await self._admission.meet(event, community, in_passing=_only_in_passing(listeners))
        except Erased:
            of_nobody = [one for one in listeners if isinstance(one.action, Listener) and one.action.of_forgotten]
            await self._hear_of(event, responder, community, of_nobody, key)
        else:
            await self._hear(event, responder, community, member, listeners, key)

    async def _hear(
        self,
        event: PlatformEvent,
        responder: Responder,
        community: Community,
        member: Member,
        listeners: Sequence[Bound],
        key: str,
    ) -> None:
        channel, message = _place(event)
        answered = False
        for bound in listeners:
            if highest(member.roles) < bound.action.role:
                continue

            def context() -> Context:
                return Context(
                    self._tools,
                    community,
                    self._clock.now(),
                    event,
                    member,
                    responder,
                    channel=channel,
                    message=message,
                )

            heard = context()
            heard.answered = answered
            try:
                await self._listen(bound, heard, event, key)
                answered |= bool(heard.outgoing.answers)
            except UserError as refusal:
                ctx = context()
                await self._units.run(ctx, lambda words=refusal.words, ctx=ctx: ctx.aside(problem_card(words)))  # type: ignore[misc]
        await responder.accept()

    async def _hear_of(
        self, event: PlatformEvent, responder: Responder, community: Community, listeners: Sequence[Bound], key: str
    ) -> None:
        """Handle what nobody in particular did."""
        for bound in listeners:
            await self._listen(bound, Work(self._tools, community, self._clock.now()), event, key)
        await responder.accept()

    async def _listen(self, bound: Bound, work: Work, event: PlatformEvent, key: str) -> None:
        """Have one listener handle an event, as a unit of its own: no cog undoes what another one did."""
        mark = f"{key}/{bound.action.full_name}"
        try:
            await self._units.once(mark, work, lambda: bound.run(work, event))
        except Handled:
            log.debug("%s was handled before", mark)

    async def _report(self, event: PlatformEvent, responder: Responder, words: Text) -> None:
        """Tell the person who waits that nothing was kept. What nobody waits for, the platform tells again."""
        if isinstance(event, Interaction) or (isinstance(event, MessagePosted) and event.message.to_us):
            try:
                await responder.accept()
                await responder.reply(problem_card(words).localized(self._tools.locales.of(event.by.locale)))
            except Exception:
                log.exception("could not even say sorry")


def _only_in_passing(listeners: Sequence[Bound]) -> bool:
    """Say whether whoever is heard by these does nothing with Trellis."""
    return bool(listeners) and all(isinstance(one.action, Listener) and one.action.in_passing for one in listeners)


def _place(event: PlatformEvent) -> tuple[Channel, MessageRef | None]:
    if isinstance(event, Overheard):
        return event.glance.channel, event.glance.message
    return Channel(event.space, ""), None
