"""What happens on a platform, one type for each happening.

Every event has an `id` that the platform gave it and repeats when it delivers the event again, the moment `at`
which it happened, the person who did it as the platform knows them now, and the channel where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .models import Channel, Message, MessageRef, Profile, Space


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What all events say. `id` is unique within its space."""

    id: str
    at: datetime
    by: Profile

    @property
    def space(self) -> Space:
        return self.by.account.space


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(Event):
    """A person has truly arrived: past the platform's own screening and onboarding.

    `source` is what led them here where the platform tells it, such as the code of an invitation.
    """

    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLeft(Event):
    """A person is gone from the space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePosted(Event):
    """Someone wrote a message. `message.text` is empty where the platform keeps it from us."""

    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted(Event):
    """A message is gone. Platforms rarely say who removed it: `by` is its author where known, else nobody we know.

    So nobody is met by it, and its listeners take `Work`.
    """

    message: MessageRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionAdded(Event):
    """Someone put an emoji on a message. `emoji` is the character itself, or the name of a custom one."""

    message: MessageRef
    emoji: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionRemoved(Event):
    """Someone took an emoji off a message. `emoji` is as in `ReactionAdded`."""

    message: MessageRef
    emoji: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction(Event):
    """Someone used Trellis and waits for an answer, in `channel`."""

    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandUsed(Interaction):
    """Someone used a command; `options` are answers as described at `Kind`, by option name."""

    command: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcutUsed(Interaction):
    """Someone picked a shortcut from the menu of `message`."""

    shortcut: str
    message: Message


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
