"""Who helped with what, by the words of it, so that who is asked is known without reading what everyone ever wrote.

It is made of what stands in the threads of questions.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime, compact_json
from storage.search.tokens import weights

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

AT_ONCE = 500


def upgrade() -> None:
    op.create_table(
        "help",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("community_id", sa.Integer, sa.ForeignKey("communities.id"), nullable=False),
        sa.Column("question_id", sa.Integer, sa.ForeignKey("questions.id"), nullable=False),
        sa.Column("member_id", sa.Integer, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("credit", sa.Integer, nullable=False, server_default="0"),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("question_id", "member_id", name=op.f("uq_help_question_id_member_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_help_member_id", "help", ["member_id"])
    op.create_index("ix_help_community_id_version", "help", ["community_id", "version"])
    op.create_index("ix_help_community_id_at", "help", ["community_id", "at"])
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    """Note what was written so far, and number it in each community."""
    names = ("id", "community_id", "asker_id", "title", "details", "solver_id")
    questions = sa.table("questions", *map(sa.column, names))
    replies = sa.table("replies", *map(sa.column, ("question_id", "member_id", "text")), sa.column("at", UtcDateTime))
    replies.append_column(sa.column("deleted_at"))
    names = ("community_id", "question_id", "member_id", "terms", "credit", "version")
    help_ = sa.table("help", *map(sa.column, names), sa.column("at", UtcDateTime))
    numbers: dict[int, int] = {}
    last = 0
    while True:
        some = sa.select(questions).where(questions.c.id > last).order_by(questions.c.id).limit(AT_ONCE)
        asked = {row.id: row for row in connection.execute(some)}
        if not asked:
            break
        written = sa.select(replies).where(replies.c.question_id.in_(asked), replies.c.deleted_at.is_(None))
        given: dict[tuple[int, int], list[sa.Row[Any]]] = {}
        for row in connection.execute(written.order_by(replies.c.at)):
            if row.member_id != asked[row.question_id].asker_id:
                given.setdefault((row.question_id, row.member_id), []).append(row)
        rows = []
        for (question_id, member_id), parts in given.items():
            question = asked[question_id]
            number = numbers[question.community_id] = numbers.get(question.community_id, 0) + 1
            words = "\n".join(filter(None, (question.details, *(part.text for part in parts))))
            terms = compact_json(weights(question.title, words) or {"": 1})
            rows.append(
                {
                    "community_id": question.community_id,
                    "question_id": question_id,
                    "member_id": member_id,
                    "terms": terms,
                    "credit": int(question.solver_id == member_id),
                    "at": parts[-1].at,
                    "version": number,
                }
            )
        if rows:
            connection.execute(sa.insert(help_), rows)
        last = max(asked)
    if numbers:
        counters = sa.table("counters", *map(sa.column, ("community_id", "name", "value")))
        named = [{"community_id": id_, "name": "help", "value": number} for id_, number in numbers.items()]
        connection.execute(sa.insert(counters), named)


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
