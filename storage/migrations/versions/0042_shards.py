"""By how many shards all processes hear a platform, and which of them want to hear."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shardings",
        sa.Column("platform", sa.Text(), primary_key=True),
        sa.Column("shards", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
    )
    op.create_table(
        "hearers",
        sa.Column("platform", sa.Text(), primary_key=True),
        sa.Column("owner", sa.Text(), primary_key=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("beat", sa.Float(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
