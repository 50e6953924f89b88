"""Words and what stands in quotes, of whatever keyboard, in a line that somebody typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

MARKS = ":=\uff1a\uff1d"
"""What stands behind the name of an option, on the keyboards of East Asia too."""
_CLOSING = {
    '"': '"”“',
    "“": '”“"',
    "”": "”",
    "„": '“”"',
    "«": "»",
    "»": "«»",
    "‹": "›",
    "「": "」",
    "『": "』",
    "＂": "＂",
    "‘": "’",
    "‚": "‘’",
    "'": "'",
}
"""The marks that open a quote, and those that close it."""
_BEHIND = frozenset(" \t\n,;:.!?)]…")
"""What may stand behind a closing mark: within a word it is an apostrophe."""
_WORD = regex.compile(rf"(?:`[^`\n]*`|(?<=^|\s)\w+[{MARKS}](?=[\"“”„«»‹「『＂‘‚'])|[^\s`]|`)", regex.MULTILINE)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or what stands in quotes, without them; and where it stands in the line, with them."""

    text: str
    start: int
    end: int
    quoted: bool = False


def tokens_of(line: str) -> list[Token]:
    """Split a line into words and quotes. A mark that is not closed is part of its word; code is never split."""
    return list(_tokens(line))


def _tokens(line: str) -> Iterator[Token]:
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        end = _end_of_quote(line, at)
        if end is not None:
            yield Token(line[at + 1 : end].strip(), at, end + 1, quoted=True)
            at = end + 1
            continue
        end = at
        while end < len(line) and (piece := _WORD.match(line, end)):
            end = piece.end()
            if piece[0][-1] in MARKS and len(piece[0]) > 1:  # a name, and a quote right behind
                break
        yield Token(line[at:end], at, end)
        at = end


def _end_of_quote(line: str, at: int) -> int | None:
    """Return where the quote is closed that is opened there, if one is: by its own mark before that of another kind."""
    for mark in _CLOSING.get(line[at], ""):
        for end in range(at + 1, len(line)):
            closes = end + 1 == len(line) or line[end + 1] in _BEHIND
            if line[end] == mark and closes:
                return end
            if line[end] == line[at] and line[end - 1].isspace() and not closes:
                break  # here another one begins
    return None


def has_open_quote(tokens: Sequence[Token]) -> bool:
    """Say whether a word begins with a mark that opens a quote, and nothing closes it: an apostrophe is none."""
    return any(not token.quoted and token.text[0] in _CLOSING and token.text[0] not in "'‘‚" for token in tokens)


def said(line: str, tokens: Sequence[Token]) -> str:
    """Return what tokens say: the inside of a single quote, or all of it as it stands in the line."""
    if len(tokens) == 1:
        return tokens[0].text
    parts: list[str] = []
    for number, token in enumerate(tokens):
        begins = not number or tokens[number - 1].end > token.start
        gap = "" if begins else line[tokens[number - 1].end : token.start]
        parts.append(f"{gap if gap.isspace() or not gap else ' '}{line[token.start : token.end]}")
    return "".join(parts).strip()
