"""Words with meaning in them, before any platform's markup.

A text is a row of spans. A bare `str` is always data: whatever a member wrote appears as written, pings no one and
breaks nothing, because each platform's renderer escapes it. What should look or behave differently is a span of
its own type, which only code can make. So there is no markup to inject.

Trellis' own sentences are phrases, which `say` and `count` make: they stay whole until it is known who reads them, and
are put into that person's language then (`localized`).
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from gettext import NullTranslations
from typing import TypeAlias

import regex

from .bidi import isolate
from .spans import ChannelLink, Code, CommandLink, Link, Mention, Span, Strong, Time, TimeStyle

__all__ = [
    "ENGLISH",
    "ChannelLink",
    "Code",
    "CommandLink",
    "Link",
    "Mention",
    "Phrase",
    "Span",
    "Strong",
    "Text",
    "Time",
    "TimeStyle",
    "Translations",
    "Verbatim",
    "Words",
    "clean",
    "clip",
    "count",
    "is_visible",
    "join",
    "label",
    "labelled",
    "listing",
    "localized_label",
    "outside_code",
    "plain_span",
    "say",
    "strong",
    "text",
    "written",
]

Translations: TypeAlias = NullTranslations
"""A language: what the standard library's gettext calls translations."""

ENGLISH: Translations = NullTranslations()
"""The language in which phrases are written in code."""


class Verbatim(str):
    """A member's words where a label stands: they are shown as they are, also if we have a translation for them."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """A whole sentence of ours, and what stands in its gaps: `{name}`. With `many` it has a number, `number`.

    If it is `loud`, all of it stands out. A command is named in quotes: “/event list” becomes a `CommandLink`.
    """

    template: str
    values: tuple[tuple[str, Text], ...] = ()
    many: str = ""
    number: int = 0
    loud: bool = False

    def localized(self, translations: Translations) -> Iterator[Span]:
        """Say it in a language. A translation with a gap that we cannot fill leaves it empty."""
        if self.many:
            template = translations.ngettext(self.template, self.many, self.number)
        else:
            template = translations.gettext(self.template)
        values = dict(self.values)
        for literal, name, _, _ in string.Formatter().parse(template):
            said = [
                *_with_commands(literal),
                *(values[name].localized(translations).spans if name in values else ()),
            ]
            yield from (Strong(span) if self.loud and isinstance(span, str) else span for span in said)


_NAMED_COMMAND = regex.compile(r"[“„«]/([a-z][a-z0-9-]*(?: [a-z][a-z0-9-]*)?)[”“»]")


def _with_commands(literal: str) -> Iterator[Span]:
    """Split what stands between the gaps of a sentence of ours at the commands that it names."""
    end = 0
    for match in _NAMED_COMMAND.finditer(literal):
        yield from filter(None, (literal[end : match.start()],))
        yield CommandLink(match[1], match[0])
        end = match.end()
    yield from filter(None, (literal[end:],))


@dataclass(frozen=True, slots=True)
class Text:
    """An immutable row of spans and phrases. `+` and `join` put texts together; nothing is parsed on the way out."""

    parts: tuple[Span | Phrase, ...] = ()

    @property
    def spans(self) -> tuple[Span, ...]:
        """The spans, with phrases said in English."""
        return tuple(self._say(ENGLISH))

    def __iter__(self) -> Iterator[Span]:
        return self._say(ENGLISH)

    def _say(self, translations: Translations) -> Iterator[Span]:
        for part in self.parts:
            if isinstance(part, Phrase):
                yield from part.localized(translations)
            else:
                yield part

    def localized(self, translations: Translations) -> Text:
        """Return the text in a language, without phrases."""
        return Text(tuple(self._say(translations)))

    @property
    def is_localized(self) -> bool:
        """Whether there is no phrase left to say."""
        return not any(isinstance(part, Phrase) for part in self.parts)

    def __bool__(self) -> bool:
        return any(span != "" for span in self.spans)

    def __add__(self, other: Words) -> Text:
        return Text(self.parts + text(other).parts)

    def __str__(self) -> str:
        return self.plain()

    def __len__(self) -> int:
        """Return the length in characters as plain words, the measure in which a card's limits are given."""
        return sum(len(plain_span(span)) for span in self.spans)

    def plain(self, show: Callable[[Span], str] | None = None) -> str:
        """Return plain words, each span shown by `show` (by default `plain_span`), right-to-left ones kept apart."""
        return "".join(map(show or plain_span, self.apart()))

    def apart(self) -> Text:
        """Return what is drawn: right-to-left words isolated from what stands beside them. Code is as it is."""
        return Text(tuple(map(_isolated, spans))) if len(spans := self.spans) > 1 else Text(spans)

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


Words: TypeAlias = str | Text | Strong | Code | Link | Time | Mention | ChannelLink | CommandLink
"""What may be given wherever a text is wanted."""


def text(words: Words) -> Text:
    """Return `words` as a `Text`."""
    if isinstance(words, Text):
        return words
    return Text((words,)) if words != "" else Text()


def say(template: str, **values: Words | int) -> Text:
    """Say a sentence of ours: `say("{name} asked {when}", name=Strong("Mia"), when=Time(at))`.

    A sentence is whole, so that it can be translated; the values are data or spans. Raises `KeyError` for a value
    that is not given.
    """
    return Text((Phrase(template, _filled(template, values)),))


def strong(template: str, **values: Words | int) -> Text:
    """Say a sentence of ours that stands out."""
    return Text((Phrase(template, _filled(template, values), loud=True),))


def count(number: int, one: str, many: str, **values: Words | int) -> Text:
    """Say how many: `count(3, "{n} vote", "{n} votes")`. `{n}` is the number."""
    values = {"n": number, **values}
    return Text((Phrase(one, _filled(one + many, values), many, number),))


def _filled(template: str, values: dict[str, Words | int]) -> tuple[tuple[str, Text], ...]:
    names = {name: None for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    return tuple((name, text(str(value) if isinstance(value := values[name], int) else value)) for name in names)


def label(words: str) -> str:
    """Return a label of ours as it is: this marks one that does not stand where it is used, for translators to find."""
    return words


def labelled(words: str, *, loud: bool = False) -> Text:
    """Name a label of ours in a sentence, in the language of whoever reads it; a member's words as they are."""
    if isinstance(words, Verbatim):
        return text(Strong(words) if loud else words)
    return Text((Phrase(words, loud=loud),))


def localized_label(words: str, translations: Translations, longest: int) -> str:
    """Return a label of ours in a language, cut to fit; a member's words (`Verbatim`) as they are."""
    return clip(words if isinstance(words, Verbatim) or not words else translations.gettext(words), longest)


def join(parts: Iterable[Words], separator: Words = "\n") -> Text:
    """Put texts behind each other with `separator` between them; empty ones are left out."""
    row: list[Span | Phrase] = []
    for part in filter(None, map(text, parts)):
        row += [*(text(separator).parts if row else ()), *part.parts]
    return Text(tuple(row))


def listing(parts: Iterable[Words]) -> Text:
    """Put parts into a sentence: "a", "a and b", "a, b and c"."""
    *most, last = map(text, parts)
    return say("{most} and {last}", most=join(most, ", "), last=last) if most else last


def plain_span(span: Span) -> str:
    """Show one span as plain words; times in UTC, for want of a reader."""
    match span:
        case str():
            return span
        case Strong(words) | Code(words) | CommandLink(text=words) | Link(label=words):
            return words
        case Time(at, style):
            return f"{at:%d %b %Y}" if style is TimeStyle.DATE else f"{at:%d %b %Y, %H:%M} UTC"
        case Mention():
            return span.shown
        case ChannelLink(_, name):
            return f"#{name}"


def _isolated(span: Span) -> Span:
    match span:
        case str():
            return isolate(span)
        case Strong(words):
            return Strong(isolate(words))
        case Link(label):
            return replace(span, label=isolate(label))
        case Mention(name) | ChannelLink(name=name):
            return replace(span, name=isolate(name))
    return span


_UNPRINTABLE = regex.compile(r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u202d\u202e\u2028\u2029--[\n\t]]", regex.V1)
"""Controls, lone surrogates, unassigned code points and the bidirectional overrides: nothing a reader would miss."""

_VISIBLE = regex.compile(r"[[\p{L}\p{N}\p{P}\p{S}]--[\u115f\u1160\u2800\u3164\uffa0]]", regex.V1)
"""What a reader sees: the fillers of Hangul and the empty pattern of Braille are no more than blanks."""

_CODE = regex.compile(r"```(?:[\w+-]*\n)?(?P<block>.+?)```|`(?P<inline>[^`\n]+)`", regex.DOTALL)


def clean(raw: str) -> str:
    """Return what a member typed without characters that no one can see or that turn the line around."""
    return _UNPRINTABLE.sub("", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()


def is_visible(words: str) -> bool:
    """Say whether anything of what a member typed can be seen: blanks, joiners and fillers alone cannot."""
    return _VISIBLE.search(words) is not None


def outside_code(raw: str, change: Callable[[str], str]) -> str:
    """Change what a member typed, but for code: that stays as it is, to the letter."""
    changed, end = "", 0
    for match in _CODE.finditer(raw):
        changed += change(raw[end : match.start()]) + match[0]
        end = match.end()
    return changed + change(raw[end:])


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
