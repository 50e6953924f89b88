"""Members say about what they do not want to be asked, whatever they answered before."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("expertise", sa.Column("wanted", sa.Boolean, nullable=False, server_default=sa.true()))


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
