"""How each kind of answer is read: what was typed becomes a value, or a sentence that says what is wrong with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import regex

from adapters.contract.forms import KEPT, PEOPLE, ROLES, Field, Kind, apart
from adapters.contract.models import Channel
from adapters.contract.text import Translations, join, labelled, say
from adapters.contract.ui import Option
from bot.text.language import spoken
from bot.text.when import When, languages_of, read_duration, read_when
from bot.text.when.lexicon import Lexicon, fold, known_languages, normal
from storage.members import Member
from storage.uploads import Upload

Suggest = Callable[[Any, Any], Awaitable[Sequence[Option]]]
"""What an option may be: asked of the cog, with the `Suggesting` moment in which someone types."""


EMPTY: dict[Kind, Any] = {Kind.TEXT: "", Kind.CHOICE: "", Kind.MEMBERS: (), Kind.ROLES: ()}
"""What stands for an answer that was not given; for every other kind, nothing."""


class Reader(Protocol):
    """Whose answers are read: their time, zone, language and region, and whom they can name."""

    now: datetime
    zone: ZoneInfo
    translations: Translations
    locale: str

    async def find_member(self, typed: str) -> Member:
        """Return the member of that account key or name. Raises `ValueError` with a sentence."""

    async def find_members(self, typed: Sequence[str]) -> Sequence[Member]:
        """Return several, by their keys or names. Raises `ValueError` with a sentence about the first unknown one."""

    async def find_channel(self, typed: str) -> Channel:
        """Return the channel of that key or name. Raises `ValueError` with a sentence."""

    async def find_upload(self, upload_id: str) -> Upload:
        """Return what the person handed over. Raises `ValueError` with a sentence."""

    async def find_thing(self, typed: str, suggest: Suggest) -> int:
        """Return the number of the thing of that title, among those suggested. Raises `ValueError` with a sentence."""


async def _read_text(typed: str, field: Field, _: Reader) -> str:
    if field.lines == 1:
        typed = " ".join(typed.split())
    if len(typed) > field.longest:
        raise ValueError(
            say("At most {longest} characters, please; this has {n}.", longest=field.longest, n=len(typed))
        )
    return typed


_INTEGER = regex.compile(r"(?:#|n[or]\.?(?=[\s\d]))?\s*(?P<number>[+-]?\d{1,9})", regex.ASCII | regex.IGNORECASE)
"""A number as it is typed: "7", "#7", "No. 7", "Nr. 7"."""


async def _read_integer(typed: str, _: Field, __: Reader) -> int:
    number = _number(typed) or number_word(typed)
    if number is None:
        raise ValueError(say("A whole number, please."))
    return number


def _number(typed: str) -> int | None:
    """Return the number that was typed, in whichever digits, if it is one. Raises `ValueError` for less than 1."""
    match = _INTEGER.fullmatch(normal(typed))
    if match and int(match["number"]) < 1:
        raise ValueError(say("At least 1, please."))
    return int(match["number"]) if match else None


def number_word(typed: str) -> int | None:
    """Return the number that was typed as a word, in any language that we know: "twenty", "zwölf"."""
    return _numbers().get(fold(normal(typed)))


@cache
def _numbers() -> Mapping[str, int]:
    return Lexicon(known_languages()).numbers


async def read_thing(typed: str, suggest: Suggest, reader: Reader) -> int:
    """Read the number of a thing, or its title among those that are suggested."""
    number = _number(typed)
    return await reader.find_thing(typed, suggest) if number is None else number


async def _read_boolean(typed: str, _: Field, reader: Reader) -> bool:
    answer = yes_or_no(typed, reader.translations)
    if answer is None:
        raise ValueError(say("Yes or no, please."))
    return answer


def yes_or_no(typed: str, translations: Translations) -> bool | None:
    """Return the answer to a question that asks for yes or no, in any language that we know; None for other words."""
    said = fold(normal(typed))
    return next((found[said] for found in map(_answers, languages_of(translations)) if said in found), None)


@cache
def _answers(languages: tuple[str, ...]) -> Mapping[str, bool]:
    """Return what may be typed for yes and no."""
    return Lexicon(languages).named({"yes": True, "no": False})


def option_of(typed: str, field: Field, translations: Translations) -> Option | None:
    """Return the option of a field that was typed, by its value or by how it is called in any language of ours.

    What it is called in one's own comes first. A sign before its name need not be typed: "🗓️ Planned".
    """
    sought = _called(typed)
    for language in (translations, *spoken()):
        for option in field.choices:
            if sought in map(_called, (option.value, option.label, option.localized(language).label)):
                return option
    return None


def _called(words: str) -> str:
    return regex.sub(r"^[^\p{L}\p{N}]+", "", words).casefold() or words


async def _read_choice(typed: str, field: Field, reader: Reader) -> str:
    if option := option_of(typed, field, reader.translations):
        return option.value
    options = join((labelled(option.label) for option in field.choices), ", ")
    raise ValueError(say("One of these, please: {options}.", options=options))


async def _read_members(typed: str, _: Field, reader: Reader) -> tuple[Member, ...]:
    named = apart(typed)
    if len(named) > PEOPLE:
        raise ValueError(say("At most {n} people, please.", n=PEOPLE))
    return tuple({member.id: member for member in await reader.find_members(named)}.values())


async def _read_roles(typed: str, field: Field, _: Reader) -> tuple[str, ...]:
    """Read names of roles. Which there are is not asked: the same event may be for people of another platform."""
    named = dict.fromkeys(name.lstrip("@") for name in apart(typed))
    if len(named) > ROLES or any(len(name) > field.longest for name in named):
        raise ValueError(say("At most {n} roles, please.", n=ROLES))
    return tuple(name for name in named if name)


async def _read_when(typed: str, _: Field, reader: Reader) -> When:
    return read_when(typed, reader.now, reader.zone, reader.translations, reader.locale)


async def _read_duration(typed: str, _: Field, reader: Reader) -> timedelta:
    return read_duration(typed, reader.translations)


async def _read_file(typed: str, _: Field, reader: Reader) -> Upload:
    return await reader.find_upload(typed.removeprefix(KEPT))


READERS: Mapping[Kind, Callable[[str, Field, Reader], Awaitable[Any]]] = {
    Kind.TEXT: _read_text,
    Kind.INTEGER: _read_integer,
    Kind.BOOLEAN: _read_boolean,
    Kind.CHOICE: _read_choice,
    Kind.MEMBER: lambda typed, _, reader: reader.find_member(typed),
    Kind.MEMBERS: _read_members,
    Kind.ROLES: _read_roles,
    Kind.CHANNEL: lambda typed, _, reader: reader.find_channel(typed),
    Kind.MOMENT: _read_when,
    Kind.DURATION: _read_duration,
    Kind.FILE: _read_file,
}
