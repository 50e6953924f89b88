"""Words as they are compared, in every script: what counts as the same name, and as the same word in a search.

Display never goes through here: what is folded for a comparison (invisible characters, width, look-alikes) stays as it
was written wherever somebody reads it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import regex

REMEMBERED = 20_000
"""The forms of so many words are remembered."""
LONG, LONGEST, PIECE = 9, 40, 5
"""From how many letters on, and up to how many, a word may be a compound, and how many its parts have at least."""

_HIDDEN = regex.compile(r"[\p{Cf}\p{Cc}\uFE00-\uFE0F\u034F\u115F\u1160\u3164--[\n\t]]", regex.V1)
_LOOK = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0458\u0455"
    "\u04bb\u0501\u051b\u051d\u03bf\u03bd\u03b1\u03c1\u03b9\u03ba",
    "aeopcxyijshdqwovapik",
)
"""Small letters, Cyrillic and Greek, that look like Latin ones."""
_CAPITALS = str.maketrans(
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e"
    "\u0420\u0421\u0422\u0425\u0423\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "ABESIJKMHOPCTXYABEZHIKMNOPTYX",
)
_MIXED = regex.compile(r"\b(?=\w*\p{Latin})(?=\w*[\p{Cyrillic}\p{Greek}])\w+")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]{1,100}")
_RUN = regex.compile(r"([\p{Han}\p{Hiragana}\p{Katakana}ー\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}][\p{M}]*)+")
"""Scripts that set no blanks between words, and Korean, which puts endings to them."""
_MARKED = regex.compile(r"[\p{Latin}\p{Greek}\p{Cyrillic}\p{Arabic}\p{Hebrew}]")


def folded(words: str) -> str:
    """Return words as they are compared: alike are those that look alike, whatever they are made of.

    Width, composition, case, what nobody sees, and letters of other alphabets that look like Latin ones make no
    difference. Of capitals that do so, only those in words of mixed alphabets do: small, some are other letters.
    """
    words = _HIDDEN.sub("", unicodedata.normalize("NFKC", words))
    words = _MIXED.sub(lambda match: match[0].translate(_CAPITALS), words)
    words = unicodedata.normalize("NFKC", words.casefold()).translate(_LOOK)
    return " ".join(words.split())


def words_in(text: str) -> list[str]:
    """Return the words of a text as a search compares them, in their order: pairs of characters where no blanks are."""
    text = _HIDDEN.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return [part for word in _WORD.findall(text) for part in _split(word)]


@lru_cache(maxsize=REMEMBERED)
def forms(word: str) -> frozenset[str]:
    """Return what a word is found by: itself, and its stems in the languages that we know endings of."""
    if not word.isalpha() or _RUN.fullmatch(word):
        return frozenset((word,))
    return frozenset((word, *(_bare(stemmer.stemWord(word)) for stemmer in _stemmers())))


@lru_cache(maxsize=REMEMBERED)
def pieces(word: str) -> frozenset[str]:
    """Return the beginnings and ends of a long word, which may be words that it is put together from."""
    if not LONG <= len(word) <= LONGEST or not word.isalpha() or _RUN.fullmatch(word):
        return frozenset()
    return frozenset(word[:size] for size in range(PIECE, len(word) - 2)).union(ends(word))


def ends(word: str) -> list[str]:
    """Return the ends of a long word, and the second of a pair of characters: what else it is to be found by."""
    if _RUN.fullmatch(word):
        return [word[1:]] if len(word) == 2 else []
    if not LONG <= len(word) <= LONGEST or not word.isalpha():
        return []
    return [word[start:] for start in range(3, len(word) - PIECE + 1)]


def _split(word: str) -> Iterator[str]:
    end = 0
    for run in _RUN.finditer(word):
        if before := word[end : run.start()]:
            yield _bare(before)
        characters = run[0]
        yield from (characters[number : number + 2] for number in range(max(len(characters) - 1, 1)))
        end = run.end()
    if rest := word[end:]:
        yield _bare(rest)


def _bare(word: str) -> str:
    """Return a word without the marks on its letters, in alphabets where it is the same word without them."""
    if word.isascii() or not _MARKED.search(word):
        return word
    return unicodedata.normalize("NFC", regex.sub(r"\p{Mn}", "", unicodedata.normalize("NFD", word)))


@cache
def _stemmers() -> tuple[Any, ...]:
    """Return what knows endings: it comes with those of thirty languages, which take long to read."""
    import snowballstemmer

    return tuple(snowballstemmer.stemmer(language) for language in ("english", "german"))
