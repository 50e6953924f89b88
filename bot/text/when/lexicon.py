"""The words in which people write times, in one or more languages.

What belongs to writing times alone stands in `locale/*.toml`; the names of days and months come from CLDR (Babel).
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import regex
from babel import Locale, UnknownLocaleError

from bot.text.umlauts import UMLAUTS

FOLDER = Path(__file__).parent.parent / "locale"
NEVER = "(?!)"
"""A pattern that matches nothing, for words that a language does not have."""

_HIDDEN = regex.compile(r"[\p{Cf}\p{Cc}--[\t\n\r]]", regex.V1)
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}


def normal(words: str) -> str:
    """Return words as they are read: in NFKC, without hidden characters, with plain digits, dashes, quotes, blanks."""
    for sign, decimal in _FRACTIONS.items():
        words = regex.sub(rf"(?<!\d){sign}", f"0{decimal}", words).replace(sign, decimal)
    words = unicodedata.normalize("NFKC", words)
    words = _HIDDEN.sub("", words)
    words = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in words)
    words = regex.sub(r"[\p{Pd}\u2212]", "-", words)
    words = regex.sub(r"[’‘\u02bc\u00b4`]", "'", words)
    return " ".join(words.split())


def fold(word: str) -> str:
    """Return a word as it is looked up."""
    return regex.sub(r"[-\s]+", " ", word.casefold()).strip(" .")


def pattern(words: Iterable[str]) -> str:
    """Return a pattern for any of these words: the longest first, and umlauts spelled out too."""
    spelled = {spelling for word in words for spelling in (word, word.lower().translate(UMLAUTS))}
    ordered = sorted(spelled, key=lambda word: (-len(word), word))
    return f"(?:{'|'.join(_loose(word) for word in ordered)})" if ordered else NEVER


def compiled(form: str) -> regex.Pattern[str]:
    """Compile a pattern, for which upper and lower case are the same."""
    return regex.compile(form, regex.IGNORECASE)


def _loose(word: str) -> str:
    loose = r"[-\s]".join(regex.escape(part) for part in regex.split(r"[-\s]", word))
    return loose.replace("ss", "(?:ss|ß)")  # names are looked up folded, "dreissig"


class Lexicon:
    """The words of some languages together."""

    def __init__(self, codes: Sequence[str]) -> None:
        """`codes` are those of the languages ("de", "pt-BR"); one of which nothing is known adds nothing."""
        self._tables = [table for code in codes if (table := read_table(code))]
        locales = [locale for code in codes if (locale := _locale(code))]
        self.weekdays = self._names("weekdays", [locale.days for locale in locales], range(7))
        """What the days are called: the name as it is looked up, and the number from Monday, 0."""
        self.months = self._names("months", [locale.months for locale in locales], range(1, 13))
        """What the months are called, and their numbers."""
        self.numbers = self._counted("numbers") | self._table("tens")
        self.ordinals = self._ordinals()

    def words(self, *keys: str) -> list[str]:
        """Return the words that stand under some keys ("clock.at")."""
        found: list[str] = []
        for table in self._tables:
            for key in keys:
                value: Any = table
                for part in key.split("."):
                    value = value.get(part, {})
                found += [value] if isinstance(value, str) else value or []
        return found

    def any(self, *keys: str) -> str:
        """Return a pattern for any of the words that stand under some keys."""
        return pattern(self.words(*keys))

    def named(self, keys: Mapping[str, Any]) -> dict[str, Any]:
        """Return each word under some keys, as it is looked up, with what its key stands for."""
        return {
            spelling: value
            for key, value in keys.items()
            for word in self.words(key)
            for spelling in (fold(word), fold(word.lower().translate(UMLAUTS)))
        }

    def _table(self, key: str) -> dict[str, int]:
        rows = [row for table in self._tables for row in table.get(key, {}).items()]
        return {fold(spelling): number for word, number in rows for spelling in (word, word.translate(UMLAUTS))}

    def _counted(self, key: str) -> dict[str, int]:
        found = {}
        for words in self.words(key):
            for number, word in enumerate(words.split(), start=1):
                found[fold(word)] = found[fold(word.lower().translate(UMLAUTS))] = number
        return found

    def _ordinals(self) -> dict[str, int]:
        found = {}
        for table in self._tables:
            day = table.get("day", {})
            for number, stem in enumerate(day.get("ordinals", "").split(), start=1):
                for end in day.get("ordinal_ends", [""]):
                    found[fold(stem + end)] = found[fold((stem + end).translate(UMLAUTS))] = number
        return found

    def _names(self, key: str, known: Sequence[Mapping[str, Any]], numbers: Sequence[int]) -> dict[str, int]:
        names: dict[str, int] = {}
        for words in known:
            for context in ("format", "stand-alone"):
                for width in ("wide", "abbreviated"):
                    names |= {fold(words[context][width][number]): number for number in numbers}
        for table in self._tables:
            for number, more in zip(numbers, table.get("day", {}).get(key, []), strict=False):
                names |= {fold(word): number for word in more}
        names |= {name.translate(UMLAUTS): number for name, number in names.items()}
        return {name: number for name, number in names.items() if not name.isdigit()}


@cache
def read_table(code: str) -> Mapping[str, Any]:
    """Return how times are written in a language; nothing where nobody has said so yet."""
    path = FOLDER / f"{code}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


@cache
def known_languages() -> tuple[str, ...]:
    """Return the codes of all languages of which it is known how times are written."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def _locale(code: str) -> Locale | None:
    try:
        return Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return None
