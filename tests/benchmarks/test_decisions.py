"""The two decisions are measured on any folder of the known formats, and told under the names that are agreed on."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import answers
from benchmarks.routing import __main__ as routing

ANSWERS = "set level store n mrr map r1 r5 r10 offered right recall p50_ms p95_ms add_ms memory_mb".split()
ROUTING = "set store n mrr hit1 hit5 hit10 wave top5_share most_a_day p50_ms p95_ms".split()
SUBJECTS = ("tomato blight", "pear pruning", "slug fences", "basil pots", "carrot soil", "rose grafting")


def write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def threads(folder: Path, subjects: Iterable[str]) -> Path:
    """Write questions with answers, and how somebody else asks each."""
    told = [*enumerate(subjects)]
    rows = [{"id": n, "question": f"What helps with {one}?", "answers": [f"Patience helps {one}."]} for n, one in told]
    write(folder / "threads.jsonl.gz", rows)
    write(folder / "queries.jsonl.gz", [{"query": f"What is good for {one}?", "thread_id": n} for n, one in told])
    return folder


def measured(what: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> Any:
    monkeypatch.setattr(sys, "argv", ["benchmark", *words, "--json"])
    what.main()
    return json.loads(capsys.readouterr().out)


def test_what_is_known_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = threads(tmp_path / "garden", SUBJECTS)
    (row,) = measured(answers, capsys, monkeypatch, "--data", str(data))
    assert [*row] == ANSWERS and (row["set"], row["level"], row["n"], row["mrr"]) == ("garden", "text", 6, 1.0)
    other = threads(tmp_path / "kitchen", ("soup", "bread"))
    rows = measured(answers, capsys, monkeypatch, "--data", str(data), "--mix", str(other))
    assert [row["set"] for row in rows] == ["garden, mixed", "garden, mixed, near", "garden, mixed, far"]
    assert all([*row] == ANSWERS for row in rows)
    assert [row["n"] for row in rows] == [8, 3, 2] and rows[0]["mrr"] == 1.0
    assert rows[1]["right"] == rows[2]["right"] == 0


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Ines answers whatever Bo asks about tomatoes, and Wren what is about pears."""
    topics = []
    for day in range(60):
        who, about = ("ines", "tomatoes") if day % 2 else ("wren", "pears")
        asks = {"ts": day * 86_400.0, "user": "bo", "text": f"What is wrong with my {about}?"}
        says = {"ts": day * 86_400.0 + 1_800, "user": who, "text": f"Those {about} want less water."}
        messages = [asks] if day % 10 == 9 else [asks, says]
        topics.append({"channel": "garden", "title": f"Sick {about}", "messages": messages})
    write(tmp_path / "talk" / "topics.jsonl.gz", topics)
    return tmp_path / "talk"


def test_who_is_asked_is_measured(
    talk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = measured(routing, capsys, monkeypatch, "--data", str(talk), "--questions", "50")
    assert all([*row] == ROUTING for row in rows)
    names = ["50 questions", "talk", "talk, no caps", "talk, activity", "talk, bm25"]
    assert [row["set"] for row in rows] == names
    assert rows[1]["hit1"] == 1.0 and rows[1]["most_a_day"] <= 3


def test_how_long_askers_wait_is_simulated(
    talk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody, everybody, named, _ = measured(routing, capsys, monkeypatch, "--data", str(talk), "--simulate")
    assert nobody["median_minutes"] == 30.0 and nobody["asked_each"] == 0
    assert named["median_minutes"] <= everybody["median_minutes"] <= 30.0
    assert nobody["unanswered_after_a_day"] == named["unanswered_after_a_day"] == pytest.approx(0.1, abs=0.05)
