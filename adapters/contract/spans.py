"""What a text is made of: words that look or behave differently, each a type of its own, which only code can make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TypeAlias

from .models import Account, Channel


@dataclass(frozen=True, slots=True)
class Strong:
    """Words that stand out."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Fixed-width words inside a line, or a block of lines."""

    text: str
    block: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to a web address. Only `http` and `https` are followed; anything else is shown as words."""

    label: str
    url: str


class TimeStyle(Enum):
    """How a moment is shown."""

    MOMENT = "moment"
    """Day and time of day."""
    DATE = "date"
    RELATIVE = "relative"
    """How far away it is: "in 2 hours"."""


@dataclass(frozen=True, slots=True)
class Time:
    """A moment (aware), shown in the zone of whoever reads it."""

    at: datetime
    style: TimeStyle = TimeStyle.MOMENT


@dataclass(frozen=True, slots=True)
class Mention:
    """A person by name, drawn as a live mention where they have an account. It notifies only if the card pings.

    `who` tells who that is, also where they have no account any more; 0 where nobody knows. If it is `plain`, there is
    only the name, as in a title.
    """

    name: str
    accounts: tuple[Account, ...] = ()
    who: int = 0
    plain: bool = False

    @property
    def shown(self) -> str:
        """The name as it is written where it is no live mention."""
        return self.name if self.plain else f"@{self.name}"


@dataclass(frozen=True, slots=True)
class ChannelLink:
    """A channel by name, drawn as a live link on its own platform."""

    channel: Channel
    name: str


@dataclass(frozen=True, slots=True)
class CommandLink:
    """A command by its one or two words, drawn as a live link where the platform has that, else as `text`."""

    name: str
    text: str


Span: TypeAlias = str | Strong | Code | Link | Time | Mention | ChannelLink | CommandLink
