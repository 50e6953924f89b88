"""Words as Discord's markdown. What a member wrote appears as written: it pings no one and breaks nothing.

Every character that could begin markup is escaped; what should look or behave differently is a span of its own
type. So mentions, masked links, fences, headings, lists, quotes, spoilers and timestamps only come from code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import quote

import regex

from adapters.contract.models import Account, Space
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
    outside_code,
)

_UNSEEN = regex.compile(r"[\p{Cc}\p{Cs}\u202d\u202e\u2028\u2029--[\n\t]]", regex.V1)
"""Controls, lone surrogates and what turns a line around."""
_ACTIVE = regex.compile(
    r"(?P<url>https?://[\w\-.~:/?#@!$&'()+,;=%]+[\w/=])"
    r"|(?P<mark>[\\*_~|`<>\[\]@#])"
    r"|(?P<line>(?<=^[ \t]*)(?:[-+]|\d+(?=[.)])))",
    regex.MULTILINE,
)
_MENTIONED = regex.compile(r"<@(\d+)>")
_FENCE = regex.compile(r"``(?=`)")
_TICKS = regex.compile(r"`(?=`)")
_IN_ADDRESS = "!#$%&*+,/:;=?@-._~"
_STYLES = {TimeStyle.MOMENT: "<t:{0}:F> (<t:{0}:R>)", TimeStyle.DATE: "<t:{0}:D>", TimeStyle.RELATIVE: "<t:{0}:R>"}
ZERO = "\u200b"
"""A space without width: it parts characters that would mean something together, and fills what may not be empty."""


@dataclass(frozen=True, slots=True)
class Here:
    """Where a text is read: the guild, what it is called, and the ids of the commands that can be used there.

    `roles` are the ids of its roles, by their names.
    Where it `is_direct`, nothing but the text itself says to which guild it belongs.
    """

    space: Space
    name: str = ""
    commands: Mapping[str, str] = field(default_factory=dict)
    is_direct: bool = False
    roles: Mapping[str, str] = field(default_factory=dict)


def escape(words: str) -> str:
    """Return words that Discord shows as they are. Web addresses stay whole, and so can be followed."""
    return _ACTIVE.sub(_escaped, seen(words))


def _escaped(match: regex.Match[str]) -> str:
    if match["url"]:
        return match[0]
    if match["line"] and match[0].isdigit():
        return f"{match[0]}\\"
    return f"\\{match[0]}"


def seen(words: str) -> str:
    """Return words without characters that no one sees."""
    return _UNSEEN.sub("", words)


def mention(account: Account) -> str:
    """Return a live mention. It notifies only if `allowed_mentions` names the account."""
    return f"<@{account.id}>"


def mentioned(drawn: str) -> set[str]:
    """Return the ids of those whom drawn markdown mentions."""
    found = set[str]()

    def note(part: str) -> str:
        found.update(_MENTIONED.findall(part))
        return part

    outside_code(drawn, note)
    return found


def markdown(words: Text, here: Here) -> str:
    """Return a text as markdown."""
    drawn = ""
    for span in _whole(words.apart()):
        piece = _marked(span, here)
        # Two marks that touch would be read as another one.
        drawn += ZERO + piece if drawn and piece[:1] in ("`", "*") and drawn[-1] == piece[0] else piece
    return drawn


def line(words: Text, here: Here) -> str:
    """Return a text as markdown in one line, as a heading or small print has to be."""
    inline = (Code(span.text) if isinstance(span, Code) else span for span in words)
    return " ".join(markdown(Text(tuple(inline)), here).split())


def fit(words: Text, longest: int, draw: Callable[[Text], str]) -> str:
    """Draw as much of a text as has at most `longest` characters once it is drawn, cut at a word or grapheme."""
    drawn = draw(words).strip()
    if len(drawn) <= longest:
        return drawn
    low, high = 0, len(words) + 1
    best = ""
    while low < high:
        middle = (low + high) // 2
        tried = draw(words.clip(middle)).strip() if middle else ""
        if len(tried) <= longest:
            best, low = tried, middle + 1
        else:
            high = middle
    return best


def address(url: str) -> str:
    """Return a web address without characters that would end it."""
    return quote(seen(url), safe=_IN_ADDRESS)


def _whole(words: Text) -> Iterator[Span]:
    """Join neighbouring strings, so that no mark is put together from two harmless halves."""
    for kind, spans in groupby(words, type):
        if kind is str:
            yield "".join(map(str, spans))
        else:
            yield from spans


def _marked(span: Span, here: Here) -> str:
    match span:
        case str():
            return escape(span)
        case Strong(words):
            return _strong(words)
        case Code(words, block):
            return _fenced(words) if block else _inline(words)
        case Link(label, url):
            return _link(label, url)
        case Time(at, style):
            return _STYLES[style].format(int(at.timestamp()))
        case Mention(_, accounts, _, plain):
            live = [account for account in accounts if account.space == here.space and not plain]
            return mention(live[0]) if live else escape(span.shown)
        case ChannelLink(channel, name):
            return f"<#{channel.id}>" if channel.space == here.space else escape(f"#{name}")
        case CommandLink(name, words):
            return f"</{name}:{here.commands[name]}>" if name in here.commands else escape(words)


def _strong(words: str) -> str:
    """Bold has to end on the line and at the word where it begins."""
    inner = escape(words.replace("\n", " "))
    bare = inner.strip()
    return inner.replace(bare, f"**{bare}**", 1) if bare else inner


def _fenced(words: str) -> str:
    words = _FENCE.sub(f"``{ZERO}", seen(words))
    return f"```\n{words}\n```" if words.strip() else escape(words)


def _inline(words: str) -> str:
    words = _TICKS.sub(f"`{ZERO}", seen(words).replace("\n", " "))
    if not words.strip():
        return escape(words)
    if "`" not in words:
        return f"`{words}`"
    return f"`` {words} ``"


def _link(label: str, url: str) -> str:
    """Discord leaves a masked link whose label looks like an address undrawn, so that one is shown beside it."""
    shown = escape(label.replace("\n", " ")).strip()
    if not url.lower().startswith(("https://", "http://")):
        return shown
    target = address(url)
    if label == url:
        return f"<{target}>"
    if "://" in label:
        return f"{shown} (<{target}>)"
    return f"[{shown or escape(target)}]({target})"
