"""The picture of a result: what a chart has of it, and that it can be drawn."""

from __future__ import annotations

import pytest

from adapters.contract.charts import Bar, ChartRow, Scale
from bot.cogs.polls.chart import result_chart
from bot.cogs.polls.counting import count
from bot.delivery.charts import draw
from storage.polls import Choices, Kind

LABELS = ["Library", "Park", "Café"]


def rows_of(kind: Kind, ballots: dict[Choices, int]) -> list[ChartRow]:
    chart = result_chart("poll-1", count(kind, len(LABELS), ballots), LABELS, "Bars")
    assert draw(chart).startswith(b"\x89PNG")
    return [*chart.rows]


def test_the_option_with_most_votes_stands_first_and_stands_out() -> None:
    assert rows_of(Kind.SINGLE, {(1,): 3, (0,): 1}) == [
        ChartRow("Park", (Bar(0.75, "3 · 75%"),), leads=True),
        ChartRow("Library", (Bar(0.25, "1 · 25%"),)),
        ChartRow("Café", (Bar(0.0, "0 · 0%"),)),
    ]


def test_a_ranking_has_a_column_for_each_round() -> None:
    park, library, cafe = rows_of(Kind.RANKED, {(0,): 4, (1, 0): 3, (2, 1): 2})
    assert park == ChartRow("Park", (Bar(3 / 9, "3"), Bar(5 / 9, "5")), leads=True)
    assert library.cells == (Bar(4 / 9, "4"), Bar(4 / 9, "4"))
    assert cafe.cells == (Bar(2 / 9, "2"), None)


def test_a_rating_shows_how_often_each_mark_was_given() -> None:
    first, *_, last = rows_of(Kind.RATING, {(5, 4, 0): 2, (1, 4, 0): 1})
    assert first == ChartRow("Park", (Scale((0, 0, 0, 3, 0), "4.0 / 5 · 3"),))
    assert last == ChartRow("Café", (Scale((0, 0, 0, 0, 0), "– · 0"),))


@pytest.mark.parametrize("kind", Kind)
def test_without_votes_nothing_stands_out(kind: Kind) -> None:
    assert not any(row.leads for row in rows_of(kind, {}))
