"""What was asked and answered before Trellis came is brought in from platforms' exports."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("community_id", sa.Integer, sa.ForeignKey("communities.id"), nullable=False),
        sa.Column("space", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("reached", sa.Integer, nullable=False, server_default="0"),
        sa.Column("counts", sa.Text, nullable=False, server_default="{}"),
        sa.UniqueConstraint("community_id", "space", "fingerprint"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "import_people",
        sa.Column("import_id", sa.Integer, sa.ForeignKey("imports.id"), primary_key=True),
        sa.Column("member_id", sa.Integer, sa.ForeignKey("members.id"), primary_key=True, index=True),
        sa.Column("made", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("joined_at", MOMENT),
        sa.Column("joined_before", MOMENT),
    )
    op.create_table(
        "presence_hours",
        sa.Column("import_id", sa.Integer, sa.ForeignKey("imports.id"), primary_key=True),
        sa.Column("member_id", sa.Integer, sa.ForeignKey("members.id"), primary_key=True, index=True),
        sa.Column("hour", sa.Integer, primary_key=True),
        sa.Column("messages", sa.Integer, nullable=False),
    )
    op.create_table(
        "import_solutions",
        sa.Column("import_id", sa.Integer, sa.ForeignKey("imports.id"), primary_key=True),
        sa.Column("question_id", sa.Integer, sa.ForeignKey("questions.id"), primary_key=True, index=True),
    )
    for table in ("questions", "replies", "kudos"):
        with op.batch_alter_table(table) as batch:
            reference = sa.ForeignKey("imports.id", name=f"fk_{table}_import_id")
            batch.add_column(sa.Column("import_id", sa.Integer, reference))
    op.create_index(op.f("ix_questions_import_id"), "questions", ["import_id"])
    imported = sa.text("import_id IS NOT NULL")
    columns = ["community_id", "topic", "asked_at"]
    op.create_index("ix_questions_imported", "questions", columns, sqlite_where=imported, postgresql_where=imported)
    op.create_index(op.f("ix_replies_import_id"), "replies", ["import_id"])
    op.create_index(op.f("ix_kudos_import_id"), "kudos", ["import_id"])


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
