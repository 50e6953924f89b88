"""What settings say of questions, and decisions, as pure functions: what is one, and what has to happen when."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import Enum, auto
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

from adapters.contract.commands import Role
from adapters.contract.text import say
from bot.text.reading import Verdict, is_answer, is_content, is_question
from bot.text.titles import tells_nothing
from storage.questions import UNSETTLED, Audience, Question, State
from storage.search.tokens import tokens
from storage.words import folded

WAVES = 2
"""How often peers are asked before support is."""
TELL_AGAIN = timedelta(days=1)
"""How long after the lead and the asker were told that nobody took a question they are told again."""
SUPPORT = (Role.AGENT, Role.MODERATOR, Role.ADMIN)
"""Who may do support."""
NEVER = datetime.max.replace(tzinfo=ZoneInfo("UTC")) - timedelta(days=2)
"""Away until told otherwise."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject that settings name; `words` in a question suggest it, `agents_only` keeps it from peers."""

    name: str
    words: tuple[str, ...] = ()
    agents_only: bool = False


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When support is there, in the community's zone; with no spans, always.

    A span is the weekdays (0 is Monday), and how long after midnight it begins and ends on each of them.
    """

    spans: tuple[tuple[frozenset[int], timedelta, timedelta], ...] = ()

    @classmethod
    def read(cls, words: str) -> Self:
        """Read "mon-fri 09:00-17:00; sat 10:00-14:00". Raises `ValueError` for anything else; "" is always."""
        spans = []
        for part in filter(None, (part.strip().lower() for part in words.split(";"))):
            match = _SPAN.fullmatch(part)
            if match is None:
                raise ValueError(
                    say("I don't understand “{part}”. Try “mon-fri 09:00-17:00; sat 10:00-14:00”.", part=part)
                )
            first, last = (_DAYS.index(match[day] or match["first"]) for day in ("first", "last"))
            days = frozenset((first + offset) % 7 for offset in range((last - first) % 7 + 1))
            begin, end = (timedelta(hours=int(match[at][:2]), minutes=int(match[at][3:])) for at in ("begin", "end"))
            if not begin < end <= timedelta(days=1):
                raise ValueError(say("“{part}” ends before it begins, or after midnight.", part=part))
            spans.append((days, begin, end))
        return cls(tuple(spans))

    def opens(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when support is there again; None if it is there `at` that moment (aware)."""
        opens = self.add(at, timedelta(), zone)
        return opens if opens > at else None

    def add(self, start: datetime, length: timedelta, zone: ZoneInfo) -> datetime:
        """Return the moment at which `length` of office time has passed since `start` (aware)."""
        if not self.spans:
            return start + length
        left, reached = length, start
        day = start.astimezone(zone).date()
        while True:
            midnight = datetime.combine(day, time(), zone)
            for begin, end in sorted((begin, end) for days, begin, end in self.spans if day.weekday() in days):
                # Adding to an aware time moves its wall clock, which is what office hours go by.
                opens = max((midnight + begin).astimezone(UTC), reached)
                closes = (midnight + end).astimezone(UTC)
                if left <= closes - opens:
                    return opens + left
                left -= max(closes - opens, timedelta())
                reached = max(reached, closes)
            day += timedelta(days=1)


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = r"(?:[01]\d|2[0-4]):[0-5]\d"
_SPAN = re.compile(
    rf"(?P<first>{'|'.join(_DAYS)})(?:-(?P<last>{'|'.join(_DAYS)}))?\s+(?P<begin>{_CLOCK})-(?P<end>{_CLOCK})"
)


@dataclass(frozen=True, slots=True)
class Policy:
    """How long anything may take, and how many are asked."""

    wave_size: int
    offers_a_day: int
    """How many questions one person is asked to help with within a day, at most."""
    questions_a_day: int
    """How many questions one person may post within a day."""
    wave_after: timedelta
    """How long a wave of peers has before the next, and a peer who wants to help before others are asked again."""
    agent_target: timedelta
    """Within how much office time an agent is to take a question on, before the lead hears of it."""
    agent_capacity: int
    idle_after: timedelta
    """How long an answered question may lie before the asker is asked whether it is solved."""
    close_after: timedelta
    anonymous: bool
    hours: OfficeHours
    topics: tuple[Topic, ...]
    lead: tuple[str, ...]

    @property
    def agent_turn(self) -> timedelta:
        """How long one agent has before it is the next one's turn: three turns fit into the target."""
        return self.agent_target / 3

    def topic(self, name: str) -> Topic | None:
        """Return the topic of that name, in capitals or not."""
        return next((topic for topic in self.topics if folded(topic.name) == folded(name)), None)


class Step(Enum):
    """What a question needs next."""

    DROP = auto()
    """The post that asked it is gone."""
    OFFER = auto()
    """Ask the next wave of peers."""
    RELEASE = auto()
    """Whoever took it on has not answered: ask others again."""
    ESCALATE = auto()
    """Bring it to support."""
    HAND_OUT = auto()
    """It is the next agent's turn."""
    TELL_LEAD = auto()
    REMIND = auto()
    """Ask the asker whether it is solved."""
    CLOSE = auto()

    def __str__(self) -> str:
        return self.name.lower().replace("_", " ")


def next_step(question: Question, policy: Policy, zone: ZoneInfo) -> tuple[Step, datetime] | None:
    """Return what has to happen next to a question that can be seen, and when, if nobody does anything before.

    Nothing if it is settled.
    """
    asked = question.asked_at
    if asked is None or question.state not in UNSETTLED:
        return None
    if question.state is State.ANSWERED:
        return _after_an_answer(question, policy)
    if question.audience is Audience.AGENTS:
        return _in_support(question, policy, zone)
    if question.state is State.CLAIMED and question.claimed_at:
        return Step.RELEASE, question.claimed_at + policy.wave_after
    waves = question.waves - question.waves_before
    since = question.wave_at or asked
    if waves == 0:
        return Step.OFFER, since
    return (Step.OFFER if waves < WAVES else Step.ESCALATE), since + policy.wave_after


def _after_an_answer(question: Question, policy: Policy) -> tuple[Step, datetime]:
    if question.reminded_at and question.reminded_at >= question.active_at:
        return Step.CLOSE, question.reminded_at + policy.close_after
    if question.asker_spoke_last:
        step = Step.ESCALATE if question.audience is Audience.PEERS else Step.RELEASE
        return step, question.active_at + policy.idle_after
    return Step.REMIND, question.active_at + policy.idle_after


def _in_support(question: Question, policy: Policy, zone: ZoneInfo) -> tuple[Step, datetime] | None:
    if question.state is State.CLAIMED and question.claimed_at:
        return Step.RELEASE, policy.hours.add(question.claimed_at, policy.agent_target * 4, zone)
    steps = []
    if question.lead_told_at:
        steps.append((Step.TELL_LEAD, policy.hours.add(question.lead_told_at + TELL_AGAIN, timedelta(), zone)))
    elif question.waiting_since:
        steps.append((Step.TELL_LEAD, policy.hours.add(question.waiting_since, policy.agent_target, zone)))
    if question.hand_out_at:
        steps.append((Step.HAND_OUT, question.hand_out_at))
    return min(steps, key=lambda step: step[1], default=None)


def reads_as_answer(words: str) -> bool:
    """Say whether someone else's words in a thread count as an answer: all do that are not surely none."""
    return is_answer(words) is not Verdict.NO


def reads_as_content(words: str) -> bool:
    """Say whether an asker's words in their thread surely say that they are content rather than still in need."""
    return is_content(words) is Verdict.YES


@lru_cache(maxsize=256)
def _marks(topic: Topic) -> frozenset[frozenset[str]]:
    """Return what suggests a topic, each as terms: asked for with every question, a million in an import."""
    marks = (frozenset(tokens(mark)) for mark in (topic.name, *topic.words))
    return frozenset(filter(None, marks))


def guess_topic(words: str, topics: Sequence[Topic]) -> str:
    """Return the topic whose words a question uses most, the first of equals; nothing if it uses none.

    Words are told as a search tells them: in any form and script, and several in any order.
    """
    said = Counter(tokens(words))

    def uses(topic: Topic) -> int:
        return sum(min(said[term] for term in mark) for mark in _marks(topic))

    best = max(topics, key=uses, default=None)
    return best.name if best and uses(best) else ""


def reads_as_question(title: str, text: str, *, has_files: bool = False) -> Verdict:
    """Say whether a message asks the community; a post that opens a topic of a forum does.

    What tells no subject ("anyone?", "how do I fix this?"), nor shows one in a file, is never sure to: nobody could
    answer it.
    """
    if title:
        return Verdict.YES
    verdict, is_clear = is_question(text), has_files or not tells_nothing(text)
    return Verdict.UNSURE if verdict is Verdict.YES and not is_clear else verdict


def is_now_sure(before: Question, after: Question, *, has_files: bool) -> bool:
    """Say whether more words, or a file, made what was doubtful a question."""
    was, now = (question.details or question.title for question in (before, after))
    is_sure = reads_as_question("", now, has_files=has_files) is Verdict.YES
    return is_sure and reads_as_question("", was) is Verdict.UNSURE
