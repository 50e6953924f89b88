"""When Trellis was removed from a space, and what was done to communities that are no more."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.compatibility import no_older_than

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("spaces", sa.Column("left_at", sa.DateTime(timezone=True)))
    left = sa.text("left_at IS NOT NULL")
    op.create_index("ix_spaces_left_at", "spaces", ["left_at"], sqlite_where=left, postgresql_where=left)
    with op.batch_alter_table("audit", table_kwargs={"sqlite_autoincrement": True}) as audit:
        audit.alter_column("community_id", existing_type=sa.Integer(), nullable=True)
    no_older_than("0041")  # which reads what is a community's alone, and so does not see what is nobody's


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
