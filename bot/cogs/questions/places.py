"""Where a question stands, and where people write about it."""

from __future__ import annotations

from adapters.contract.models import Channel, MessageRef
from bot.kernel.lifecycle import Standing
from storage.postings import LOST, THREADLESS, Posted
from storage.questions import Question

CARD, POST = "card", "post"
"""What its messages are called that stand for it: its card, and the member's own post that asked it."""


def post_of(standing: Standing) -> Posted | None:
    """Return what is known of the post that asked a question; nothing if it was asked by command."""
    return next((row for row in standing.rows if row.key == POST), None)


def thread_under(row: Posted) -> Channel | None:
    """Return where people write under a message, also if somebody deleted it since; nothing if there is no such place.

    Where there can be no thread, that is its channel.
    """
    if row.message is None or (row.gone_at and row.why == LOST):
        return None
    if row.thread:
        return Channel.of(row.thread)
    return MessageRef.of(row.message).channel if row.stands and row.thread == THREADLESS else None


def threads_of(standing: Standing, question: Question) -> list[Channel]:
    """Return where people write about a question: where it was asked first, then in other spaces."""
    threads = [thread_under(row) for row in standing.rows if row.key in (CARD, POST)]
    return sorted(filter(None, threads), key=lambda thread: thread.space.key != question.space)


def is_out(standing: Standing) -> bool:
    """Say whether a question can be seen, or it is certain that it cannot."""
    return any(row.message or row.gone_at for row in standing.rows if row.key == CARD)
