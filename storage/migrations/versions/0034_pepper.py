"""An open anonymous poll says with which pepper it began; those that began before have no mark."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("poll_secrets", sa.Column("pepper", sa.Text()))


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
