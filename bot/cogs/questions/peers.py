"""Who is asked to help, as a pure function of what is known: the best few, each with the reason."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from bot.delivery.gate import REST, objection
from storage.help import Past
from storage.members import Member
from storage.peers import Offer, Reaction
from storage.questions import Question
from storage.search.tokens import tokens

LOAD_WINDOW = timedelta(days=14)
"""How far back it counts who was asked, and what they made of it."""
LOAD_HALF_LIFE = timedelta(days=3)
"""After so long it counts half as much against someone that they were asked."""
DAY = timedelta(days=1)
HOUR_AGO = 1 / 24
"""In days. Who helped within the last hour is here now, whenever in it that was."""
OFTEN, HALF = 3, 0.5
"""Who helped so often, and so much of it at about this hour of the day, is said to be often here then."""
SAID = 100
"""So many words of a question are looked through for topics that people say they know."""
LATELY = timedelta(days=14)
"""Who was not seen for longer counts half."""
PROMPT = timedelta(minutes=30)
"""Who takes an offer on later than this counts half as one who does."""
DECLARED = 0.1
"""Who says that they know about something counts as if they had given so much of the help about it."""
LEAST = 0.003
"""No share of the help counts for less: what somebody has not done so far says little."""
ALIKE = 0.5
"""From here on what somebody answered is enough like a question to be named as a reason."""

WORDS, TOPIC, MONTH, ASKER, HOUR, IDLE = 0.50, 0.04, 0.20, 0.20, 2.80, -0.43
"""What each share of the help counts, by its logarithm, and the rest as it is (`told`): the coefficients of a logistic
regression of who came to help first, on the earlier parts of the sets that docs/performance.md names, all together.
`python -m benchmarks.routing --fit` fits them again."""
LOAD = 0.4
"""What each offer takes away, the latest most; chosen by what the benchmark says of the load."""
TAKES = 0.5
"""What it counts how often somebody takes on what they are asked, by its logarithm. There is no data to fit it on."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known when a question looks for helpers.

    `past` is what each one's help says about it, `titles` names the questions that were `closest` to it, and `recent`
    are the offers of the last `LOAD_WINDOW`. Who is in `offered` is not asked.
    """

    members: Sequence[Member]
    past: Mapping[int, Past]
    expertise: Mapping[int, Collection[str]]
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
    """They have helped with so many questions here lately."""
    TAKES = "takes"
    """They took on so many of what they were asked lately."""
    ASKER = "asker"
    """They have helped the person who asks before."""
    AROUND = "around"
    """They are often here at this time of the day."""
    NEW = "new"
    """They are new to helping, and willing: one place is for somebody like that."""


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
        return f"{self.why}/{self.number}/{' '.join(self.about.split())}"

    @classmethod
    def of(cls, kept: str) -> Self:
        """Read what was kept."""
        try:
            why, number, about = kept.split("/", 2)
            return cls(Why(why), about, int(number))
        except ValueError:
            return cls(None, kept)


def reasons_of(offer: Offer) -> list[Reason]:
    """Return all that spoke for someone who is asked, the first of which they are told."""
    return [Reason.of(line) for line in offer.reason.split("\n")]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Someone to ask: how well they fit, and what speaks for them, the best first."""

    member: Member
    score: float
    reasons: tuple[Reason, ...]
    newcomer: bool = False

    def pack(self) -> str:
        """Return the reasons as they are kept."""
        return "\n".join(reason.pack() for reason in self.reasons)


def topics_named(question: Question) -> list[str]:
    """Return what a question may be about, as topics are written: its topic, and all its phrases of up to 3 words."""
    words = re.findall(r"[^\W_]+", f"{question.title} {question.details}".lower())[:SAID]
    phrases = (" ".join(words[start : start + length]) for length in (1, 2, 3) for start in range(len(words)))
    return [*dict.fromkeys(filter(None, (question.topic, *phrases)))]


def asks_the_same(question: Question, other: Question) -> bool:
    """Say whether somebody most likely asks the same: they will not know the answer."""
    mine, theirs = {*tokens(question.title)}, {*tokens(other.title)}
    shared = len(mine & theirs)
    return shared >= 2 and shared >= 0.6 * min(len(mine), len(theirs))


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
        chosen[-1] = replace(newcomer, reasons=(*newcomer.reasons, Reason(Why.NEW)))
    return chosen


def rank_peers(
    question: Question, evidence: Evidence, now: datetime, zone: ZoneInfo, a_day: int = 3
) -> list[Candidate]:
    """Return everyone who can be asked and has something that speaks for them, the best first.

    Who was asked about the question before this one comes behind all who are as good.
    """
    snoozed = {
        offer.member_id
        for offer in evidence.recent
        if offer.reaction is Reaction.SNOOZED and offer.reacted_at and now - offer.reacted_at < REST
    }
    others = [offer for offer in evidence.recent if offer.question_id != question.id]
    asked: dict[int, list[Offer]] = defaultdict(list)
    for offer in others:
        asked[offer.member_id].append(offer)
    newest = max(others, key=lambda offer: (offer.at, offer.question_id), default=None)
    again = {offer.member_id for offer in others if newest and offer.question_id == newest.question_id}
    words = {*map(str.casefold, topics_named(question))}
    as_good: dict[int, float] = {}
    candidates = []
    for member in evidence.members:
        mine = asked[member.id]
        if (
            member.id == question.asker_id
            or member.id in evidence.offered
            or sum(now - offer.at < DAY for offer in mine) >= a_day
            or objection(member, now, zone, resting=member.id in snoozed)
        ):
            continue
        knows = [topic for topic in sorted(evidence.expertise.get(member.id, ())) if topic.casefold() in words]
        past = evidence.past.get(member.id)
        if past is None and not knows:
            continue
        past = past or Past(member.id)
        score = fitness(past, knows=bool(knows))
        if member.last_active_at is None or now - member.last_active_at > LATELY:
            score -= math.log(2)
        as_good[member.id] = score
        score += TAKES * math.log(2 * _takes(mine))
        score -= LOAD * sum(0.5 ** ((now - offer.at) / LOAD_HALF_LIFE) for offer in mine)
        reasons = tuple(_reasons(question, past, knows, evidence.titles, mine))
        candidates.append(Candidate(member, score, reasons, past.accepted < 2 and bool(knows)))
    rested = [one for one in candidates if one.member.id not in again]

    def rank(one: Candidate) -> tuple[float, bool, int]:
        turn = one.member.id in again
        before = [other.score for other in rested if as_good[other.member.id] >= as_good[one.member.id]]
        return -min(one.score, *before) if turn and before else -one.score, turn, one.member.id

    return sorted(candidates, key=rank)


def told(past: Past, *, knows: bool) -> list[float]:
    """Return what it goes by who is likely to help, in the order of the coefficients."""
    least = DECLARED if knows else LEAST
    shares = (max(past.words, least), max(past.topic, least), max(past.month, LEAST))
    return [*map(math.log, shares), math.log1p(past.asker), past.hour, math.log(past.days + HOUR_AGO)]


def fitness(past: Past, *, knows: bool = False) -> float:
    """Return how likely someone is to help, as a logarithm: it compares people for one question."""
    coefficients = (WORDS, TOPIC, MONTH, ASKER, HOUR, IDLE)
    return sum(one * value for one, value in zip(coefficients, told(past, knows=knows), strict=True))


def _takes(offers: Sequence[Offer]) -> float:
    """Return how often someone takes on what they are asked, soon; a half where nothing is known."""
    answered = [offer for offer in offers if offer.reaction is not Reaction.LEFT]
    taken = [offer for offer in answered if offer.reaction is Reaction.HELPING]
    soon = sum(1.0 if offer.reacted_at and offer.reacted_at - offer.at <= PROMPT else 0.5 for offer in taken)
    return (soon + 1) / (len(answered) + 2)


def _reasons(
    question: Question, past: Past, knows: Sequence[str], titles: Mapping[int, str], offers: Sequence[Offer]
) -> Iterator[Reason]:
    """Return all that is true of someone, what says most first."""
    if past.solved:
        yield Reason(Why.SOLVED, question.topic.casefold(), past.solved)
    if past.alike >= ALIKE and (title := titles.get(past.closest)):
        yield Reason(Why.ANSWERED, title)
    for topic in knows[:1]:
        yield Reason(Why.KNOWS, topic)
    if past.helped:
        yield Reason(Why.LATELY, number=past.helped)
    if past.asker and not question.anonymous:
        yield Reason(Why.ASKER)
    if past.helped >= OFTEN and past.hour >= HALF:
        yield Reason(Why.AROUND)
    if taken := sum(offer.reaction is Reaction.HELPING for offer in offers):
        yield Reason(Why.TAKES, number=taken)
