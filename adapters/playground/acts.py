"""What people do: each act is checked, stored, told to Trellis, and answered with all that came of it.

Every id is looked up and checked against what the person may see; whatever does not hold raises `Refused`.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.events import (
    CommandUsed,
    ControlUsed,
    FormSubmitted,
    LineTyped,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    PersonPicked,
    PlatformEvent,
    ReactionAdded,
    ReactionRemoved,
    ShortcutUsed,
)
from adapters.contract.models import Account, MessageRef
from adapters.contract.text import clean
from adapters.contract.ui import Card

from .adapter import Playground
from .answer import Answer
from .cast import HOME, MEMBER, direct_place
from .changes import Change
from .kept import kept_card
from .reading import channel_of, draw, edited, message_of, profile_of, role_of, said
from .records import SPACE, Entry, OpenForm, Person, Place
from .render import JSON
from .requests import Refused, controls_of, read_chosen, read_emoji, read_newcomer, read_text, read_texts

MESSAGE = 4000
"""The longest message."""


class Acts:
    """Everything that people can do in the playground. `settle` returns when all that is due has been done."""

    def __init__(self, playground: Playground, settle: Callable[[], Awaitable[None]]) -> None:
        self._playground = playground
        self._world = playground.world
        self._settle = settle
        self._being_sent: set[str] = set()
        self._verbs: dict[str, Callable[[JSON], Awaitable[Answer]]] = {
            "message": self._message,
            "edit": self._edit,
            "delete": self._delete,
            "command": self._command,
            "shortcut": self._shortcut,
            "press": self._press,
            "submit": self._submit,
            "react": self._react,
            "unreact": self._unreact,
            "read": self._read,
            "language": self._language,
            "join": self._join,
            "leave": self._leave,
        }

    async def act(self, body: JSON) -> JSON:
        """Do what a request asks, and return what came of it once every handler has finished."""
        verb = self._verbs.get(read_text(body, "do"))
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
            "replies": await draw(self._playground.world, private, answer.person, self._playground.now()),
            "posted": await draw(self._playground.world, public, answer.person, self._playground.now()),
            "form": answer.form,
        }

    # The verbs

    async def _message(self, body: JSON) -> Answer:
        person = await self._actor(body)
        text = _words(body)
        place = await self._place_opened(person, read_text(body, "channel"))
        entry = await self._playground.write(place, person.id, text=text)
        event = await said(self._playground.world, entry, person)
        answer = Answer(self._playground, person, place, waits=event.message.to_us)
        await self._tell(event, answer)
        return answer

    async def _edit(self, body: JSON) -> Answer:
        person = await self._actor(body)
        entry, place = await self._public_entry(person, body)
        if entry.author != person.id:
            raise Refused(403, "Only the person who wrote that can edit it.")
        text = _words(body)
        answer = Answer(self._playground, person, place, waits=False)
        if text != entry.text:
            edit = await edited(self._playground.world, await self._playground.rewrite(entry, text), person)
            assert edit
            answer = Answer(self._playground, person, place, waits=edit.message.to_us)
            await self._tell(edit, answer)
        return answer

    async def _delete(self, body: JSON) -> Answer:
        person = await self._actor(body)
        entry, place = await self._public_entry(person, body)
        if entry.author != person.id and role_of(person) < Role.MODERATOR:
            raise Refused(403, "Only whoever wrote it, or a moderator, can delete that.")
        author = (await message_of(self._playground.world, entry)).author
        await self._world.remove(entry)
        self._playground.changes.tell(Change("message", place))
        answer = Answer(self._playground, person, place, waits=False)
        ref = MessageRef(channel_of(place), entry.id)
        await self._tell(MessageDeleted(**{**self._facts(person), "by": author}, message=ref), answer)
        return answer

    async def _command(self, body: JSON) -> Answer:
        person = await self._actor(body)
        place = await self._place_opened(person, read_text(body, "channel"))
        answer = Answer(self._playground, person, place)
        if "line" in body:
            line = clean(read_text(body, "line"))
            await self._tell(LineTyped(**self._here(person, place), line=line), answer)
            return answer
        name = read_text(body, "name")
        command = self._playground.commands.get(name)
        if command is None:
            raise Refused(404, f"There is no command /{name}.")
        options = read_texts(body, "options", [option.name for option in command.options])
        event = CommandUsed(**self._here(person, place), command=name, options=options)
        await self._tell(event, answer)
        return answer

    async def _shortcut(self, body: JSON) -> Answer:
        """Pick an entry from the menu of a message or, `member` in a `channel`, of a person.

        It goes by what the menu shows, or by its English name.
        """
        person = await self._actor(body)
        name = read_text(body, "name")
        offered = self._playground.shortcuts.values()
        shortcut = next((one for one in offered if name in (one.name, (one.english or one).name)), None)
        if shortcut is None:
            raise Refused(404, f"There is no shortcut “{name}”.")
        if shortcut.on_person:
            return await self._person_picked(person, body, name)
        entry, place = await self._public_entry(person, body)
        answer = Answer(self._playground, person, place)
        message = await message_of(self._playground.world, entry)
        event = ShortcutUsed(**self._here(person, place), shortcut=name, message=message)
        await self._tell(event, answer)
        return answer

    async def _person_picked(self, person: Person, body: JSON, name: str) -> Answer:
        place = await self._place_opened(person, read_text(body, "channel"))
        picked = await self._playground.profile(Account(SPACE, read_text(body, "member")))
        if picked is None:
            raise Refused(404, "There is nobody of that name here.")
        answer = Answer(self._playground, person, place)
        event = PersonPicked(**self._here(person, place), shortcut=name, person=picked)
        await self._tell(event, answer)
        return answer

    async def _press(self, body: JSON) -> Answer:
        person = await self._actor(body)
        entry, place = await self._entry(person, body)
        control = read_text(body, "control")
        values = read_chosen(await self._card_with(entry, control), control, body.get("values"))
        answer = Answer(self._playground, person, place, control_on=entry)
        event = ControlUsed(
            **self._here(person, place),
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
        form = await self._world.form(read_text(body, "form"))
        if form is None or form.person != person.id:
            raise Refused(404, "There is no such form: it was sent already, or never opened.")
        answers = read_texts(body, "values", form.fields)
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
        event = FormSubmitted(**self._here(person, place), call=form.call, answers=answers)
        await self._tell(event, answer)
        if answer.form is None:
            await self._world.drop_form(form.id)
        return answer

    async def _react(self, body: JSON) -> Answer:
        person = await self._actor(body)
        entry, place = await self._public_entry(person, body)
        emoji = read_emoji(body)
        answer = Answer(self._playground, person, place, waits=False)
        if await self._world.react(entry, emoji, person.id):
            self._playground.changes.tell(Change("message", place))
            ref = MessageRef(channel_of(place), entry.id)
            await self._tell(ReactionAdded(**self._facts(person), message=ref, emoji=emoji), answer)
        return answer

    async def _unreact(self, body: JSON) -> Answer:
        person = await self._actor(body)
        entry, place = await self._public_entry(person, body)
        emoji = read_emoji(body)
        answer = Answer(self._playground, person, place, waits=False)
        if await self._world.unreact(entry, emoji, person.id):
            self._playground.changes.tell(Change("message", place))
            ref = MessageRef(channel_of(place), entry.id)
            await self._tell(ReactionRemoved(**self._facts(person), message=ref, emoji=emoji), answer)
        return answer

    async def _read(self, body: JSON) -> Answer:
        person = await self._actor(body)
        if "channel" in body:
            places = [await self.place(person, read_text(body, "channel"))]
        else:
            places = [place for place in await self._world.places() if place.seen_by(person)]
        await self._world.see(person.id, [place.id for place in places])
        return Answer(self._playground, person, direct_place(person.id), waits=False)

    async def _language(self, body: JSON) -> Answer:
        person = await self._actor(body)
        language = read_text(body, "language")
        if language not in self._playground.languages:
            raise Refused(400, f"“language” is one of: {', '.join(self._playground.languages)}.")
        await self._world.put_person(replace(person, locale=language))
        self._playground.changes.tell(Change("people"))
        return Answer(self._playground, person, direct_place(person.id), waits=False)

    async def _join(self, body: JSON) -> Answer:
        id_, name, source, domain = read_newcomer(body)
        known = await self._world.person(id_)
        if known and not known.has_left:
            raise Refused(409, f"{known.name} is here already.")
        person = Person(id_, name, MEMBER, HOME, domain)
        await self._world.put_person(person)
        await self._world.put_place(direct_place(id_))
        return await self._come_or_go(MemberJoined(**self._facts(person), source=source), person)

    async def _leave(self, body: JSON) -> Answer:
        person = await self._actor(body)
        await self._world.put_person(replace(person, has_left=True))
        return await self._come_or_go(MemberLeft(**self._facts(person)), person)

    async def _come_or_go(self, event: MemberJoined | MemberLeft, person: Person) -> Answer:
        self._playground.changes.tell(Change("people"))
        answer = Answer(self._playground, person, direct_place(person.id), waits=False)
        await self._tell(event, answer)
        return answer

    async def _tell(self, event: PlatformEvent, answer: Answer) -> None:
        await self._playground.hear(event, answer)

    def _facts(self, person: Person) -> Any:
        """Return what every event says."""
        return {"id": secrets.token_hex(8), "at": self._playground.now(), "by": profile_of(person)}

    def _here(self, person: Person, place: Place) -> Any:
        """Return what every interaction says."""
        return {**self._facts(person), "channel": channel_of(place), "direct": place.id.startswith("dm-")}

    # Who, where, what

    async def _actor(self, body: JSON) -> Person:
        return await self.person(read_text(body, "as"))

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
                    title, _, _ = (await message_of(self._playground.world, entry)).text.partition("\n")
                    return await self._playground.thread_under(entry, parent, title)
        return await self.place(person, id_)

    async def _entry(self, person: Person, body: JSON) -> tuple[Entry, Place]:
        return await self.entry(person, read_text(body, "message"))

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


def _words(body: JSON) -> str:
    """Return the words of a message."""
    text = clean(read_text(body, "text"))
    if not 0 < len(text) <= MESSAGE:
        raise Refused(400, f"A message has 1 to {MESSAGE} characters.")
    return text
