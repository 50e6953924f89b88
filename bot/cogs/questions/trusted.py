"""How far an answer can be trusted: what solved a question, what its asker thanked for, and all that others wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from storage.help import Help, parts_of
from storage.questions import Question, State
from storage.replies import Reply
from storage.search import ACCEPTED, PLAIN, THANKED, Document

from .breath import in_breaths
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


def in_one_go(replies: Iterable[Reply]) -> list[list[Reply]]:
    """Return what was written, and not deleted, by what each said in one go."""
    there = (reply for reply in replies if reply.deleted_at is None)
    return in_breaths(there, attrgetter("member_id"), attrgetter("at"))


def first_answer(question: Question, replies: Iterable[Reply]) -> Reply | None:
    """Return the first of what others wrote that counts as an answer as it stands, if there is one."""
    others = (reply for reply in replies if reply.member_id != question.asker_id and reply.deleted_at is None)
    return next((reply for reply in others if _counts(reply)), None)


def _counts(reply: Reply) -> bool:
    """Say whether words count as an answer; those that a platform keeps from us do, and not those that an edit took."""
    return reads_as_answer(reply.text) if reply.text else reply.edited_at is None


def put_together(said: Sequence[Reply], around: str = "") -> Reply:
    """Return what was said in one go as one answer, by its first message, or the one that it is kept `around`.

    What is surely no answer, such as "one moment", is none of it.
    """
    parts = [reply for reply in said if reply.message == around or (reply.text and reads_as_answer(reply.text))] or said
    chosen = next((reply for reply in parts if reply.message == around), parts[0])
    return replace(chosen, text="\n".join(reply.text for reply in parts if reply.text))


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
        Answer(
            put_together(said).text,
            said[0].member_id,
            said[-1].at,
            THANKED if thanked & {reply.id for reply in said} else PLAIN,
        )
        for said in in_one_go(replies)
        if said[0].member_id != question.asker_id and question.solution not in {reply.message for reply in said}
        if any(reply.text and reads_as_answer(reply.text) for reply in said)
    ]
    if question.solution_text:
        at = question.solved_at or question.active_at
        found.append(Answer(question.solution_text, question.solver_id, at, ACCEPTED))
    return sorted(found, key=lambda answer: (answer.weight, answer.at), reverse=True)


def document_of(question: Question, replies: Sequence[Reply]) -> Document:
    """Return what a question is found by: its own words, and what was answered, by how far that can be trusted."""
    answers = [(answer.words, answer.weight) for answer in answers_of(question, replies)]
    return Document(question.id, question.title, question.details, question.asked_at or question.created_at, answers)


def help_of(question: Question, replies: Sequence[Reply]) -> dict[int, Help]:
    """Return who helped with a question, by what was written about it."""
    written = [
        (reply.member_id, reply.text, reply.at)
        for reply in replies
        if reply.member_id != question.asker_id and reply.deleted_at is None and (reply.text or reply.edited_at is None)
        if reply.member_id == question.solver_id or not reply.text or reads_as_answer(reply.text)
    ]
    if question.solver_id and question.solver_id not in {who for who, _, _ in written}:
        written.append((question.solver_id, question.solution_text, question.solved_at or question.active_at))
    return parts_of(written)


def told_by(question: Question, replies: Sequence[Reply]) -> tuple[Document, dict[int, Help]]:
    """Return what a question is found by, and who helped with it."""
    return document_of(question, replies), help_of(question, replies)


def best_answer(question: Question, replies: Sequence[Reply]) -> Answer | None:
    """Return what can be shown as the answer to a question: what solved it or, once nobody asks on, the best there is.

    What its asker found alone, and what is still talked about, has none.
    """
    if question.state not in (State.SOLVED, State.CLOSED):
        return None
    found = answers_of(question, replies)
    best = found[0] if found else None
    return None if best and question.state is State.SOLVED and best.weight < ACCEPTED else best
