"""How Trellis answers what one person did."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from adapters.contract.adapter import AdapterError, Gone, Responder
from adapters.contract.forms import Dialog
from adapters.contract.ui import Card

from .records import SPACE, TRELLIS, Entry, OpenForm, Person, Place
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
        self.token = {
            "space": SPACE.key,
            "person": person.id,
            "place": place.id,
            "on": control_on.id if control_on else "",
        }

    @override
    async def accept(self) -> None:
        """Do nothing: the request is answered when every handler has finished."""

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


class LateAnswer(Responder):
    """Answers an event whose own answer is gone with its process, by the token of that."""

    def __init__(self, playground: Playground, token: Mapping[str, Any]) -> None:
        self._playground = playground
        self.token = token
        self.discreet = True

    @override
    async def accept(self) -> None:
        """Do nothing: nobody waits any more."""

    @override
    async def reply(self, card: Card) -> None:
        await self.aside(card)

    @override
    async def aside(self, card: Card) -> None:
        assert self.token
        place = await self._playground.world.place(self.token["place"])
        if place is None:
            raise Gone("the place of the answer is gone")
        await self._playground.write(place, TRELLIS, card=card, private=self.token["person"])

    @override
    async def update(self, card: Card) -> None:
        assert self.token
        entry = await self._playground.world.entry(self.token["on"]) if self.token["on"] else None
        if entry is None:
            await self.aside(card)
        else:
            await self._playground.redraw(entry, card)

    @override
    async def open(self, dialog: Dialog) -> None:
        raise AdapterError("it is too late to ask")

    @override
    async def refuse(self, dialog: Dialog) -> None:
        raise AdapterError("it is too late to ask")
