"""How far an answer can be trusted: what solved a question, what its asker thanked for, and all that others wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.questions import Question, State
from storage.replies import Reply
from storage.search import ACCEPTED, PLAIN, THANKED

from .policy import reads_as_answer, reads_as_content

TRUST = {ACCEPTED: 1.0, THANKED: 0.9, PLAIN: 0.6}
"""How likely something is to help that fits a question, by how much its words count."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Something that was answered: by whom, when, and how much it counts."""

    words: str
    member_id: int | None
    at: datetime
    weight: float


def answers_of(question: Question, replies: Sequence[Reply]) -> list[Answer]:
    """Return the answers to a question among what was written about it, the most trusted first, then the latest."""
    thanked, last = set[int](), 0
    for reply in replies:
        if reply.deleted_at is not None:
            continue
        if reply.member_id != question.asker_id:
            last = reply.id
        elif reads_as_content(reply.text):
            thanked.add(last)
    found = [
        Answer(reply.text, reply.member_id, reply.at, THANKED if reply.id in thanked else PLAIN)
        for reply in replies
        if reply.text and reply.member_id != question.asker_id and reply.message != question.solution
        if reply.deleted_at is None and reads_as_answer(reply.text)
    ]
    if question.solution_text:
        at = question.solved_at or question.active_at
        found.append(Answer(question.solution_text, question.solver_id, at, ACCEPTED))
    return sorted(found, key=lambda answer: (answer.weight, answer.at), reverse=True)


def best_answer(question: Question, replies: Sequence[Reply]) -> Answer | None:
    """Return what can be shown as the answer to a question: what solved it or, once nobody asks on, the best there is.

    What its asker found alone, and what is still talked about, has none.
    """
    if question.state not in (State.SOLVED, State.CLOSED):
        return None
    found = answers_of(question, replies)
    best = found[0] if found else None
    return None if best and question.state is State.SOLVED and best.weight < ACCEPTED else best
