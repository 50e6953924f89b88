"""The page of what is asked of Trellis tells each row of the table, and each row's tests are there."""

from __future__ import annotations

import re

from tests.reliability import PAGE, ROOT, rows


def test_every_row_is_told_and_its_tests_are_there() -> None:
    told = {line.split(" | ")[0].removeprefix("| "): line for line in PAGE.read_text("utf-8").splitlines()}
    for row in rows():
        assert row.promise in told[row.id] and row.gap in told[row.id], "Run python -m tests.reliability"
        assert row.tests or row.gap, f"{row.id} is neither shown nor open"
        for test in row.tests:
            file, _, name = test.partition("::")
            there = ROOT / file
            assert there.exists() and (not name or re.search(rf"def {name}\(", there.read_text("utf-8"))), test
            assert test in told[row.id] or test.removeprefix("tests/") in told[row.id]
