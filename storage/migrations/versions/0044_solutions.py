"""What solved a question is found by its message, also when nothing else is kept of who wrote it."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_questions_solution", "questions", ["solution"])


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
