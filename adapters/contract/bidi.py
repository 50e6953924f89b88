"""Right-to-left words among others: isolated by Unicode's own marks, which every platform draws."""

from __future__ import annotations

import regex

_RIGHT_TO_LEFT = regex.compile(r"[\p{bc=R}\p{bc=AL}]")
_TURNING = regex.compile(r"[\u202a-\u202e\u2066-\u2069]")


def isolate(words: str) -> str:
    """Isolate the lines with right-to-left letters; what else turns a line around goes, as it would reach further."""
    if words.isascii():
        return words
    lines = _TURNING.sub("", words).split("\n")
    return "\n".join(f"\u2068{line}\u2069" if _RIGHT_TO_LEFT.search(line) else line for line in lines)
