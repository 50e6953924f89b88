"""Brings each event to whoever wants it: drop repeats, find, check, run, report. A visible list, in that order."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.contract.adapter import Need, Responder
from adapters.contract.call import Call
from adapters.contract.commands import Command, Shortcut, Typing
from adapters.contract.events import (
    CommandUsed,
    ControlUsed,
    Event,
    FormSubmitted,
    Interaction,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessagePosted,
    PageOpened,
    ReactionAdded,
    ReactionRemoved,
    ShortcutUsed,
)
from adapters.contract.forms import Field, matching
from adapters.contract.models import Account, Channel, MessageRef, Space
from adapters.contract.text import Text, Tongue, Words, say
from adapters.contract.ui import Card, Option, Tone
from bot.clock import Clock
from storage.inbox import InboxStore
from storage.jobs import Job
from storage.members import Community, Erased, Member

from .cog import Bound, CommandAction, Listener, RecurringAction, Registry
from .context import REST, Context, OnMessage, Submission, Suggesting, Tools, Work
from .errors import FormError, UserError
from .roles import RoleMap, highest

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=60)
"""How long one handler may take."""
PERSONAL_PAGE = "me"
"""The command whose answer is also drawn on the page that a platform keeps for each member."""


class Router:
    """Hears everything that happens on every platform, and everything that comes due."""

    def __init__(
        self,
        registry: Registry,
        tools: Tools,
        inbox: InboxStore,
        clock: Clock,
        roles: RoleMap,
        community_of: Callable[[Space], Awaitable[Community]],
    ) -> None:
        self._registry = registry
        self._tools = tools
        self._inbox = inbox
        self._clock = clock
        self._roles = roles
        self._community_of = community_of

    @property
    def commands(self) -> list[Command]:
        """What members can type, for the platforms to register, in the community's language."""
        others = self._tools.tongues.others
        return [
            Command(name, bound.action.description, _fields(bound), bound.action.role, others).spoken(self._shared)
            for name, bound in self._registry.commands.items()
            if isinstance(bound.action, CommandAction)
        ]

    @property
    def shortcuts(self) -> list[Shortcut]:
        """What members can pick at a message, in the community's language."""
        others = self._tools.tongues.others
        return [
            Shortcut(name, bound.action.role, others).spoken(self._shared)
            for name, bound in self._registry.shortcuts.items()
        ]

    @property
    def needs(self) -> frozenset[Need]:
        """What all cogs together ask of a platform beside reading and writing."""
        return frozenset(need for cog in self._registry.cogs for need in cog.needs())

    async def suggest(self, asked: Typing) -> Sequence[Option]:
        """Return what an option may be of which only the beginning is typed. Never raises."""
        bound = self._registry.commands.get(asked.command)
        find = bound.action.form.suggest(asked.option) if bound and bound.action.form else None
        role = self._roles.role(asked.by)
        if bound is None or find is None or role < bound.action.role:
            return ()
        try:
            community = await self._community_of(asked.by.account.space)
            member = await self._tools.members.by_account(asked.by.account.key)
            moment = Suggesting(self._tools, community, self._clock.now(), member, role, asked.typed)
            return matching(await find(bound.cog, moment), asked.typed)
        except Exception:
            log.exception("could not suggest anything for %s of /%s", asked.option, asked.command)
            return ()

    @property
    def _shared(self) -> Tongue:
        return self._tools.tongues.shared

    async def receive(self, event: Event, responder: Responder) -> None:
        """Handle one event to its end. Never raises: whoever waits is told what went wrong."""
        if event.by.bot and not isinstance(event, MessageDeleted):  # that is by whoever wrote the message
            return
        listeners = [bound for bound in self._registry.listeners.get(type(event), ()) if _wants(bound, event)]
        if not listeners and not isinstance(event, Interaction | MemberJoined | MemberLeft):
            return
        key = f"{event.space.key}/{event.id}"
        handled = isinstance(event, Interaction)  # whoever waited has been told, and will try again themselves
        try:
            if not await self._inbox.accept(key, self._clock.now()):
                return
            async with asyncio.timeout(PATIENCE.total_seconds()):
                community = await self._community_of(event.space)
                if isinstance(event, MessageDeleted):
                    await self._hear_of(event, community, listeners)
                elif isinstance(event, Interaction):
                    await self._interact(event, responder, community, await self._arrive(event, community))
                else:
                    await self._hear(event, responder, community, await self._arrive(event, community), listeners)
            handled = True
        except Erased:
            handled = True
        except Exception:
            await self._report(event, responder)
        if handled:
            await self._done(key)

    async def _done(self, key: str) -> None:
        """Note that an event was handled; what was not is handled again when the platform delivers it again."""
        try:
            await self._inbox.done(key, self._clock.now())
        except Exception:
            log.exception("could not note that %s is done", key)

    async def _arrive(self, event: Event, community: Community) -> Member:
        """Return the member, made known by whatever they do first."""
        who = event.by
        member, _ = await self._tools.members.arrive(
            community.id,
            who.account.key,
            event.space.key,
            who.name,
            event.at,
            timezone=who.timezone if who.timezone and _is_zone(who.timezone) else None,
            locale=who.locale,
            roles=frozenset({self._roles.role(who).name.lower()}),
        )
        if isinstance(event, MemberLeft):
            await self._tools.members.leave(who.account.key, event.at)
        return member

    async def _interact(self, event: Interaction, responder: Responder, community: Community, member: Member) -> None:
        try:
            if isinstance(event, FormSubmitted):
                event = await self._whole(event, member)
            bound, arguments = self._find(event)
        except (LookupError, ValueError, TypeError):
            sorry = say("That is from an older version of Trellis and no longer works. Sorry!")
            await responder.reply(problem_card(sorry).spoken(self._tools.tongues.of(member.locale)))
            return
        pressed = event if isinstance(event, ControlUsed) else None
        ctx = bound.action.person_context(
            self._tools,
            community,
            self._clock.now(),
            event,
            member,
            responder,
            channel=event.channel,
            message=pressed.message if pressed else None,
            values=pressed.values if pressed else (),
        )
        try:
            ctx.require_role(bound.action.role)
            if isinstance(ctx, Submission):
                await self._submit(event, ctx, bound, arguments)
                return
            if isinstance(ctx, OnMessage) and isinstance(event, ShortcutUsed):
                ctx.target = event.message
            await bound.run(ctx, *arguments)
        except UserError as refusal:
            await ctx.reply(problem_card(refusal.words))

    async def _whole(self, event: FormSubmitted, member: Member) -> FormSubmitted:
        """Add to a dialog that had no room for the whole form what was typed before. Raises `LookupError`."""
        call = Call.unpack(event.call)
        if call.action != REST:
            return event
        draft_id, shown = call.arguments
        draft = await self._tools.drafts.get(int(draft_id), member.id)
        if draft is None:
            raise LookupError(event.call)
        rest = {name: typed for name, typed in draft.answers.items() if name not in shown.split(",")}
        return replace(event, call=draft.call, answers=rest | dict(event.answers))

    def _find(self, event: Interaction) -> tuple[Bound, list[Any]]:
        match event:
            case CommandUsed():
                return self._registry.commands[event.command], []
            case ShortcutUsed():
                # It goes by its name in the language in which it was registered, which may have changed since.
                shown = {Shortcut(name).spoken(self._shared).name: name for name in self._registry.shortcuts}
                return self._registry.shortcuts[shown.get(event.shortcut, event.shortcut)], []
            case ControlUsed(call=packed) | FormSubmitted(call=packed):
                call = Call.unpack(packed)
                bound, arguments = self._registry.find(call)
                # Only actions that expect a person may be set off by one: a forged call reaches nothing else.
                if not issubclass(bound.action.context, Context):
                    raise LookupError(packed)
                if (bound.action.form is not None) != isinstance(event, FormSubmitted):
                    raise LookupError(packed)
                if bound.action.context is OnMessage:
                    raise LookupError(packed)
                return bound, arguments
            case PageOpened():
                return self._registry.commands[PERSONAL_PAGE], []
        raise LookupError(type(event).__name__)

    async def _submit(self, event: Interaction, ctx: Submission[Any], bound: Bound, arguments: list[Any]) -> None:
        """Read the answers and run; what is wrong is asked again, with everything that was typed."""
        form = bound.action.form
        assert form is not None
        answers = event.options if isinstance(event, CommandUsed) else getattr(event, "answers", {})
        call = Call.unpack(event.call) if isinstance(event, FormSubmitted) else bound.action.call()
        try:
            ctx.form = await form.read(answers, form.fields(bound.cog), _Reader(ctx))
            await bound.run(ctx, *arguments)
        except FormError as wrong:
            nothing_said = isinstance(event, CommandUsed) and not any(answers.values())
            await ctx.ask_again(form, call, bound.cog, answers, {} if nothing_said else wrong.problems)
        except UserError as refusal:
            if isinstance(event, CommandUsed):
                raise
            await ctx.ask_again(form, call, bound.cog, answers, {}, refusal.words)
        except Exception:
            if isinstance(event, CommandUsed):
                raise
            await ctx.ask_again(form, call, bound.cog, answers, {}, _sorry(event))

    async def _hear(
        self, event: Event, responder: Responder, community: Community, member: Member, listeners: list[Bound]
    ) -> None:
        channel, message = _place(event)
        for bound in listeners:
            if highest(member.roles) < bound.action.role:
                continue
            ctx = Context(
                self._tools,
                community,
                self._clock.now(),
                event,
                member,
                responder,
                channel=channel,
                message=message,
            )
            try:
                await bound.run(ctx, event)
            except UserError as refusal:
                await ctx.aside(problem_card(refusal.words))

    async def _hear_of(self, event: Event, community: Community, listeners: list[Bound]) -> None:
        """Handle what nobody in particular did."""
        for bound in listeners:
            await bound.run(Work(self._tools, community, self._clock.now()), event)

    async def _report(self, event: Event, responder: Responder) -> None:
        sorry = _sorry(event)
        if isinstance(event, Interaction):
            try:
                await responder.reply(problem_card(sorry).spoken(self._tools.tongues.of(event.by.locale)))
            except Exception:
                log.exception("could not even say sorry")

    async def run(self, job: Job) -> None:
        """Do one job. Raises whatever goes wrong, for the scheduler to count."""
        bound, arguments = self._registry.find(Call.unpack(job.call))
        community = await self._tools.members.community_by_id(job.community_id or 0)
        if community is None:
            raise ValueError(f"job {job.id} belongs to a community that is gone")
        if isinstance(bound.action, RecurringAction) and job.key == _recurring(bound, community):
            await self._recur(bound, community)
        else:
            await bound.run(Work(self._tools, community, self._clock.now()), *arguments)

    async def expect(self, bound: Bound, community: Community) -> None:
        """See to it that a recurring action is on the list. What came due while nobody was there is done late."""
        await self._put_next(bound, community, unless_due=self._clock.now())

    async def _recur(self, bound: Bound, community: Community) -> None:
        """Have a recurring action done now, by a job of its own that is tried again if it fails; and put the next."""
        async with self._tools.database.transaction():
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


class _Reader:
    """Reads answers for the person in a context."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self.now: datetime = ctx.now
        self.zone: ZoneInfo = ctx.zone
        self.tongue = ctx.tongue

    async def find_member(self, typed: str) -> Member:
        members, community = self._ctx.members, self._ctx.community.id
        if typed.count("/") == 2:
            found = await members.by_account(typed)
            if found and found.community_id == community:
                return found
        own = await members.by_account(Account(self._ctx.space, typed.lstrip("@")).key)
        if own:
            return own
        profile = await self._ctx.chat.profile(Account(self._ctx.space, typed.lstrip("@").rpartition("/")[2]))
        met = await self._ctx.meet(profile) if profile and not profile.bot else None
        if met:
            return met
        named = await members.by_name(community, typed.lstrip("@"))
        if len(named) == 1:
            return named[0]
        if named:
            raise ValueError(say("More than one person is called {name}. Pick them from the list, please.", name=typed))
        raise ValueError(say("I know nobody called {name} here.", name=typed))

    async def find_channel(self, typed: str) -> Channel:
        channel = await self._ctx.chat.find_channel(self._ctx.space, typed.lstrip("#").rpartition("/")[2])
        if channel is None:
            raise ValueError(say("I know no channel called {name} here.", name=typed))
        return channel


def problem_card(words: Words) -> Card:
    """Return what is shown, privately, to someone for whom something did not work."""
    return Card(body=words, tone=Tone.URGENT)


def _sorry(event: Event) -> Text:
    """Log what went wrong under an id, and return the sentence that says so."""
    error_id = secrets.token_hex(4)
    log.exception("error %s while handling %s", error_id, type(event).__name__)
    return say("Sorry, that went wrong on our side. It is noted as {id}.", id=error_id)


def _wants(bound: Bound, event: Event) -> bool:
    assert isinstance(bound.action, Listener)
    return bound.action.where is None or bound.action.where(bound.cog, event)


def _fields(bound: Bound) -> tuple[Field, ...]:
    return bound.action.form.fields(bound.cog) if bound.action.form else ()


def _place(event: Event) -> tuple[Channel, MessageRef | None]:
    match event:
        case MessagePosted(message=message):
            return message.ref.channel, message.ref
        case ReactionAdded(message=ref) | ReactionRemoved(message=ref) | MessageDeleted(message=ref):
            return ref.channel, ref
    return Channel(event.space, ""), None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
