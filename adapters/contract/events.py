"""What happens on a platform, one type each.

Every event has an `id` that the platform gave it and repeats when it delivers the event again, the moment `at`
which it happened, the person who did it as the platform knows them now, and the channel where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from .models import Account, Channel, Message, MessageRef, Named, Profile, Space


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformEvent:
    """What all events say. `id` is unique within its space."""

    id: str
    at: datetime
    by: Profile

    @property
    def space(self) -> Space:
        return self.by.account.space


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(PlatformEvent):
    """A person has truly arrived: past the platform's own screening and onboarding.

    `source` is what led them here where the platform tells it, such as the code of an invitation.
    """

    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(PlatformEvent):
    """A person is gone from the space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryAnswered(PlatformEvent):
    """Someone said in the platform's own calendar whether a meeting interests them.

    `entry` is the id that `Adapter.put_entry` returned, or that of one which is not ours.
    """

    entry: str
    interested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(PlatformEvent):
    """Someone wrote a message. `message.text` is empty where the platform keeps it from us."""

    message: Message

    @property
    def glance(self) -> Glance:
        return _glance_of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(PlatformEvent):
    """Someone wrote a message of theirs differently, at `at`: `message` is how it stands now, and its words are known.

    It is told only of what people change: not of a link's preview, a pin or a thread that comes under it. The later of
    two edits counts, in whichever order they are told.
    """

    message: Message

    @property
    def glance(self) -> Glance:
        return _glance_of(self)


def _glance_of(event: MessagePosted | MessageEdited) -> Glance:
    said = event.message
    return Glance(
        kind=type(event),
        message=said.ref,
        account=event.by.account,
        when=event.at,
        bot=event.by.bot,
        parent=said.parent,
        reply_to=said.reply_to,
        title=said.title,
        text=said.text,
        mentions_us=said.mentions_us,
        direct=said.direct,
        has_files=said.has_files,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted(PlatformEvent):
    """A message is gone. Platforms rarely say who removed it: `by` is its author where known, else nobody we know."""

    message: MessageRef

    @property
    def glance(self) -> Glance:
        return Glance(kind=MessageDeleted, message=self.message, account=self.by.account, when=self.at, bot=self.by.bot)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadDeleted(PlatformEvent):
    """A thread is gone with all that stood in it, and the message under which it hung still stands.

    `by` is nobody we know.
    """

    thread: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelDeleted(PlatformEvent):
    """A channel is gone, with all that stood in it and in its threads. `by` is nobody we know."""

    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceChanged(PlatformEvent):
    """A channel is new, open again or has another name, or we may do other things somewhere. `by` is nobody we know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceJoined(PlatformEvent):
    """A space, which people call `name`, has let us in: for the first time, or once more. `by` is nobody we know."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnected(PlatformEvent):
    """A space is heard again, in a new session: what happened there meanwhile was not told. `by` is nobody we know."""


def nobody(space: Space) -> Profile:
    """Return who is named where a platform does not tell who did something."""
    return Profile(Account(space, "0"), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction(PlatformEvent):
    """Someone changed what stands under a message. `emoji` is the character itself, or the name of a custom one."""

    message: MessageRef
    emoji: str

    @property
    def glance(self) -> Glance:
        return Glance(
            kind=type(self),
            message=self.message,
            account=self.by.account,
            when=self.at,
            bot=self.by.bot,
            emoji=self.emoji,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionAdded(Reaction):
    """Someone put an emoji on a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionRemoved(Reaction):
    """An emoji of someone's was taken off a message, by them or by a moderator. They may be gone by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionsCleared(PlatformEvent):
    """A moderator took everyone's reactions off a message: those of one `emoji`, or all. `by` is nobody we know."""

    message: MessageRef
    emoji: str = ""

    @property
    def glance(self) -> Glance:
        return Glance(
            kind=ReactionsCleared, message=self.message, account=self.by.account, when=self.at, emoji=self.emoji
        )


Unattended: TypeAlias = (
    MessageDeleted
    | ReactionRemoved
    | ReactionsCleared
    | ThreadDeleted
    | ChannelDeleted
    | SpaceChanged
    | SpaceJoined
    | Reconnected
)
"""What is nobody's doing, as far as platforms tell: nobody is met by it, and its listeners take `Work`."""


Overheard: TypeAlias = MessagePosted | MessageEdited | MessageDeleted | Reaction | ReactionsCleared
"""What happens among people, most of it none of our business: an adapter asks first whether anyone wants it."""


@dataclass(slots=True, kw_only=True)
class Glance:
    """What can be known of something overheard without asking anyone: by this it is decided whether a cog wants it.

    Nobody changes one. It is not frozen, since there is one for each message, and freezing takes longer than the rest.

    `message` is the one that it is about, `account` the person who did it: of a deletion the author, where the platform
    tells. The rest is as in `Message` and in the events, with two limits: where a platform does not say in which thread
    a message stands (Slack, of reactions), `message` stands in the channel of that thread; and people who are mentioned
    in `text` may go by their ids. The kernel adds whether the message is `known`: a table of the store may name it.
    """

    kind: type[Overheard]
    message: MessageRef
    account: Account
    when: datetime
    bot: bool = False
    parent: Channel | None = None
    reply_to: str = ""
    title: str = ""
    text: str = ""
    emoji: str = ""
    mentions_us: bool = False
    direct: bool = False
    has_files: bool = False
    known: bool = True

    @property
    def channel(self) -> Channel:
        """Where it happened."""
        return self.message.channel


Wants: TypeAlias = Callable[[Glance], bool]
"""Says whether anyone wants what was glanced at. It asks no store and no platform, and never raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction(PlatformEvent):
    """Someone used Trellis and waits for an answer, in `channel`.

    `direct` says whether that is their direct channel with us, or no channel in particular; `on_page` whether it was on
    the personal page that the platform keeps for each member, where `update` draws that page.
    """

    channel: Channel
    direct: bool = False
    on_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandUsed(Interaction):
    """Someone used a command; `options` are answers as described at `Kind`, by option name."""

    command: str
    options: Mapping[str, str] = field(default_factory=dict)


NAMED = 0xE000
"""The private-use character that stands in a typed line for the first person or channel that is mentioned there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTyped(Interaction):
    """Someone typed a command, or what they took for one, on a platform that does not ask for options one by one.

    Where `named[i]` is mentioned, `chr(NAMED + i)` stands in the `line`. Commands begin with `before` here.
    """

    line: str
    before: str = "/"
    named: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcutUsed(Interaction):
    """Someone picked a shortcut from the menu of `message`."""

    shortcut: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPicked(Interaction):
    """Someone picked a shortcut from the menu of a `person`, as the platform knows them now."""

    shortcut: str
    person: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlUsed(Interaction):
    """Someone pressed a button or chose from a menu. `message` is where it stands; private replies have none."""

    call: str
    values: tuple[str, ...] = ()
    message: MessageRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSubmitted(Interaction):
    """Someone sent a dialog; `answers` are as described at `Kind`, by field name."""

    call: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOpened(Interaction):
    """Someone opened the personal page that the platform keeps for each member; `reply` draws it."""
