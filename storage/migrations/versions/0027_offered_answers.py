"""What askers were shown before their question was posted, and what they made of it."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "offered_answers",
        sa.Column("question_id", sa.Integer, nullable=False),
        sa.Column("community_id", sa.Integer, nullable=False),
        sa.Column("known_id", sa.Integer, nullable=False),
        sa.Column("chance", sa.Float, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was_right", sa.Boolean),
        sa.PrimaryKeyConstraint("question_id", name="pk_offered_answers"),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name="fk_offered_answers_question_id"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_offered_answers_community_id"),
        sa.ForeignKeyConstraint(["known_id"], ["questions.id"], name="fk_offered_answers_known_id"),
    )
    op.create_index("ix_offered_answers_known_id", "offered_answers", ["known_id"])
    op.create_index("ix_offered_answers_community_id_at", "offered_answers", ["community_id", "at"])


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
