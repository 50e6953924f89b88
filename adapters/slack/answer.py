"""Answers one event on Slack: privately, in place, or with a form."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from adapters.contract.adapter import AdapterError
from adapters.contract.forms import Dialog, Kind, retry_card
from adapters.contract.memo import Memo
from adapters.contract.models import Channel, MessageRef
from adapters.contract.text import ENGLISH, Translations, say
from adapters.contract.ui import Card

from . import limits, modal, render
from .acceptance import Acceptance
from .api import BlocksRefused, PictureUnready
from .envelope import Origin
from .files import FILES_READ, loose, names_of

if TYPE_CHECKING:
    from .workspace import Workspace

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]


class Addresses:
    """The `response_url` of interactions that opened a form, so that what was sent is answered where it was asked for.

    They are secrets, so they stay here and are not written into the form; after a restart the answer goes elsewhere.
    """

    MOST = 1000

    def __init__(self) -> None:
        self._kept: Memo[str, tuple[float, str, int]] = Memo(self.MOST)

    def put(self, key: str, url: str, now: float) -> None:
        """Remember an address, as heard at `now` seconds of the loop."""
        if url:
            self._kept[key] = (now, url, 0)

    def take(self, key: str, now: float) -> str:
        """Return an address for one use, or nothing: Slack allows five within half an hour."""
        at, url, uses = self._kept.get(key, (0.0, "", 0))
        if not url or uses >= limits.RESPONSE_URL_USES or now - at > limits.RESPONSE_URL_SECONDS:
            return ""
        self._kept[key] = (at, url, uses + 1)
        return url


class Answer:
    """The `Responder` of one event. `heard_at` is when it came, in seconds of the loop.

    `acceptance` is what Slack is answered, while it still waits. In App Home nobody can be answered
    in place: what is for one person alone comes as a modal, or to their direct channel once it is too late for that.
    """

    discreet = True

    def __init__(
        self,
        workspace: Workspace,
        key: str,
        origin: Origin,
        addresses: Addresses,
        heard_at: float,
        acceptance: Acceptance | None = None,
    ) -> None:
        self._workspace = workspace
        self._api = workspace.api
        self._key = key
        self._origin = origin
        self._addresses = addresses
        self._heard_at = heard_at
        self._acceptance = acceptance
        self._trigger = origin.trigger
        self.translations: Translations = ENGLISH
        """The language of whoever is answered, for the few words that are the adapter's own."""
        self.page_is_stale = origin.home and not origin.page and acceptance is not None
        """Whether the person did something in App Home, and the page has not been drawn since."""
        self.token: Mapping[str, Any] | None = {"space": workspace.space.key, "key": key, "origin": asdict(origin)}
        addresses.put(key, origin.response_url, heard_at)

    async def accept(self) -> None:
        """Acknowledge the envelope: what it set off is kept."""
        if self._acceptance:
            self._acceptance.is_handled = True
            self._acceptance.decide(None)

    @property
    def is_accepted(self) -> bool:
        """Whether what it answers is kept; of what nobody waits for that is not known, and taken for granted."""
        return self._acceptance is None or self._acceptance.is_handled

    async def reply(self, card: Card) -> None:
        """Show a card to the person alone: where they are, or else in their direct channel."""
        if self._origin.page:
            await self._publish(card)
        else:
            await self._answer(card, self._alone)

    async def _answer(self, card: Card, show: Callable[[JSON], Awaitable[None]]) -> None:
        """Draw a card for the person alone; no view has tables."""
        draw = self._workspace.files.draw if self._origin.home else self._workspace.files.answer
        await draw(card, show, await self._share(card))

    async def aside(self, card: Card) -> None:
        """Show a card to the person alone."""
        await self.reply(card)

    async def update(self, card: Card) -> None:
        """Draw the message anew in which the control stands, or the page."""
        here = self._origin
        if here.home and not here.view:
            await self._publish(card)
        elif here.message and not here.private:
            where = Channel(self._workspace.space, f"{here.channel}:{here.thread}" if here.thread else here.channel)
            await self._workspace.posts.edit(MessageRef(where, here.message), card)
        elif not here.private:
            await self.reply(card)
        else:
            await self._answer(card, partial(self._alone, anew=True))

    async def open(self, dialog: Dialog) -> None:
        """Open a form, or show a button for it where it came too late for Slack."""
        self.page_is_stale = False
        view = modal.modal(self._askable(dialog), self._place(), self._groups)
        if not self._decide({"response_action": "update", "view": view}) and not await self._open(view):
            await self.reply(retry_card(dialog))

    async def refuse(self, dialog: Dialog) -> None:
        """Say what is wrong with a form: at its inputs while it stands open, or else privately."""
        self.page_is_stale = False
        if self._acceptance:
            self._acceptance.is_handled = True
        if self._decide(modal.refusal(self._askable(dialog), self._origin.shown, self._place(), self._groups)):
            return
        await self.reply(retry_card(dialog))

    def for_page(self) -> Answer:
        """Let a form that was sent be closed, and return what draws the page from which it was opened."""
        self._decide(None)
        page = replace(self._origin, page=True)
        answer = Answer(self._workspace, self._key, page, self._addresses, self._heard_at)
        answer.translations = self.translations
        return answer

    def _decide(self, answer: JSON | None) -> bool:
        if self._acceptance is None or not self._acceptance.is_form:
            return False
        self._acceptance.is_handled = True
        return self._acceptance.decide(answer)

    @property
    def _groups(self) -> Collection[str]:
        return self._workspace.people.groups.values()

    def _askable(self, dialog: Dialog) -> Dialog:
        """Return a dialog without what may be left out and we cannot read here."""
        if FILES_READ in self._api.scopes:
            return dialog
        return replace(dialog, fields=tuple(field for field in dialog.fields if field.kind is not Kind.FILE))

    def _place(self) -> str:
        here = self._origin
        return render.place(here.channel, here.thread, here.opened or self._key, here.home)

    async def _alone(self, message: JSON, anew: bool = False) -> None:
        """Show a message to the person alone; `anew` in place of the private one in which the control stands."""
        if self._origin.home:
            if await self._show(render.notice(message, self._place(), self.translations)):
                return
        elif await self._respond({**message, "response_type": "ephemeral", "replace_original": anew}):
            return
        if self._origin.channel and not self._origin.home and not self._origin.channel.startswith("D"):
            try:
                await self._ephemeral(message)
                return
            except (PictureUnready, BlocksRefused):
                raise
            except AdapterError as failure:
                log.info("no private answer in place, so it goes to their direct channel: %s", failure)
        direct = self._origin.channel.startswith("D")
        where = self._origin.channel if direct else await self._workspace.people.direct(self._origin.user)
        thread = self._threaded if direct else {}
        await self._api.call(
            "chat.postMessage", repeatable=False, channel=where, parse="none", **render.QUIET, **thread, **message
        )

    async def _show(self, view: JSON) -> bool:
        """Show a view to someone in App Home: in the modal where they are, or in a new one."""
        pictured = any(block["type"] == "image" for block in view["blocks"])  # Slack may want to be asked again for it
        if self._decide(None if pictured else {"response_action": "update", "view": view}) and not pictured:
            return True
        if not self._origin.view:
            return await self._open(view)
        try:
            await self._api.call("views.update", view_id=self._origin.view, view=view)
        except PictureUnready:
            raise
        except AdapterError as failure:
            log.info("a modal was closed before it was answered: %s", failure)
            return False
        return True

    async def _open(self, view: JSON) -> bool:
        """Open a modal, on top of the one that is open; say whether there was time for it."""
        trigger = self._trigger
        if not trigger or asyncio.get_running_loop().time() - self._heard_at >= limits.TRIGGER:
            return False
        method = "views.push" if self._origin.view else "views.open"
        try:
            await self._api.call(method, repeatable=False, trigger_id=trigger, view=view)
        except PictureUnready:
            raise  # the trigger is as good as before
        except AdapterError as failure:
            self._trigger = ""
            log.info("no modal opened, so it is said otherwise: %s", failure)
            return False
        self._trigger = ""
        return True

    async def _publish(self, card: Card) -> None:
        """Draw the person's page."""

        async def publish(message: JSON) -> None:
            view = render.page(message, render.place(self._origin.channel, home=True))
            await self._api.call("views.publish", user_id=self._origin.user, view=view)

        self.page_is_stale = False
        await self._workspace.files.draw(card, publish, await self._share(card))

    async def _respond(self, message: JSON) -> bool:
        now = asyncio.get_running_loop().time()
        url = self._addresses.take(self._key, now) or self._addresses.take(self._origin.opened, now)
        if not url:
            return False
        thread = self._origin.thread if not message["replace_original"] else ""
        return await self._api.respond(url, {**message, **({"thread_ts": thread} if thread else {})})

    async def _ephemeral(self, message: JSON) -> None:
        here = self._origin
        # Seeing it twice does less harm than not seeing it, so it may be repeated.
        await self._api.call(
            "chat.postEphemeral", channel=here.channel, user=here.user, parse="none", **self._threaded, **message
        )

    @property
    def _threaded(self) -> JSON:
        return {"thread_ts": self._origin.thread} if self._origin.thread else {}

    async def _share(self, card: Card) -> str:
        """Hand over what cannot be shown privately to the person's direct channel; return what to say of it.

        Where they are in a thread of that channel, it is handed over there.
        """
        if not (files := loose(card)):
            return ""
        names, shared = names_of(files), False
        try:
            where = await self._workspace.people.direct(self._origin.user)
            thread = self._origin.thread if self._origin.channel == where else ""
            shared = await self._workspace.files.share(await self._workspace.files.upload(files), files, where, thread)
        except AdapterError as failure:
            log.info("%s could not be handed over: %s", names, failure)
        if shared:
            told = say("📎 {names}: in your direct messages with me", names=names)
        else:
            told = say("📎 {names}: couldn't be sent to your direct messages", names=names)
        return told.localized(self.translations).plain()
