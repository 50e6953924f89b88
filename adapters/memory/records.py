"""What the memory platform keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from adapters.contract.models import Channel, Message, MessageRef, Profile, mentions_of
from adapters.contract.ui import Card

TRELLIS = "trellis"


class Facts(TypedDict):
    """What every event says."""

    id: str
    at: datetime
    by: Profile


@dataclass(slots=True)
class Posted:
    """A message as the platform keeps it. `reader` is the one person who sees it; nobody in particular if empty.

    `pinged` are those who were notified when it was posted; an edit notifies no one.
    """

    ref: MessageRef
    author: str
    at: datetime
    text: str = ""
    card: Card | None = None
    reader: str = ""
    pinged: frozenset[str] = frozenset()
    reactions: dict[str, set[str]] = field(default_factory=dict)
    edited: bool = False
    edited_at: datetime | None = None
    """When its author last changed its words, `edits` times so far."""
    edits: int = 0
    files: tuple[str, ...] = ()
    reply_to: str = ""

    def read(self, author: Profile, parent: Channel | None, thread: Channel | None) -> Message:
        """Return the message as the platform tells of it."""
        named = mentions_of(self.text, TRELLIS)
        return Message(
            self.ref,
            author,
            self.text,
            self.at,
            parent=parent,
            thread=thread,
            mentions_us=bool(named),
            direct=self.ref.channel.id.startswith("dm-"),
            reply_to=self.reply_to,
            has_files=bool(self.files),
            only_pictures=bool(self.files) and all(name.endswith(".png") for name in self.files),
            named=named,
            emojis=frozenset(emoji for emoji, people in self.reactions.items() if people),
        )


@dataclass(slots=True)
class ChannelRecord:
    """A channel; `readers` empty means everyone. A thread has a `parent`."""

    id: str
    name: str
    readers: frozenset[str] = frozenset()
    parent: str = ""
