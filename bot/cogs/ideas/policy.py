"""Decisions about ideas, as pure functions: who has how many votes, and in which order ideas are shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from storage.ideas import ALIVE, Idea, Status

DECIDED = (Status.OPEN, Status.PLANNED, Status.STARTED, Status.SHIPPED, Status.DECLINED, Status.DUPLICATE)
"""What moderators can make of an idea, in the order in which they come."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A group of members, by their roles on the platform or here; without roles, everyone else.

    `votes` is how many ideas one of them can vote for at a time; without a number, as many as they like.
    """

    name: str
    roles: frozenset[str] = frozenset()
    votes: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What settings say about ideas. The first segment that fits a member is theirs."""

    segments: tuple[Segment, ...] = ()
    a_day: int = 20
    """How many ideas one person may post within a day."""


def segment_of(policy: Policy, roles: Collection[str]) -> Segment:
    """Return the segment of someone with these roles; a nameless one without budget where none fits."""
    held = {role.casefold() for role in roles}
    for segment in policy.segments:
        if not segment.roles or held & {role.casefold() for role in segment.roles}:
            return segment
    return Segment("")


def shown(ideas: Sequence[Idea], votes: Mapping[int, int], by: str) -> list[Idea]:
    """Return the ideas of a list: "votes" and "new" are orders of those that go on, else it is a status."""
    if by == "new":
        return sorted((idea for idea in ideas if idea.status in ALIVE), key=_age)
    if by == "votes":
        chosen = [idea for idea in ideas if idea.status in ALIVE]
    else:
        chosen = [idea for idea in ideas if idea.status == by]
    return sorted(chosen, key=lambda idea: (-votes.get(idea.id, 0), _age(idea)))


def _age(idea: Idea) -> int:
    return -(idea.number or 0)
