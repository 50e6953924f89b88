"""How newcomers fare, and whom a word by hand would help, as pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from storage.progress import OnboardingProgress

from .policy import Kind, Policy

LATELY = timedelta(days=14)
"""For how long someone is worth a greeting by hand."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Someone who arrived lately. `step` is where they are on their way."""

    progress: OnboardingProgress
    step: Kind | None
    introduced: bool = False
    greeted: bool = False
    steps_done: int = 0


class Why(Enum):
    """Why someone is worth a greeting by hand, the best reason first."""

    UNANSWERED = auto()
    """They introduced themselves, and nobody has said hello."""
    STALLED = auto()
    """They began, and stopped."""
    QUIET = auto()
    """They came, and nothing has happened since."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """How those fared who arrived in a span of time."""

    joined: int
    activated: int
    on_their_way: int
    left: int
    stalled: Mapping[Kind | None, int]
    sources: Sequence[tuple[str, int, int]]
    """Where they came from, how many did, and how many of them were activated; most first."""


def is_activated(progress: OnboardingProgress, policy: Policy) -> bool:
    """Say whether someone gave something back soon after they arrived."""
    return bool(
        progress.arrived_at
        and progress.contributed_at
        and progress.contributed_at - progress.arrived_at <= policy.activation
    )


def score(newcomers: Sequence[Newcomer], policy: Policy, now: datetime) -> Scorecard:
    """Count how newcomers fared."""
    stalled: dict[Kind | None, int] = {}
    sources: dict[str, tuple[int, int]] = {}
    activated = on_their_way = left = 0
    for newcomer in newcomers:
        progress = newcomer.progress
        active = is_activated(progress, policy)
        activated += active
        joined, started = sources.get(progress.source, (0, 0))
        sources[progress.source] = (joined + 1, started + active)
        if active:
            continue
        if progress.left_at:
            left += 1
        elif progress.arrived_at and now - progress.arrived_at < policy.activation:
            on_their_way += 1
        elif progress.contributed_at is None:
            stalled[newcomer.step] = stalled.get(newcomer.step, 0) + 1
    by_source = sorted(((name, *counts) for name, counts in sources.items()), key=lambda row: (-row[1], row[0]))
    return Scorecard(len(newcomers), activated, on_their_way, left, stalled, by_source)


def worth_greeting(newcomers: Sequence[Newcomer], now: datetime, most: int = 3) -> list[tuple[Newcomer, Why]]:
    """Return the few whom a kind word by hand would help most, each with the reason."""
    found = []
    for newcomer in newcomers:
        progress = newcomer.progress
        if progress.left_at or progress.arrived_at is None or now - progress.arrived_at > LATELY:
            continue
        if newcomer.introduced and not newcomer.greeted:
            found.append((newcomer, Why.UNANSWERED))
        elif progress.contributed_at is None and not newcomer.greeted:
            found.append((newcomer, Why.STALLED if newcomer.steps_done else Why.QUIET))
    order = list(Why)
    return sorted(found, key=lambda one: (order.index(one[1]), one[0].progress.arrived_at or now))[:most]
