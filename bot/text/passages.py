"""The sentence of an answer that answers, and the versions that a text speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import regex

from storage.search.tokens import tokens

_SENTENCE = regex.compile(r"(?:[^.!?\n。！？]|[.!?](?=\S))+[.!?。！？]*")
_VERSION = regex.compile(r"(?<![\p{L}\p{N}.])v?(\d+(?:\.\d+)+)(?![\p{L}\p{N}]|\.\d)", regex.IGNORECASE)

_NUMBERED = regex.compile(
    r"(?<![\p{L}\p{N}.])(?P<name>\p{L}[\p{L}.]*\p{L})(?P<between>[ -]?)"
    r"(?P<number>\d+(?:\.\d+)*)(?![\p{L}\p{N}]|[.,:]\d)"
)
_BEGINS = regex.compile(r"(?:^|[.!?:\n])\s*$")


def passage(answer: str, asked: str) -> tuple[int, int] | None:
    """Return where the sentence stands that shares most words with what is asked.

    None where there is no other sentence, none shares a word, or there is code.
    """
    sentences = [match for match in _SENTENCE.finditer(answer) if match[0].strip()]
    wanted = {*tokens(asked)}
    shared = [len(wanted & {*tokens(match[0])}) for match in sentences]
    if len(sentences) < 2 or not max(shared) or "`" in answer:
        return None
    best = sentences[shared.index(max(shared))]
    start = best.start() + len(best[0]) - len(best[0].lstrip())
    return start, start + len(best[0].strip())


def versions(text: str) -> list[str]:
    """Return the versions that a text names, "3.12" or "2.1.0"."""
    return [*dict.fromkeys(_VERSION.findall(text))]


def other_versions(asked: str, known: str) -> tuple[str, str] | None:
    """Return the version that is asked about, and the one that is known of, where these are different ones.

    Of those without a dot, "Python 3", the name belongs to it.
    """
    wanted, told = versions(asked), versions(known)
    if wanted and told:
        return None if _alike(wanted, told) else (wanted[0], told[0])
    ours, theirs = _numbered(asked), _numbered(known)
    both = ((one, theirs[name]) for name, one in ours.items() if name in theirs)
    differ = (
        (one.said, other.said)
        for one, other in both
        if (one.is_name or other.is_name) and not _alike(one.numbers, other.numbers)
    )
    return next(differ, None)


@dataclass(slots=True)
class _Numbered:
    """A word that has numbers behind it: as it is first said, and whether it is surely a name there."""

    said: str
    numbers: list[str] = field(default_factory=list)
    is_name: bool = False


def _numbered(text: str) -> dict[str, _Numbered]:
    """Return the words of a text that have numbers behind them.

    Names are written in one with it, or have a capital that does not come from the beginning of a sentence.
    """
    found: dict[str, _Numbered] = {}
    for match in _NUMBERED.finditer(text):
        name, begins = match["name"], _BEGINS.search(text[: match.start()]) is not None
        one = found.setdefault(name.casefold(), _Numbered(match[0]))
        one.numbers.append(match["number"])
        one.is_name |= not match["between"] or (name[0].isupper() and not begins)
    return found


def _alike(some: Sequence[str], others: Sequence[str]) -> bool:
    """Say whether any version is another, or a release of it."""
    both = ((f"{one}.", f"{other}.") for one in some for other in others)
    return any(one.startswith(other) or other.startswith(one) for one, other in both)
