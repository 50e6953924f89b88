"""How alike two texts are: whether what someone is about to say has been said before."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

ALIKE = 0.5
"""How much of what one text says another has to say too, to be worth a look."""
REMEMBERED = 20_000
"""So many words' stems are remembered."""

_SMALL = frozenset(
    """a an and any are as at be been but by can could did do does for from get has have how i if in is it its me my no
    not of on one or our should so some that the their them there this to up use was we what when where which who why
    will with would you your""".split()
)


def likeness(asked: str, known: str) -> float:
    """Return how much of what is asked a known text speaks of, 0 to 1, by word stems; one shared word is chance."""
    wanted, there = _stems(asked), _stems(known)
    shared = wanted & there
    return len(shared) / len(wanted) if len(shared) >= min(2, len(wanted)) and shared else 0.0


def _stems(words: str) -> set[str]:
    return {_stem(word) for word in re.findall(r"\w+", words.lower()) if word not in _SMALL}


@lru_cache(maxsize=REMEMBERED)
def _stem(word: str) -> str:
    """Return the stem of a word. That takes long, and most words are those of before."""
    return str(_stemmer().stemWord(word))


@cache
def _stemmer() -> Any:
    """Return what knows English stems: it comes with those of thirty languages, which take long to read."""
    import snowballstemmer

    return snowballstemmer.stemmer("english")
