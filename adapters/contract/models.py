"""Places, people and messages, as frozen references that every platform can be named by.

Ids are the platform's own and opaque to everyone but its adapter; `key` is the only form in which a reference is
stored, and `of` reads it back. No id contains a slash.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

import regex


@dataclass(frozen=True, slots=True)
class Space:
    """One Discord guild, one Slack workspace, or the playground: `slack/T123`."""

    platform: str
    id: str

    @property
    def key(self) -> str:
        return f"{self.platform}/{self.id}"

    @classmethod
    def of(cls, key: str) -> Self:
        """Read a stored key. Raises `ValueError` for anything else."""
        platform, id_ = key.split("/")
        return cls(platform, id_)


@dataclass(frozen=True, slots=True)
class _Placed:
    """Something that a space contains, named by the space and an id of the platform's own."""

    space: Space
    id: str

    @property
    def key(self) -> str:
        return f"{self.space.platform}/{self.space.id}/{self.id}"

    @classmethod
    def of(cls, key: str) -> Self:
        """Read a stored key. Raises `ValueError` for anything else."""
        platform, space, id_ = key.split("/")
        return cls(Space(platform, space), id_)


@dataclass(frozen=True, slots=True)
class Account(_Placed):
    """One person on one platform: `slack/T123/U456`. A member of the community has one or more accounts."""


@dataclass(frozen=True, slots=True)
class Channel(_Placed):
    """A channel, a direct channel or a thread: `discord/11/22`.

    A thread is a channel too. Where the platform has no id for one (Slack), its adapter makes one up.
    """


@dataclass(frozen=True, slots=True)
class MessageRef:
    """One message, wherever it stands: `discord/11/22/33`."""

    channel: Channel
    id: str

    @property
    def key(self) -> str:
        return f"{self.channel.key}/{self.id}"

    @classmethod
    def of(cls, key: str) -> Self:
        """Read a stored key. Raises `ValueError` for anything else."""
        channel, _, id_ = key.rpartition("/")
        return cls(Channel.of(channel), id_)


@dataclass(frozen=True, slots=True)
class Profile:
    """What the platform says about a person at this moment.

    `roles` are the platform's own ids and names of roles or user groups; settings say which rights they give.
    `admin` is the platform's word that this person runs the space, `guest` that they only visit it: let into some
    of its channels, or of another organisation; whom the platform cannot tell of counts as one. `timezone` is an IANA
    name, `domain` what stands behind the "@" of their e-mail address, where the platform tells it. Where it does not
    even tell what they are called, as of someone who is gone, `name` stands in, and they are not `named`.
    """

    account: Account
    name: str
    timezone: str | None = None
    locale: str | None = None
    roles: frozenset[str] = field(default=frozenset())
    admin: bool = False
    guest: bool = False
    bot: bool = False
    domain: str | None = None
    named: bool = True


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A meeting of the community, as it stands in a platform's own calendar. Both moments are aware.

    `link` leads to its card, where that stands.
    """

    title: str
    description: str
    place: str
    starts: datetime
    ends: datetime
    link: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or a channel that is mentioned: the `key`, and how readers see it, "@Noah" or "#help".

    Trellis itself has no key.
    """

    key: str
    text: str


def mentions_of(words: str, name: str) -> tuple[Named, ...]:
    """Return where people type Trellis' own `name`, on a platform where a mention is nothing but that."""
    return tuple(Named("", match[0]) for match in regex.finditer(rf"(?<!\w)@{name}\b", words, regex.IGNORECASE))


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it stands on the platform. `text` is plain: mentions and links are already written out.

    `thread` is the thread that hangs under this message, `parent` the channel that the message's own thread hangs
    in; both are `None` where there is none. `title` is what the author called it, where the platform asks for that: a
    post in a forum, which stands in the forum and has its thread under it. `reply_to` is the id of the message that it
    answers, where the platform tells; `direct` says that it was written to Trellis alone; `has_files` that something
    goes along, and `only_pictures` that it is nothing but pictures. `named` are those whom `text` mentions, in their
    order; `emojis` those with which people reacted to it, where the message itself tells.
    """

    ref: MessageRef
    author: Profile
    text: str
    at: datetime
    parent: Channel | None = None
    thread: Channel | None = None
    title: str = ""
    reply_to: str = ""
    mentions_us: bool = False
    direct: bool = False
    has_files: bool = False
    only_pictures: bool = False
    named: tuple[Named, ...] = ()
    emojis: frozenset[str] = frozenset()

    @property
    def to_us(self) -> bool:
        """Whether it was said to Trellis, so that somebody waits for an answer."""
        return self.direct or self.mentions_us


def is_picture(media_type: str | None) -> bool:
    """Say whether a file of that media type is a picture. Platforms leave it out at times."""
    return (media_type or "").startswith("image/")
