"""What somebody said to Trellis, directly or by a mention: its words without our name, and the command in them."""

from __future__ import annotations

from collections.abc import Mapping

import regex

from adapters.contract.commands import find_command
from adapters.contract.events import NAMED, LineTyped, MessageEdited, MessagePosted
from adapters.contract.forms import Field, Kind
from adapters.contract.models import Message
from adapters.contract.text import Translations
from bot.text.when import find_times

from .actions import CommandAction
from .lines import read_line
from .registry import Bound
from .unknown import other_name, that_makes, without_verb

_US = "\uf8ff"
"""The private-use character that stands for a mention of ourselves."""
_BEGINS = regex.compile(
    r"^(?:\W*\b(?:hi|hey|hello|hallo|hej|moin|servus|yo|dear|liebe[rs]?|ok(?:ay)?|guten (?:morgen|tag|abend))\b)?"
    rf"[\s,:;!.–—-]*{_US}[\s,:;.–—-]*",
    regex.IGNORECASE,
)
_ENDS = regex.compile(rf"[\s,–—-]*{_US}(?=[\s.!?…]*$)")
_SLASHED = regex.compile(r"/\s?[\p{L}\p{N}_-]+(?:\s|$)")
_POLITE = regex.compile(r"^(?:please|bitte|pls)\s+|[\s,]+(?:please|bitte|pls)(?=[\s.!?…]*$)", regex.IGNORECASE)
_WITH_US = regex.compile(rf"{_US}\s*(?:,|&|\band\b|\bund\b)?\s*|\s*(?:,|&|\band\b|\bund\b)\s*{_US}", regex.IGNORECASE)
_NAMED = regex.compile(r"([\p{L}\p{N}_-]+)\s?[:\uff1a]\s*(\S.*)", regex.DOTALL)
_SOMEBODY = regex.compile(
    r"(?:[\uE000-\uF8FE]|@\w|(?:me|us|him|her|them|you|it|myself|mich|mir|uns|ihn|ihm|sie|dich|dir|euch|"
    r"some(?:one|body)|any(?:one|body)|every(?:one|body)|jemand(?:en|em)?|alle)(?!\w))",
    regex.IGNORECASE,
)
"""Somebody to whom a verb is done: "ask me about kafka" asks nothing, and "introduce me" says nothing of anybody."""
_COLON = regex.compile(r"[\p{L}\p{N}_-]+\s?[:\uff1a]")
_ASKED = regex.compile(r"[?？؟][\"”»]?\s*\S")
"""A question, and something behind it: what can be chosen."""
_FEW = 3
"""Of so many words at most is what other bots and languages call a command."""
_EDGES = " \t\n.!?…,:;"


def words_to_us(message: Message) -> str:
    """Return what a message says without our name, where that stands at its beginning, behind a greeting, or end."""
    return _shown(_line(message), message)


def is_addressed(message: Message) -> bool:
    """Say whether a message speaks to us rather than of us: directly, or with our name at its beginning or end."""
    return message.direct or not message.text.strip() or _US not in _line(message)


def command_said(
    event: MessagePosted | MessageEdited, commands: Mapping[str, Bound], translations: Translations
) -> LineTyped | None:
    """Return the command that a message to us is, with or without a slash; None if it is none.

    It is named by its message, so that it is carried out once, whether it was written so or became so by an edit.

    Without a slash the words may be mere talk: they are a command where two of them name it, or where one does and the
    rest is just what it needs, or a time where it takes one. "help me with webhooks" is none, for `help` needs nothing;
    nor are "ask around" and "introduce yourself": what others see is only made behind a colon, or of what asks.
    """
    message = event.message
    if not message.to_us or event.by.bot:
        return None
    said = _line(message)
    line = said if _SLASHED.match(said) else _without_slash(_POLITE.sub("", said).strip(), commands, translations)
    if not line:
        return None
    return LineTyped(
        id=f"said/{message.ref.id}",
        at=event.at,
        by=event.by,
        channel=message.ref.channel,
        direct=message.direct,
        line=_shown(line, message, keep=True),
        before="/" if line.startswith("/") else "",
        named=message.named,
    )


def _line(message: Message) -> str:
    """Return a message with a character for each that is mentioned, and without our own name at its edges."""
    line, rest = "", message.text
    for number, named in enumerate(message.named):
        before, found, behind = rest.partition(named.text)
        if found:
            line, rest = line + before + (chr(NAMED + number) if named.key else _US), behind
    line = _BEGINS.sub("", line + rest, count=1)
    return _ENDS.sub("", line).strip()


def _shown(line: str, message: Message, *, keep: bool = False) -> str:
    """Return a line as readers see it; `keep` leaves the characters that stand for others than us."""
    ours = next((named.text for named in message.named if not named.key), "")
    line = line.replace(_US, ours)
    for number, named in enumerate(() if keep else message.named):
        line = line.replace(chr(NAMED + number), named.text)
    return line


def _without_slash(line: str, commands: Mapping[str, Bound], translations: Translations) -> str:
    """Return the line of a command that was named without a slash, perhaps as other bots or languages call it."""
    alone = line.strip(_EDGES).casefold()
    if alone in commands:  # what it needs is asked in its form; "thanks" alone says thanks to us
        return "" if any(field.kind is Kind.MEMBER and field.required for field in _fields(commands[alone])) else alone
    if alone.count(" ") < _FEW and (word := other_name("-".join(alone.split()), commands)):
        return word if word not in commands or not any(map(_is_needed, _fields(commands[word]))) else ""
    if made := _thing_to_make(line, commands):
        return made
    name, rest = without_verb(line, commands)
    if name and _ASKED.search(rest) and _is_whole(rest, _fields(commands[name]), translations):
        return f"{name} {rest}"
    said = line
    name, rest = find_command(line, commands)
    if not name:
        word, rest = _other_words(line, commands)
        name, line = word, f"{word} {rest}"
    if " " in name:
        return line
    if name not in commands or not rest:
        return ""
    fields = _fields(commands[name])
    people = [field for field in fields if field.kind is Kind.MEMBER and field.required]
    if people:  # where it is not sure who is meant, the form asks; "thanks, @Trellis and @Noah" means Noah
        line, rest = (_WITH_US.sub("", words) for words in (line, rest))
        return line if regex.search(r"[\uE000-\uF8FE]|(?<!\w)@\w", rest) else ""
    action = commands[name].action
    is_own = isinstance(action, CommandAction) and action.personal
    is_meant = not _SOMEBODY.match(rest) and (is_own or _COLON.match(said) or rest.endswith(("?", "？", "؟")))
    return line if is_meant and _is_whole(rest, fields, translations) else ""


def _is_whole(rest: str, fields: tuple[Field, ...], translations: Translations) -> bool:
    """Say whether words are surely just what a command needs, or a time where it takes one."""
    if not any(map(_is_needed, fields)):
        return _is_time(rest.strip(_EDGES), fields, translations)
    typed = read_line(rest, fields, translations, lambda words: find_times(words, translations))
    return typed.sure and all(typed.answers.get(field.name) for field in fields if field.required)


def _is_time(words: str, fields: tuple[Field, ...], translations: Translations) -> bool:
    """Say whether words are a time and nothing else, for a command that takes but one: "away until friday"."""
    takes_one = [field.kind for field in fields] == [Kind.MOMENT]
    return takes_one and find_times(words, translations) == [(0, len(words))]


def _thing_to_make(line: str, commands: Mapping[str, Bound]) -> str:
    """Return the line of the command that makes a thing which was named before a colon: "poll: pizza or pasta?"."""
    match = _NAMED.match(line)
    if not match:
        return ""
    name = that_makes(match[1].casefold(), commands)
    return f"{name} {match[2]}" if name else ""


def _other_words(line: str, commands: Mapping[str, Bound]) -> tuple[str, str]:
    """Return the command that the first word or two mean elsewhere ("danke", "thank you"), and what is behind them."""
    for size in (2, 1):
        words = line.split(maxsplit=size)
        if len(words) > size and (name := other_name("-".join(words[:size]).casefold().strip(_EDGES), commands)):
            return name, words[size]
    return "", line


def _fields(bound: Bound) -> tuple[Field, ...]:
    return bound.action.form.fields(bound.cog) if bound.action.form else ()


def _is_needed(field: Field) -> bool:
    return field.required
