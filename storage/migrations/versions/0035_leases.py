"""Which process hears a platform that one process may hear, and how often a session with it was begun lately."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("beat", sa.Float(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
    )
    op.create_table(
        "beginnings",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
    )
    op.create_index("ix_beginnings_name_at", "beginnings", ["name", "at"])


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
