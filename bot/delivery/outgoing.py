"""What one unit has to say and do on platforms: collected while it runs, and written with it as rows.

Nothing is sent from here. The courier carries the rows out once the unit is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from adapters.contract.adapter import Responder
from adapters.contract.call import Call
from adapters.contract.forms import Dialog
from adapters.contract.models import Channel, Space
from adapters.contract.ui import Card
from storage.members import Member
from storage.outbox import Item
from storage.postings import Posted

from .gate import Manner

USEFUL = timedelta(days=7)
"""How long what is said is useful, unless it says otherwise."""
ANSWERABLE = timedelta(minutes=15)
"""How long a platform lets us answer: Discord 15 minutes, Slack 30."""
SAID = "said"
"""The kind under which is noted what was said once and belongs to no tracked thing."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a posting is called: the thing, the key of the message, and the spot where it stands."""

    kind: str
    subject_id: int
    key: str
    spot: str = ""

    def nonce(self, posting_id: int) -> str:
        """Return what platforms tell repetitions by. What is posted again elsewhere has a posting of its own."""
        return f"{self.kind}/{self.subject_id}/{self.key}/{self.spot}/{posting_id}"


@dataclass(frozen=True, slots=True)
class Post:
    """A card to be posted in `place`, once under its name.

    A `Member` as the place is told directly. `otherwise` are the channels where it goes if its place is gone or
    refuses, in their order: as the card `elsewhere` or, without one, naming who was to be told. `members` are named by
    a card in a channel: each of them has a posting of their own, which is this one message. `thread` is the title of a
    thread to open under it. It is not sent before `due_at`, nor after `until`. Who sleeps hears of it when they wake,
    if that is by `wait`; else at once. `again` is its posting where that is still to be sent, and has to look different
    by now. What comes too `late` is only noted. A member is told at one of these `accounts` of theirs, or at any. What
    belongs to no tracked thing is drawn once more by the call `draw`, if somebody whom it names is forgotten.
    """

    name: Name
    place: Channel | Member
    card: Card
    thread: str = ""
    otherwise: tuple[Channel, ...] = ()
    elsewhere: Card | None = None
    members: tuple[Member, ...] = ()
    due_at: datetime | None = None
    until: datetime | None = None
    manner: Manner = Manner.TOLD
    wait: datetime | None = None
    again: Posted | None = None
    late: bool = False
    accounts: tuple[str, ...] = ()
    draw: Call | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A message that stands, to look different: it is one posting, or several where it names several people."""

    posted: tuple[Posted, ...]
    card: Card


@dataclass(frozen=True, slots=True)
class Effect:
    """Anything else that is to be so on a platform, once under its name: an act, and how it looks then.

    `message` is known already where a member's own message stands for the thing. `again` is the posting that it has.
    """

    name: Name
    channel: str
    looks: str
    act: str
    lane: str
    payload: Mapping[str, Any]
    message: str | None = None
    member_id: int | None = None
    again: Posted | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Anything else that is done on a platform, by name."""

    act: str
    lane: str
    payload: Mapping[str, Any]
    member_id: int | None = None
    posting_id: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person is answered: `how` is a method of the responder. A card may be drawn by a call when it is sent.

    With both, the card is shown and not stored: whoever takes the answer over draws it. With `after`, a thing's name,
    it is sent when what stands of that thing is known, or known to come later.
    """

    how: str
    responder: Responder
    space: Space
    card: Card | None = None
    draw: Call | None = None
    after: tuple[str, int] | None = None
    locale: str | None = None
    member: Member | None = None
    dialog: Dialog | None = None


@dataclass(slots=True)
class Outgoing:
    """Everything that one unit has to say."""

    posts: list[Post] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    namings: set[tuple[int, int]] = field(default_factory=set)
    """Whom messages name that are drawn by an answer: pairs of a posting's id and a member's."""

    def __bool__(self) -> bool:
        return bool(self.posts or self.edits or self.effects or self.acts or self.namings)


def thing_of(item: Item) -> tuple[str, int] | None:
    """Return the thing that an answer waits for."""
    after = item.payload.get("after")
    return (str(after[0]), int(after[1])) if after else None
