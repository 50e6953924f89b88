"""Members may pause what is done with their data."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("members", sa.Column("paused_at", sa.DateTime(timezone=True)))
    paused = sa.text("paused_at IS NOT NULL")
    op.create_index("ix_members_paused_at", "members", ["paused_at"], sqlite_where=paused, postgresql_where=paused)


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
