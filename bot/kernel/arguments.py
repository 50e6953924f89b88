"""What a call or a menu carries, as text and back. It may be old or made up, so whatever does not fit is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

LARGEST = 2**31 - 1
"""The largest whole number of the database's, on PostgreSQL."""
_NUMBER = re.compile(r"-?[0-9]{1,10}")


def pack(value: Any) -> str:
    """Return a small value as an argument of a call: a text, a whole number, or yes and no as 1 and 0."""
    return str(int(value)) if isinstance(value, bool) else str(value)


def unpack(kind: Any, packed: str) -> Any:
    """Read what `pack` wrote. Raises `ValueError` for what is no such value, or no text that can be kept."""
    if "\0" in packed.encode().decode():  # half a surrogate pair raises it here
        raise ValueError("a NUL")
    if kind is bool:
        return ("0", "1").index(packed) == 1
    return read_number(packed) if kind is int else kind(packed)


def read_number(packed: str) -> int:
    """Read a whole number. Raises `ValueError` for anything else, and for more than the database has room for."""
    if not _NUMBER.fullmatch(packed) or abs(number := int(packed)) > LARGEST:
        raise ValueError(f"no whole number: {packed[:20]!r}")
    return number


def numbers_in(values: Iterable[str]) -> list[int]:
    """Return the whole numbers among what was chosen from a menu."""
    found = []
    for value in values:
        try:
            found.append(read_number(value))
        except ValueError:
            continue
    return found
