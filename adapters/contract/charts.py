"""A chart: data that is drawn as a picture when the card that carries it is delivered.

So what is shown stays plain data until then: it can be compared, stored and tested without drawing anything. Whatever
delivers a card turns its chart into a file of the card; a platform sees only that file.
"""

from __future__ import annotations

import re
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
    """Rows, from the top; `name` is what its file is called, without an ending. `words` say what it shows."""

    name: str
    rows: tuple[ChartRow, ...]
    words: Text

    def __init__(self, name: str, rows: tuple[ChartRow, ...], words: Words) -> None:
        if not re.fullmatch(r"[\w-]{1,50}", name, re.ASCII):
            raise ValueError(f"a chart's name is plain, at most 50 characters: {name!r}")
        columns = {len(row.cells) for row in rows}
        if not 0 < len(rows) <= ROWS or len(columns) > 1 or not 0 < max(columns) <= COLUMNS:
            raise ValueError(f"a chart has 1 to {ROWS} rows of the same 1 to {COLUMNS} cells")
        words = text(words)
        if not words:
            raise ValueError(f"the chart {name} has no words for people who cannot see it")
        spoken = words.clip(CHART_WORDS) if words.is_localized else words
        for attribute, value in (("name", name), ("rows", rows), ("words", spoken)):
            object.__setattr__(self, attribute, value)

    def localized(self, translations: Translations) -> Chart:
        """Return the chart with its words in a language."""
        return replace(self, words=self.words.localized(translations))
