"""How the fields of a card stand in lines, on platforms that draw them as words."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .ui import CardField

BETWEEN = "\u2002·\u2002"
"""What stands between fields that share a line."""


def in_lines(fields: Iterable[CardField], draw: Callable[[CardField], tuple[str, str]]) -> str:
    """Put short fields into one line, each other one into a line of its own, and lists beneath their names.

    `draw` writes a field's name and its value as a platform has them.
    """
    lines, shares = "", False
    for field in fields:
        name, value = draw(field)
        lines += (BETWEEN if field.is_short and shares else "\n") + name + ("\n" if "\n" in value else " ") + value
        shares = field.is_short
    return lines.strip()
