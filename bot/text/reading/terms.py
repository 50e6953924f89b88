"""What the words of a message tell by themselves: how it begins, which common ones it has, how many name something.

Who helps names things: a menu, a file, a number. Who only says that they are there uses words that everybody uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log1p

import regex

from .lexicon import length_of, lexicon, words_of

STRANGE = "strange"
"""The sign of words of which we know none: somebody writes in a language that we do not read, or mere names."""
WORD = "word_"
"""What the sign of a word begins with. Which words weigh anything, the model says."""
_STRENGTH = 0.7
_TECHNICAL = regex.compile(r"\d|\b\p{Lu}{2,}\b|\b\p{Ll}+\p{Lu}\w*|\w[_/+]\w|\w\.\w|(?<!\w)--?\p{Ll}|[>→]|#\w")
"""A number, an abbreviation, an identifier, a path, an option, a way through menus, a channel."""
_SEVERAL = 3


def _has_parts(sentence: str) -> bool:
    return any(True for _ in lexicon().find_parts(sentence))


def term_signs(text: str, sentences: Sequence[str]) -> dict[str, float]:
    """Return what the words of a message tell. `sentences` are those of `text`, as words are compared."""
    known = lexicon()
    found: dict[str, float] = {}
    terms = size = length = 0
    for place, sentence in enumerate(sentences):
        words = words_of(sentence)
        hits = [*known.find(words)]
        listed = {at for _, start, end in hits for at in range(start, end)}
        terms, size, length = terms + len(words) - len(listed), size + len(words), length + length_of(words)
        found |= {f"{WORD}{word}": _STRENGTH for word in words}
        if place == 0 and words:
            begins = {kind for kind, start, _ in hits if start == 0} or {"term"}
            found |= {f"begins_{kind}": 1.0 for kind in begins}
    counted: Mapping[str, float] = {
        "terms": log1p(terms) / 3,
        "terms_none": float(size > 0 and terms == 0),
        "terms_one": float(terms == 1),
        "terms_several": float(terms >= _SEVERAL),
        "technical": float(_TECHNICAL.search(text) is not None),
        STRANGE: float(terms == size and length >= _SEVERAL and not any(map(_has_parts, sentences))),
    }
    return found | {name: strength for name, strength in counted.items() if strength}
