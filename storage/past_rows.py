"""Makes the rows of a question that an import found, as pure functions; `past` writes those of many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from .imports import Import
from .kudos import Kind
from .past_things import PastAnswer, PastQuestion
from .questions import Audience, Question, State
from .replies import Reply

Values = dict[str, Any]


@dataclass(slots=True)
class PastRows:
    """What is to be written of a question, with nothing of those who were erased.

    `here` are the members by their accounts, `known` is the question of the same post that there was before, and
    `question_id` is that question where an import brought it, or else the one that is added; None: all stays as it is.
    """

    past: PastQuestion
    here: Mapping[str, int]
    answers: Sequence[PastAnswer]
    solution: PastAnswer | None
    known: Row[Any] | None
    question_id: int | None

    @property
    def settles(self) -> bool:
        """Whether it tells what solved a question of which an earlier export did not know."""
        is_open = self.known is not None and self.question_id is not None and self.known.state == State.CLOSED
        return is_open and self.solution is not None

    @property
    def is_new(self) -> bool:
        """Whether something is found by it that was not before."""
        return self.settles or (self.known is None and self.question_id is not None)

    @property
    def is_credited(self) -> bool:
        """Whether it was solved by the answer that solved it here too."""
        if self.solution is None or self.question_id is None:
            return False
        return self.is_new or (self.known is not None and self.known.solution == self.solution.message)

    def is_of(self, import_: Import) -> bool:
        """Say whether this import brought it before."""
        return self.known is not None and self.question_id is not None and self.known.import_id == import_.id

    def question(self, import_: Import) -> Values:
        past = self.past
        return {
            "community_id": import_.community_id,
            "asker_id": self.here[past.account],
            "space": import_.space,
            "title": past.title,
            "details": past.details,
            "topic": past.topic,
            "audience": Audience.PEERS,
            "origin": past.origin,
            "created_at": past.at,
            "asked_at": past.at,
            "active_at": past.ended_at,
            "answered_at": self.answers[0].at,
            "import_id": import_.id,
            **self.end(),
        }

    def end(self) -> Values:
        """Return how the question ended."""
        solution = self.solution
        solver_id = self.here[solution.account] if solution else None
        return {
            "state": State.SOLVED if solution else State.CLOSED,
            "closed_at": None if solution else self.past.ended_at,
            "solved_at": (self.past.solved_at or solution.at) if solution else None,
            "solver_id": solver_id,
            "helper_id": solver_id,
            "solution": solution.message if solution else None,
            "solution_text": self.past.solution_text if solution else "",
        }

    def replies(self, import_: Import) -> list[Values]:
        return [
            {
                "message": answer.message,
                "question_id": self.question_id,
                "member_id": self.here[answer.account],
                "text": answer.text,
                "at": answer.at,
                "import_id": import_.id,
            }
            for answer in self.answers
        ]

    def credit(self, import_: Import) -> Values:
        """Return what is written into the ledger: that an answer helped, for no points."""
        assert self.solution is not None
        return {
            "community_id": import_.community_id,
            "giver_id": self.here[self.past.account],
            "receiver_id": self.here[self.solution.account],
            "kind": Kind.ANSWER,
            "weight": 0,
            "value": "",
            "topic": self.past.topic,
            "reason": "",
            "source": f"history/{self.question_id}",
            "round": 0,
            "at": self.past.solved_at or self.solution.at,
            "import_id": import_.id,
        }


def rows_of(past: PastQuestion, here: Mapping[str, int], known: Row[Any] | None) -> PastRows | None:
    """Return what is to be written of a question; None where those who asked, or all who answered, were erased."""
    asker = here.get(past.account)
    answers = [answer for answer in past.answers if here.get(answer.account, asker) != asker]
    if asker is None or not answers:
        return None
    solution = past.solution if past.solution in answers else None
    is_imported = known is not None and known.import_id is not None and known.state != State.DROPPED
    return PastRows(past, here, answers, solution, known, known.id if known is not None and is_imported else None)


def told_before(question: Question, replies: Sequence[Reply], accounts: Mapping[int, str]) -> PastQuestion:
    """Return a question and its answers as an export would tell them, by the accounts of those who wrote."""
    answers = [
        PastAnswer(reply.message, accounts[reply.member_id], reply.text, reply.at)
        for reply in replies
        if reply.member_id != question.asker_id and reply.member_id in accounts and reply.text
    ]
    return PastQuestion(
        origin=question.origin or "",
        account=accounts[question.asker_id],
        title=question.title,
        details=question.details,
        topic=question.topic,
        at=question.asked_at or question.created_at,
        answers=tuple(answers),
        solution=next((answer for answer in answers if answer.message == question.solution), None),
        solution_text=question.solution_text,
        solved_at=question.solved_at,
    )
