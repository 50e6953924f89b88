"""Tells conversations to the stores as they happened, and decides before each question who is asked."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np

from bot.cogs.questions.peers import Evidence, choose_peers, fitness, rank_peers
from bot.cogs.questions.waves import Waves
from storage.candidates import CandidateStore
from storage.database import Database
from storage.help import Help, HelpStore, Past
from storage.members import MemberStore
from storage.peers import PeerStore, Reaction
from storage.questions import Question, QuestionStore
from storage.search import index
from storage.search.tokens import tokens, weights

from ..datasets import empty_database
from .data import Asked

UTC_ZONE = ZoneInfo("UTC")
SPACE = "bench/1"
LATER = 0.4
"""So much of a set is asked about: its last part."""
MOST = 1_200
"""Of how many questions at most."""
WAVE, A_DAY = 3, 3
AT_ONCE = 500

Told: TypeAlias = tuple[float, int, str, str]
"""When something was said, in which question, by whom and what; nobody has said the question itself."""


class Room:
    """A community to whose stores everything is told as it happened."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.members, self.questions = MemberStore(database), QuestionStore(database)
        self.help, self.peers = HelpStore(database), PeerStore(database)
        self.waves = Waves(self.peers, CandidateStore(database), self.help)
        self.community = 0
        self.ids: dict[str, int] = {}
        self._seen: dict[str, datetime] = {}

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
        self._seen[f"{SPACE}/{name}"] = at
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
        """Return what the bot knows when it looks for helpers, among it who was seen when."""
        await self.members.seen(self._seen)
        self._seen.clear()
        return await self.waves.evidence(question, now, ())


@dataclass(slots=True)
class Decided:
    """One decision: all who could be asked, the best first, whom a wave asked, and what was known of them.

    `then` are those whom the next wave would ask. `answered` says of those who answered how many seconds later they
    did, and `right` whose answer is the one to find.
    """

    ranked: list[int]
    asked: list[int]
    then: list[int]
    past: dict[int, Past]
    ms: float
    at: datetime
    right: int = 0
    answered: dict[int, float] = field(default_factory=dict)
    baselines: dict[str, list[int]] = field(default_factory=dict)
    baselines_ms: float = 0.0

    @property
    def helpers(self) -> set[int]:
        """Who answered."""
        return {*self.answered}


async def replay(
    asked: Sequence[Asked],
    store: str,
    *,
    recorded: bool,
    first: float = 1 - LATER,
    baselines: bool = False,
    unanswered: bool = False,
) -> list[Decided]:
    """Tell everything in its order, and decide before each of the later questions, also those `unanswered`.

    With `recorded`, whoever is asked counts as asked, with the caps of a day.
    """
    tried = [place for place, one in enumerate(asked) if one.right or unanswered]
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
                    if place in chosen:  # whoever was asked took it on by that
                        await room.peers.react(posted[place].id, member, Reaction.HELPING, at, first=True)
                    if baselines:
                        rivals.note(member, one, text, when)
            if not who and place in chosen:
                found = await _decide(room, posted[place], datetime.fromtimestamp(when, UTC), recorded=recorded)
                if baselines:
                    start = time.perf_counter()
                    found.baselines = rivals.ranked(room.ids, one, when)
                    found.baselines_ms = (time.perf_counter() - start) * 1000 / len(found.baselines)
                decided.append(found)
        for place, found in zip(tried, decided, strict=True):
            found.right = room.ids.get(asked[place].right, 0)
            found.answered = {room.ids[who]: said[0][0] - asked[place].at for who, said in asked[place].answers.items()}
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
    ranked = sorted(known.past, key=lambda id_: (-fitness(known.past[id_]), id_))
    asked = [candidate.member.id for candidate in wave]
    then = [one.member.id for one in rank_peers(question, known, at, UTC_ZONE, A_DAY) if one.member.id not in asked]
    if recorded:
        await room.peers.offer(question.id, 1, {candidate.member.id: candidate.pack() for candidate in wave}, at)
    return Decided(ranked, asked, then[:WAVE], dict(known.past), ms, at)


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
