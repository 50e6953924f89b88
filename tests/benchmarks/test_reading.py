"""The benchmark of reading runs on the examples by hand, and what it counts is as good as it is to be."""

from __future__ import annotations

import pytest

from benchmarks.reading.data import examples
from benchmarks.reading.score import DECIDE, GOALS, Score, score, scores

FEW = 0.15
"""So much may a small set fall below a goal by chance."""


def whole(decision: str) -> Score:
    found = score(decision, "examples not looked at", [row for row in examples() if not row.looked_at])
    assert found
    return found


@pytest.mark.parametrize("decision", [*GOALS])
def test_the_goals_are_reached_on_examples_that_were_not_looked_at(decision: str) -> None:
    measured, (precision, recall) = whole(decision), GOALS[decision]
    assert measured.precision >= precision - FEW / 3 and measured.recall >= recall - FEW


def test_each_decision_is_counted_in_each_language() -> None:
    rows = [row for row in examples() if not row.looked_at]
    measured = scores(rows)
    assert {one.decision for one in measured} == {*DECIDE}
    assert {one.what for one in measured} >= {"English: examples", "German: examples", "other languages: examples"}
    assert all(one.messages and 0 <= one.lost <= 0.3 for one in measured)


def test_what_is_counted_is_right() -> None:
    told = [row for row in examples() if row.text in ("How do I rotate the webhook secret?", "brb")]
    counted = score("question", "two", told)
    assert counted and (counted.messages, counted.precision, counted.recall, counted.unsure) == (2, 1.0, 1.0, 0.0)
    assert counted.reached
