"""Words with meaning in them, before any platform's markup.

A text is a row of spans. A bare `str` is always data: whatever a member wrote appears as written, pings no one and
breaks nothing, because each platform's renderer escapes it. What should look or behave differently is a span of
its own type, which only code can make. So there is no markup to inject.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TypeAlias

import regex

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
    """A person by name, drawn as a live mention where they have an account. It notifies only if the card pings."""

    name: str
    accounts: tuple[Account, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelLink:
    """A channel by name, drawn as a live link on its own platform."""

    channel: Channel
    name: str


Span: TypeAlias = str | Strong | Code | Link | Time | Mention | ChannelLink


@dataclass(frozen=True, slots=True)
class Text:
    """An immutable row of spans. `+` and `join` put texts together; nothing is ever parsed on the way out."""

    spans: tuple[Span, ...] = ()

    def __iter__(self) -> Iterator[Span]:
        return iter(self.spans)

    def __bool__(self) -> bool:
        return any(span != "" for span in self.spans)

    def __add__(self, other: Words) -> Text:
        return Text(self.spans + text(other).spans)

    def __len__(self) -> int:
        """Return the length in characters as plain words, the measure in which a card's limits are given."""
        return sum(len(plain_span(span)) for span in self.spans)

    def plain(self, show: Callable[[Span], str] | None = None) -> str:
        """Return plain words, each span shown by `show` (by default `plain_span`)."""
        return "".join(map(show or plain_span, self.spans))

    def clip(self, longest: int) -> Text:
        """Return at most `longest` characters, cut at a word where there is one, never inside a grapheme or span."""
        if len(self) <= longest:
            return self
        kept: list[Span] = []
        room = longest - 1
        for span in self.spans:
            size = len(plain_span(span))
            if size <= room:
                kept.append(span)
                room -= size
                continue
            if isinstance(span, str):
                kept.append(clip(span, room + 1))
            elif isinstance(span, Code):
                kept.append(Code(clip(span.text, room + 1), span.block))
            else:
                kept.append("…")
            break
        return Text(tuple(kept))


Words: TypeAlias = str | Text | Strong | Code | Link | Time | Mention | ChannelLink
"""What may be given wherever a text is wanted."""


def text(words: Words) -> Text:
    """Return `words` as a `Text`."""
    if isinstance(words, Text):
        return words
    return Text((words,)) if words != "" else Text()


def say(template: str, **values: Words | int) -> Text:
    """Fill a sentence: `say("{name} asked {when}", name=Strong("Mia"), when=Time(at))`.

    A sentence is whole, so that it can be translated; the values are data or spans. Raises `KeyError` for a value
    that is not given.
    """
    spans: list[Span] = []
    for literal, name, _, _ in string.Formatter().parse(template):
        if literal:
            spans.append(literal)
        if name is not None:
            value = values[name]
            spans.extend(text(str(value) if isinstance(value, int) else value).spans)
    return Text(tuple(spans))


def join(parts: Iterable[Words], separator: Words = "\n") -> Text:
    """Put texts behind each other with `separator` between them; empty ones are left out."""
    spans: list[Span] = []
    for part in map(text, parts):
        if part:
            spans += [*(text(separator).spans if spans else ()), *part.spans]
    return Text(tuple(spans))


def listing(parts: Iterable[Words]) -> Text:
    """Put parts into a sentence: "a", "a and b", "a, b and c"."""
    *most, last = map(text, parts)
    return join([join(most, ", "), last], " and ") if most else last


def plain_span(span: Span) -> str:
    """Show one span as plain words; times in UTC, for want of a reader."""
    match span:
        case str():
            return span
        case Strong(words) | Code(words):
            return words
        case Link(label, _):
            return label
        case Time(at, style):
            return f"{at:%d %b %Y}" if style is TimeStyle.DATE else f"{at:%d %b %Y, %H:%M} UTC"
        case Mention(name, _):
            return f"@{name}"
        case ChannelLink(_, name):
            return f"#{name}"


_UNPRINTABLE = regex.compile(r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u202d\u202e\u2028\u2029--[\n\t]]", regex.V1)
"""Controls, lone surrogates, unassigned code points and the bidirectional overrides: nothing a reader would miss."""

_CODE = regex.compile(r"```(?:[\w+-]*\n)?(?P<block>.+?)```|`(?P<inline>[^`\n]+)`", regex.DOTALL)


def clean(raw: str) -> str:
    """Return what a member typed without characters that no one can see or that turn the line around."""
    return _UNPRINTABLE.sub("", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()


def written(raw: str) -> Text:
    """Read what a member wrote: fenced and inline code become `Code`, everything else stays data."""
    spans: list[Span] = []
    raw = clean(raw)
    end = 0
    for match in _CODE.finditer(raw):
        block, inline = match["block"], match["inline"]
        words = block.strip("\n") if block else inline
        if not words or not words.strip():
            continue
        if before := raw[end : match.start()]:
            spans.append(before)
        spans.append(Code(words, block=bool(block)))
        end = match.end()
    if rest := raw[end:]:
        spans.append(rest)
    return Text(tuple(spans))


def clip(words: str, longest: int) -> str:
    """Return at most `longest` characters, ending in "…" if cut: at a word where one ends nearby, or a grapheme."""
    if len(words) <= longest:
        return words
    if longest < 1:
        return ""
    kept = ""
    for grapheme in regex.findall(r"\X", words[: longest + 64]):
        if len(kept) + len(grapheme) > longest - 1:
            break
        kept += grapheme
    word_end = regex.search(r"\s+\S*$", kept)
    if word_end and word_end.start() > len(kept) * 0.6:
        kept = kept[: word_end.start()]
    return kept.rstrip() + "…"
