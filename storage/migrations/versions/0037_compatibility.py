"""Which is the oldest code that can work with these tables."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    made = op.create_table("compatibility", sa.Column("lowest", sa.Text(), primary_key=True))
    op.bulk_insert(made, [{"lowest": revision}])


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
