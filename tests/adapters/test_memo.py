"""What is remembered is bounded."""

from __future__ import annotations

from adapters.contract.memo import Memo


def test_what_was_written_longest_ago_is_forgotten() -> None:
    memo: Memo[str, int] = Memo(2)
    memo["mia"], memo["noah"], memo["mia"] = 1, 2, 3
    assert memo.setdefault("mia", 4) == 3
    assert memo.setdefault("ava", 5) == 5
    assert list(memo.items()) == [("mia", 3), ("ava", 5)]
