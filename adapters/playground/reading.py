"""What stands in the chat, as Trellis hears of it and as its people see it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from adapters.contract.commands import Role
from adapters.contract.events import MessageEdited, MessagePosted
from adapters.contract.models import Account, Channel, Message, MessageRef, Profile, mentions_of
from adapters.contract.text import join
from adapters.contract.ui import Card

from .kept import kept_card, kept_files
from .records import SPACE, TRELLIS, Entry, Person, Place
from .render import JSON, Reader, draw_message
from .world import World


async def card_of(world: World, entry: Entry) -> Card | None:
    """Return the card of a message, whole."""
    if entry.card is None:
        return None
    found = {kept.id: await world.file(kept.id) for kept in kept_files(entry.card)}
    return kept_card(entry.card, {id_: file[1] for id_, file in found.items() if file})


async def draw(world: World, entries: Iterable[Entry], person: Person, now: datetime) -> list[JSON]:
    """Return those messages that the person may see, as they see them."""
    entries = [entry for entry in entries if entry.seen_by(person)]
    if not entries:
        return []
    reader = Reader(person, now, await names_in(world))
    places = {place.id: place for place in await world.places()}
    return [draw_message(entry, reader) for entry in entries if places[entry.place].seen_by(person)]


async def names_in(world: World) -> dict[str, str]:
    """Return what everyone is called who was ever here, by id."""
    return {person.id: person.name for person in await world.people()}


async def said(world: World, entry: Entry, person: Person) -> MessagePosted:
    """Return the event that a person's message is, always under the same id."""
    message = await message_of(world, entry)
    return MessagePosted(
        id=f"{entry.id}-{entry.at:%Y%m%d%H%M%S%f}", at=entry.at, by=profile_of(person), message=message
    )


async def edited(world: World, entry: Entry, person: Person) -> MessageEdited | None:
    """Return the event that a person's last edit of a message is, always under the same id; nothing without one."""
    if entry.edited_at is None:
        return None
    message, id_ = await message_of(world, entry), f"edit/{entry.id}-{entry.at:%Y%m%d%H%M%S%f}/{entry.edits}"
    return MessageEdited(id=id_, at=entry.edited_at, by=profile_of(person), message=message)


async def message_of(world: World, entry: Entry) -> Message:
    """Return a message as Trellis hears of it."""
    place = await world.place(entry.place)
    author = await world.person(entry.author)
    text = entry.text
    if entry.card:
        card = kept_card(entry.card)
        text = join([card.title, card.body]).plain()
    return Message(
        MessageRef(Channel(SPACE, entry.place), entry.id),
        profile_of(author) if author else Profile(Account(SPACE, TRELLIS), "Trellis", bot=True),
        text,
        entry.at,
        parent=Channel(SPACE, place.parent) if place and place.parent else None,
        thread=Channel(SPACE, entry.thread) if entry.thread else None,
        mentions_us=bool(mentions_of(entry.text, TRELLIS)),
        direct=bool(place and place.owner),
        named=mentions_of(entry.text, TRELLIS),
        emojis=frozenset(entry.reactions),
    )


def profile_of(person: Person) -> Profile:
    """Return what the playground says about a person."""
    return Profile(
        Account(SPACE, person.id),
        person.name,
        timezone=person.timezone,
        roles=frozenset(person.roles),
        locale=person.locale or None,
        domain=person.domain or None,
    )


def channel_of(place: Place) -> Channel:
    """Return a place by the name that Trellis knows it by."""
    return Channel(SPACE, place.id)


def role_of(person: Person) -> Role:
    """Return the highest role that a person has here, to hide from them what they may not use."""
    return max((role for role in Role if role.name.lower() in person.roles), default=Role.MEMBER)
