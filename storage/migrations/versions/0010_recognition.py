"""Recognition: the ledger, what was reversed in it, and what people reached."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "kudos",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("giver_id", sa.Integer()),
        sa.Column("receiver_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text()),
        sa.Column("channel", sa.Text()),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_kudos_community_id"),
        sa.ForeignKeyConstraint(["giver_id"], ["members.id"], name="fk_kudos_giver_id"),
        sa.ForeignKeyConstraint(["receiver_id"], ["members.id"], name="fk_kudos_receiver_id"),
        sa.PrimaryKeyConstraint("id", name="pk_kudos"),
        sa.UniqueConstraint("source", "round", name="uq_kudos_source_round"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_kudos_community_id_at", "kudos", ["community_id", "at"])
    op.create_index("ix_kudos_giver_id_at", "kudos", ["giver_id", "at"])
    op.create_index("ix_kudos_message", "kudos", ["message"])
    op.create_index("ix_kudos_receiver_id_at", "kudos", ["receiver_id", "at"])
    op.create_table(
        "kudos_cards",
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("kudos_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["kudos_id"], ["kudos.id"], name="fk_kudos_cards_kudos_id"),
        sa.PrimaryKeyConstraint("message", name="pk_kudos_cards"),
    )
    op.create_index("ix_kudos_cards_kudos_id", "kudos_cards", ["kudos_id"])
    op.create_table(
        "kudos_reversals",
        sa.Column("kudos_id", sa.Integer(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["kudos_id"], ["kudos.id"], name="fk_kudos_reversals_kudos_id"),
        sa.PrimaryKeyConstraint("kudos_id", name="pk_kudos_reversals"),
    )
    op.create_table(
        "milestones",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_milestones_community_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_milestones_member_id"),
        sa.PrimaryKeyConstraint("member_id", "name", name="pk_milestones"),
    )
    op.create_index("ix_milestones_community_id_at", "milestones", ["community_id", "at"])
    op.create_table(
        "off_boards",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_off_boards_member_id"),
        sa.PrimaryKeyConstraint("member_id", name="pk_off_boards"),
    )


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
