"""A table of words on a card, for platforms that have tables; elsewhere each row is a line."""

from __future__ import annotations

from dataclasses import dataclass

from .text import Text, Translations, Words, text

ROWS, CELLS, CELL = 25, 6, 75
"""Rows of a table, cells of each, and characters of a cell."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """The cells of one row, and the same in a `line`."""

    cells: tuple[Text, ...]
    line: Text

    def __init__(self, line: Words, *cells: Words) -> None:
        object.__setattr__(self, "cells", tuple(map(text, cells)))
        object.__setattr__(self, "line", text(line))

    def localized(self, translations: Translations) -> TableRow:
        """Return the row in a language."""
        return TableRow(self.line.localized(translations), *(cell.localized(translations) for cell in self.cells))


@dataclass(frozen=True, slots=True)
class Table:
    """Rows beneath their heads."""

    heads: tuple[Text, ...]
    rows: tuple[TableRow, ...]

    def __init__(self, heads: tuple[Words, ...], rows: tuple[TableRow, ...]) -> None:
        if not 0 < len(rows) <= ROWS or not 0 < len(heads) <= CELLS or {len(row.cells) for row in rows} != {len(heads)}:
            raise ValueError(f"a table has 1 to {ROWS} rows, each with a cell for each of its 1 to {CELLS} heads")
        object.__setattr__(self, "heads", tuple(map(text, heads)))
        object.__setattr__(self, "rows", rows)

    def localized(self, translations: Translations) -> Table:
        """Return the table in a language."""
        heads = tuple(head.localized(translations) for head in self.heads)
        return Table(heads, tuple(row.localized(translations) for row in self.rows))

    @property
    def words(self) -> list[list[str]]:
        """All of it as words, its heads first."""
        rows = [[cell.clip(CELL).plain() for cell in row.cells] for row in self.rows]
        return [[head.plain() for head in self.heads], *rows]
