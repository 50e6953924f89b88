"""Tables for spreadsheets: words stay words."""

from __future__ import annotations

import csv
import io

import pytest

from bot.text.spreadsheet import as_csv


def _read(written: bytes) -> list[list[str]]:
    return [*csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""))]


@pytest.mark.parametrize("cell", ["=1+1", "+49 30", "-5", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "－1"])
def test_nobodys_words_become_a_formula(cell: str) -> None:
    assert _read(as_csv([[cell, cell]])) == [[f"'{cell}"] * 2]


def test_nor_do_they_where_a_semicolon_parts_cells() -> None:
    assert _read(as_csv([["Yes; =1+1;No"]])) == [["Yes;' =1+1;No"]]


def test_all_else_stays_as_it_is() -> None:
    cells = ["Mia = Noah", 'She said "yes", twice', "two\nlines", "Grüße 🌱", "a;b", ""]
    assert _read(as_csv([cells, [1, 0.5]])) == [cells, ["1", "0.5"]]
