"""How well Trellis knows who should be asked, and what that costs.

    python -m benchmarks.routing --data DIR [--store sqlite|postgres] [--json] [--fit]

`DIR` is a folder with `topics.jsonl.gz` (conversations in the order of time; whoever wrote first asked) or with
`SITE.posts.jsonl.gz` (questions, answers and which of them was accepted). What was said is told to the stores message
by message, and before each of the later questions it is decided who is asked, as the bot does it. The person to find is
who answered first or, where answers are accepted, whose was.

Asked twice: who is ranked how (`mrr`, `hit`, `wave_free`), and what becomes of it when everybody who is asked counts as
asked, with the caps of every day (`wave`, `top5_share`, `most_a_day`): a wave of three holds somebody who answered.

`--fit` finds the coefficients of `bot.cogs.questions.peers` on the first part of each set; give several `--data`.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np

from bot.cogs.questions.peers import Evidence, choose_peers, fitness, told
from bot.cogs.questions.waves import Waves
from storage.candidates import CandidateStore
from storage.database import Database
from storage.help import Help, HelpStore, Past
from storage.members import MemberStore
from storage.peers import PeerStore
from storage.questions import Question, QuestionStore
from storage.search import index
from storage.search.tokens import tokens, weights

from .datasets import empty_database, print_measured, rows_of

UTC_ZONE = ZoneInfo("UTC")
SPACE = "bench/1"
LATER = 0.4
"""So much of a set is asked about: its last part."""
MOST = 1_200
"""Of how many questions at most."""
GOALS = {
    "beer: mrr": ">= 0.265",
    "matheducators: mrr": ">= 0.245",
    "lean_zulip_routing: mrr": ">= 0.355",
    "lean_zulip_routing: wave_free": ">= 0.72",
    "lean_zulip_routing: wave": ">= 0.62",
    "lean_zulip_routing: top5_share": "<= 0.35",
}
WAVE, A_DAY = 3, 3
AT_ONCE = 500

Told: TypeAlias = tuple[float, int, str, str]
"""When something was said, in which question, by whom and what; nobody has said the question itself."""


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


class Room:
    """A community to whose stores everything is told as it happened."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.members, self.questions = MemberStore(database), QuestionStore(database)
        self.help, self.peers = HelpStore(database), PeerStore(database)
        self.waves = Waves(self.peers, CandidateStore(database), self.help, self.members)
        self.community = 0
        self.ids: dict[str, int] = {}

    async def open(self) -> None:
        """Found the community."""
        self.community = (await self.members.community(SPACE, "Bench", "UTC")).id
        await self.members.join_space(SPACE, self.community, "Bench")

    async def meet(self, name: str, at: datetime) -> int:
        """Return somebody's id, who was just seen."""
        if name not in self.ids:
            member, _ = await self.members.arrive(self.community, f"{SPACE}/{name}", SPACE, name, at)
            self.ids[name] = member.id
            await self.members.set_preferences(member.id, direct_ok=True)
        return self.ids[name]

    async def ask(self, one: Asked, at: datetime) -> Question:
        """Keep a question."""
        asker = await self.meet(one.asker or "nobody", at)
        draft = await self.questions.draft(
            self.community, asker, SPACE, one.title, at, details=one.details, topic=one.topic
        )
        assert draft
        return draft

    async def evidence(self, question: Question, now: datetime) -> Evidence:
        """Return what the bot knows when it looks for helpers."""
        return await self.waves.evidence(question, now, ())


@dataclass(slots=True)
class Decided:
    """One decision: all who could be asked, the best first, whom a wave asked, and what was known of them."""

    ranked: list[int]
    asked: list[int]
    right: int
    helpers: set[int]
    past: dict[int, Past]
    ms: float
    at: datetime
    baselines: dict[str, list[int]]


async def replay(
    asked: Sequence[Asked], store: str, *, recorded: bool, first: float = 1 - LATER, baselines: bool = False
) -> list[Decided]:
    """Tell everything in its order, and decide before each of the later questions."""
    tried = [place for place, one in enumerate(asked) if one.right]
    tried = tried[int(len(tried) * first) :][-MOST:] if first else tried[len(tried) // 20 :: max(1, len(tried) // 1500)]
    chosen = {*tried}
    happened: list[Told] = []
    for place, one in enumerate(asked):
        happened.append((one.at, place, "", ""))
        happened += [(at, place, who, text) for who, parts in one.answers.items() for at, text in parts]
    happened.sort(key=lambda what: what[:3])
    decided: list[Decided] = []
    rivals = Rivals()
    async with empty_database(store) as database:
        room = Room(database)
        await room.open()
        posted: dict[int, Question] = {}
        given: dict[int, dict[int, Help]] = defaultdict(dict)
        for between in _until_decided(happened, chosen):
            async with database.unit():
                for when, place, who, text in between:
                    at, one = datetime.fromtimestamp(when, UTC), asked[place]
                    if not who:
                        posted[place] = await room.ask(one, at)
                        continue
                    member = await room.meet(who, at)
                    before = given[place].get(member)
                    said = Help("\n".join(filter(None, (before.words if before else "", text))), at)
                    given[place][member] = said
                    solver = member if one.solved and who == one.right else posted[place].solver_id
                    posted[place] = replace(posted[place], solver_id=solver)
                    await room.help.put(posted[place], {member: said}, whole=False)
                    if baselines:
                        rivals.note(member, one, text, when)
            if not who and place in chosen:
                found = await _decide(room, posted[place], datetime.fromtimestamp(when, UTC), recorded=recorded)
                if baselines:
                    found.baselines = rivals.ranked(room.ids, one, when)
                decided.append(found)
        for place, found in zip(tried, decided, strict=True):
            found.right = room.ids[asked[place].right]
            found.helpers = {room.ids[name] for name in asked[place].answers}
    return decided


def _until_decided(happened: Sequence[Told], chosen: Collection[int]) -> Iterator[list[Told]]:
    """Return what happened in portions, each of which ends with a question about which it is decided."""
    portion: list[Told] = []
    for what in happened:
        portion.append(what)
        if (not what[2] and what[1] in chosen) or len(portion) == AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


async def _decide(room: Room, question: Question, at: datetime, *, recorded: bool) -> Decided:
    start = time.perf_counter()
    known = await room.evidence(question, at)
    wave = choose_peers(question, known, at, UTC_ZONE, WAVE, A_DAY if recorded else 10**6)
    ms = (time.perf_counter() - start) * 1000
    past = dict(known.past)
    ranked = sorted(past, key=lambda id_: (-fitness(past[id_]), id_))
    asked = [candidate.member.id for candidate in wave]
    if recorded:
        await room.peers.offer(question.id, 1, {candidate.member.id: candidate.pack() for candidate in wave}, at)
    return Decided(ranked, asked, 0, set(), past, ms, at, {})


class Rivals:
    """The baselines: who gave most lately, and BM25 over past questions and answers, each times its decay."""

    def __init__(self) -> None:
        self._index = index.Index()
        self._members: list[int] = []
        self._moments: list[float] = []

    def note(self, member: int, one: Asked, text: str, at: float) -> None:
        """Remember an answer."""
        self._index.put(index.Entry(len(self._members), "answer", at, weights(one.title, f"{one.details}\n{text}")))
        if len(self._index) > len(self._members):
            self._members.append(member)
            self._moments.append(at)

    def ranked(self, ids: Mapping[str, int], one: Asked, now: float) -> dict[str, list[int]]:
        """Return whom each baseline would ask, the best first."""
        if not self._members:
            return {"activity": [], "bm25": []}
        scores, _ = self._index.scores(tokens(one.title), tokens(one.details), ("answer",))
        age = (now - np.array(self._moments)) / 86_400
        found = {}
        for name, values in (("activity", 0.5 ** (age / 30)), ("bm25", scores * 0.5 ** (age / 90))):
            sums = np.bincount(self._members, values)
            sums[ids.get(one.asker, 0) if ids.get(one.asker, 0) < len(sums) else 0] = 0
            found[name] = [int(id_) for id_ in np.argsort(-sums, kind="stable") if sums[id_]]
        return found


def measured(name: str, store: str, free: Sequence[Decided], capped: Sequence[Decided]) -> list[dict[str, Any]]:
    """Return a row for the bot and one for each baseline."""
    times = [one.ms for one in capped][1:]
    row = {
        "set": name,
        "store": store,
        "n": len(free),
        **_ranks([(one.ranked, one.right) for one in free]),
        "wave_free": _mean([bool({*one.asked} & one.helpers) for one in free]),
        "wave": _mean([bool({*one.asked} & one.helpers) for one in capped]),
        **_load([(one.at, one.asked) for one in capped]),
        "p50_ms": _round(statistics.median(times)),
        "p95_ms": _round(statistics.quantiles(times, n=20)[-1]),
    }
    rows = [row]
    for rival in ("activity", "bm25"):
        ranks = [(one.baselines[rival], one.right) for one in free]
        waves = [(one.at, one.baselines[rival][:WAVE]) for one in free]
        hits = [bool({*wave} & one.helpers) for (_, wave), one in zip(waves, free, strict=True)]
        what = {"set": f"{name}, {rival}", "store": store, "n": len(free), **_ranks(ranks), "wave_free": _mean(hits)}
        rows.append(what | {"wave": _mean(hits), **_load(waves)})
    return rows


def _ranks(ranked: Sequence[tuple[list[int], int]]) -> dict[str, float]:
    ranks = [ids.index(right) + 1 if right in ids else math.inf for ids, right in ranked]
    hits = {f"hit{top}": _mean([rank <= top for rank in ranks]) for top in (1, 5, 10)}
    return {"mrr": _mean([1 / rank for rank in ranks]), **hits}


def _load(waves: Sequence[tuple[datetime, list[int]]]) -> dict[str, float]:
    offers = [(id_, at) for at, ids in waves for id_ in ids]
    counts = Counter(id_ for id_, _ in offers)
    most = 0
    moments: dict[int, list[datetime]] = defaultdict(list)
    for id_, at in offers:
        moments[id_] = [one for one in moments[id_] if at - one < timedelta(days=1)] + [at]
        most = max(most, len(moments[id_]))
    top = sum(count for _, count in counts.most_common(5))
    return {"top5_share": _round(top / max(1, len(offers))), "most_a_day": most}


def _mean(values: Iterable[float]) -> float:
    return _round(statistics.fmean([float(value) for value in values] or [0.0]))


def _round(value: float) -> float:
    return round(value, 3)


def fitted(decided: Sequence[Decided], ridge: float = 3.0) -> list[float]:
    """Return the coefficients of a conditional logistic regression of who came first, by Newton's method."""
    chances = [
        (np.array([told(past, knows=False) for past in one.past.values()]), [*one.past].index(one.right))
        for one in decided
        if one.right in one.past
    ]

    def value(coefficients: Any) -> float:
        likely = 0.0
        for rows, right in chances:
            scores = rows @ coefficients
            likely += scores[right] - scores.max() - math.log(np.exp(scores - scores.max()).sum())
        return float(likely - ridge / 2 * coefficients @ coefficients)

    size = chances[0][0].shape[1]
    coefficients = np.zeros(size)
    for _ in range(30):
        slope, bend = -ridge * coefficients, ridge * np.eye(size)
        for rows, right in chances:
            scores = rows @ coefficients
            share = np.exp(scores - scores.max())
            share /= share.sum()
            mean = share @ rows
            slope += rows[right] - mean
            bend += (rows * share[:, None]).T @ rows - np.outer(mean, mean)
        step, before = np.linalg.solve(bend, slope), value(coefficients)
        while value(coefficients + step) < before and abs(step).max() > 1e-6:
            step /= 2
        coefficients = coefficients + step
        if abs(step).max() < 1e-4:
            break
    return [round(float(one), 3) for one in coefficients]


async def measure(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Return what was measured, a row for each set and baseline."""
    sets = {name: asked for folder in arguments.data for name, asked in read(folder).items()}
    if arguments.fit:
        learnt = []
        for asked in sets.values():
            past = asked[: int(len(asked) * (1 - LATER))]
            learnt += await replay(past, arguments.store, recorded=False, first=0.0)
        print("WORDS, TOPIC, MONTH, ASKER, HOUR, IDLE =", fitted(learnt))
    rows = []
    for name, asked in sets.items():
        free = await replay(asked, arguments.store, recorded=False, baselines=True)
        capped = await replay(asked, arguments.store, recorded=True)
        rows += measured(name, arguments.store, free, capped)
    return rows


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, action="append", required=True, help="a folder in one of the formats above"
    )
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--fit", action="store_true", help="find the coefficients")
    arguments = parser.parse_args()
    rows = asyncio.run(measure(arguments))
    print_measured("Routing", rows, GOALS, as_json=arguments.json)


if __name__ == "__main__":
    main()
