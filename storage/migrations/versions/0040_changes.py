"""When the channels of a space, or our rights there, were last heard to be different."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("spaces", sa.Column("changed_at", sa.DateTime(timezone=True)))
    op.create_index("ix_spaces_changed_at", "spaces", ["changed_at"])


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
