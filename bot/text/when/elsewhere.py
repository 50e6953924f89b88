"""Names of days in languages in which times are not read: "diner vendredi 20h" is not today at eight."""

from __future__ import annotations

from collections.abc import Set
from functools import cache

import regex
from babel import Locale

from .lexicon import fold, normal

_LANGUAGES = "ar cs da el es fi fr hu id it ja ko nb nl pl pt ro ru sv tr uk zh"
_NEAR = """
aujourd'hui demain après-demain hoy mañana hoje amanhã oggi domani dopodomani vandaag overmorgen idag imorgon
imorgen tänään huomenna dziś dzisiaj jutro pojutrze dnes zítra сегодня завтра послезавтра сьогодні bugün yar\u0131n
σήμερα αύριο azi mâine holnap besok 今日 明日 今天 明天 后天 後天 오늘 내일 اليوم غدا غدًا
"""
"""Today, tomorrow and the day after."""
_SHORTEST = 5
"""In letters: shorter names are other words elsewhere, like "mar" and "do"."""
_ENDING = 2
"""So many letters may a name get where it is inflected."""
_UNPARTED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")


def names_a_day(words: str) -> bool:
    """Say whether a day of the week, today or tomorrow is named in words, in a language in which no times are read."""
    names, unparted = _names()
    found = [fold(word) for word in regex.findall(r"[\p{L}\p{M}']+(?:-[\p{L}\p{M}]+)*", normal(words))]
    return any(_is_named(word, names) for word in found) or any(name in words for name in unparted)


def _is_named(word: str, names: Set[str]) -> bool:
    """Say whether a word is a name, or one that ends a little differently: "пятницу", "perjantaina"."""
    if word in names:
        return True
    stems = (word[:length] for length in range(max(_SHORTEST - 1, len(word) - _ENDING - 1), len(word)))
    return any(stem in _stems() for stem in stems)


@cache
def _names() -> tuple[Set[str], Set[str]]:
    """Return the names, and those that are written without blanks around them."""
    known = {code: Locale.parse(code).days["format"] for code in _LANGUAGES.split()}
    days = [*(names["wide"].values() for names in known.values()), known["zh"]["abbreviated"].values()]
    every = {fold(normal(name)) for names in days for name in names} | {fold(normal(name)) for name in _NEAR.split()}
    unparted = {name for name in every if _UNPARTED.match(name)}
    return {name for name in every - unparted if len(name) >= _SHORTEST or name in _NEAR.split()}, unparted


@cache
def _stems() -> Set[str]:
    return {name[:-1] for name in _names()[0] if len(name) >= _SHORTEST}
