"""How Trellis answers what one person did."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum, auto
from typing import Any, TypeAlias

from typing_extensions import override

from adapters.contract.adapter import AdapterError, Gone, Responder
from adapters.contract.files import File
from adapters.contract.forms import Dialog, retry_card
from adapters.contract.models import Space
from adapters.contract.text import Translations, say
from adapters.contract.ui import Card

from . import render
from .limits import EPHEMERAL, Code, Pace, Reply
from .markup import Here
from .modal import modal
from .rest import Refused, Rest

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]

_COMPONENT, _MODAL = 3, 5
_ANSWERED_BY = ("id", "token", "type", "guild_id", "channel_id")
"""What of an interaction it takes to answer it."""
_KEEPING = 0.5
"""Seconds that keeping an interaction may take before it is acknowledged all the same."""
_KEEPING_ON = 10.0
"""Seconds that keeping it may take after that: Discord waits by then, and somebody has to answer."""


class _State(Enum):
    """How far the answer to an interaction is. Discord takes one first answer; what `@original` means hangs on it."""

    WAITING = auto()
    THINKING = auto()
    """The person sees that we think; `@original` becomes the first reply."""
    QUIET = auto()
    """The message with the control is `@original`, redrawn or not."""
    REPLIED = auto()
    """The first reply is `@original`."""
    ASKED = auto()
    """A dialog is open; there is no `@original`."""
    UNKNOWN = auto()
    """The process that answered is gone. A first answer shows whether there was one; if so, `@original` is redrawn."""


class Answer(Responder):
    """Answers an interaction. Whatever the handler does, Discord hears from us within its three seconds.

    The first of: a reply, a redrawn message, a dialog, or after `pace.patience` seconds an acknowledgement. Without a
    `pace` the interaction is one of a process that is gone.
    """

    discreet = True

    def __init__(
        self,
        rest: Rest,
        application: str,
        payload: JSON,
        here: Here,
        pace: Pace | None,
        keep: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._rest = rest
        self._keep = keep
        self.is_kept = False
        """Whether the interaction itself is kept, in the inbox."""
        self.is_handled = False
        """Whether what it set off is kept."""
        self._application = application
        self._payload = payload
        self._here = here
        self._state = _State.WAITING if pace else _State.UNKNOWN
        self._turn = asyncio.Lock()
        self._silent_at = asyncio.get_running_loop().time() + (pace.silence if pace else 0.0)
        self._timer = asyncio.create_task(self._acknowledge_after(pace.patience)) if pace else None
        message = payload.get("message") or {}
        self.token = {
            "space": here.space.key,
            "application": application,
            "interaction": {name: payload[name] for name in _ANSWERED_BY if name in payload}
            | ({"message": {"id": message["id"], "flags": message.get("flags", 0)}} if message else {}),
        }

    @override
    async def accept(self) -> None:
        """Note that what the interaction set off is kept: the answer acknowledges it, or the timer does."""
        self.is_handled = True

    @override
    async def reply(self, card: Card) -> None:
        drawn = render.message(card, self._here)
        async with self._turn:
            match self._state:
                case _State.WAITING:
                    await self._first(Reply.MESSAGE, _private(drawn), card.files)
                    self._state = _State.REPLIED
                case _State.THINKING:
                    await self._follow("PATCH", "/messages/@original", render.edited(drawn), card.files)
                    self._state = _State.REPLIED
                case _State.UNKNOWN:
                    await self._first_or_again(Reply.MESSAGE, _private(drawn), render.edited(drawn), card.files)
                    self._state = _State.REPLIED
                case _:
                    await self._follow("POST", "", _private(drawn), card.files)

    @override
    async def aside(self, card: Card) -> None:
        await self.reply(card)

    @override
    async def update(self, card: Card) -> None:
        if self._payload["type"] != _COMPONENT:
            await self.reply(card)
            return
        drawn = render.edited(render.message(card, self._here))
        async with self._turn:
            match self._state:
                case _State.WAITING:
                    await self._first(Reply.UPDATE, drawn, card.files)
                    self._state = _State.QUIET
                case _State.QUIET:
                    await self._follow("PATCH", "/messages/@original", drawn, card.files)
                case _State.UNKNOWN:
                    await self._first_or_again(Reply.UPDATE, drawn, drawn, card.files)
                    self._state = _State.QUIET
                case _:
                    await self._redraw(drawn, card.files)

    @override
    async def open(self, dialog: Dialog) -> None:
        async with self._turn:
            if self._state is _State.WAITING and self._payload["type"] != _MODAL:
                await self._first(Reply.MODAL, modal(dialog, self._here))
                self._state = _State.ASKED
                return
        await self.reply(retry_card(dialog))

    @override
    async def refuse(self, dialog: Dialog) -> None:
        await self.reply(retry_card(dialog))

    async def finish(self) -> None:
        """Everything is done: where nothing was said, acknowledge in silence.

        That is not done at once. Another copy of us may be at work on this very interaction, while here it was
        dropped as a repeat; and the first word is theirs.
        """
        async with self._turn:  # an acknowledgement that is on its way is not cut off: what it did would not be known
            if self._timer:
                self._timer.cancel()
        if self._state is _State.WAITING:
            await asyncio.sleep(self._silent_at - asyncio.get_running_loop().time())
        async with self._turn:
            try:
                if self._state is _State.WAITING:
                    await self._acknowledge()
                if self._state is _State.THINKING:
                    await self._follow("DELETE", "/messages/@original")
            except AdapterError as refusal:
                log.warning("could not acknowledge: %s", refusal)

    async def _acknowledge_after(self, patience: float) -> None:
        """Acknowledge what takes long, so that Discord waits; keep it before, so that it is answered in any case."""
        await asyncio.sleep(patience)
        await self._be_kept(_KEEPING)
        async with self._turn:
            if self._state is _State.WAITING:
                try:
                    await self._acknowledge()
                except AdapterError as refusal:
                    log.warning("could not acknowledge: %s", refusal)
        await self._be_kept(_KEEPING_ON)

    async def _be_kept(self, seconds: float) -> None:
        """Keep what is neither kept nor handled yet."""
        if self._keep and not (self.is_kept or self.is_handled):
            self.is_kept = True  # as it may be from now on
            try:
                await asyncio.wait_for(self._keep(), seconds)
            except Exception as trouble:
                self.is_kept = False
                log.warning("an interaction could not be kept: %s", type(trouble).__name__)

    async def _acknowledge(self) -> None:
        if self._payload["type"] == _COMPONENT:
            await self._first(Reply.QUIET)
            self._state = _State.QUIET
        else:
            await self._first(Reply.THINKING, {"flags": EPHEMERAL})
            self._state = _State.THINKING

    async def _first(self, type_: Reply, data: JSON | None = None, files: Sequence[File] = ()) -> None:
        """Give the first answer. That it was given may be our own doing, of which no word came back.

        Otherwise somebody else answers: another copy of us, or we ourselves when this was told twice. Theirs stays.
        """
        json: JSON = {"type": type_} if data is None else {"type": type_, "data": data}
        try:
            await self._rest.respond(self._payload["id"], self._payload["token"], json, files)
        except Refused as refusal:
            if refusal.code != Code.ANSWERED_ALREADY or not refusal.again:
                raise

    async def _first_or_again(self, type_: Reply, first: JSON, drawn: JSON, files: Sequence[File]) -> None:
        """Give the first answer or, where Discord has one already or waits no more for one, draw that anew."""
        try:
            await self._rest.respond(self._payload["id"], self._payload["token"], {"type": type_, "data": first}, files)
        except (Refused, Gone) as refusal:
            if isinstance(refusal, Refused) and refusal.code != Code.ANSWERED_ALREADY:
                raise
            await self._follow("PATCH", "/messages/@original", drawn, files)

    async def _follow(self, method: str, path: str, json: JSON | None = None, files: Sequence[File] = ()) -> None:
        await self._rest.follow(method, path, self._application, self._payload["token"], json, files)

    async def _redraw(self, drawn: JSON, files: Sequence[File]) -> None:
        """Draw the message with the control anew, where `@original` is another one."""
        message = self._payload["message"]
        if message.get("flags", 0) & EPHEMERAL:
            await self._follow("PATCH", f"/messages/{message['id']}", drawn, files)
            return
        await self._rest.ask(
            "PATCH",
            "/channels/{channel_id}/messages/{message_id}",
            drawn,
            files,
            channel_id=self._payload["channel_id"],
            message_id=message["id"],
        )


async def turn_away(rest: Rest, payload: JSON, translations: Translations) -> None:
    """Answer somebody who is in no server of ours."""
    card = Card(body=_STRANGER).localized(translations)
    drawn = _private(render.message(card, Here(Space("discord", ""))))
    try:
        await rest.respond(payload["id"], payload["token"], {"type": Reply.MESSAGE, "data": drawn})
    except AdapterError as refusal:
        log.info("nobody to turn away: %s", refusal)


_STRANGER = say("We share no server, so I can do nothing for you here. Join one in which I am, and try again.")


def _private(drawn: JSON) -> JSON:
    return {**drawn, "flags": drawn["flags"] | EPHEMERAL}
