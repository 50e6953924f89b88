"""How Trellis answers what people wrote, or did with a message, on Discord."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from adapters.contract.adapter import AdapterError, Closed, Gone, Responder
from adapters.contract.events import MessageEdited, MessagePosted, PlatformEvent
from adapters.contract.forms import Dialog, retry_card
from adapters.contract.models import Account, Channel, MessageRef, Space
from adapters.contract.text import Translations, say
from adapters.contract.ui import Card

from . import render
from .parse import moment
from .post import Posts
from .rest import Rest

log = logging.getLogger(__name__)

_CLOSED = say("I can't write to you directly. Allow direct messages from this server, or type / to see my commands.")


class Remark(Responder):
    """Answers a message, or what was done with one, beneath it. `token` says which, where, and for whom.

    What only the person may read who wrote to Trellis (`asker`) goes to their direct channel, where they may have
    written it (`direct`). With `again` it first looks whether it was said already: Discord forgets a nonce soon after
    it was sent. `translations` are the language of the few words that are the adapter's own.
    """

    discreet = False

    def __init__(
        self, rest: Rest, posts: Posts, translations: Translations, token: Mapping[str, Any], *, again: bool = False
    ) -> None:
        self._rest = rest
        self._posts = posts
        self._translations = translations
        self._again = again
        self.token = token
        self._space = Space.of(token["space"])
        self._about = MessageRef.of(token["about"]) if token["about"] else None
        self._asker: str = token.get("asker", "")
        self._direct: bool = token.get("direct", False)
        self._said = 0

    @override
    async def accept(self) -> None:
        """Do nothing: Discord does not wait for it."""

    @override
    async def aside(self, card: Card) -> None:
        if self._about is None:
            raise AdapterError("there is no message to answer beneath")
        self._said += 1
        drawn = render.message(card, self._posts.here(self._space, direct=self._direct))
        where = Channel(self._space, self.token["where"])
        if self._again and await self._posts.find_sent(where, [drawn], int(self._about.id)):
            return
        reference = {"message_id": self._about.id, "fail_if_not_exists": False}
        nonce = _nonce(f"{self.token['event']}/{self._said}")
        try:
            await self._rest.ask(
                "POST",
                "/channels/{channel_id}/messages",
                {**drawn, "message_reference": reference, "nonce": nonce, "enforce_nonce": True},
                card.files,
                channel_id=self.token["where"],
            )
        except Gone as gone:
            log.info("nobody to answer: %s", gone)

    @override
    async def reply(self, card: Card) -> None:
        if self._about is None or not self._asker:
            raise AdapterError("only someone who used Trellis, or wrote to it, can be replied to")
        if self._direct:
            await self.aside(card)
            return
        self._said += 1
        nonce, since = _nonce(f"{self.token['event']}/{self._said}"), moment(self._about.id) if self._again else None
        try:
            await self._posts.direct(Account(self._space, self._asker), card, nonce, since)
        except Closed:
            await self.aside(Card(body=_CLOSED).localized(self._translations))

    @override
    async def update(self, card: Card) -> None:
        await self.reply(card)

    @override
    async def open(self, dialog: Dialog) -> None:
        await self.reply(retry_card(dialog))  # Discord opens a form only for who used something

    @override
    async def refuse(self, dialog: Dialog) -> None:
        await self.reply(retry_card(dialog))


class Remarks:
    """Makes remarks. `translations` are the language of the few words that are the adapter's own."""

    def __init__(self, rest: Rest, posts: Posts, translations: Translations) -> None:
        self._rest = rest
        self._posts = posts
        self._translations = translations

    def on(self, event: PlatformEvent, about: MessageRef | None) -> Remark:
        """Return what answers an event, which is about a message."""
        said = event.message if isinstance(event, MessagePosted | MessageEdited) else None
        token = {
            "space": event.space.key,
            "event": event.id,
            "about": about.key if about else "",
            "where": self._posts.where(about) if about else "",
            "asker": said.author.account.id if said and said.to_us else "",
            "direct": bool(said and said.direct),
        }
        return Remark(self._rest, self._posts, self._translations, token)

    def again(self, token: Mapping[str, Any]) -> Remark:
        """Return what answers the same, in any process."""
        return Remark(self._rest, self._posts, self._translations, token, again=True)


def _nonce(key: str) -> str:
    """Return 24 characters that stand for a key, so that telling us twice makes one message."""
    return base64.b32encode(hashlib.sha256(key.encode()).digest()[:15]).decode().lower()
