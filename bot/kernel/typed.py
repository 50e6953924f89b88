"""Reads a line that somebody typed as the command that it is, on platforms that do not ask for options one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.contract.commands import Role, find_command
from adapters.contract.events import NAMED, CommandUsed, LineTyped
from adapters.contract.forms import Kind
from adapters.contract.text import Translations
from adapters.contract.ui import Card
from bot.text.when import find_times

from .lines import read_line
from .registry import Bound
from .unknown import unknown_card, without_verb

_KEYED = (Kind.MEMBER, Kind.MEMBERS, Kind.CHANNEL)


def command_typed(
    event: LineTyped, commands: Mapping[str, Bound], translations: Translations
) -> tuple[CommandUsed, bool] | None:
    """Return the command that was typed, and whether it is sure what its options are; None if it is no command.

    Where its verb was left out, as in "/poll Tea? yes, no", it is never sure.
    """
    name, rest = find_command(event.line, commands)
    whole = bool(name)
    if not whole:
        name, rest = without_verb(event.line, commands)
    if not name:
        return None
    action, cog = commands[name].action, commands[name].cog
    asked = action.form.fields(cog) if action.form else ()
    fields = tuple(field for field in asked if field.kind is not Kind.FILE)  # which nobody can type
    typed = read_line(rest, fields, translations, lambda words: find_times(words, translations))
    by_key = {field.name for field in fields if field.kind in _KEYED}
    options = {option: _shown(words, event, as_key=option in by_key) for option, words in typed.answers.items()}
    several = {field.name for field in fields if field.kind is Kind.MEMBERS}
    options |= {option: _keys(typed.answers[option], event) for option in several & typed.answers.keys()}
    facts: dict[str, Any] = {"channel": event.channel, "direct": event.direct, "on_page": event.on_page}
    used = CommandUsed(id=event.id, at=event.at, by=event.by, **facts, command=name, options=options)
    return used, typed.sure and whole


def no_command_card(event: LineTyped, commands: Mapping[str, Bound], role: Role) -> Card:
    """Say what there is to somebody of a role who typed what is no command."""
    return unknown_card(_shown(event.line, event, as_key=False), event.before, commands, role)


def _keys(words: str, line: LineTyped) -> str:
    """Return words with the keys of those who are mentioned in them, apart from one another."""
    for number, named in enumerate(line.named):
        words = words.replace(chr(NAMED + number), f", {named.key},")
    return words


def _shown(words: str, line: LineTyped, *, as_key: bool) -> str:
    """Return words with those who are mentioned as readers see them; the key of one who alone is the answer."""
    for number, named in enumerate(line.named):
        if as_key and words == chr(NAMED + number):
            return named.key
        words = words.replace(chr(NAMED + number), named.text)
    return words
