"""Whom messages name is known, so that they can be drawn without somebody who was forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("postings", sa.Column("draw", sa.Text()))
    stale = sa.text("digest = 'stale'")
    op.create_index("ix_postings_stale", "postings", ["community_id", "id"], sqlite_where=stale, postgresql_where=stale)
    op.create_table(
        "namings",
        sa.Column("posting_id", sa.Integer(), sa.ForeignKey("postings.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("member_id", sa.Integer(), sa.ForeignKey("members.id"), primary_key=True),
    )
    op.create_index("ix_namings_member_id", "namings", ["member_id"])


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
