"""What somebody may have meant whose word for a time has a slip in it: it is asked, and never taken for granted."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache

from .lexicon import Lexicon, fold

_SHORTEST = 4
"""In letters: shorter words are too much alike."""
_ALIKE = 0.8
_KEYS = ("day.today", "day.tomorrow", "day.after_tomorrow", "day.tonight", "day.next", "day.week", "day.month")
_MORE = ("clock.noon", "clock.midnight", "clock.oclock", "length.minute", "length.hour", "length.day", "length.week")
_PARTS = tuple(f"part.after_day.{part}" for part in ("morning", "noon", "afternoon", "evening", "night"))


def meant(typed: str, unknown: Sequence[str], languages: tuple[str, ...]) -> tuple[str, list[str]]:
    """Return what was typed with the nearest name in place of those `unknown` words that have one, and these words."""
    slips = list[str]()
    for word in unknown:
        near = get_close_matches(fold(word), _names(languages), n=1, cutoff=_ALIKE) if len(word) >= _SHORTEST else []
        if near and near[0] != fold(word):
            typed = typed.replace(word, near[0], 1)
            slips.append(word)
    return typed, slips


@cache
def _names(languages: tuple[str, ...]) -> Sequence[str]:
    lexicon = Lexicon(languages)
    known = [*lexicon.weekdays, *lexicon.months, *lexicon.words(*_KEYS, *_MORE, *_PARTS)]
    return [word for word in dict.fromkeys(known) if len(word) >= _SHORTEST and " " not in word]
