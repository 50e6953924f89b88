"""Words that tell what a message is for, in every language of `words/*.toml`, and where a message holds them.

Nobody says in which language they write, so all languages are looked through at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import regex

from bot.text.umlauts import UMLAUTS

FOLDER = Path(__file__).parent / "words"
KINDS = frozenset(
    "filler ask relative verb anyone ends seek trouble not but thanks praise works understood greet small join unsure "
    "request maybe advise news joke jest later me you subject common aside points invite cry".split()
)
"""What a word can be a sign of; docs/languages.md says what belongs under each."""
_SPELLINGS = UMLAUTS | str.maketrans("’‘", "''")
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = regex.compile(r"\+1|[\p{L}\p{N}][\p{L}\p{M}\p{N}_]*(?:['\-.][\p{L}\p{N}][\p{L}\p{M}\p{N}_]*)*")
_RUN = regex.compile(rf"[{_UNSPACED}ー]+")


_SHORTEST, _SHORTEST_END = 3, 4
"""Letters of the beginning and, less one, of the end of a word that is put together."""


def plain(words: str) -> str:
    """Return words as they are compared: small letters, one spelling of umlauts and apostrophes."""
    return words.lower().translate(_SPELLINGS)


def words_of(sentence: str) -> list[str]:
    """Return the words of a sentence that is `plain`; a run of a script without blanks is one."""
    return _WORD.findall(sentence)


def length_of(words: list[str]) -> int:
    """Return how many words there are; two characters count as one where there are no blanks."""
    return sum(1 if word.isascii() else _length(word) for word in words)


def _length(word: str) -> int:
    """Return for how many words one counts, of which the parts may be of several scripts: "csv出力"."""
    runs = [len(run) for run in _RUN.findall(word)]
    return sum((run + 1) // 2 for run in runs) + (sum(runs) < len(word))


def known_languages() -> tuple[str, ...]:
    """Return the languages whose words are known."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`phrases` by their first word, as the words that follow it and what they are signs of; `parts` of unspaced words.

    `ends` are the parts that ask at the end of a sentence.
    """

    phrases: Mapping[str, list[tuple[tuple[str, ...], str]]] = field(default_factory=dict)
    parts: Mapping[str, regex.Pattern[str]] = field(default_factory=dict)

    def find(self, words: list[str]) -> Iterator[tuple[str, int, int]]:
        """Return what words are signs of, each with the place of its first word and of the one behind its last."""
        for start, word in enumerate(words):
            for following, kind in self.phrases.get(word, ()) or self._of_compound(word):
                end = start + 1 + len(following)
                if not following or tuple(words[start + 1 : end]) == following:
                    yield kind, start, end

    def _of_compound(self, word: str) -> list[tuple[tuple[str, ...], str]]:
        """Return what the end of a word is a sign of that is put together: "syntaxfehler"."""
        ends = (self.phrases.get(word[start:], ()) for start in range(_SHORTEST, len(word) - _SHORTEST_END))
        return next(filter(None, ([row for row in rows if row == ((), "trouble")] for rows in ends)), [])

    def find_parts(self, sentence: str) -> Iterator[tuple[str, int, int]]:
        """Return what parts of words are signs of, in scripts without blanks, each with where it begins and ends."""
        if not sentence.isascii() and _RUN.search(sentence):
            for kind, pattern in self.parts.items():
                for match in pattern.finditer(sentence):
                    yield kind, match.start(), match.end()


@cache
def lexicon() -> Lexicon:
    """Return the words of all languages."""
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    parts: dict[str, list[str]] = {}
    for language in known_languages():
        known = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
        spaced = known.pop("spaced", True)
        for kind, listed in known.items():
            if kind not in KINDS:
                raise ValueError(f"{language}.toml: there is no {kind!r}")
            for phrase in (plain(one.strip()) for one in listed.split(",")):
                if spaced or not _RUN.search(phrase):
                    first, *following = words_of(phrase) or [phrase]
                    phrases.setdefault(first, []).append((tuple(following), kind))
                else:
                    parts.setdefault(kind, []).append(phrase)
    patterns = {kind: regex.compile(r"\L<parts>", parts=found) for kind, found in parts.items() if kind != "ends"}
    patterns["ends"] = regex.compile(r"\L<parts>(?=\W*$)", parts=parts["ends"])
    return Lexicon(phrases, patterns)
