"""What members can type and pick, as each platform registers it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TypeAlias

from .forms import Field
from .models import Channel, Profile
from .text import Translations, localized_label
from .ui import Option

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}( [a-z][a-z0-9-]{0,31})?")
DESCRIPTION, SHORTCUT = 100, 24
"""A description fits Discord's 100 characters; the name of a shortcut, or of what starts a command, Slack's 24.

So does a prompt, for which Slack names no limit.
"""


class Role(IntEnum):
    """What a person may do. Each role includes the ones below it.

    A guest is someone of whom the platform says that they only visit, or says nothing: what asks for no role in
    particular is for members, so a guest may do only what is declared as open to guests. A newcomer would be a member,
    and has to be let in first: they may do what guests may, and what leads them in.
    """

    GUEST = 0
    NEWCOMER = 1
    MEMBER = 2
    AGENT = 3
    MODERATOR = 4
    ADMIN = 5


@dataclass(frozen=True, slots=True)
class Command:
    """`question list`: one or two words, and options in the order in which they may be typed.

    `role` lets a platform hide the command from those who may not use it. That is a courtesy: the bot checks.
    What is `personal` is the same wherever it is used, so that it is also offered in the direct channel with Trellis.
    `start` names what opens its form from anywhere, where a platform has a menu for that and on personal pages.
    `prompt` is what a newcomer would say to get it, where a platform suggests what can be said in the direct channel.
    `locales` are the other languages, by code, for platforms that show each person a command in their own; `english`
    is what was put into this language, if it was.
    """

    name: str
    description: str
    options: tuple[Field, ...] = ()
    role: Role = Role.MEMBER
    personal: bool = False
    start: str = ""
    prompt: str = ""
    locales: Mapping[str, Translations] = field(default_factory=dict, compare=False, repr=False)
    english: Command | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a command is one or two lower-case words: {self.name!r}")
        if not 0 < len(self.description) <= DESCRIPTION:
            raise ValueError(f"a description has 1 to {DESCRIPTION} characters: {self.description!r}")
        for words in (self.start, self.prompt):
            if len(words) > SHORTCUT:
                raise ValueError(f"what starts or suggests a command has at most {SHORTCUT} characters: {words!r}")

    def localized(self, translations: Translations) -> Command:
        """Return the command described in a language; what is typed stays."""
        return replace(
            self,
            description=localized_label(self.description, translations, DESCRIPTION),
            options=tuple(option.localized(translations) for option in self.options),
            start=localized_label(self.start, translations, SHORTCUT) if self.start else "",
            prompt=localized_label(self.prompt, translations, SHORTCUT) if self.prompt else "",
            english=self.english or self,
        )


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry in the menu of every message or, `on_person`, of every person where the platform has such a menu.

    `locales` and `english` are as in `Command`.
    """

    name: str
    role: Role = Role.MEMBER
    on_person: bool = False
    locales: Mapping[str, Translations] = field(default_factory=dict, compare=False, repr=False)
    english: Shortcut | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 < len(self.name) <= SHORTCUT:
            raise ValueError(f"a shortcut's name has 1 to {SHORTCUT} characters: {self.name!r}")

    def localized(self, translations: Translations) -> Shortcut:
        """Return the shortcut by its name in a language."""
        return replace(self, name=localized_label(self.name, translations, SHORTCUT), english=self.english or self)


@dataclass(frozen=True, slots=True)
class Typing:
    """Someone types an option of a command, and is shown what it may be."""

    by: Profile
    channel: Channel
    command: str
    option: str
    typed: str


Suggest: TypeAlias = Callable[[Typing], Awaitable[Sequence[Option]]]
"""Where an adapter asks what an option may be that `suggested` marks: at most 25, and never raises."""


def find_command(line: str, names: Container[str]) -> tuple[str, str]:
    """Return the command that a line begins with, one word or two, and what stands behind it; "" where it is none."""
    for size in (2, 1):
        match = re.match(rf"\s*/?\s*(\S+(?:\s+\S+){{{size - 1}}})(?!\S)\s*", line)
        name = " ".join(match[1].lower().split()) if match else ""
        if match and name in names:
            return name, line[match.end() :].rstrip()
    return "", line
