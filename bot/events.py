"""What happens in the community, told by one cog and heard by others that it does not know.

An event carries a few small facts, so that it packs into a job and is heard even if the process dies in between.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommunityEvent:
    """Base of all: the fields are whole numbers and short texts."""


@dataclass(frozen=True, slots=True)
class AnswerAccepted(CommunityEvent):
    """An answer solved a question. The two members differ."""

    question_id: int
    helper_id: int
    asker_id: int


@dataclass(frozen=True, slots=True)
class AnswerWithdrawn(CommunityEvent):
    """What was accepted did not solve the question after all."""

    question_id: int
    helper_id: int
    asker_id: int


@dataclass(frozen=True, slots=True)
class AnswerReused(CommunityEvent):
    """An old answer solved someone's question before it was posted."""

    question_id: int
    helper_id: int
    asker_id: int
