"""The picture of a result: drawn whatever members write, without a warning, which is a failure here."""

from __future__ import annotations

import io
import struct

import pytest
from matplotlib.image import imread

from bot.cogs.polls.counting import count
from bot.cogs.polls.picture import draw, drawable
from storage.polls import Choices, Kind

LABELS = ["Pizza $5 and $6", "🍎 りんごジュース 🇯🇵", "عربى مع كلمات", "x" * 75, "👩‍🌾", "\\frac{1}{2} <b> & _a_"]


@pytest.mark.parametrize(
    "kind, ballots",
    [
        (Kind.SINGLE, {(0,): 7, (1,): 2}),
        (Kind.SINGLE, {}),
        (Kind.MULTIPLE, {(0, 1, 5): 3, (2,): 1}),
        (Kind.RANKED, {(0, 1): 3, (1, 0): 3, (5, 4, 3): 1}),
        (Kind.RANKED, {}),
        (Kind.RATING, {(5, 4, 0, 1, 2, 3): 9, (1, 1, 1, 1, 1, 1): 1}),
        (Kind.RATING, {}),
    ],
)
def test_every_kind_is_drawn_with_any_words(kind: Kind, ballots: dict[Choices, int]) -> None:
    assert _size(draw(count(kind, len(LABELS), ballots), LABELS))[0] >= 1000


def test_more_rounds_make_a_wider_picture_but_no_poster() -> None:
    ballots = {(place, *range(place)): place + 1 for place in range(25)}
    result = count(Kind.RANKED, 25, ballots)
    assert len(result.rounds) > 10
    width, height = _size(draw(result, [f"Option {n}" for n in range(25)]))
    assert 1000 < width < 2200 and height < 2200


@pytest.mark.parametrize("letter", ["W", "x", "漢", "م"])
def test_the_widest_words_end_before_the_edge(letter: str) -> None:
    picture = imread(io.BytesIO(draw(count(Kind.SINGLE, 2, {(0,): 1}), [letter * 75, letter])))
    assert (picture[:, -10:] == picture[0, 0]).all()


def test_what_has_no_letters_here_keeps_its_number() -> None:
    assert drawable("Library", 0) == "1. Library"
    assert drawable("👩‍🌾 Farm 🌱", 1) == "2. Farm"
    assert drawable("👩‍🌾", 2) == "3."


def _size(picture: bytes) -> tuple[int, int]:
    """Return the width and height of a PNG."""
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height
