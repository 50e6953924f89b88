"""The playground as Trellis sees it: a platform like any other, whose servers are one file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from typing_extensions import override

from adapters.contract.adapter import (
    Adapter,
    AdapterError,
    Check,
    Feature,
    Gone,
    Inbox,
    Need,
    Receive,
    Responder,
    SpaceInfo,
    Unusable,
    Whole,
)
from adapters.contract.commands import Command, Shortcut, Suggest
from adapters.contract.events import Overheard, PlatformEvent, Wants
from adapters.contract.models import Account, CalendarEntry, Channel, Message, MessageRef, Profile, Space
from adapters.contract.text import clip
from adapters.contract.ui import Card

from .answer import Answer, LateAnswer
from .cast import GIVEN, PEOPLE, PLACES, STAFF
from .changes import Change, Changes
from .chosen import Chosen
from .kept import file_id, keep_card
from .reading import channel_of, edited, message_of, names_in, profile_of, said
from .records import SPACE, TRELLIS, Entry, Person, Place
from .render import mentioned
from .world import World

THREAD_TITLE = 100
PATIENCE = 10
"""How many seconds what is under way may take when everything stops."""


class Playground(Whole, Adapter):
    """A community in a file. `now` is the clock that its people live by.

    Whoever puts Trellis together calls `open` before anything else, and sets `address` (where the page is),
    `timezone` (the community's) and `languages` (the codes of those that can be read here) when they are known.
    """

    platform = "playground"
    features = frozenset(Feature)
    skew = 0.0

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self.world = World(file)
        self.now = now
        self.address = ""
        self.timezone = "UTC"
        self.languages: Sequence[str] = ("en",)
        self.is_new = False
        self.is_running = False
        self.growing: tuple[int, int] | None = None
        """While its past is being told: the day, and of how many. Nobody else may act meanwhile."""
        self._over = asyncio.Event()
        self.commands: dict[str, Command] = {}
        self.shortcuts: dict[str, Shortcut] = {}
        self.suggest: Suggest | None = None
        self._receive: Receive | None = None
        self._wants: Wants
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.changes = Changes()
        self.chosen = Chosen()

    async def open(self) -> timedelta:
        """Open the file, with the cast in it if it is new, and return how far its clock had been moved forward."""
        await self.world.open()
        self.is_new = await self.world.found(PEOPLE, PLACES)
        return await self.world.offset()

    async def keep_offset(self, offset: timedelta) -> None:
        """Remember how far the clock is moved forward by now."""
        await self.world.keep_offset(offset)
        self.changes.tell(Change("clock"))

    # What every platform does

    @override
    async def start(
        self,
        receive: Receive,
        wants: Wants,
        commands: Sequence[Command],
        shortcuts: Sequence[Shortcut],
        suggest: Suggest | None = None,
        inbox: Inbox | None = None,
    ) -> None:
        self.commands = {command.name: command for command in commands}
        self.shortcuts = {shortcut.name: shortcut for shortcut in shortcuts}
        self.suggest = suggest
        self._receive, self._wants = receive, wants
        self.is_running = True

    @override
    async def ended(self) -> None:
        await self._over.wait()

    @override
    def routes(self) -> Sequence[web.RouteDef]:
        return ()

    @override
    async def check(self, channels: Sequence[str], needs: Collection[Need] = ()) -> Sequence[Check]:
        return [Check(True, "The playground needs no token.")]

    @override
    async def hear_no_more(self) -> None:
        self.is_running = False
        self.changes.end()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._idle.wait()

    @override
    async def stop(self) -> None:
        self._over.set()
        await self.hear_no_more()
        await self.world.close()

    @override
    async def spaces(self) -> Sequence[SpaceInfo]:
        return [SpaceInfo(SPACE, "Trellis playground")]

    @override
    async def has_left(self, space: Space) -> bool:
        return False

    @override
    async def find_channel(self, space: Space, name: str) -> Channel | None:
        place = await self.world.place(name) if space == SPACE else None
        return channel_of(place) if place else None

    @override
    async def profile(self, account: Account) -> Profile | None:
        person = await self._here(account)
        return profile_of(person) if person else None

    @override
    async def post(self, channel: Channel, card: Card, *, nonce: str, since: datetime | None = None) -> MessageRef:
        place = await self._place(channel)
        entry = await self.write(place, TRELLIS, card=card, nonce=nonce)
        return MessageRef(Channel(SPACE, entry.place), entry.id)

    @override
    async def direct(self, account: Account, card: Card, *, nonce: str, since: datetime | None = None) -> MessageRef:
        if await self.profile(account) is None:
            raise Gone(f"{account.key} is not here")
        return await self.post(Channel(SPACE, f"dm-{account.id}"), card, nonce=nonce)

    @override
    async def edit(self, message: MessageRef, card: Card) -> None:
        entry = await self._entry(message)
        if entry is None:
            raise Gone(f"{message.key} is not here")
        if entry.author != TRELLIS:
            raise AdapterError(f"{message.key} was not written by Trellis")
        await self.redraw(entry, card)

    @override
    async def open_thread(self, message: MessageRef, title: str) -> Channel:
        entry = await self._entry(message)
        if entry is None:
            raise Gone(f"{message.key} is not here")
        return channel_of(await self.thread_under(entry, await self._place(message.channel), title))

    @override
    async def rename_thread(self, thread: Channel, title: str) -> None:
        if not await self.world.rename(thread.id, clip(title, THREAD_TITLE)):
            raise Gone(f"{thread.key} is not here")

    @override
    async def fetch(self, message: MessageRef) -> Message | None:
        entry = await self._entry(message)
        return await message_of(self.world, entry) if entry else None

    @override
    async def read_file(self, space: Space, answer: str, most: int) -> bytes | None:
        return self.chosen.read(answer, most)

    @override
    def link(self, message: MessageRef) -> str | None:
        here = self.address and message.channel.space == SPACE
        return f"{self.address}/#/{message.channel.id}/{message.id}" if here else None

    @override
    def responder(self, token: Mapping[str, Any]) -> Responder:
        return LateAnswer(self, token)

    @override
    async def take_up(self, key: str, body: Mapping[str, Any]) -> None:
        raise ValueError(f"nothing is kept for the playground, so {key} with {len(body)} facts is not its")

    @override
    async def set_role(self, account: Account, role: str, held: bool) -> None:
        person = await self._here(account)
        name = role.casefold()
        if person is None or name not in {*GIVEN, *STAFF}:
            raise Gone(f"{account.key} or the role {role} is not here")
        if name in STAFF:
            raise Unusable(f"{role} is a role that only people give; Trellis gives {', '.join(GIVEN)}")
        others = tuple(each for each in person.roles if each != name)
        await self.world.put_person(replace(person, roles=(*others, name) if held else others))
        self.changes.tell(Change("people"))

    @override
    async def let_in(self, account: Account, channel: Channel) -> None:
        place = await self._place(channel)
        person = await self._here(account)
        if person is None:
            raise Gone(f"{account.key} is not here")
        if place.owner:
            raise Unusable(f"{channel.key} is a direct channel, into which nobody is let")
        if not place.seen_by(person):
            await self.world.let_in(place.parent or place.id, person.id)
            self.changes.tell(Change("people"))

    @override
    async def put_entry(self, space: Space, entry: CalendarEntry, known: str | None, *, new: bool) -> str | None:
        return None

    @override
    async def drop_entry(self, space: Space, known: str) -> None: ...

    @override
    async def catch_up(self, channels: Sequence[Channel], since: datetime) -> Sequence[Channel]:
        places = [channel.id for channel in channels if channel.space == SPACE]
        for entry in await self.world.written_in(places, since):
            person, place = await self.world.person(entry.author), await self.world.place(entry.place)
            if person and place:
                event = await said(self.world, entry, person)
                answer = Answer(self, person, place, waits=event.message.to_us)
                await self.hear(event, answer)
                if edit := await edited(self.world, entry, person):
                    await self.hear(edit, answer)
        return ()

    @property
    @override
    def connected(self) -> bool:
        return True

    @override
    async def catch_up_people(self, space: Space, here: Mapping[str, str], since: datetime) -> None:
        """Do nothing: nobody comes or goes while the playground is closed."""

    async def _here(self, account: Account) -> Person | None:
        person = await self.world.person(account.id) if account.space == SPACE else None
        return person if person and not person.has_left else None

    async def _place(self, channel: Channel) -> Place:
        place = await self.world.place(channel.id) if channel.space == SPACE else None
        if place is None:
            raise Gone(f"{channel.key} is not here")
        return place

    async def _entry(self, message: MessageRef) -> Entry | None:
        """Return a message that others could see. A private reply is no message to refer to."""
        entry = await self.world.entry(message.id) if message.channel.space == SPACE else None
        return entry if entry and entry.place == message.channel.id and entry.private is None else None

    # What happens here

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """Keep `stop` waiting until the block has ended."""
        self._under_way += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def hear(self, event: PlatformEvent, responder: Responder) -> None:
        """Hand over what happened, if it is wanted, and return when all that it set off is done."""
        if self._receive and not (isinstance(event, Overheard) and not self._wants(event.glance)):
            await self._receive(event, responder)

    async def write(
        self,
        place: Place,
        author: str,
        *,
        text: str = "",
        card: Card | None = None,
        private: str | None = None,
        nonce: str | None = None,
    ) -> Entry:
        """Put a message into a place: a person's words or a card, for all to see or for one reader alone."""
        if card:
            await self._keep_files(card)
            kept, pings = keep_card(card), [account.id for account in card.pings if account.space == SPACE]
        else:
            kept, pings = None, mentioned(text, await names_in(self.world))
        entry, is_new = await self.world.write(
            place.id, author, self.now(), text=text, card=kept, private=private, pings=pings, nonce=nonce
        )
        if is_new:
            self.changes.tell(Change("message", place, private))
        return entry

    async def rewrite(self, entry: Entry, text: str) -> Entry:
        """Put other words of its author into a message. An edit notifies nobody."""
        pings = mentioned(text, await names_in(self.world))
        entry = await self.world.rewrite(entry, text, pings, self.now())
        await self._tell_of(entry)
        return entry

    async def redraw(self, entry: Entry, card: Card) -> None:
        """Draw a card anew where it stands."""
        await self._keep_files(card)
        await self.world.redraw(entry, keep_card(card))
        await self._tell_of(entry)

    async def _keep_files(self, card: Card) -> None:
        for file in card.files:
            await self.world.put_file(file_id(file), file.name, file.content)

    async def thread_under(self, entry: Entry, place: Place, title: str) -> Place:
        """Return the thread under a message in a place. Threads do not branch: in one, it is that one."""
        if place.kind == "thread":
            return place
        name = clip(title or "Thread", THREAD_TITLE)
        thread = Place(f"t-{entry.id}", name, "thread", place.id, place.owner, place.roles)
        await self.world.put_place(thread)
        await self._tell_of(entry)
        return await self.world.place(thread.id) or thread

    async def _tell_of(self, entry: Entry) -> None:
        self.changes.tell(Change("message", await self.world.place(entry.place), entry.private))
