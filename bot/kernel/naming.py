"""Which thing is meant by its title: an event, an idea, a poll."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import regex

from adapters.contract.text import join, say
from adapters.contract.ui import Option
from storage.words import folded as as_compared

_NUMBER = regex.compile(r"^#\d+\s+")
_ALIKE = 0.8
"""How alike two titles are, from 0 to 1, of which one may be a slip of the other."""
_NAMED = 4
"""So many are named where several may be meant."""


def called(typed: str, options: Sequence[Option]) -> Option:
    """Return the one of `options`, labelled "#7 Dark mode", whose title was typed, or the beginning or words of it.

    Raises `ValueError` with a sentence where none is called so, or several are.
    """
    sought = folded(typed)
    titles = {option: folded(_NUMBER.sub("", option.label)) for option in options}
    for fits in (_is, _begins, _has_words):
        found = [option for option, title in titles.items() if fits(title, sought)]
        if found:
            return _only(found)
    alike = get_close_matches(sought, titles.values(), cutoff=_ALIKE)
    found = [option for option, title in titles.items() if title in alike[:1]]
    if not found:
        raise ValueError(say("I find nothing called “{title}”. Its number works too.", title=typed))
    return _only(found)


def folded(words: str) -> str:
    """Return words as they are compared: how they are written, and what nobody sees, makes no difference."""
    return " ".join(regex.findall(r"[\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}\p{P}\s]", as_compared(words)))


def _only(found: Sequence[Option]) -> Option:
    if len(found) > 1:
        names = join((option.label for option in found[:_NAMED]), ", ")
        raise ValueError(say("Which one: {names}? Its number tells.", names=names))
    return found[0]


def _is(title: str, sought: str) -> bool:
    return title == sought


def _begins(title: str, sought: str) -> bool:
    """Say whether one begins with the other: a long title is cut where it is shown."""
    return bool(sought) and (title.startswith(sought) or (len(title) > 40 and sought.startswith(title)))


def _has_words(title: str, sought: str) -> bool:
    words = sought.split()
    return bool(words) and set(words) <= set(title.split())
