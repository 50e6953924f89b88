"""The platform itself: people, places and messages, and what people do there."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.contract.adapter import Away, Feature, Gone, Locked, NoAccess, Receive, Whole
from adapters.contract.commands import Command, Shortcut, Suggest, Typing
from adapters.contract.events import (
    ChannelDeleted,
    CommandUsed,
    ControlUsed,
    FormSubmitted,
    Interaction,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Overheard,
    PageOpened,
    PersonPicked,
    PlatformEvent,
    ReactionAdded,
    ReactionRemoved,
    ReactionsCleared,
    Reconnected,
    ShortcutUsed,
    SpaceChanged,
    ThreadDeleted,
    Unattended,
    Wants,
    nobody,
)
from adapters.contract.forms import Dialog, Kind, matching
from adapters.contract.models import Account, CalendarEntry, Channel, Message, MessageRef, Profile, Space
from adapters.contract.ui import Card

from .answer import Answer
from .records import TRELLIS, ChannelRecord, Facts, Posted


class Platform(Whole):
    """What people do and see on the platform. What they do returns when its handlers have finished."""

    platform = "memory"
    features = frozenset(Feature)
    skew = 0.0

    def __init__(self, now: Callable[[], datetime], space: str = "home", asides: bool = True) -> None:
        self.space = Space(self.platform, space)
        self.people: dict[str, Profile] = {}
        self.places: dict[str, ChannelRecord] = {}
        self.messages: dict[str, Posted] = {}
        self.dialogs: dict[str, Dialog] = {}
        """The form that each person has open."""
        self.asked_in: dict[str, Channel] = {}
        """Where they were asked it."""
        self.chosen: dict[str, bytes] = {}
        """The files that people chose in forms, by the answers that stand for them."""
        self.closed: set[str] = set()
        """Who takes no direct messages."""
        self.asides = asides
        """Whether a message can be shown to one person who did not ask for anything, as on Slack."""
        self.down = self.removed = False
        """While it is down, nothing can be posted or edited; once Trellis is removed, it is in no space."""
        self.fails_at = 0
        """When this is 1 or more, that one of the next things that Trellis posts or edits fails."""
        self.roles: set[str] = set()
        """The roles that Trellis may give."""
        self.calendar: dict[str, CalendarEntry] = {}
        self.calendar_closed = False
        """While it is closed, Trellis may not write into the calendar."""
        self.locked: set[str] = set()
        """The places in which Trellis may say nothing any more, such as threads that a moderator locked."""
        self.archived: set[str] = set()
        """The channels in which nobody can write until somebody brings them back."""
        self.tries = 0
        """How often Trellis tried to post something."""
        self.threadless = False
        """While it is, Trellis may open no threads."""
        self.connected = True
        """While it is not, Trellis hears nothing of what happens."""
        self.read_at_once = 0
        """When this is 1 or more, so many channels can be read back at once."""
        self.commands: dict[str, Command] = {}
        self.shortcuts: dict[str, Shortcut] = {}
        self._now = now
        self._ids = itertools.count(1)
        self._nonces: dict[str, MessageRef] = {}
        self._joined: dict[str, MemberJoined] = {}
        self._left: set[str] = set()
        self._receive: Receive | None = None
        self._wants: Wants
        self._suggest: Suggest | None = None
        self.last_event: PlatformEvent | None = None
        self._over = asyncio.Event()

    def add_person(
        self, id_: str, name: str, timezone: str | None = None, roles: Sequence[str] = (), domain: str = ""
    ) -> None:
        account = Account(self.space, id_)
        self.people[id_] = Profile(account, name, timezone, roles=frozenset(roles), domain=domain or None)

    def add_channel(self, name: str, readers: Sequence[str] = ()) -> None:
        self.places[name] = ChannelRecord(name, name, frozenset(readers))

    # What people do

    async def reconnect(self, *, missed: bool = True) -> None:
        """Let Trellis hear again; `missed` where what happened meanwhile is not told."""
        self.connected = True
        if missed:
            await self._befall(Reconnected)

    async def say(self, who: str, channel: str, text: str, files: tuple[str, ...] = (), reply_to: str = "") -> str:
        """Write a message, perhaps with files of these names, or as a reply to another; return its id."""
        here = self.direct_channel(who) if channel == f"dm-{who}" else Channel(self.space, channel)
        posted = self.put(here, who, text=text)
        posted.files, posted.reply_to = files, reply_to
        await self._happen(who, self._said(posted))
        return posted.ref.id

    async def rewrite(self, who: str, message: str, text: str) -> None:
        """Write a message of one's own differently."""
        posted = self.messages[message]
        assert posted.author == who, "nobody edits what others wrote"
        posted.text, posted.edited_at, posted.edits = text, self._now(), posted.edits + 1
        await self._happen(who, self._edited(posted, posted.edited_at))

    async def delete(self, who: str, message: str) -> None:
        ref = self.messages.pop(message).ref
        await self._happen(who, MessageDeleted(**self._event(who), message=ref))

    async def delete_thread(self, message: str, *, heard: bool = True) -> None:
        """Delete the thread under a message with all that is in it; nobody is told who does."""
        thread = Channel(self.space, self.places.pop(f"t-{message}").id)
        for posted in [*self.messages.values()]:
            if posted.ref.channel == thread:
                del self.messages[posted.ref.id]
        if heard:
            await self._befall(ThreadDeleted, thread=thread)

    async def delete_channel(self, channel: str) -> None:
        """Delete a channel with all that is in it and in its threads."""
        gone = {id_ for id_, place in self.places.items() if channel in (id_, place.parent)}
        self.places = {id_: place for id_, place in self.places.items() if id_ not in gone}
        self.messages = {id_: posted for id_, posted in self.messages.items() if posted.ref.channel.id not in gone}
        await self._befall(ChannelDeleted, channel=Channel(self.space, channel))

    async def make_channel(self, name: str) -> str:
        """Make a channel, perhaps of a name that another one had; return its id."""
        id_ = f"{name}-{next(self._ids)}"
        self.places[id_] = ChannelRecord(id_, name)
        await self._befall(SpaceChanged)
        return id_

    async def open_up(self, channel: str) -> None:
        """Let Trellis write in a place that was locked or archived."""
        self.locked.discard(channel)
        self.archived.discard(channel)
        await self._befall(SpaceChanged)

    async def use(self, who: str, channel: str, command: str, options: Mapping[str, str]) -> None:
        if command not in self.commands:
            raise AssertionError(f"there is no command {command!r}")
        here = self._in(who, Channel(self.space, channel))
        await self._happen(who, CommandUsed(**here, command=command, options=dict(options)))

    async def start_anywhere(self, who: str, command: str) -> None:
        """Pick what starts a command from the menu that is everywhere."""
        if not self.commands[command].start:
            raise AssertionError(f"nothing starts {command!r} from anywhere")
        await self._happen(who, CommandUsed(**self._in(who, self.direct_channel(who)), command=command))

    async def complete(self, who: str, channel: str, command: str, option: str, typed: str) -> list[str]:
        """Begin to type an option; return what it is suggested to be."""
        field = next(field for field in self.commands[command].options if field.name == option)
        asked = Typing(self.people[who], Channel(self.space, channel), command, option, typed)
        found = await self._suggest(asked) if field.suggested and self._suggest else matching(field.choices, typed)
        return [choice.label for choice in found]

    async def pick(self, who: str, message: str, shortcut: str) -> None:
        if shortcut not in self.shortcuts:
            raise AssertionError(f"there is no shortcut {shortcut!r}")
        target = self._message(self.messages[message])
        await self._happen(who, ShortcutUsed(**self._in(who, target.ref.channel), shortcut=shortcut, message=target))

    async def pick_person(self, who: str, person: str, shortcut: str) -> None:
        if not self.shortcuts[shortcut].on_person:
            raise AssertionError(f"{shortcut!r} is not for people")
        channel = next(Channel(self.space, place) for place in self.places)
        target = self.people.get(person, Profile(Account(self.space, person), person, bot=True))
        await self._happen(who, PersonPicked(**self._in(who, channel), shortcut=shortcut, person=target))

    async def press(self, who: str, message: str, call: str, values: Sequence[str] = ()) -> None:
        posted = self.messages[message]
        shown = None if posted.reader else posted.ref
        here = self._in(who, posted.ref.channel, on_page=message.startswith("page-"))
        event = ControlUsed(**here, call=call, values=tuple(values), message=shown)
        await self._happen(who, event, posted.ref)

    async def submit(self, who: str, answers: Mapping[str, str]) -> None:
        """Send the form that the person has open."""
        dialog, channel = self.dialogs.pop(who), self.asked_in[who]
        without = {field.name for field in dialog.fields if field.kind is Kind.FILE and not answers.get(field.name)}
        sent: Any = {"answers": {name: answer for name, answer in answers.items() if name not in without}}
        await self._happen(who, FormSubmitted(**self._in(who, channel), call=dialog.call.pack(), **sent))

    async def react(self, who: str, message: str, emoji: str) -> None:
        posted = self.messages[message]
        posted.reactions.setdefault(emoji, set()).add(who)
        await self._happen(who, ReactionAdded(**self._event(who), message=posted.ref, emoji=emoji))

    async def unreact(self, who: str, message: str, emoji: str) -> None:
        posted = self.messages[message]
        posted.reactions.get(emoji, set()).discard(who)
        await self._happen(who, ReactionRemoved(**self._event(who), message=posted.ref, emoji=emoji))

    async def clear_reactions(self, message: str, emoji: str = "") -> None:
        """A moderator takes all reactions off a message, or those of one emoji."""
        posted = self.messages[message]
        for each in [emoji] if emoji else [*posted.reactions]:
            posted.reactions.pop(each, None)
        await self._befall(ReactionsCleared, message=posted.ref, emoji=emoji)

    async def open_page(self, who: str) -> None:
        """Open one's personal page."""
        await self._happen(who, PageOpened(**self._in(who, self.direct_channel(who), on_page=True)))

    async def join(self, who: str, source: str = "") -> None:
        self._left.discard(who)
        self._joined[who] = MemberJoined(**self._event(who), source=source)
        await self._happen(who, self._joined[who])

    async def leave(self, who: str) -> None:
        self._joined.pop(who, None)
        self._left.add(who)
        await self._happen(who, MemberLeft(**self._event(who)))

    async def again(self, event: PlatformEvent) -> None:
        """Deliver an event once more, as platforms do."""
        await self._happen(event.by.account.id, event)

    def visible(self, who: str) -> list[Posted]:
        """Return what one person can read, oldest first."""
        return [posted for posted in self.messages.values() if self._may_read(who, posted)]

    def direct_channel(self, who: str) -> Channel:
        self.places.setdefault(f"dm-{who}", ChannelRecord(f"dm-{who}", who, frozenset({who})))
        return Channel(self.space, f"dm-{who}")

    def page(self, who: str) -> Posted:
        """Return one's personal page, which stands apart from all messages and is only theirs."""
        return self.messages[f"page-{who}"]

    def draw_page(self, who: str, card: Card) -> None:
        ref = MessageRef(self.direct_channel(who), f"page-{who}")
        self.messages[ref.id] = Posted(ref, TRELLIS, self._now(), card=card, reader=who)

    # Within

    async def edit(self, message: MessageRef, card: Card) -> None:
        posted = self._stored(message)
        posted.card, posted.edited = card, True

    def _may_read(self, who: str, posted: Posted) -> bool:
        place = self.places[posted.ref.channel.id]
        place = self.places.get(place.parent, place)
        return posted.reader in ("", who) and (not place.readers or who in place.readers)

    def put(self, channel: Channel, author: str, text: str = "", card: Card | None = None, reader: str = "") -> Posted:
        if author == TRELLIS:
            self.tries += 1
            self._may_fail()
        if channel.id not in self.places:
            raise Gone(channel.key)
        if author == TRELLIS and not reader:  # whoever uses it there is answered
            if channel.id in self.locked:
                raise Locked(f"{channel.key} is locked")
            if {channel.id, self.places[channel.id].parent} & self.archived:
                raise NoAccess(f"{channel.key} is archived")
        pinged = frozenset(account.id for account in (card.pings if card else ()))
        posted = Posted(MessageRef(channel, f"m{next(self._ids)}"), author, self._now(), text, card, reader, pinged)
        self.messages[posted.ref.id] = posted
        return posted

    def _may_fail(self) -> None:
        self.fails_at -= 1
        if self.down or self.fails_at == 0:
            raise Away("the platform is down")

    def _stored(self, message: MessageRef) -> Posted:
        self._may_fail()
        if message.id not in self.messages:
            raise Gone(message.key)
        return self.messages[message.id]

    def _message(self, posted: Posted) -> Message:
        parent, thread = self.places[posted.ref.channel.id].parent, f"t-{posted.ref.id}"
        author = self.people.get(posted.author, Profile(Account(self.space, TRELLIS), "Trellis", bot=True))
        return posted.read(
            author, *(Channel(self.space, id_) if id_ in self.places else None for id_ in (parent, thread))
        )

    def _said(self, posted: Posted) -> MessagePosted:
        facts = self._facts(posted.author, f"said-{posted.ref.id}")
        return MessagePosted(**facts, message=self._message(posted))

    def _edited(self, posted: Posted, at: datetime) -> MessageEdited:
        facts = self._facts(posted.author, f"edit/{posted.ref.id}/{posted.edits}") | {"at": at}
        return MessageEdited(**facts, message=self._message(posted))

    def _in(self, who: str, channel: Channel, **more: bool) -> dict[str, Any]:
        """Return what every interaction says."""
        return {**self._event(who), "channel": channel, "direct": channel.id.startswith("dm-"), **more}

    def _event(self, who: str) -> Facts:
        return self._facts(who, f"e{next(self._ids)}")

    def _facts(self, who: str, id_: str) -> Facts:
        return {"id": id_, "at": self._now(), "by": self.people[who]}

    async def _befall(self, kind: Callable[..., Unattended], **facts: Channel | MessageRef | str) -> None:
        """Tell of something that nobody in particular did."""
        event = kind(id=f"e{next(self._ids)}", at=self._now(), by=nobody(self.space), **facts)
        unwanted = isinstance(event, Overheard) and not self._wants(event.glance)
        if self._receive and self.connected and not unwanted:
            await self._receive(event, Answer(self, "", Channel(self.space, ""), None))

    async def _happen(self, who: str, event: PlatformEvent, pressed: MessageRef | None = None) -> None:
        self.last_event = event
        heard = self._receive if self.connected else None
        if heard and not (isinstance(event, Overheard) and not self._wants(event.glance)):
            how = {"discreet": self.asides or isinstance(event, Interaction), "page": isinstance(event, PageOpened)}
            await heard(event, Answer(self, who, self._answered_in(who, event), pressed, **how))

    def _answered_in(self, who: str, event: PlatformEvent) -> Channel:
        match event:
            case Interaction(channel=channel):
                return channel
            case MessagePosted(message=message) | MessageEdited(message=message):
                return message.ref.channel
            case ReactionAdded(message=ref) | ReactionRemoved(message=ref):
                return ref.channel
        return self.direct_channel(who)
