"""What happens in the community, told by one cog and heard by others that it does not know.

An event carries a few small facts, so that it packs into a job and is heard even if the process dies in between.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, get_type_hints

from .arguments import pack, unpack


@dataclass(frozen=True, slots=True)
class DomainEvent:
    """Base of all: the fields are whole numbers and short texts."""


@dataclass(frozen=True, slots=True)
class AnswerAccepted(DomainEvent):
    """An answer solved a question. The two members differ."""

    question_id: int
    helper_id: int
    asker_id: int


@dataclass(frozen=True, slots=True)
class AnswerWithdrawn(DomainEvent):
    """What was accepted did not solve the question after all."""

    question_id: int
    helper_id: int
    asker_id: int


@dataclass(frozen=True, slots=True)
class AnswerReused(DomainEvent):
    """The answer to an old question solved someone's new one, `spared_id`, before it was posted, or soon after."""

    question_id: int
    helper_id: int
    asker_id: int
    spared_id: int = 0
    """0 in what was kept before it was told."""


@dataclass(frozen=True, slots=True)
class QuestionAsked(DomainEvent):
    """A question was posted."""

    question_id: int
    asker_id: int


@dataclass(frozen=True, slots=True)
class IdeaAdded(DomainEvent):
    """An idea was posted."""

    idea_id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class IdeaShipped(DomainEvent):
    """An idea became real."""

    idea_id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class EventAttended(DomainEvent):
    """Someone came to an event."""

    event_id: int
    member_id: int


@dataclass(frozen=True, slots=True)
class EventHosted(DomainEvent):
    """Someone held an event, and others came."""

    event_id: int
    member_id: int


@dataclass(frozen=True, slots=True)
class Introduced(DomainEvent):
    """A newcomer said who they are."""

    member_id: int


@dataclass(frozen=True, slots=True)
class NewcomerWelcomed(DomainEvent):
    """Someone said hello to a newcomer. The two members differ."""

    newcomer_id: int
    by_id: int


@dataclass(frozen=True, slots=True)
class ThanksGiven(DomainEvent):
    """Someone thanked another member."""

    giver_id: int
    receiver_id: int


@dataclass(frozen=True, slots=True)
class MembersLinked(DomainEvent):
    """Two members turned out to be one person: all that pointed at the one given up points at the kept one now."""

    kept_id: int
    given_up_id: int


@dataclass(frozen=True, slots=True)
class MissedRead(DomainEvent):
    """What happened in a space (its key) while nobody listened was read back, as far as its platform tells of it.

    It tells of no deletions, and of few edits: who relies on a message looks at it again.
    """

    space: str


@dataclass(frozen=True, slots=True)
class MissedUnread(DomainEvent):
    """What was written in a space (its key) between two moments (ISO) was missed, and is too old to be read back."""

    space: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class MemberErased(DomainEvent):
    """A member asked to be forgotten, and every cog has done so: what names them is to be drawn anew."""

    member_id: int


def pack_event(event: DomainEvent) -> tuple[str, ...]:
    """Return an event's facts as arguments of a call."""
    return tuple(pack(getattr(event, field.name)) for field in fields(event))


def read_event(kind: type, arguments: tuple[str, ...]) -> Any:
    """Read what `pack_event` wrote, perhaps before the event had its last facts: they have a default."""
    hints = _hints(kind)
    names = [field.name for field in fields(kind)][: len(arguments)]
    return kind(**{name: unpack(hints[name], value) for name, value in zip(names, arguments, strict=True)})


_hints = cache(get_type_hints)
"""The types of an event's facts: they stand in the code as text, which takes long to read."""
