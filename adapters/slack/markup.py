"""Turns texts into Slack's mrkdwn. Pure.

What a member wrote is data: it is escaped, its formatting marks are made inert by zero-width spaces, and it is cut to
fit after that, so that no cut falls inside an escape, a link or a grapheme. Whoever puts mrkdwn into a block makes it
`verbatim`, so that Slack turns no word of it into a link or a mention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import TypeAlias

import regex

from adapters.contract.models import Space
from adapters.contract.text import (
    ChannelLink,
    Code,
    CommandLink,
    Link,
    Mention,
    Span,
    Strong,
    Text,
    Time,
    TimeStyle,
    clip,
    plain_span,
)

from . import limits

Draw: TypeAlias = Callable[[Span], str]
"""Draws one span as mrkdwn."""

_DATES = {
    TimeStyle.MOMENT: "{date_long} at {time}",
    TimeStyle.DATE: "{date_short_pretty}",
    TimeStyle.RELATIVE: "{ago}",
}
_EDGE = "\N{ZERO WIDTH SPACE}"
_FREE = frozenset(" \n\t.,;:!?()")
"""Beside these, formatting begins and ends."""
_INERT = [
    # A mark that could open or close formatting stands at the edge of a word. snake_case stays as it is.
    (regex.compile(r"(?<![\p{L}\p{N}\p{M}])[*_~]|[*_~](?![\p{L}\p{N}\p{M}])"), rf"{_EDGE}\g<0>{_EDGE}"),
    (regex.compile(r"`"), "\N{MODIFIER LETTER GRAVE ACCENT}"),
    (regex.compile(r":(?=[\w+'-]+:)"), rf":{_EDGE}"),
    (regex.compile(r"^(\s*)(?=>)", regex.MULTILINE), rf"\1{_EDGE}"),
    (regex.compile(r"(?<=[@\uff20])(?=(?:here|channel|everyone|group)\b)", regex.IGNORECASE), _EDGE),
]


@dataclass(frozen=True, slots=True)
class Home:
    """The workspace for whose members we draw: its web address, for links to people, and what commands begin with."""

    space: Space
    url: str = ""
    prefix: str = ""

    def command(self, name: str) -> str:
        """Return what is typed for a command of ours: some words are Slack's own, and ours behind `/trellis`."""
        if not self.prefix and name.partition(" ")[0] in limits.RESERVED:
            return f"{limits.ANYTHING} {name}"
        return self.prefix + name


def draw_text(words: Text, home: Home) -> str:
    """Return a text as mrkdwn, whole. Nobody is mentioned."""
    return _join(words.apart(), drawer(home, frozenset()))


_UNSEEN = regex.compile(r"[\p{Cc}\p{Cs}\u202a-\u202e--[\n\t]]", regex.V1)
"""Controls, lone surrogates (which no request can carry) and what turns the direction of all that follows."""


def seen(words: str) -> str:
    """Return words without the characters that no one can see and that spoil what stands around them."""
    return _UNSEEN.sub("", words)


def escape(words: str) -> str:
    """Write the three characters that mean something to Slack everywhere as they are to be shown."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def inert(words: str) -> str:
    """Return mrkdwn that shows these words as they were written: it formats, links, calls and draws nothing."""
    words = seen(words)
    for pattern, instead in _INERT:
        words = pattern.sub(instead, words)
    return escape(words)


def drawer(home: Home, live: frozenset[str]) -> Draw:
    """Return what draws a span. On Slack a mention always notifies, so only who is in `live` is mentioned."""

    def draw(span: Span) -> str:
        match span:
            case Strong(words):
                return "\n".join(strong(line) for line in words.split("\n"))
            case Code(words, block):
                return _code(words, block)
            case Link(label, url):
                return _link(label, url)
            case Time(at, style):
                unix, fallback = int(at.astimezone(UTC).timestamp()), plain_span(span)
                return f"<!date^{unix}^{_DATES[style]}|{fallback}>" if unix >= 0 else fallback
            case Mention(_, accounts, _, plain):
                here = [account.id for account in accounts if account.space == home.space and not plain]
                called = [person for person in here if person in live]
                if called:
                    return f"<@{called[0]}>"
                return _link(span.shown, f"{home.url}team/{here[0]}") if here and home.url else inert(span.shown)
            case ChannelLink(channel, name):
                return f"<#{channel.id.partition(':')[0]}>" if channel.space == home.space else inert(f"#{name}")
            case CommandLink(name, text):
                span = text.replace(f"/{name}", f"/{home.command(name)}")
        return inert(span)

    return draw


def strong(words: str) -> str:
    """Return one line that stands out; the white space around it stays outside, where Slack wants it."""
    bare = words.strip()
    if not bare:
        return words
    before, after = words.split(bare, 1)
    return f"{before}*{inert(bare)}*{after}"


def _code(words: str, block: bool) -> str:
    words = seen(words)
    if block or "\n" in words:
        inside = escape(words.replace("```", f"``{_EDGE}`").strip("\n"))
        return f"```\n{inside or _EDGE}\n```"
    inside = escape(words.replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}"))
    return f"`{inside}`" if inside.strip() else inside


def _link(label: str, url: str) -> str:
    """Return a link, or its words where it leads nowhere on the web."""
    label = inert(" ".join(label.split()))
    url = regex.sub(r"[\s<>|\"^`{}\\\p{C}]", lambda match: "".join(f"%{byte:02X}" for byte in _bytes(match[0])), url)
    whole = f"<{escape(url)}|{label}>"
    return whole if label and url.lower().startswith(("https://", "http://")) and len(whole) < 1000 else label


def _bytes(character: str) -> bytes:
    return character.encode("utf-8", "replace")


def _join(spans: Iterable[Span], draw: Draw) -> str:
    """Put drawn spans behind each other so that what is formatted stands free, as Slack wants it."""
    row, after = "", False
    for span in spans:
        drawn = draw(span)
        formatted = isinstance(span, Strong | Code)
        if row and drawn and ((formatted and row[-1] not in _FREE) or (after and drawn[0] not in _FREE)):
            row += _EDGE
        row, after = row + drawn, formatted
    return row


def fit(words: Text, draw: Draw, longest: int, most: int) -> list[str]:
    """Draw a text as at most `most` pieces of at most `longest` characters, cut at words, graphemes or spans."""
    waiting, pieces, row = list(reversed(words.apart().spans)), list[str](), list[Span]()
    while waiting:
        span = waiting.pop()
        room = longest - len(_join(row, draw)) - 2
        if len(draw(span)) <= room:
            row.append(span)
            continue
        if not isinstance(span, str | Strong | Code):
            head: Span = ""
            waiting.append(span if row else clip(plain_span(span), longest // 8))
        else:
            head, rest = _cut(span, room if room > longest // 3 else 0, draw)
            waiting.append(rest)
        row.append(head)
        pieces.append(_join(row, draw))
        row = []
        if len(pieces) == most:
            pieces[-1] += "…"
            break
    pieces.append(_join(row, draw))
    return [piece for piece in pieces if piece.strip(f"{_EDGE} \n\t")]


def _cut(span: str | Strong | Code, room: int, draw: Draw) -> tuple[Span, Span]:
    """Return the beginning of a span that can be drawn in `room` characters, and the rest."""
    words = span if isinstance(span, str) else span.text

    def like(part: str) -> Span:
        return part if isinstance(span, str) else Strong(part) if isinstance(span, Strong) else Code(part, span.block)

    size = room
    while size > 0:
        kept = _beginning(words, size)
        drawn = len(draw(like(kept)))
        if drawn <= room:
            return like(kept), like(words[len(kept) :])
        size = min(len(kept) - 1, len(kept) * room // drawn)
    return "", span


def _beginning(words: str, size: int) -> str:
    """Return at most `size` characters, ending after a word if one ends nearby, else after a grapheme."""
    if len(words) <= size:
        return words
    end = 0
    for match in regex.finditer(r"\X", words[: size + 64]):
        if match.end() > size:
            break
        end = match.end()
    kept = words[: end or size]
    word = regex.search(r"\s+\S*$", kept)
    return kept[: word.end() - len(word[0].lstrip())] if word and word.start() > len(kept) * 0.6 else kept


def fit_words(words: str, longest: int) -> str:
    """Return words as mrkdwn of at most `longest` characters."""
    return "".join(fit(Text((words,)), inert_span, longest, 1)) or "…"


def inert_span(span: Span) -> str:
    """Draw any span as inert words."""
    return inert(plain_span(span))
