"""What exports tell, in our words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


class Unreadable(ValueError):
    """An export that cannot be read, or must not be; the message says why, and what to do."""


UNKNOWN = "?"
"""Who put a check mark on a message, where an export says that somebody did and not who."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message. Ids are the platform's own; `at` is in seconds since 1970.

    `thread` is the id of the thread it stands in, which on all platforms is that of the message above; `place` is
    where it stands by our keys. `named` are those whom it mentions, and `checked` those who put a check mark on it.
    """

    channel: str
    thread: str
    place: str
    id: str
    at: float
    author: str
    text: str
    title: str = ""
    reply_to: str = ""
    named: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    edited: float = 0.0


@dataclass(slots=True)
class Conversation:
    """What began with one message, in the order in which it was said."""

    root: Said
    rest: list[Said] = field(default_factory=list)

    @property
    def last_at(self) -> float:
        return self.rest[-1].at if self.rest else self.root.at

    def others(self) -> Sequence[Said]:
        """Return what others than the author of the first message said."""
        return [said for said in self.rest if said.author != self.root.author]

    def followed_by(self, said: Sequence[Said]) -> Conversation:
        """Return the conversation with what was said in it later, which may tell some of it again."""
        again = {one.id for one in said}
        return Conversation(self.root, [*(one for one in self.rest if one.id not in again), *said])

    def has(self, author: str) -> bool:
        """Say whether somebody takes part."""
        return self.root.author == author or any(said.author == author for said in self.rest)
