"""How Trellis answers what one person did."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from typing_extensions import override

from adapters.contract.adapter import AdapterError, Responder
from adapters.contract.forms import Dialog
from adapters.contract.ui import Card

from .records import TRELLIS, Entry, OpenForm, Person, Place
from .render import JSON, draw_form

if TYPE_CHECKING:
    from .adapter import Playground


class Answer(Responder):
    """Answers one event, by `person` in `place`.

    `waits` says that the person used Trellis and so can be replied to. `control_on` is the message whose control was
    used, `sent` the dialog that was sent. Afterwards `form` is what is to be asked, and `redrawn` the messages that
    were drawn anew.
    """

    def __init__(
        self,
        playground: Playground,
        person: Person,
        place: Place,
        *,
        waits: bool = True,
        control_on: Entry | None = None,
        sent: OpenForm | None = None,
    ) -> None:
        self.person = person
        self.form: JSON | None = None
        self.redrawn: set[str] = set()
        self._playground = playground
        self._place = place
        self._waits = waits
        self._control_on = control_on
        self._sent = sent
        self.discreet = True

    @override
    async def reply(self, card: Card) -> None:
        if not self._waits:
            raise AdapterError("only someone who used Trellis can be replied to")
        await self.aside(card)

    @override
    async def aside(self, card: Card) -> None:
        await self._playground.write(self._place, TRELLIS, card=card, private=self.person.id)

    @override
    async def update(self, card: Card) -> None:
        if self._control_on is None:
            await self.reply(card)
            return
        self.redrawn.add(self._control_on.id)
        await self._playground.redraw(self._control_on, card)

    @override
    async def open(self, dialog: Dialog) -> None:
        if not self._waits:
            raise AdapterError("only someone who used Trellis can be asked")
        await self._ask(secrets.token_urlsafe(16), dialog)

    @override
    async def refuse(self, dialog: Dialog) -> None:
        if self._sent is None:
            raise AdapterError("only a dialog that was sent can be refused")
        await self._ask(self._sent.id, dialog)

    async def _ask(self, id_: str, dialog: Dialog) -> None:
        fields = tuple(field.name for field in dialog.fields)
        await self._playground.world.put_form(OpenForm(id_, self.person.id, self._place.id, dialog.call.pack(), fields))
        self.form = draw_form(id_, dialog)
