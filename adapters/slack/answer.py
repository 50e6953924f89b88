"""Answers one event on Slack: privately, in place, or with a form."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import Any, TypeAlias

from adapters.contract.adapter import AdapterError
from adapters.contract.forms import Dialog, retry_card
from adapters.contract.ui import Card

from . import limits, render
from .api import Api
from .envelope import Origin
from .markup import Home

log = logging.getLogger(__name__)

JSON: TypeAlias = dict[str, Any]
QUIET = {"unfurl_links": False, "unfurl_media": False}


class Addresses:
    """The `response_url` of interactions that opened a form, so that what was sent is answered where it was asked for.

    They are secrets, so they stay here and are not written into the form; after a restart the answer goes elsewhere.
    """

    MOST = 1000

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[float, str, int]] = OrderedDict()

    def put(self, key: str, url: str, now: float) -> None:
        """Remember an address, as heard at `now` seconds of the loop."""
        if url:
            self._kept[key] = (now, url, 0)
            if len(self._kept) > self.MOST:
                self._kept.popitem(last=False)

    def take(self, key: str, now: float) -> str:
        """Return an address for one use, or nothing: Slack allows five within half an hour."""
        at, url, uses = self._kept.get(key, (0.0, "", 0))
        if not url or uses >= limits.RESPONSE_URL_USES or now - at > limits.RESPONSE_URL_SECONDS:
            return ""
        self._kept[key] = (at, url, uses + 1)
        return url


class Answer:
    """The `Responder` of one event. `heard_at` is when it came, in seconds of the loop.

    `verdict` is what a sent form is answered with, while Slack still waits for it.
    """

    discreet = True

    def __init__(
        self,
        api: Api,
        home: Home,
        key: str,
        origin: Origin,
        addresses: Addresses,
        heard_at: float,
        verdict: asyncio.Future[JSON | None] | None = None,
    ) -> None:
        self._api = api
        self._home = home
        self._key = key
        self._origin = origin
        self._addresses = addresses
        self._heard_at = heard_at
        self._verdict = verdict
        self._trigger = origin.trigger
        addresses.put(key, origin.response_url, heard_at)

    async def reply(self, card: Card) -> None:
        """Show a card to the person alone: where they are, or else in their direct channel."""
        message = render.message(card, self._home)
        if await self._respond({**message, "response_type": "ephemeral", "replace_original": False}):
            return
        if self._origin.channel:
            try:
                await self._ephemeral(message)
                return
            except AdapterError as failure:
                log.info("no private answer in place, so it goes to their direct channel: %s", failure)
        await self._direct(message)

    async def aside(self, card: Card) -> None:
        """Show a card to the person alone."""
        await self.reply(card)

    async def update(self, card: Card) -> None:
        """Draw the message anew in which the control stands."""
        here, message = self._origin, render.message(card, self._home)
        if here.private and await self._respond({**message, "response_type": "ephemeral", "replace_original": True}):
            return
        if here.private or not here.message:
            await self.reply(card)
            return
        await self._api.call("chat.update", channel=here.channel, ts=here.message, parse="none", **message)

    async def open(self, dialog: Dialog) -> None:
        """Open a form, or show a button for it where it came too late for Slack."""
        view = render.modal(dialog, self._place())
        if self._decide({"response_action": "update", "view": view}):
            return
        trigger, self._trigger = self._trigger, ""
        if trigger and asyncio.get_running_loop().time() - self._heard_at < limits.TRIGGER:
            try:
                await self._api.call("views.open", repeatable=False, trigger_id=trigger, view=view)
                return
            except AdapterError as failure:
                log.info("no form opened, so a button is shown: %s", failure)
        await self.reply(retry_card(dialog))

    async def refuse(self, dialog: Dialog) -> None:
        """Say what is wrong with a form: at its inputs while it stands open, or else privately."""
        if self._decide(render.refusal(dialog, self._origin.shown, self._place())):
            return
        await self.reply(retry_card(dialog))

    def _decide(self, answer: JSON) -> bool:
        if self._verdict is None or self._verdict.done():
            return False
        self._verdict.set_result(answer)
        return True

    def _place(self) -> str:
        return render.place(self._origin.channel, self._origin.thread, self._origin.opened or self._key)

    async def _respond(self, message: JSON) -> bool:
        now = asyncio.get_running_loop().time()
        url = self._addresses.take(self._key, now) or self._addresses.take(self._origin.opened, now)
        if not url:
            return False
        thread = self._origin.thread if not message["replace_original"] else ""
        return await self._api.respond(url, {**message, **({"thread_ts": thread} if thread else {})})

    async def _ephemeral(self, message: JSON) -> None:
        here = self._origin
        thread: JSON = {"thread_ts": here.thread} if here.thread else {}
        # Seeing it twice does less harm than not seeing it, so it may be repeated.
        await self._api.call(
            "chat.postEphemeral", channel=here.channel, user=here.user, parse="none", **thread, **message
        )

    async def _direct(self, message: JSON) -> None:
        opened = await self._api.call("conversations.open", users=self._origin.user)
        await self._api.call(
            "chat.postMessage", repeatable=False, channel=opened["channel"]["id"], parse="none", **QUIET, **message
        )
