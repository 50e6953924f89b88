"""What people do: each act is checked, stored, told to Trellis, and answered with all that came of it.

What comes in is anyone's JSON. Every id in it is looked up and checked against what the person may see; whatever does
not hold raises `Refused` with a sentence.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from adapters.contract.commands import read_line
from adapters.contract.events import (
    CommandUsed,
    ControlUsed,
    Event,
    FormSubmitted,
    MemberJoined,
    MemberLeft,
    MessagePosted,
    ReactionAdded,
    ShortcutUsed,
)
from adapters.contract.models import MessageRef
from adapters.contract.text import clean
from adapters.contract.ui import Card, LinkButton, Menu

from .adapter import Playground, channel_of, profile_of
from .answer import Answer
from .cast import HOME, MEMBER, direct_place
from .changes import Change
from .render import JSON, kept_card
from .world import TRELLIS, Entry, OpenForm, Person, Place

MESSAGE, NAME, EMOJI = 4000, 80, 32
"""The longest message, name of a person, and emoji."""

_ID = re.compile(r"[a-z0-9-]{1,32}")


class Refused(Exception):
    """A request that does not hold, with an HTTP status and one sentence that says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def read_json(raw: bytes) -> JSON:
    """Read a request's body. Raises `Refused` for anything but a JSON object."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refused(400, "The request has to be JSON.") from None
    if not isinstance(body, dict):
        raise Refused(400, "The request has to be a JSON object.")
    return body


class Acts:
    """Everything that people can do in the playground. `settle` returns when all that is due has been done."""

    def __init__(self, playground: Playground, settle: Callable[[], Awaitable[None]]) -> None:
        self._playground = playground
        self._world = playground.world
        self._settle = settle
        self._being_sent: set[str] = set()
        self._verbs: dict[str, Callable[[JSON], Awaitable[Answer]]] = {
            "message": self._message,
            "command": self._command,
            "shortcut": self._shortcut,
            "press": self._press,
            "submit": self._submit,
            "react": self._react,
            "unreact": self._unreact,
            "read": self._read,
            "join": self._join,
            "leave": self._leave,
        }

    async def act(self, body: JSON) -> JSON:
        """Do what a request asks, and return what came of it once every handler has finished."""
        verb = self._verbs.get(_text(body, "do"))
        if verb is None:
            raise Refused(400, f"“do” is one of: {', '.join(self._verbs)}.")
        newest = await self._world.newest()
        answer = await verb(body)
        await self._settle()
        came = [entry for entry in await self._world.since(newest) if entry.id not in answer.redrawn]
        redrawn = [entry for id_ in answer.redrawn if (entry := await self._world.entry(id_))]
        private = [entry for entry in (*redrawn, *came) if entry.private]
        public = [entry for entry in came if not entry.private]
        return {
            "replies": await self._playground.draw(private, answer.person),
            "posted": await self._playground.draw(public, answer.person),
            "form": answer.form,
        }

    # The verbs

    async def _message(self, body: JSON) -> Answer:
        person = await self._actor(body)
        text = clean(_text(body, "text"))
        if not 0 < len(text) <= MESSAGE:
            raise Refused(400, f"A message has 1 to {MESSAGE} characters.")
        place = await self._place_opened(person, _text(body, "channel"))
        entry = await self._playground.write(place, person.id, text=text)
        answer = Answer(self._playground, person, place, waits=False)
        message = await self._playground.message_of(entry)
        await self._tell(MessagePosted(**self._facts(person), message=message), answer)
        return answer

    async def _command(self, body: JSON) -> Answer:
        person = await self._actor(body)
        place = await self._place_opened(person, _text(body, "channel"))
        commands = self._playground.commands
        if "line" in body:
            typed = _text(body, "line").strip().removeprefix("/")
            command, options = read_line(typed, commands)
            if command is None:
                raise Refused(404, f"There is no command /{' '.join(typed.split()[:2])}.")
        else:
            name = _text(body, "name")
            if name not in commands:
                raise Refused(404, f"There is no command /{name}.")
            command = commands[name]
            options = _texts(body, "options", [option.name for option in command.options])
        answer = Answer(self._playground, person, place)
        event = CommandUsed(**self._facts(person), channel=channel_of(place), command=command.name, options=options)
        await self._tell(event, answer)
        return answer

    async def _shortcut(self, body: JSON) -> Answer:
        person = await self._actor(body)
        entry, place = await self._public_entry(person, body)
        name = _text(body, "name")
        if name not in self._playground.shortcuts:
            raise Refused(404, f"There is no shortcut “{name}”.")
        answer = Answer(self._playground, person, place)
        message = await self._playground.message_of(entry)
        event = ShortcutUsed(**self._facts(person), channel=channel_of(place), shortcut=name, message=message)
        await self._tell(event, answer)
        return answer

    async def _press(self, body: JSON) -> Answer:
        person = await self._actor(body)
        entry, place = await self._entry(person, body)
        control = _text(body, "control")
        values = _chosen(await self._card_with(entry, control), control, body.get("values"))
        answer = Answer(self._playground, person, place, control_on=entry)
        event = ControlUsed(
            **self._facts(person),
            channel=channel_of(place),
            call=control,
            values=values,
            message=None if entry.private else MessageRef(channel_of(place), entry.id),
        )
        await self._tell(event, answer)
        return answer

    async def _card_with(self, entry: Entry, control: str) -> Card | None:
        """Return the card of a message that offers a control: a page may still show an older one than is there now."""
        if entry.card is None:
            return None
        card = kept_card(entry.card)
        if control not in controls_of(card):
            for former in map(kept_card, await self._world.former_cards(entry)):
                if control in controls_of(former):
                    return former
        return card

    async def _submit(self, body: JSON) -> Answer:
        person = await self._actor(body)
        form = await self._world.form(_text(body, "form"))
        if form is None or form.person != person.id:
            raise Refused(404, "There is no such form: it was sent already, or never opened.")
        answers = _texts(body, "values", form.fields)
        place = await self.place(person, form.place)
        if form.id in self._being_sent:
            raise Refused(409, "This form is being sent already.")
        self._being_sent.add(form.id)
        try:
            return await self._send(person, place, form, answers)
        finally:
            self._being_sent.remove(form.id)

    async def _send(self, person: Person, place: Place, form: OpenForm, answers: dict[str, str]) -> Answer:
        answer = Answer(self._playground, person, place, sent=form)
        event = FormSubmitted(**self._facts(person), channel=channel_of(place), call=form.call, answers=answers)
        await self._tell(event, answer)
        if answer.form is None:
            await self._world.drop_form(form.id)
        return answer

    async def _react(self, body: JSON) -> Answer:
        person = await self._actor(body)
        entry, place = await self._public_entry(person, body)
        emoji = _emoji(body)
        answer = Answer(self._playground, person, place, waits=False)
        if await self._world.react(entry, emoji, person.id):
            self._playground.changes.tell(Change("message", place))
            ref = MessageRef(channel_of(place), entry.id)
            await self._tell(ReactionAdded(**self._facts(person), message=ref, emoji=emoji), answer)
        return answer

    async def _unreact(self, body: JSON) -> Answer:
        person = await self._actor(body)
        entry, place = await self._public_entry(person, body)
        await self._world.unreact(entry, _emoji(body), person.id)
        self._playground.changes.tell(Change("message", place))
        return Answer(self._playground, person, place, waits=False)

    async def _read(self, body: JSON) -> Answer:
        person = await self._actor(body)
        place = await self.place(person, _text(body, "channel"))
        await self._world.see(person.id, place.id)
        return Answer(self._playground, person, place, waits=False)

    async def _join(self, body: JSON) -> Answer:
        id_, name = _text(body, "as"), " ".join(clean(_text(body, "name")).split())
        if not _ID.fullmatch(id_) or id_ == TRELLIS:
            raise Refused(400, "A new member's id has 1 to 32 of these characters: a-z, 0-9 and “-”.")
        if not 0 < len(name) <= NAME:
            raise Refused(400, f"A name has 1 to {NAME} characters.")
        known = await self._world.person(id_)
        if known and not known.has_left:
            raise Refused(409, f"{known.name} is here already.")
        person = Person(id_, name, MEMBER, HOME)
        place = direct_place(id_)
        await self._world.put_person(person)
        await self._world.put_place(place)
        return await self._come_or_go(MemberJoined, person, place)

    async def _leave(self, body: JSON) -> Answer:
        person = await self._actor(body)
        await self._world.put_person(Person(person.id, person.name, person.roles, person.timezone, has_left=True))
        return await self._come_or_go(MemberLeft, person, direct_place(person.id))

    async def _come_or_go(self, what: type[MemberJoined] | type[MemberLeft], person: Person, place: Place) -> Answer:
        self._playground.changes.tell(Change("people"))
        answer = Answer(self._playground, person, place, waits=False)
        await self._tell(what(**self._facts(person)), answer)
        return answer

    async def _tell(self, event: Event, answer: Answer) -> None:
        await self._playground.hear(event, answer)

    def _facts(self, person: Person) -> Any:
        """Return what every event says."""
        return {"id": secrets.token_hex(8), "at": self._playground.now(), "by": profile_of(person)}

    # Who, where, what

    async def _actor(self, body: JSON) -> Person:
        return await self.person(_text(body, "as"))

    async def person(self, id_: str) -> Person:
        """Return someone who is here."""
        person = await self._world.person(id_)
        if person is None or person.has_left:
            raise Refused(404, f"There is no member “{id_}”." if person is None else f"{person.name} has left.")
        return person

    async def place(self, person: Person, id_: str) -> Place:
        """Return a place that the person may see."""
        place = await self._world.place(id_)
        if place is None:
            raise Refused(404, f"There is no channel “{id_}”.")
        if not place.seen_by(person):
            raise Refused(403, f"{person.name} cannot see that channel.")
        return place

    async def _place_opened(self, person: Person, id_: str) -> Place:
        """Return a place; the thread under a message is opened by whoever writes there first."""
        if id_.startswith("t-") and await self._world.place(id_) is None:
            entry = await self._world.entry(id_[2:])
            if entry and not entry.private:
                parent = await self.place(person, entry.place)
                if parent.kind != "thread":
                    title, _, _ = (await self._playground.message_of(entry)).text.partition("\n")
                    return await self._playground.thread_under(entry, parent, title)
        return await self.place(person, id_)

    async def _entry(self, person: Person, body: JSON) -> tuple[Entry, Place]:
        return await self.entry(person, _text(body, "message"))

    async def entry(self, person: Person, id_: str) -> tuple[Entry, Place]:
        """Return a message that the person may see, and where it stands."""
        entry = await self._world.entry(id_)
        if entry is None or not entry.seen_by(person):
            raise Refused(404, f"There is no message “{id_}”.")
        return entry, await self.place(person, entry.place)

    async def _public_entry(self, person: Person, body: JSON) -> tuple[Entry, Place]:
        entry, place = await self._entry(person, body)
        if entry.private:
            raise Refused(400, "That is a private reply: it has no menu and takes no reactions.")
        return entry, place


def _text(body: JSON, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise Refused(400, f"“{name}” is missing." if value is None else f"“{name}” has to be text.")
    return storable(value)


def storable(typed: str) -> str:
    """Return the text without lone surrogates, which JSON can say and no file can keep."""
    return typed.encode("utf-8", "ignore").decode("utf-8")


def _texts(body: JSON, name: str, known: list[str] | tuple[str, ...]) -> dict[str, str]:
    """Return an object of texts; numbers, yes and no count as what one would type."""
    values = body.get(name) or {}
    if not isinstance(values, dict):
        raise Refused(400, f"“{name}” has to be an object.")
    texts = {}
    for key, value in values.items():
        if key not in known:
            raise Refused(400, f"There is no “{key}” here; there is: {', '.join(known) or 'nothing'}.")
        if not isinstance(value, str | int | float | None):
            raise Refused(400, f"“{key}” has to be text.")
        if value is not None:
            texts[key] = str(value).lower() if isinstance(value, bool) else storable(str(value))
    return texts


def _emoji(body: JSON) -> str:
    emoji = clean(_text(body, "emoji"))
    if not 0 < len(emoji) <= EMOJI or emoji.split() != [emoji]:
        raise Refused(400, "“emoji” has to be one emoji.")
    return emoji


def _chosen(card: Card | None, control: str, values: object) -> tuple[str, ...]:
    """Return what was chosen with a control of a card, checked against what it offers."""
    chosen = [] if values is None else values
    if not isinstance(chosen, list) or not all(isinstance(value, str) for value in chosen):
        raise Refused(400, "“values” has to be a list of texts.")
    if card and card.menu and card.menu.call.pack() == control:
        return _chosen_of(card.menu, chosen)
    if card is None or control not in controls_of(card):
        raise Refused(404, f"There is no control “{control}” on that message.")
    if chosen:
        raise Refused(400, "A button has no values to choose from.")
    return ()


def controls_of(card: Card) -> set[str]:
    """Return the ids of a card's controls."""
    calls = [button.call for button in card.buttons if not isinstance(button, LinkButton)]
    return {call.pack() for call in (*calls, *([card.menu.call] if card.menu else []))}


def _chosen_of(menu: Menu, chosen: list[str]) -> tuple[str, ...]:
    offered = [option.value for option in menu.options]
    unique = tuple(dict.fromkeys(chosen))
    if not 0 < len(unique) <= menu.most or not set(unique) <= set(offered):
        raise Refused(400, f"Choose 1 to {menu.most} of: {', '.join(offered)}.")
    return unique
