"""What admins were told of that does not go on."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "troubles",
        sa.Column("community_id", sa.Integer(), sa.ForeignKey("communities.id"), primary_key=True),
        sa.Column("what", sa.Text(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
