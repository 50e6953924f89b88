"""What the memory platform keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from adapters.contract.models import MessageRef, Profile
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


@dataclass(slots=True)
class Place:
    """A channel; `readers` empty means everyone. A thread has a `parent`."""

    id: str
    name: str
    readers: frozenset[str] = frozenset()
    parent: str = ""
