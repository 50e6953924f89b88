"""Who is asked to help, as a pure function of what is known: the best few, each with the reason."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from bot.delivery.gate import REST, objection
from storage.candidates import Help
from storage.members import Member
from storage.peers import Offer, Reaction
from storage.questions import Question

HALF_LIFE = timedelta(days=90)
"""After this long, help counts half as much: people move on to other things."""
ACTIVITY_HALF_LIFE = timedelta(days=30)
ACCEPTED = 2.0
"""How much an accepted answer counts beside another answer."""
LOAD_WINDOW = timedelta(days=3)
DAY = timedelta(days=1)
SAID = 100
"""So many words of a question are looked through for topics that people say they know."""
LATELY = timedelta(days=14)
"""Who was not seen for longer counts half."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known when a question looks for helpers.

    `similar` gives the score of past questions that share words with this one, best 1.0; `titles` those that are like
    it enough to be named as a reason. `recent` are the offers of the last `LOAD_WINDOW`.
    """

    members: Sequence[Member]
    help: Sequence[Help]
    expertise: Mapping[int, Collection[str]]
    similar: Mapping[int, float]
    titles: Mapping[int, str]
    recent: Sequence[Offer]
    offered: Collection[int] = field(default_factory=frozenset)


class Why(StrEnum):
    """What speaks for someone."""

    SOLVED = "solved"
    """So many questions about a topic."""
    ANSWERED = "answered"
    """A question of that title."""
    KNOWS = "knows"
    """A topic, as they say themselves."""
    LATELY = "lately"
    """They have helped here lately."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why someone is asked, as facts: whoever reads it does so in their own language.

    What was written down before reasons were facts has words alone, `about`.
    """

    why: Why | None
    about: str = ""
    number: int = 0

    def pack(self) -> str:
        """Return the reason as it is kept."""
        return f"{self.why}/{self.number}/{self.about}"

    @classmethod
    def of(cls, kept: str) -> Self:
        """Read what was kept."""
        try:
            why, number, about = kept.split("/", 2)
            return cls(Why(why), about, int(number))
        except ValueError:
            return cls(None, kept)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Someone to ask: how well they fit, and why."""

    member: Member
    score: float
    reason: Reason
    newcomer: bool = False


def topics_named(question: Question) -> list[str]:
    """Return what a question may be about, as topics are written: its topic, and all its phrases of up to 3 words."""
    words = re.findall(r"[^\W_]+", f"{question.title} {question.details}".lower())[:SAID]
    phrases = (" ".join(words[start : start + length]) for length in (1, 2, 3) for start in range(len(words)))
    return [*dict.fromkeys(filter(None, (question.topic, *phrases)))]


def choose_peers(
    question: Question, evidence: Evidence, now: datetime, zone: ZoneInfo, size: int, a_day: int = 3
) -> list[Candidate]:
    """Return at most `size` members to ask, the best first; nobody who was asked `a_day` times within a day.

    The last of three or more places goes to someone willing who has not helped much yet, if there is such a person:
    otherwise the same few would be asked for ever.
    """
    ranked = rank_peers(question, evidence, now, zone, a_day)
    chosen = ranked[:size]
    newcomer = next((candidate for candidate in ranked[size:] if candidate.newcomer), None)
    if newcomer and size >= 3 and not any(candidate.newcomer for candidate in chosen):
        chosen[-1] = newcomer
    return chosen


def rank_peers(
    question: Question, evidence: Evidence, now: datetime, zone: ZoneInfo, a_day: int = 3
) -> list[Candidate]:
    """Return everyone who can be asked and has something that speaks for them, the best first.

    Who was asked about the question before this one comes behind all who are as good.
    """
    past = _Past(question, evidence, now)
    snoozed = {
        offer.member_id
        for offer in evidence.recent
        if offer.reaction is Reaction.SNOOZED and offer.reacted_at and now - offer.reacted_at < REST
    }
    others = [offer for offer in evidence.recent if offer.question_id != question.id]
    asked = Counter(offer.member_id for offer in others)
    today = Counter(offer.member_id for offer in others if now - offer.at < DAY)
    newest = max(others, key=lambda offer: (offer.at, offer.question_id), default=None)
    again = {offer.member_id for offer in others if newest and offer.question_id == newest.question_id}
    as_good: dict[int, float] = {}
    candidates = []
    for member in evidence.members:
        if (
            member.id == question.asker_id
            or member.id in evidence.offered
            or today[member.id] >= a_day
            or objection(member, now, zone, resting=member.id in snoozed)
        ):
            continue
        score = past.score(member.id)
        if score <= 0:
            continue
        if member.last_active_at is None or now - member.last_active_at > LATELY:
            score /= 2
        as_good[member.id] = score
        score /= 1 + 0.5 * asked[member.id]
        newcomer = past.accepted[member.id] < 2 and bool(evidence.expertise.get(member.id))
        candidates.append(Candidate(member, score, past.reason(member.id), newcomer))
    rested = [one for one in candidates if one.member.id not in again]

    def rank(one: Candidate) -> tuple[float, bool, int]:
        turn = one.member.id in again
        before = [other.score for other in rested if as_good[other.member.id] >= as_good[one.member.id]]
        return -min(one.score, *before) if turn and before else -one.score, turn, one.member.id

    return sorted(candidates, key=rank)


class _Past:
    """What each member's past says about one question."""

    def __init__(self, question: Question, evidence: Evidence, now: datetime) -> None:
        self._topic = question.topic.casefold()
        words = re.findall(r"[^\W_]+", f"{question.title} {question.details}".casefold())
        self._said = f" {' '.join(words)} "
        self._declared = evidence.expertise
        self._titles = evidence.titles
        self._by_words: dict[int, float] = defaultdict(float)
        self._by_topic: dict[int, float] = defaultdict(float)
        self._activity: dict[int, float] = defaultdict(float)
        self._closest: dict[int, tuple[float, int]] = {}
        self._on_topic: Counter[int] = Counter()
        self.accepted: Counter[int] = Counter()
        for given in evidence.help:
            age = max(now - given.at, timedelta())
            weight = (ACCEPTED if given.accepted else 1.0) * 0.5 ** (age / HALF_LIFE)
            self._activity[given.member_id] += 0.5 ** (age / ACTIVITY_HALF_LIFE)
            self.accepted[given.member_id] += given.accepted
            likeness = evidence.similar.get(given.question_id, 0.0)
            if likeness:
                self._by_words[given.member_id] += likeness * weight
                closest = (likeness * weight, given.question_id)
                self._closest[given.member_id] = max(self._closest.get(given.member_id, closest), closest)
            if self._topic and given.topic.casefold() == self._topic:
                self._by_topic[given.member_id] += weight
                self._on_topic[given.member_id] += given.accepted

    def score(self, member: int) -> float:
        """Words tell most, then the topic, then what people say of themselves; activity decides between equals."""
        declared = 1.5 if self._knows(member) else 0.0
        about = 2.0 * math.log1p(self._by_words[member]) + math.log1p(self._by_topic[member]) + declared
        return about + 0.25 * math.log1p(self._activity[member])

    def reason(self, member: int) -> Reason:
        if solved := self._on_topic[member]:
            return Reason(Why.SOLVED, self._topic, solved)
        title = self._titles.get(self._closest.get(member, (0.0, 0))[1])
        if title:
            return Reason(Why.ANSWERED, title)
        if known := self._knows(member):
            return Reason(Why.KNOWS, known)
        return Reason(Why.LATELY)

    def _knows(self, member: int) -> str:
        """Return the topic that a member says they know and the question is about, or names."""
        declared = sorted(self._declared.get(member, ()))
        return next((topic for topic in declared if self._is_about(topic.casefold())), "")

    def _is_about(self, topic: str) -> bool:
        return topic == self._topic or f" {topic} " in self._said
