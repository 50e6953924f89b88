"""Mirrors: where a question stands in the other spaces of its community."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mirrors",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name="fk_mirrors_question_id"),
        sa.PrimaryKeyConstraint("question_id", "space", name="pk_mirrors"),
    )
    op.create_index("ix_mirrors_thread", "mirrors", ["thread"])
    op.create_index("ix_deliveries_message", "deliveries", ["message"])


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
