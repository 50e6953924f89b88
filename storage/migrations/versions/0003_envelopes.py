"""Envelopes: what a platform handed over, until it is done with."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "envelopes",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text()),
        sa.PrimaryKeyConstraint("key", name="pk_envelopes"),
    )
    op.create_index("ix_envelopes_at", "envelopes", ["at"])


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
