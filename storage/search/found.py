"""Where words stand, as an index keeps it."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = "np.ndarray[Any, Any]"

ENTRY = struct.Struct("<If")
"""One place of a term: the slot of the document, and how often it counts there."""
_ENTRIES = np.dtype([("slot", "<u4"), ("weight", "<f4")])


class Found(dict[str, Array]):
    """Where terms stand among the documents that are searched, and how often they count there.

    Of several with blanks between, where all of them stand, as often as the rarest.
    """

    def __init__(self, postings: Mapping[str, bytearray], here: Array) -> None:
        self._postings = postings
        self._here = here

    def __missing__(self, term: str) -> Array:
        if " " in term:
            one, other = (self[part] for part in term.split())
            _, here, there = np.intersect1d(one["slot"], other["slot"], assume_unique=True, return_indices=True)
            both = self[term] = one[here]
            both["weight"] = np.minimum(both["weight"], other[there]["weight"])
            return both
        entries = np.frombuffer(self._postings.get(term, b""), _ENTRIES)
        self[term] = entries[self._here[entries["slot"]]]
        return self[term]
