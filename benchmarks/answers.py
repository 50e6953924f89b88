"""How well Trellis knows whether a question has been answered: what it finds, and when it stays silent.

    python -m benchmarks.answers --data DIR [--mix DIR] [--store sqlite|postgres] [--json] [--fit]

`DIR` is a folder in one of three formats: `corpus.jsonl.gz` with `qrels.tsv` (only label 2 counts), `threads.jsonl.gz`
with `queries.jsonl.gz`, or `topics.jsonl.gz` with `qrels.tsv` (each looks only at earlier ones). Everything goes
through the stores and the decision that the bot runs.

With `--mix`, half of the threads are stored (seed 1). Asked are 64 questions that these answer, 64 of the other half,
and 192 of the mixed-in folder. `--fit` finds the coefficients of `bot.text.likeness` on ten such mixes of other seeds.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import math
import random
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from bot.text.likeness import ALIKE, likeness, told
from storage.database import Database
from storage.members import MemberStore
from storage.search import Fit, SearchStore
from storage.search.encoders import encoder_of

from .datasets import empty_database, logistic, print_measured, rows_of

KIND = "question"
START = datetime(2020, 1, 1, tzinfo=UTC)
AT_ONCE = 256
"""So many documents have their meaning found out at once."""
DEPTH = 50
"""So many results are looked through for the right one."""
ANSWERABLE, NEAR, FAR = 64, 64, 192
SEEDS = range(3, 13)
GOALS = {
    "text": {
        "travel_se_duplicates: mrr": ">= 0.36",
        "stackfaq: mrr": ">= 0.83",
        "lean_zulip_linked: r10": ">= 0.23",
        "stackfaq, mixed: recall": ">= 0.60",
    },
    "light": {"travel_se_duplicates: mrr": ">= 0.39", "stackfaq, mixed: recall": ">= 0.70"},
    "full": {
        "travel_se_duplicates: mrr": ">= 0.48",
        "stackfaq: mrr": ">= 0.97",
        "lean_zulip_linked: r10": ">= 0.26",
        "stackfaq, mixed: recall": ">= 0.88",
    },
}
"""By the level of search."""
MIXED_GOALS = {
    "stackfaq, mixed: precision": ">= 0.80",
    "stackfaq, mixed: near": "<= 0.10",
    "stackfaq, mixed: far": "<= 0.02",
}
"""At every level."""


@dataclass(frozen=True, slots=True)
class Document:
    """Something written down, in the order of time."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Query:
    """A question, and the numbers of the documents that answer it.

    `itself` is its own number. With `before`, only earlier documents count.
    """

    title: str
    details: str
    right: frozenset[int]
    itself: int | None = None
    before: bool = False


@dataclass(slots=True)
class DataSet:
    """Documents and questions about them."""

    name: str
    documents: list[Document] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)


def read(folder: Path) -> DataSet:
    """Read a folder in one of the three formats. Raises `ValueError` for any other."""
    data = DataSet(folder.name)
    if (folder / "threads.jsonl.gz").exists():
        numbers = {}
        for row in rows_of(folder / "threads.jsonl.gz"):
            numbers[row["id"]] = len(data.documents)
            data.documents.append(Document(row["question"], "\n\n".join(row["answers"])))
        for row in rows_of(folder / "queries.jsonl.gz"):
            data.queries.append(Query(row["query"], "", frozenset({numbers[row["thread_id"]]})))
        return data
    for name, title, body in (("corpus", "title", "body"), ("topics", "title", "first_message")):
        path = folder / f"{name}.jsonl.gz"
        if not path.exists():
            continue
        numbers = {}
        for row in rows_of(path):
            numbers[str(row["id"])] = len(data.documents)
            data.documents.append(Document(row[title], row[body]))
        right: dict[int, set[int]] = {}
        with (folder / "qrels.tsv").open() as file:
            for row in csv.DictReader(file, delimiter="\t"):
                if row.get("label", "2") == "2":
                    right.setdefault(numbers[row["query_id"]], set()).add(numbers[row["doc_id"]])
        for number, docs in sorted(right.items()):
            asked = data.documents[number]
            data.queries.append(Query(asked.title, asked.body, frozenset(docs), number, name == "topics"))
        return data
    raise ValueError(f"{folder} holds none of the formats that are known")


class Library:
    """Documents that are written down, as the bot writes and searches them."""

    def __init__(self, database: Database, community_id: int, level: str, model: str) -> None:
        self.search = SearchStore(database, encoder_of(level, model))
        self._database = database
        self.community_id = community_id
        self._put = 0

    async def put(self, documents: Iterable[Document]) -> None:
        """Write documents down, in their order."""
        async with self._database.unit():
            for one in documents:
                at = START + timedelta(minutes=self._put)
                await self.search.put(self.community_id, KIND, self._put, title=one.title, body=one.body, at=at)
                self._put += 1
        while await self.search.learn(AT_ONCE):
            pass

    async def find(self, query: Query, limit: int = DEPTH) -> list[tuple[int, Fit]]:
        """Return the numbers of what is found, and how well it fits; without the question itself."""
        hits = await self.search.find(self.community_id, query.title, (KIND,), limit, details=query.details)
        return [(hit.subject_id, hit.fit) for hit in hits if hit.subject_id != query.itself]


async def ranking(data: DataSet, store: str, level: str, model: str) -> dict[str, Any]:
    """Measure how far ahead the right documents come."""
    process = psutil.Process()
    async with empty_database(store) as database:
        community = await MemberStore(database).community("bench/1", "Bench", "UTC")
        library, ranks, found, times = Library(database, community.id, level, model), [], [], []
        began, stored = process.cpu_times().user, 0
        if not any(query.before for query in data.queries):
            await library.put(data.documents)
            stored = len(data.documents)
        add_ms = (process.cpu_times().user - began) * 1000 / max(1, stored)
        for query in data.queries:
            if query.before and query.itself:
                await library.put(data.documents[stored : query.itself])
                stored = max(stored, query.itself)
            start = time.perf_counter()
            ids = [number for number, _ in await library.find(query)]
            times.append((time.perf_counter() - start) * 1000)
            at = [place for place, number in enumerate(ids, 1) if number in query.right]
            ranks.append(at)
            found.append(sum(place <= 10 for place in at) / len(query.right))
    times = times[1:]  # the first one reads the index
    first = [at[0] if at else math.inf for at in ranks]
    precision = [
        statistics.fmean((n + 1) / place for n, place in enumerate(at)) * len(at) / len(query.right) if at else 0.0
        for at, query in zip(ranks, data.queries, strict=True)
    ]
    return {
        "set": data.name,
        "level": level,
        "store": store,
        "n": len(first),
        "mrr": _round(statistics.fmean(1 / rank for rank in first)),
        "map": _round(statistics.fmean(precision)),
        "r1": _round(sum(rank <= 1 for rank in first) / len(first)),
        "r5": _round(sum(rank <= 5 for rank in first) / len(first)),
        "r10": _round(statistics.fmean(found)),
        "p50_ms": _round(statistics.median(times)),
        "p95_ms": _round(statistics.quantiles(times, n=20)[-1]),
        "add_ms": _round(add_ms),
        "memory_mb": _round(process.memory_info().rss / 1e6),
    }


@dataclass(frozen=True, slots=True)
class Tried:
    """A question of a mix, what fits best, and whether that is right."""

    kind: str
    fit: Fit | None
    right: bool


async def mix(data: DataSet, other: DataSet, seed: int, store: str, level: str, model: str) -> list[Tried]:
    """Ask what is answered and what is not."""
    chance = random.Random(seed)
    numbers = [*range(len(data.documents))]
    chance.shuffle(numbers)
    half = sorted(numbers[: len(numbers) // 2])
    inside = [query for query in data.queries if query.right & {*half}]
    outside = [query for query in data.queries if not query.right & {*half}]
    async with empty_database(store) as database:
        community = await MemberStore(database).community("bench/1", "Bench", "UTC")
        library = Library(database, community.id, level, model)
        await library.put(data.documents[number] for number in half)
        tried = []
        asked = [("answerable", query) for query in chance.sample(inside, min(ANSWERABLE, len(inside)))]
        asked += [("near", query) for query in chance.sample(outside, min(NEAR, len(outside)))]
        asked += [("far", query) for query in chance.sample(other.queries, min(FAR, len(other.queries)))]
        for kind, query in asked:
            found = await library.find(Query(query.title, query.details, query.right), 3)
            best = found[0] if found else None
            tried.append(Tried(kind, best and best[1], bool(best and half[best[0]] in query.right)))
    return [one if one.kind == "answerable" else Tried(one.kind, one.fit, False) for one in tried]


def abstention(name: str, store: str, level: str, tried: Sequence[Tried]) -> dict[str, Any]:
    """Measure how often something is offered, and how often that is right."""
    offered = [one for one in tried if one.fit and likeness(one.fit) >= ALIKE]
    right = sum(one.right for one in offered)
    asked = {kind: sum(one.kind == kind for one in tried) for kind in ("answerable", "near", "far")}
    return {
        "set": f"{name}, mixed",
        "level": level,
        "store": store,
        "n": len(tried),
        "offered": len(offered),
        "right": right,
        "precision": _round(right / max(1, len(offered))),
        "recall": _round(right / asked["answerable"]),
        "near": _round(sum(one.kind == "near" for one in offered) / asked["near"]),
        "far": _round(sum(one.kind == "far" for one in offered) / asked["far"]),
    }


def fitted(tried: Sequence[Tried]) -> list[float]:
    """Return the coefficients of a logistic regression, with a little ridge on all but the constant."""
    rows = np.array([told(one.fit) for one in tried if one.fit])
    right = np.array([one.right for one in tried if one.fit], float)
    ridge = np.array([0.0, *[1.0] * (rows.shape[1] - 1)])
    return [round(float(one), 3) for one in logistic(rows, right, ridge)]


def _round(value: float) -> float:
    return round(value, 3)


async def measure(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Return what was measured, a row for each set."""
    data, where = read(arguments.data), (arguments.store, arguments.level, arguments.model)
    if not arguments.mix:
        return [await ranking(data, *where)]
    other = read(arguments.mix)
    if arguments.fit:
        tried = [one for seed in SEEDS for one in await mix(data, other, seed, *where)]
        print("coefficients:", fitted(tried))
        return [abstention(data.name, *where[:2], tried)]
    return [abstention(data.name, *where[:2], await mix(data, other, 1, *where))]


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a folder in one of the formats above")
    parser.add_argument("--mix", type=Path, help="a folder with questions that nothing answers")
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--level", choices=("text", "light", "full"), default="text")
    parser.add_argument("--model", default="", help="the folder of the sentence model, for the level full")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--fit", action="store_true", help="find the coefficients of the likeness")
    arguments = parser.parse_args()
    measured = asyncio.run(measure(arguments))
    print_measured("Answers", measured, GOALS[arguments.level] | MIXED_GOALS, as_json=arguments.json)


if __name__ == "__main__":
    main()
