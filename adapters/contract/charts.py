"""A chart: data that is drawn as a picture when the card that carries it is delivered.

So what is shown stays plain data until then: it can be compared, stored and tested without drawing anything. Whatever
delivers a card adds its chart as a picture among its files. A platform shows that, or a table of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from .text import Text, Translations, Words, text

ROWS, COLUMNS = 25, 25
"""How many rows a chart has at most, and how many cells each of them."""
CHART_WORDS = 1000
"""How many characters say what a chart shows, for people who cannot see it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a whole, from 0 to 1, with a few characters behind it."""

    share: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """How often each step of a scale was chosen, the lowest first: parts of one bar. A few characters stand behind."""

    counts: tuple[int, ...]
    note: str = ""


Cell: TypeAlias = Bar | Scale | None
"""None is a column in which a row has nothing."""


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A label, as a member wrote it, and what belongs to it, from left to right. A row that `leads` stands out."""

    label: str
    cells: tuple[Cell, ...]
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Rows, from the top; `name` is what its file is called, without an ending. `words` say what it shows.

    `heads` name what the rows are and then each column; without them it can be no table.
    """

    name: str
    rows: tuple[ChartRow, ...]
    words: Text
    heads: tuple[Text, ...] = ()

    def __init__(self, name: str, rows: tuple[ChartRow, ...], words: Words, heads: Sequence[Words] = ()) -> None:
        if not re.fullmatch(r"[\w-]{1,50}", name, re.ASCII):
            raise ValueError(f"a chart's name is plain, at most 50 characters: {name!r}")
        columns = {len(row.cells) for row in rows}
        if not 0 < len(rows) <= ROWS or len(columns) > 1 or not 0 < max(columns) <= COLUMNS:
            raise ValueError(f"a chart has 1 to {ROWS} rows of the same 1 to {COLUMNS} cells")
        if heads and len(heads) != 1 + max(columns):
            raise ValueError(f"the chart {name} has {len(heads)} heads for {max(columns)} columns and what they are of")
        words = text(words)
        if not words:
            raise ValueError(f"the chart {name} has no words for people who cannot see it")
        spoken = words.clip(CHART_WORDS) if words.is_localized else words
        for attribute, value in (("name", name), ("rows", rows), ("words", spoken), ("heads", tuple(map(text, heads)))):
            object.__setattr__(self, attribute, value)

    def localized(self, translations: Translations) -> Chart:
        """Return the chart with its words in a language."""
        heads = tuple(head.localized(translations) for head in self.heads)
        return replace(self, words=self.words.localized(translations), heads=heads)

    @property
    def table(self) -> list[list[str]]:
        """All that it shows as words, its heads first; nothing where it has none."""
        if not self.heads:
            return []
        rows = [[row.label, *(cell.note if cell else "" for cell in row.cells)] for row in self.rows]
        return [[head.plain() for head in self.heads], *rows]
