"""Answers one event on the memory platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.contract.adapter import (
    Responder,
)
from adapters.contract.forms import Dialog
from adapters.contract.models import Channel, MessageRef
from adapters.contract.ui import Card

from .records import TRELLIS

if TYPE_CHECKING:
    from .platform import Platform


class Answer(Responder):
    """Answers one event on the memory platform."""

    def __init__(
        self,
        platform: Platform,
        who: str,
        channel: Channel,
        pressed: MessageRef | None,
        *,
        discreet: bool = True,
        page: bool = False,
    ) -> None:
        self._platform = platform
        self._who = who
        self._channel = channel
        self._pressed = pressed
        self._page = page
        self.discreet = discreet
        self.token = {
            "space": channel.space.key,
            "who": who,
            "channel": channel.id,
            "pressed": pressed.key if pressed else "",
            "page": page,
        }

    async def accept(self) -> None:
        """Do nothing: nobody waits for it here."""

    async def reply(self, card: Card) -> None:
        if self._page:
            self._platform.draw_page(self._who, card)
            return
        self._platform.put(self._channel, TRELLIS, card=card, reader=self._who)

    async def aside(self, card: Card) -> None:
        reader = self._who if self.discreet else ""
        self._platform.put(self._channel, TRELLIS, card=card, reader=reader)

    async def update(self, card: Card) -> None:
        if self._pressed:
            await self._platform.edit(self._pressed, card)
        else:
            await self.reply(card)

    async def open(self, dialog: Dialog) -> None:
        self._platform.dialogs[self._who] = dialog
        self._platform.asked_in[self._who] = self._channel

    async def refuse(self, dialog: Dialog) -> None:
        self._platform.dialogs[self._who] = dialog
