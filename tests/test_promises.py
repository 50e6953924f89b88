"""Every sentence that Trellis says has a row that says which test shows it, and what it promises is shown to happen."""

from __future__ import annotations

from pathlib import Path

from tests import promises
from tests.promises import Row


def test_every_message_has_a_row_and_every_promise_a_test() -> None:
    found = promises.problems(promises.read(), promises.messages())
    assert not found, "See “What Trellis says” in CONTRIBUTING.md:\n" + "\n".join(found)


def test_the_table_is_kept_in_order() -> None:
    rows = promises.read()
    assert [*rows] == sorted(rows)


def test_what_is_wrong_with_a_row_is_found(tmp_path: Path) -> None:
    here = "tests/test_promises.py::test_the_table_is_kept_in_order"
    rows = {
        "Saved.": Row("shown", here),
        "You are told.": Row("shown", here),
        "I will.": Row("is"),
        "Kept": Row("kept", f"{here}_no_more"),
        "New": Row("shown"),
        "Gone": Row("is"),
    }
    promises.write(rows, tmp_path / "table.tsv")
    assert promises.read(tmp_path / "table.tsv") == rows
    assert [line.rpartition(": ")[0] or line for line in promises.problems(rows, {*rows, "Unheard"} - {"Gone"})] == [
        "No row",
        "Nothing says this any more",
        f"There's no test {here}_no_more",
        "Not filled in",
        "This promises something. Which test shows that it happens? You are told.",
    ]
