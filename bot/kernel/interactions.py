"""What somebody used: find the handler, check the rights, read the form, run it as one unit, and say what is wrong."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.contract.adapter import AdapterError, Responder
from adapters.contract.call import Call
from adapters.contract.commands import Shortcut
from adapters.contract.events import (
    CommandUsed,
    ControlUsed,
    FormSubmitted,
    Interaction,
    LineTyped,
    PageOpened,
    PersonPicked,
    PlatformEvent,
    ShortcutUsed,
)
from adapters.contract.files import PICTURES, UPLOAD, kind_of_picture
from adapters.contract.forms import KEPT, Field, Kind
from adapters.contract.text import Code, Text, Words, say
from adapters.contract.ui import Button, Card, Tone
from bot.clock import Clock
from storage.away import AWAY
from storage.inbox import Handled
from storage.members import Community, Member

from .actions import CommandAction
from .answers import AnswerReader, problem_card
from .arguments import read_number
from .context import REST, Context, OnMessage, OnPerson, Submission
from .errors import OUTDATED, FormError, UserError
from .pictures import without_notes
from .registry import Bound, Registry
from .roles import highest
from .typed import command_typed, no_command_card
from .units import Units
from .work import Tools

log = logging.getLogger(__name__)

PERSONAL_PAGE = "me"
"""The command whose answer is also drawn on the page that a platform keeps for each member."""


class Interactions:
    """Handles what people use, each as one unit: all that it changes and says is kept, or nothing."""

    def __init__(self, registry: Registry, tools: Tools, units: Units, clock: Clock) -> None:
        self._registry = registry
        self._tools = tools
        self._units = units
        self._clock = clock

    async def handle(
        self, event: Interaction, responder: Responder, community: Community, member: Member, key: str
    ) -> None:
        """Handle one interaction to its end. `key` is what it is marked as done by. Raises what is our own fault."""
        sure = True
        if isinstance(event, LineTyped):
            translations = self._tools.locales.of(member.locale)
            typed = command_typed(event, self._registry.commands, translations)
            if typed is None:
                await self._say_unknown(event, responder, community, member, key)
                return
            event, sure = typed
        try:
            if isinstance(event, FormSubmitted):
                event = await self._whole(event, member)
            bound, arguments = self._find(event)
        except (LookupError, ValueError, TypeError):
            await responder.accept()
            await responder.reply(problem_card(OUTDATED).localized(self._tools.locales.of(member.locale)))
            return
        await self._use(event, bound, arguments, sure, responder, community, member, key)

    async def _say_unknown(
        self, event: LineTyped, responder: Responder, community: Community, member: Member, key: str
    ) -> None:
        """Say, once, that there is no such command, and which may have been meant."""
        ctx = Context(self._tools, community, self._clock.now(), event, member, responder, channel=event.channel)
        card = no_command_card(event, self._registry.commands, highest(member.roles))
        try:
            await self._units.once(key, ctx, lambda: ctx.reply(card), responder)
        except Handled:
            await responder.accept()

    async def _use(
        self,
        event: Interaction,
        bound: Bound,
        arguments: list[Any],
        sure: bool,
        responder: Responder,
        community: Community,
        member: Member,
        key: str,
    ) -> None:
        """Run what was found. What was typed and is not `sure` to be meant so opens the form, filled with it."""
        ctx = self._context(bound, event, responder, community, member)
        form = bound.action.form
        answers = event.options if isinstance(event, CommandUsed) else getattr(event, "answers", {})
        call = Call.unpack(event.call) if isinstance(event, FormSubmitted) else Call(bound.action.full_name)
        fields = form.fields(bound.cog) if form else ()
        unread: dict[str, Words] = {}
        if ctx.role >= bound.action.role:
            answers, unread = await self._take_files(ctx, fields, answers)

        async def do() -> None:
            ctx.require_role(bound.action.role)
            if unread or not sure:
                raise FormError(**unread)
            if form and isinstance(ctx, Submission):
                ctx.form = await form.read(answers, fields, AnswerReader(ctx, bound.cog))
            if isinstance(ctx, OnMessage) and isinstance(event, ShortcutUsed):
                ctx.target = event.message
            if isinstance(ctx, OnPerson) and isinstance(event, PersonPicked):
                ctx.profile = event.person
            await bound.run(ctx, *arguments)

        asks_again = form is not None and not isinstance(event, CommandUsed)
        try:
            await self._units.once(key, ctx, do, responder)
        except Handled:
            await responder.accept()
        except FormError as wrong:
            if form is None:  # a command that takes no options, with words behind it
                ctx = self._context(bound, event, responder, community, member)
                await self._say(ctx, responder, ctx.reply(_nothing_behind_card(bound, call)))
                return
            nothing_said = isinstance(event, CommandUsed) and not any(answers.values())
            problems = {} if nothing_said else wrong.problems
            ctx = self._context(bound, event, responder, community, member)
            doubt, shown = ("", ()) if sure else (_UNSURE, tuple(answers))
            await self._say(ctx, responder, ctx.ask_again(form, call, bound.cog, answers, problems, doubt, shown))
        except UserError as refusal:
            ctx = self._context(bound, event, responder, community, member)
            if asks_again and form:
                await self._say(ctx, responder, ctx.ask_again(form, call, bound.cog, answers, {}, refusal.words))
            else:
                await self._say(ctx, responder, ctx.reply(problem_card(refusal.words)))
        except (TimeoutError, *AWAY):
            raise  # nothing is wrong with what was typed, and what it was is still in the form
        except Exception:
            if not asks_again or not form:
                raise
            ctx = self._context(bound, event, responder, community, member)
            await self._say(ctx, responder, ctx.ask_again(form, call, bound.cog, answers, {}, sorry_words(event)))

    async def _take_files(
        self, ctx: Context, fields: Sequence[Field], answers: Mapping[str, str]
    ) -> tuple[Mapping[str, str], dict[str, Words]]:
        """Keep the files that were chosen, of which the platform's own copy may be gone soon.

        Return the answers by which they are known from now on, and what is wrong with others.
        """
        taken, wrong = dict(answers), dict[str, Words]()
        for name in (field.name for field in fields if field.kind is Kind.FILE):
            answer = answers.get(name, "")
            if not answer or answer.startswith(KEPT):
                continue
            del taken[name]
            try:
                content = await self._tools.platforms.read_file(ctx.space, answer, UPLOAD)
            except AdapterError as trouble:
                log.info("a file could not be read: %s", trouble)
                wrong[name] = say("I couldn't read that file. Please choose it again.")
                continue
            kind = kind_of_picture(content or b"")
            if content is None:
                wrong[name] = say("At most {n} MB, please.", n=UPLOAD // 2**20)
            elif kind is None:
                wrong[name] = say("A picture, please: {kinds}.", kinds=", ".join(PICTURES))
            elif (picture := await asyncio.to_thread(without_notes, kind, content)) is None:
                wrong[name] = say("That picture isn't whole. Please save it again, or take a screenshot of it.")
            else:
                facts = (ctx.community.id, ctx.member.id, kind, picture, ctx.now)
                taken[name] = f"{KEPT}{await self._tools.uploads.put(*facts)}"
        return taken, wrong

    async def _say(self, ctx: Context, responder: Responder, saying: Awaitable[None]) -> None:
        """Say why something was refused: what was typed is kept, and nothing else of it."""

        async def do() -> None:
            await saying

        await self._units.run(ctx, do, None, responder)

    def _context(
        self, bound: Bound, event: Interaction, responder: Responder, community: Community, member: Member
    ) -> Context:
        pressed = event if isinstance(event, ControlUsed) else None
        return bound.action.person_context(
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

    async def _whole(self, event: FormSubmitted, member: Member) -> FormSubmitted:
        """Add to a dialog that had no room for the whole form what was typed before. Raises `LookupError`."""
        call = Call.unpack(event.call)
        if call.action != REST:
            return event
        draft_id, shown = call.arguments
        draft = await self._tools.drafts.get(read_number(draft_id), member.id)
        if draft is None:
            raise LookupError(event.call)
        rest = {name: typed for name, typed in draft.answers.items() if name not in shown.split(",")}
        return replace(event, call=draft.call, answers=rest | dict(event.answers))

    def _find(self, event: Interaction) -> tuple[Bound, list[Any]]:
        match event:
            case CommandUsed():
                return self._registry.commands[event.command], []
            case ShortcutUsed() | PersonPicked():
                # It goes by its name in the language in which it was registered, which may have changed since.
                kind = OnPerson if isinstance(event, PersonPicked) else OnMessage
                offered = {
                    name: bound for name, bound in self._registry.shortcuts.items() if bound.action.context is kind
                }
                shown = {Shortcut(name).localized(self._tools.locales.shared).name: name for name in offered}
                return offered[shown.get(event.shortcut, event.shortcut)], []
            case ControlUsed(call=packed) | FormSubmitted(call=packed):
                call = Call.unpack(packed)
                call.pack()  # raises `ValueError` for what is too long to have come from us
                bound, arguments = self._registry.find(call)
                # Only actions that expect a person may be set off by one: a forged call reaches nothing else.
                if not issubclass(bound.action.context, Context):
                    raise LookupError(packed)
                if (bound.action.form is not None) != isinstance(event, FormSubmitted):
                    raise LookupError(packed)
                if bound.action.context in (OnMessage, OnPerson):
                    raise LookupError(packed)
                return bound, arguments
            case PageOpened():
                return self._registry.commands[PERSONAL_PAGE], []
        raise LookupError(type(event).__name__)


def _nothing_behind_card(bound: Bound, call: Call) -> Card:
    assert isinstance(bound.action, CommandAction)
    return Card(
        body=say(
            "“{command}” takes nothing behind it. Did you mean just that?", command=Code(f"/{bound.action.command}")
        ),
        tone=Tone.WAITING,
        buttons=(Button("Yes", call),),
    )


_UNSURE = say("I wasn't sure what is what. Have a look, please.")


def sorry_words(event: PlatformEvent) -> Text:
    """Log what went wrong under an id, and return the sentence that says so."""
    error_id = secrets.token_hex(4)
    log.exception("error %s while handling %s", error_id, type(event).__name__)
    return say("Sorry, that went wrong on our side. It's noted as {id}.", id=error_id)
