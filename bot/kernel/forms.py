"""Forms: a class of typed answers, declared once, and asked as a command's options or in a dialog.

    class AskForm(Form, title="Ask the community"):
        question: str = ask("Your question, in one sentence", longest=150)
        details: str = ask("What have you tried so far?", lines=6, required=False)

The annotation says what kind of answer it is, and a filled form holds values of just those types. What was not answered
is `""` for text and choices, `()` for several members or roles, and `None` for everything else. A `datetime` is one
moment with a time of day; a `When` may also be a whole day, or a beginning and an end.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform, get_type_hints
from zoneinfo import ZoneInfo

import regex

from adapters.contract.forms import DIALOG_FIELDS, Field, Kind, together
from adapters.contract.models import Channel
from adapters.contract.text import (
    Text,
    Translations,
    Verbatim,
    Words,
    clean,
    clip,
    is_visible,
    label,
    say,
)
from adapters.contract.ui import LABEL, Option
from bot.text.when import When, exact, is_stamp, read_when, written
from storage.members import Member
from storage.uploads import Upload

from .errors import FormError
from .kinds import EMPTY, READERS, Reader, Suggest, read_thing

_SAID = regex.compile(r"[^\p{P}\p{Z}\p{C}]")
_KINDS: dict[Any, Kind] = {
    str: Kind.TEXT,
    int | None: Kind.INTEGER,
    int: Kind.INTEGER,
    bool: Kind.BOOLEAN,
    Member: Kind.MEMBER,
    Member | None: Kind.MEMBER,
    tuple[Member, ...]: Kind.MEMBERS,
    tuple[str, ...]: Kind.ROLES,
    Channel: Kind.CHANNEL,
    Channel | None: Kind.CHANNEL,
    datetime: Kind.MOMENT,
    datetime | None: Kind.MOMENT,
    When: Kind.MOMENT,
    When | None: Kind.MOMENT,
    timedelta: Kind.DURATION,
    timedelta | None: Kind.DURATION,
    Upload: Kind.FILE,
    Upload | None: Kind.FILE,
}

Choices = Sequence[Option] | Callable[[Any], Sequence[Option]]


@dataclass(frozen=True, slots=True)
class _Asked:
    label: str
    hint: str
    required: bool
    longest: int
    lines: int
    rich: bool
    choices: Choices
    suggestions: Choices
    suggest: Suggest | None


def ask(
    label: str,
    *,
    hint: str = "",
    required: bool = True,
    longest: int = 300,
    lines: int = 1,
    rich: bool = False,
    choices: Choices = (),
    suggestions: Choices = (),
    suggest: Suggest | None = None,
) -> Any:
    """Declare a field of a form; its kind is that of the annotation, or a choice where `choices` are given.

    `longest` counts characters; what is `rich` may have code in it. `choices` and `suggestions` may be functions of the
    cog, for what settings name; other answers than the `suggestions` are as good. `suggest` finds some while someone
    types a command's option, where the platform shows any: `suggest=lambda cog, asked: cog.open_polls(asked)`, for a
    text or a whole number.
    """
    return _Asked(label, hint, required, longest, lines, rich, choices, suggestions, suggest)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(ask,))
class Form:
    """Base of all forms. `title`, and `submit` on its button, have at most 24 characters."""

    dialog_title: ClassVar[str]
    dialog_button: ClassVar[str]
    _asked: ClassVar[dict[str, tuple[Kind, _Asked]]]
    _exact: ClassVar[set[str]]

    def __init_subclass__(cls, *, title: str, submit: str = label("Send")) -> None:
        cls.dialog_title, cls.dialog_button = title, submit
        hints = get_type_hints(cls)
        declared = {name: value for name, value in vars(cls).items() if isinstance(value, _Asked)}
        cls._asked = {name: (_kind_of(asked, hints[name]), asked) for name, asked in declared.items()}
        cls._exact = {name for name in declared if hints[name] in (datetime, datetime | None)}
        for name in declared:
            delattr(cls, name)

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    @classmethod
    def fields(cls, cog: object, values: Mapping[str, str] = {}, problems: Mapping[str, str] = {}) -> tuple[Field, ...]:
        """Return the fields as they are drawn, with what was typed and what is wrong with it.

        A choice for which settings name no options is left out.
        """
        fields = []
        for name, (kind, asked) in cls._asked.items():
            named = asked.choices or asked.suggestions
            choices = tuple(named(cog) if callable(named) else named)
            if kind is Kind.CHOICE and not choices:
                continue
            fields.append(
                Field(
                    name,
                    asked.label,
                    kind,
                    asked.required,
                    asked.hint,
                    asked.longest,
                    asked.lines,
                    choices,
                    values.get(name, ""),
                    problems.get(name, ""),
                    asked.suggest is not None,
                    rich=asked.rich,
                )
            )
        return tuple(fields)

    @classmethod
    def suggest(cls, name: str) -> Suggest | None:
        """Return what finds suggestions for a field, if anything does."""
        asked = cls._asked.get(name)
        return asked[1].suggest if asked else None

    @classmethod
    async def read(cls, answers: Mapping[str, str], fields: Sequence[Field], reader: Reader) -> Self:
        """Read what was typed into a filled form. Raises `FormError` that names every answer that is wrong."""
        values: dict[str, Any] = {name: EMPTY.get(kind) for name, (kind, _) in cls._asked.items()}
        problems: dict[str, Words] = {}
        for field in fields:
            typed = clean(answers.get(field.name, ""))
            typed = typed if is_visible(typed) and _says_something(typed, field) else ""
            try:
                if typed:
                    suggest = cls.suggest(field.name) if field.kind is Kind.THING else None
                    read: Any = (
                        await read_thing(typed, suggest, reader)
                        if suggest
                        else await READERS[field.kind](typed, field, reader)
                    )
                    values[field.name] = exact(read, reader.now, reader.zone) if field.name in cls._exact else read
                elif field.required:
                    problems[field.name] = say("Please fill this in.")
                elif field.kind is Kind.BOOLEAN:
                    values[field.name] = False
            except ValueError as wrong:
                problems[field.name] = _words_of(wrong)
        if problems:
            raise FormError(**problems)
        return cls(**values)


def _kind_of(asked: _Asked, hint: Any) -> Kind:
    """Return what kind an answer is. A whole number for which there are suggestions names a thing."""
    kind = Kind.CHOICE if asked.choices else _KINDS[hint]
    return Kind.THING if kind is Kind.INTEGER and asked.suggest else kind


def most_needed(fields: Sequence[Field], named: Collection[str] = ()) -> tuple[Field, ...]:
    """Return as many fields as a dialog has room for, in their order.

    Those that are `named` come before all, then those that are wrong, then those that are needed and empty.
    """

    def rank(field: Field) -> tuple[bool, bool, bool]:
        return field.name not in named, not field.error, bool(field.value) or not field.required

    best: list[Field] = []
    for field in sorted(fields, key=rank):
        more = [one for one in fields if one in best or one is field]
        best = more if len(together(more)) <= DIALOG_FIELDS else best
    return tuple(best)


def with_moment(field: Field, now: datetime, zone: ZoneInfo, translations: Translations, locale: str | None) -> Field:
    """Say a moment that a program wrote as a person would, and add it for platforms that have a picker of moments."""
    if field.kind is not Kind.MOMENT or not is_stamp(field.value):
        return field
    try:
        at = exact(read_when(field.value, now, zone, translations, locale or ""), now, zone)
    except ValueError:
        return field
    return replace(field, at=at, value=written(at, zone))


F = TypeVar("F", bound=Form)


def _says_something(typed: str, field: Field) -> bool:
    """Say whether what was typed can be meant: a title or a reason of nothing but "?" or "..." cannot.

    What can be chosen may be signs: "+, -"; and "-" takes back what need not be said.
    """
    is_sentence = field.kind is Kind.TEXT and field.required
    several = field.lines > 1 and len({*regex.findall(r"[^\s,;]+", typed)}) > 1
    return not is_sentence or several or has_words(typed)


def has_words(typed: str) -> bool:
    """Say whether there is anything but punctuation: a letter, a number, a symbol or an emoji."""
    return _SAID.search(typed) is not None


def _words_of(wrong: ValueError) -> Words:
    """Return the sentence for the person that an error was raised with."""
    words = wrong.args[0] if wrong.args else ""
    return words if isinstance(words, Text) else str(words)


def numbered(number: int | None, title: str) -> Option:
    """Return what stands for a thing that members know by its number and title."""
    return Option(Verbatim(clip(f"#{number} {title}", LABEL)), str(number))
