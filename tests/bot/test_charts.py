"""Charts: stored as data, drawn whatever members write, without a warning, which is a failure here."""

from __future__ import annotations

import io
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread

from adapters.contract.charts import Bar, Chart, ChartRow, Scale
from adapters.contract.codec import dump_card, load_card
from adapters.contract.files import File
from adapters.contract.text import say
from adapters.contract.ui import Card
from bot.delivery.charts import draw, drawable

LABELS = ["Pizza $5 and $6", "🍎 りんごジュース 🇯🇵", "عربى مع كلمات", "x" * 75, "👩‍🌾", "\\frac{1}{2} <b> & _a_"]
WORDS = say("Bars")


def _size(picture: bytes) -> tuple[int, int]:
    """Return the width and height of a PNG."""
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


@pytest.mark.parametrize(
    "cells",
    [
        (Bar(0.7, "7 · 70%"),),
        (Bar(0),),
        (Scale((0, 0, 0, 2, 1), "4.3 / 5 · 3"),),
        (Scale((0, 0, 0, 0, 0)),),
        (Bar(0.5, "3"), Bar(0.6, "4"), None),
        (None,) * 25,
        (Scale((1, 2)), Scale((3,)), None),
    ],
)
def test_every_kind_of_cell_is_drawn_beside_any_words(cells: tuple[Bar | Scale | None, ...]) -> None:
    chart = Chart("any", tuple(ChartRow(label, cells, leads=not n) for n, label in enumerate(LABELS)), WORDS)
    assert _size(draw(chart))[0] >= 1000


def test_more_columns_make_a_wider_picture_but_no_poster() -> None:
    rows = tuple(ChartRow(f"Option {n}", tuple(Bar(n / 25, str(n)) for _ in range(25))) for n in range(25))
    width, height = _size(draw(Chart("many", rows, WORDS)))
    assert 1000 < width < 2200 and height < 2200


@pytest.mark.parametrize("letter", ["W", "x", "漢", "م"])
def test_the_widest_words_end_before_the_edge(letter: str) -> None:
    rows = (ChartRow(letter * 75, (Bar(1, "1"),), leads=True), ChartRow(letter, (Bar(0, "0"),)))
    picture = imread(io.BytesIO(draw(Chart("wide", rows, WORDS))))
    assert (picture[:, -10:] == picture[0, 0]).all()


def test_words_without_letters_here_are_left_out() -> None:
    assert drawable("Library") == "Library"
    assert drawable("👩‍🌾 Farm 🌱") == "Farm"
    assert drawable("👩‍🌾") == drawable("") == "…"


CELLS = st.one_of(
    st.none(),
    st.builds(Bar, st.floats(0, 1), st.text(max_size=9)),
    st.builds(Scale, st.lists(st.integers(0, 9), max_size=5).map(tuple), st.text(max_size=9)),
)


@given(st.integers(1, 4).flatmap(lambda size: st.lists(st.lists(CELLS, min_size=size, max_size=size), min_size=1)))
def test_a_card_with_a_chart_is_stored_as_data(cells: list[list[Bar | Scale | None]]) -> None:
    rows = tuple(ChartRow("👍 & co", tuple(row), leads=True) for row in cells[:25])
    card = Card("Which?", files=(File("poll.csv", b"a,b"),), chart=Chart("poll-1", rows, WORDS))
    stored = json.dumps(dump_card(card))
    assert load_card(json.loads(stored)) == card and "PNG" not in stored


def test_a_chart_is_told_where_it_can_be_drawn() -> None:
    row = ChartRow("a", (Bar(1),))
    for name, rows, words in (
        ("", (row,), WORDS),
        ("a/b", (row,), WORDS),
        ("a", (), WORDS),
        ("a", (row, ChartRow("b", (None, None))), WORDS),
        ("a", (row,) * 26, WORDS),
        ("a", (row,), ""),
    ):
        with pytest.raises(ValueError, match="chart"):
            Chart(name, rows, words)
    chart = Chart("a", (row,), WORDS)
    with pytest.raises(ValueError, match="one of them a picture"):
        Card("a", chart=chart, files=(File("b.png", b"-", "a picture"),))
