"""Questions and answers are edited, and answers deleted: when that was is known, so that the later edit counts."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("questions", sa.Column("edited_at", MOMENT))
    op.add_column("replies", sa.Column("edited_at", MOMENT))
    op.add_column("replies", sa.Column("deleted_at", MOMENT))


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
