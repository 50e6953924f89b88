"""Moderators say why they end, take out or refuse what is somebody else's; a poll closed by mistake can be reopened."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, name in (("events", "cancelled_because"), ("admissions", "reason"), ("polls", "closed_because")):
        op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("polls", sa.Column("reopens_until", sa.DateTime(timezone=True)))
    op.add_column("polls", sa.Column("reopened", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
