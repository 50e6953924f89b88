"""Files that members hand over in forms, such as the screenshot of a question."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_uploads_community_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_uploads_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_uploads_community_id", "uploads", ["community_id"])
    op.create_index("ix_uploads_member_id", "uploads", ["member_id"])
    op.create_index("ix_uploads_at", "uploads", ["at"])
    with op.batch_alter_table("questions") as batch:
        reference = sa.ForeignKey("uploads.id", ondelete="SET NULL", name="fk_questions_screenshot_id")
        batch.add_column(sa.Column("screenshot_id", sa.Integer(), reference))
    op.create_index("ix_questions_screenshot_id", "questions", ["screenshot_id"])


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
