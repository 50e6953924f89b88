"""What members can type and pick, as each platform registers it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TypeAlias

from .forms import Field, Kind
from .models import Channel, Profile
from .text import Tongue, spoken_label
from .ui import Option

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}( [a-z][a-z0-9-]{0,31})?")
DESCRIPTION, SHORTCUT = 100, 24
"""A description fits Discord's 100 characters; a shortcut's name Slack's 24."""


class Role(IntEnum):
    """What a person may do. Each role includes the ones below it.

    A guest is someone of whom the platform says that they only visit, or says nothing: what asks for no role in
    particular is for members, so a guest may do only what is declared as open to guests.
    """

    GUEST = 0
    MEMBER = 1
    AGENT = 2
    MODERATOR = 3
    ADMIN = 4


@dataclass(frozen=True, slots=True)
class Command:
    """`question list`: one or two words, and options in the order in which they may be typed.

    `role` lets a platform hide the command from those who may not use it. That is a courtesy: the bot checks.
    `tongues` are the other languages, by code, for platforms that show each person a command in their own; `english`
    is what was put into this language, if it was.
    """

    name: str
    description: str
    options: tuple[Field, ...] = ()
    role: Role = Role.MEMBER
    tongues: Mapping[str, Tongue] = field(default_factory=dict, compare=False, repr=False)
    english: Command | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a command is one or two lower-case words: {self.name!r}")
        if not 0 < len(self.description) <= DESCRIPTION:
            raise ValueError(f"a description has 1 to {DESCRIPTION} characters: {self.description!r}")

    def spoken(self, tongue: Tongue) -> Command:
        """Return the command described in a language; what is typed stays."""
        return replace(
            self,
            description=spoken_label(self.description, tongue, DESCRIPTION),
            options=tuple(option.spoken(tongue) for option in self.options),
            english=self.english or self,
        )


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry in the menu of every message. `tongues` and `english` are as in `Command`."""

    name: str
    role: Role = Role.MEMBER
    tongues: Mapping[str, Tongue] = field(default_factory=dict, compare=False, repr=False)
    english: Shortcut | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 < len(self.name) <= SHORTCUT:
            raise ValueError(f"a shortcut's name has 1 to {SHORTCUT} characters: {self.name!r}")

    def spoken(self, tongue: Tongue) -> Shortcut:
        """Return the shortcut by its name in a language."""
        return replace(self, name=spoken_label(self.name, tongue, SHORTCUT), english=self.english or self)


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


_ONE_WORD = {Kind.INTEGER, Kind.BOOLEAN, Kind.MEMBER, Kind.CHANNEL, Kind.CHOICE}
_WORD = re.compile(r'"(?P<straight>[^"]*)"(?=\s|$)|“(?P<curly>[^”]*)”(?=\s|$)|(?P<bare>\S+)')


def read_line(line: str, commands: Mapping[str, Command]) -> tuple[Command | None, dict[str, str]]:
    """Read what was typed after the slash into a command and its options.

    `ask topic:webhooks How do I rotate "the secret"?` names an option by `name:` or `name=` with the value right
    behind; quotes keep words together; what is left fills the options in their order, the last required one taking
    all the rest. Answers are not checked here. Returns no command where none has that name.
    """
    words = line.split(maxsplit=2)
    for size in (2, 1):
        command = commands.get(" ".join(words[:size]).lower()) if len(words) >= size else None
        if command:
            rest = line.strip()
            for word in words[:size]:
                rest = rest[len(word) :].lstrip()
            return command, _read_options(rest, command.options)
    return None, {}


def _read_options(line: str, options: tuple[Field, ...]) -> dict[str, str]:
    by_name = {option.name: option for option in options}
    answers: dict[str, str] = {}
    rest = line
    if by_name:
        marker = re.compile(rf"(?:^|(?<=\s))({'|'.join(by_name)})[:=](?=\S)")
        quoted = [match.span() for match in re.finditer(r'(?:^|(?<=\s))["“][^"”]*["”]', line)]
        marks = [m for m in marker.finditer(line) if not any(start < m.start() < end for start, end in quoted)]
        rest = line[: marks[0].start()] if marks else line
        ends = [*(mark.start() for mark in marks[1:]), len(line)]
        for mark, end in zip(marks, ends, strict=False):
            said = line[mark.end() : end].strip()
            if mark[1] in answers:
                rest = f"{rest} {said}"
            elif said[0] in '"“' or _is_short(by_name[mark[1]]):
                answers[mark[1]], over = _first(said)
                rest = f"{rest} {over}"
            else:
                answers[mark[1]] = said
    waiting = [option for option in options if option.name not in answers]
    waiting = [option for option in waiting if option.required] or waiting[:1]
    rest = rest.strip()
    for option in waiting[:-1]:
        if rest:
            answers[option.name], rest = _first(rest)
    if rest and waiting:
        word, over = _first(rest)
        answers[waiting[-1].name] = word if not over or _is_short(waiting[-1]) else rest
    return answers


def _is_short(option: Field) -> bool:
    """Say whether an answer is one word unless it is in quotes: one of a kind, or one that is suggested."""
    return option.kind in _ONE_WORD or bool(option.choices)


def _first(words: str) -> tuple[str, str]:
    """Take the first word, or what is in quotes; return it and what follows."""
    match = _WORD.match(words)
    if match is None:
        return words, ""
    quoted = match["straight"] if match["straight"] is not None else match["curly"]
    return match["bare"] if quoted is None else quoted, words[match.end() :].strip()
