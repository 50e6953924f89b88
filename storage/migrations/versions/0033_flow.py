"""What a newcomer is led through is a flow, and no longer a track."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE journeys RENAME COLUMN track TO flow")


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
