"""What a platform has to do for Trellis, and how it answers.

An adapter turns what happens into events and hands each to `receive` together with a `Responder`, which answers
that one event. Of what people do among themselves (`Overheard`) it first asks `wants`, with what can be seen at a
glance, before it parses, looks up or stores anything: what nobody wants costs no more than the platform's own library.
It draws cards and dialogs. It knows nothing of who listens, and keeps nothing that would be missed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

from aiohttp import web

from .commands import Command, Shortcut, Suggest
from .events import PlatformEvent, Wants
from .forms import Dialog
from .models import Account, CalendarEntry, Channel, Message, MessageRef, Profile, Space
from .shards import Hearing
from .ui import Card

SKEWED = 60.0
"""Seconds. A clock that is further from the platform's is wrong, and soon what the platform signs is too old for us."""


class AdapterError(Exception):
    """A platform could not do what it was asked. The message is for the log, never for members."""


class Retry(AdapterError):
    """The platform asks to come again after so many seconds."""

    def __init__(self, words: str, after: float) -> None:
        super().__init__(words)
        self.after = after


class Away(AdapterError):
    """The platform cannot be reached, or has us wait outside for now: whatever it was, it may work later."""


class NoAccess(Away):
    """We may not speak there now: not invited, without the right, in an archived channel. A person can change that.

    The message says what to do.
    """


class Gone(AdapterError):
    """The channel, message or person no longer exists, or is out of reach for good. Trying again is pointless."""


class Locked(Gone):
    """A thread was settled by whoever may: nothing can be said or changed in it any more."""


class Closed(AdapterError):
    """The person takes no direct messages."""


class Unusable(AdapterError):
    """Trying again cannot help. The message says what a person has to do."""


class Inbox(Protocol):
    """Where an adapter keeps what its platform told, before it acknowledges what is not handled yet.

    Whatever happens to this process, it is handed back then to `take_up`, here or in another one. A body holds what a
    member wrote and an address that answers in the bot's name: it is forgotten as soon as it is done.
    """

    async def keep(self, key: str, body: Mapping[str, Any]) -> bool:
        """Return once it is safe. Say whether it is new: nobody kept or handled that key before."""

    async def done(self, key: str) -> None:
        """Note that what was kept needs nothing more."""

    async def failed(self, key: str, why: str) -> None:
        """Note that what was kept could not be handled: it is handed back later, five times at most."""


class Need(Enum):
    """What a feature asks of a platform beside reading and writing; each platform knows what right that takes."""

    FILES = "files"
    ROLES = "roles"
    LETTING_IN = "letting in"
    CALENDAR = "calendar"


class Feature(Enum):
    """What not every platform has."""

    PERSON_MENU = "a menu of each person"
    NONCES = "a memory, for a while, of the nonces with which was posted"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. Where it is not `ok`, `mend` says exactly what to do.

    With something to `mend`, what is `ok` works, and could do better.
    """

    ok: bool
    what: str
    mend: str = ""


class Responder(Protocol):
    """Answers one event.

    `discreet` says whether the person alone would see an `aside`. `token` is what `Adapter.responder` makes an equal
    one of, in any process; None where there is no answering later.
    """

    discreet: bool
    token: Mapping[str, Any] | None

    async def accept(self) -> None:
        """What the event set off is kept: acknowledge it, where the platform waits for that. Safe to call twice."""

    async def reply(self, card: Card) -> None:
        """Show a card to the person alone. Only what answers an `Interaction`, or a message to us, can.

        Where the platform can do that only elsewhere, it comes to their direct channel.
        """

    async def aside(self, card: Card) -> None:
        """Show a card to the person: alone where the platform can, else beneath what they did, for all to see."""

    async def update(self, card: Card) -> None:
        """Draw the message anew in which the control stands, public or private. Elsewhere the same as `reply`."""

    async def open(self, dialog: Dialog) -> None:
        """Ask. It has to be the first answer; where it came too late, a button with `dialog.again` is shown."""

    async def refuse(self, dialog: Dialog) -> None:
        """Show a dialog that was sent once more, with what is wrong in it and nothing that was typed lost.

        Where the platform cannot do that, what is wrong is said privately, with a button for `dialog.again`.
        """


Receive: TypeAlias = Callable[[PlatformEvent, Responder], Awaitable[None]]
"""Where an adapter hands its events. It returns when all that the event set off is done, and never raises."""


@dataclass(frozen=True, slots=True)
class SpaceInfo:
    """A space in which the adapter is at home, and what people call it."""

    space: Space
    name: str


class Adapter(Protocol):
    """One platform. Every method may raise `AdapterError`."""

    platform: str
    """The first part of every key: "discord", "slack", "playground", "memory"."""
    features: frozenset[Feature]
    """What the platform has of that which others lack."""

    async def start(
        self,
        receive: Receive,
        wants: Wants,
        commands: Sequence[Command],
        shortcuts: Sequence[Shortcut],
        suggest: Suggest | None = None,
        inbox: Inbox | None = None,
    ) -> None:
        """Connect, offer the commands, and hand over what happens and is wanted from now on until `hear_no_more`.

        `suggest` knows what an option may be, where the platform asks while someone types.
        """

    async def hear_no_more(self) -> None:
        """Stop hearing, and let what is under way finish. What we say is said until `stop`. Safe to call twice."""

    async def stop(self) -> None:
        """Hear no more, and disconnect. Safe to call twice."""

    async def ended(self) -> None:
        """Return after `stop`. Raises `Unusable` when the platform will not have us back."""

    def routes(self) -> Sequence[web.RouteDef]:
        """Return what has to be served over HTTP for the platform."""

    async def check(self, channels: Sequence[str], needs: Collection[Need] = ()) -> Sequence[Check]:
        """Ask the live platform, also before `start`, what is in order: access, rights, each of these channels."""

    async def spaces(self) -> Sequence[SpaceInfo]:
        """Return the spaces in which the adapter is at home."""

    async def has_left(self, space: Space) -> bool:
        """Say whether we are surely in a space no more: we were removed from it, it is not just out of reach.

        It asks the platform nothing.
        """

    async def find_channel(self, space: Space, name: str) -> Channel | None:
        """Return the channel of that id, or that name without "#"."""

    async def profile(self, account: Account) -> Profile | None:
        """Return what the platform says of a person now, or nothing where it knows none."""

    async def post(self, channel: Channel, card: Card, *, nonce: str, since: datetime | None = None) -> MessageRef:
        """Post a card. A second post with the same nonce (at most 25 characters) returns the first one's message.

        It may have been tried before, `since` then, by a process that is dead or does not know what became of it:
        where the platform may have forgotten the nonce by now, it is looked whether the message stands.
        """

    async def direct(self, account: Account, card: Card, *, nonce: str, since: datetime | None = None) -> MessageRef:
        """Post a card to one person's direct channel, as `post` does. Raises `Closed` where they take none."""

    async def edit(self, message: MessageRef, card: Card) -> None:
        """Draw a posted card anew. Raises `Gone` where the message no longer exists."""

    async def open_thread(self, message: MessageRef, title: str) -> Channel:
        """Return the thread under a message, opened if there is none. `title` is cut to what the platform allows."""

    async def rename_thread(self, thread: Channel, title: str) -> None:
        """Give a thread another title, where threads have any. Raises `Gone` where it no longer exists."""

    async def fetch(self, message: MessageRef) -> Message | None:
        """Return a message as it stands, or nothing where it is gone or out of reach."""

    async def read_file(self, space: Space, answer: str, most: int) -> bytes | None:
        """Return what somebody chose in a form or for a command, by its answer; None where it has over `most` bytes.

        It may not be there for long. Raises `Gone` where it is not any more, `Unusable` where we may not see it.
        """

    def link(self, message: MessageRef) -> str | None:
        """Return a lasting web address of a message, or None where there is none. It asks nobody."""

    def responder(self, token: Mapping[str, Any]) -> Responder:
        """Return the responder of an event that this or another process heard, by its token."""

    async def take_up(self, key: str, body: Mapping[str, Any]) -> None:
        """Handle what a dead process had kept in the inbox, as if it had just been heard."""

    async def set_role(self, account: Account, role: str, held: bool) -> None:
        """Give a person a role of the platform's (a Discord role, a Slack user group; id or name), or take it.

        Raises `Gone` where there is no such role or person, `Unusable` where we may not.
        """

    async def let_in(self, account: Account, channel: Channel) -> None:
        """Let a person into a private channel. Raises `Gone` where either is gone, `Unusable` where we may not."""

    async def put_entry(self, space: Space, entry: CalendarEntry, known: str | None, *, new: bool) -> str | None:
        """Write a meeting into the space's own calendar, over the one of the id `known`; return its id.

        What is `new` was never sent, so that nobody has to look whether it is there. Nothing where the platform has no
        calendar. Raises `Unusable` where we may not write it.
        """

    async def drop_entry(self, space: Space, known: str) -> None:
        """Take a meeting off the space's own calendar; one that is gone is no error."""

    @property
    def connected(self) -> bool:
        """Whether we hear what happens, or a part of it. What is missed is for `hears` and `Reconnected` to tell."""

    @property
    def skew(self) -> float:
        """By how many seconds the platform's clock is ahead of ours, as far as it tells; see `SKEWED`."""

    @property
    def stands_by(self) -> bool:
        """Whether it is for other processes to hear what happens, so that nothing is wrong where we hear none of it."""

    @property
    def shards(self) -> Mapping[int, Hearing]:
        """Return who hears each part of what happens, where the platform tells it in parts; else nothing."""

    def hears(self, space: Space) -> bool:
        """Say whether we hear what happens in a space. Where something was missed, `Reconnected` follows on this."""

    async def catch_up(self, channels: Sequence[Channel], since: datetime) -> Sequence[Channel]:
        """Hand over what was written in channels and their threads since then and is wanted, as if just heard.

        That is also how people reacted to it, and what was edited since, as far back as the platform shows it. What was
        handed over before may come again, under the same event id.
        Return the channels and threads that have to be read later, because the platform lets us read no more now.
        """

    async def catch_up_people(self, space: Space, here: Mapping[str, str], since: datetime) -> None:
        """Hand over who joined a space since then, and who left it of those we know `here`: names by account ids.

        What a platform does not tell, or would take too long to tell of so many, is left out.
        """


class Whole:
    """What an adapter says of shards where its platform tells everything in one."""

    stands_by = False
    shards: Mapping[int, Hearing] = MappingProxyType({})

    def hears(self: Adapter, space: Space) -> bool:  # noqa: ARG002
        return self.connected
