"""What was said stands in postings now: the deliveries are read by nobody any more."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("deliveries")


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
