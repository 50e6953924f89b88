"""What admins changed of the settings, who has been erased, and until when each space was heard."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "changed_settings",
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_changed_settings_community_id"),
        sa.PrimaryKeyConstraint("community_id", "name", name="pk_changed_settings"),
    )
    op.create_table(
        "heard",
        sa.Column("space_key", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("space_key", name="pk_heard"),
    )
    op.create_table(
        "tombstones",
        sa.Column("account_hash", sa.Text(), nullable=False),
        sa.Column("erased_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account_hash", name="pk_tombstones"),
    )


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
