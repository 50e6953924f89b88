"""Tables that members open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = re.compile(r"(^|;)(?=\s*[-=+@－＝＋＠])")  # noqa: RUF001
"""Where a formula could begin: after blanks too, with the wide signs of Asia, and where a semicolon parts cells."""


def as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """Write rows so that spreadsheets read the letters right, and take no member's words for a formula."""
    written = io.StringIO()
    csv.writer(written).writerows([_harmless(cell) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def _harmless(cell: object) -> object:
    return _FORMULA.sub(r"\1'", cell) if isinstance(cell, str) else cell
