"""Questions as tracked things: where they stand and what was said of them moves to postings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.migrations.postings import adopt, people_of, rename_calls, said

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TIMESTAMP = sa.DateTime(timezone=True)
IN_THREADS = {"solved", "closed", "claimed", "escalated"}
"""What threads were told of how far a question is; which spaces' stands at the end of the key."""


def upgrade() -> None:
    op.create_table(
        "question_moments",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("question_id", sa.Integer(), sa.ForeignKey("questions.id"), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("member_id", sa.Integer(), sa.ForeignKey("members.id"), nullable=False),
        sa.Column("at", TIMESTAMP, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_question_moments_member_id", "question_moments", ["member_id"])
    op.create_index("ix_question_moments_question_id_at", "question_moments", ["question_id", "at"])
    connection = op.get_bind()
    query = sa.text("SELECT id, community_id, asker_id, origin, card, thread, agents_card, created_at FROM questions")
    questions = {row.id: row for row in connection.execute(query.columns(created_at=TIMESTAMP))}
    for question in questions.values():
        _adopt_cards(connection, question)
    for mirror in connection.execute(sa.text("SELECT question_id, space, card, thread FROM mirrors")).all():
        question = questions[mirror.question_id]
        name = (question.community_id, "question", question.id, "card", mirror.space)
        adopt(connection, *name, mirror.card, question.created_at, thread=mirror.thread)
    _adopt_messages(connection, questions)
    connection.execute(
        sa.text(
            "UPDATE questions SET offered_agent_at = waiting_since WHERE state = 'open' AND audience = 'agents'"
            " AND offered_agent_id IS NULL AND hand_out_at IS NULL"
        )
    )
    rename_calls(connection, {"support.tend:": "things.look:question:"})
    op.drop_table("mirrors")
    op.drop_index("ix_questions_thread", "questions")
    for column in ("card", "thread", "agents_card"):
        op.drop_column("questions", column)


def _space(message: str) -> str:
    """Return the key of the space in which a message stands."""
    return "/".join(message.split("/")[:2])


def _adopt_cards(connection: sa.Connection, question: Any) -> None:
    """Note where a question stands: a card that was asked by a post stands in the post's thread."""
    name, at = (question.community_id, "question", question.id), question.created_at
    if question.card:
        asked_by = question.origin
        if asked_by:
            adopt(connection, *name, "post", _space(asked_by), asked_by, at, thread=question.thread)
        own = None if asked_by else question.thread
        adopt(connection, *name, "card", _space(question.card), question.card, at, thread=own)


def _adopt_messages(connection: sa.Connection, questions: dict[int, Any]) -> None:
    """Note what was said, which ended in the space where that was in a thread, and who was asked to help."""
    people, asked = people_of(connection), _named_in_threads(connection)
    told: set[tuple[int, str, str]] = set()

    def note(question: Any, key: str, spot: str, message: str, at: datetime, member_id: int | None = None) -> None:
        if (question.id, key, spot) not in told and (member_id is None or member_id in people):
            told.add((question.id, key, spot))
            name = (question.community_id, "question", question.id)
            direct = member_id is not None and not message.startswith(":")
            place = message.removeprefix(":")
            adopt(connection, *name, key, spot, place, at, member_id=member_id, direct=direct)

    # Who was asked directly was not named in the thread as well.
    for key, channel, message, at in sorted(said(connection, "question/"), key=lambda row: "/wave/" in row[0]):
        _, number, what, *facts = key.split("/")
        question = questions.get(int(number)) if number.isdigit() else None
        if question is None:
            continue
        is_direct = channel.startswith("member/")
        if message == question.agents_card:  # the card for support was said under the key of the first turn
            note(question, "/".join(("support", what, *facts)), _space(message), message, at)
        elif what == "offer":  # question/7/offer/5/1: a member, a wave
            note(question, f"wave/{facts[1]}", f"member/{facts[0]}", message, at, int(facts[0]))
        elif what == "wave":  # question/7/wave/1/slack/T1
            for member_id in asked.get((question.id, int(facts[0]), "/".join(facts[1:])), ()):
                note(question, f"wave/{facts[0]}", f"member/{member_id}", f":{message}", at, member_id)
        elif what in {"turn", "waiting", "lead"}:
            note(question, "/".join((what, *facts)), _space(message), message, at)
        elif what in {"reminder", "proposal", "rating"}:  # .../thread, where it was not said directly
            told_as = "/".join(filter(None, (what, *facts))).removesuffix("/thread")
            spot = f"member/{question.asker_id}" if is_direct else _space(message)
            note(question, told_as, spot, message, at, question.asker_id if is_direct else None)
        elif what in IN_THREADS:
            note(question, f"{what}/{facts[0]}", _space(message), message, at)
        elif what == "relay":  # question/7/relay/slack/T1/C1:5/17/slack/T2
            note(question, "/".join((what, *facts[:-2])), _space(message), message, at)
    known = {question_id for question_id, key, _ in told if key.startswith("support/")}
    for question in questions.values():
        if question.agents_card and question.id not in known:  # it is not remembered any more what it said first
            note(question, "support/", _space(question.agents_card), question.agents_card, question.created_at)


def _named_in_threads(connection: sa.Connection) -> dict[tuple[int, int, str], list[int]]:
    """Return who may have been asked by name: by question, wave and space."""
    query = sa.text(
        "SELECT offers.question_id, offers.wave, offers.member_id, accounts.key FROM offers"
        " JOIN accounts ON accounts.member_id = offers.member_id ORDER BY offers.member_id"
    )
    named: dict[tuple[int, int, str], list[int]] = {}
    for row in connection.execute(query):
        named.setdefault((row.question_id, row.wave, _space(row.key)), []).append(row.member_id)
    return named


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
