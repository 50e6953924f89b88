"""Several thanks emojis of one person on one message are known, each until it is taken off."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    member = sa.ForeignKey("members.id")
    op.create_table(
        "thanks_reactions",
        sa.Column("message", sa.Text(), primary_key=True),
        sa.Column("member_id", sa.Integer(), member, primary_key=True),
        sa.Column("emoji", sa.Text(), primary_key=True),
    )
    op.create_index(op.f("ix_thanks_reactions_member_id"), "thanks_reactions", ["member_id"])
    op.execute(
        "INSERT INTO thanks_reactions (message, member_id, emoji) SELECT DISTINCT message, giver_id, reason FROM kudos"
        " WHERE kind = 'reaction' AND message IS NOT NULL AND giver_id IS NOT NULL AND reason <> ''"
        " AND NOT EXISTS (SELECT 1 FROM kudos_reversals WHERE kudos_id = kudos.id)"
    )


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
