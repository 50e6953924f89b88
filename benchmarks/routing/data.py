"""Reads conversations, and questions with their answers, for `benchmarks.routing`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ..datasets import rows_of


@dataclass(slots=True)
class Asked:
    """A question, who answered it when and with which words, and whose answer is the one to find."""

    asker: str
    title: str
    details: str
    topic: str
    at: float
    answers: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    right: str = ""
    solved: bool = False


def read(folder: Path) -> dict[str, list[Asked]]:
    """Read a folder in one of the two formats, by the names of its sets. Raises `ValueError` for any other."""
    if (folder / "topics.jsonl.gz").exists():
        return {folder.name: [*_conversations(folder / "topics.jsonl.gz")]}
    sets = {path.name.split(".")[0]: _posts(path) for path in sorted(folder.glob("*.posts.jsonl.gz"))}
    if not sets:
        raise ValueError(f"{folder} holds neither of the formats that are known")
    return sets


def _conversations(path: Path) -> Iterator[Asked]:
    for row in rows_of(path):
        first, *rest = row["messages"]
        one = Asked(first["user"], row["title"], first["text"], row["channel"], first["ts"])
        for message in rest:
            if message["user"] != one.asker:
                one.answers.setdefault(message["user"], []).append((message["ts"], message["text"]))
        one.right = next(iter(one.answers), "")
        yield one


def _posts(path: Path) -> list[Asked]:
    asked: dict[int, Asked] = {}
    accepted: dict[int, Asked] = {}
    for row in rows_of(path):
        at = datetime.fromisoformat(row["created"]).replace(tzinfo=UTC).timestamp()
        who = str(row["owner"] or "")
        if row["type"] == "question":
            topic = (row["tags"] or [""])[0]
            asked[row["id"]] = Asked(who, row["title"], row["body"], topic, at)
            if row["accepted_answer"]:
                accepted[row["accepted_answer"]] = asked[row["id"]]
        elif (one := asked.get(row["parent"])) and who and who != one.asker:
            one.answers.setdefault(who, []).append((at, row["body"]))
            if row["id"] in accepted:
                one.right, one.solved = who, True
    return [*asked.values()]
