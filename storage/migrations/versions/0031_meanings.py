"""What documents mean, as vectors, for those who search by meaning too."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("meaning", sa.LargeBinary))
    op.add_column("documents", sa.Column("level", sa.Text))


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
