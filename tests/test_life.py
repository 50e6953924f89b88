"""Cases from life, one for each kind of fault that people met, and the tests that show how they end.

The table `life.tsv` has a row for each: what people type (A), what they do after they wrote (C), people who come and go
(D), promises (E) and calendars (F). Where Trellis may speak is told in docs/reliability.md.
"""

from __future__ import annotations

from pathlib import Path

from tests import promises

TABLE = Path(__file__).with_name("life.tsv")
KINDS = "ACDEF"


def rows() -> dict[str, list[str]]:
    """Return the tests of each case."""
    _, *lines = TABLE.read_text("utf-8").splitlines()
    return {id_: tests.split() for id_, _, tests in (line.split("\t") for line in lines)}


def test_every_case_has_a_test_that_there_is() -> None:
    told = rows()
    assert {id_[0] for id_ in told} == {*KINDS}
    named = [test for tests in told.values() for test in tests]
    gone = [test for test in named if not (promises.exists(test) if "::" in test else promises.tests_of(test))]
    assert all(told.values()) and not gone
