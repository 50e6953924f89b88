"""Indexes that find what was set aside, however much else there is."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ORDERS = {"jobs": "id", "outbox": "id", "inbox": "key"}


def upgrade() -> None:
    dead = sa.text("failed_at IS NOT NULL")
    for table, key in ORDERS.items():
        op.create_index(f"ix_{table}_dead", table, ["failed_at", key], sqlite_where=dead, postgresql_where=dead)


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
