"""Moderators and admins sign in to a web page: links that work once, and sessions. Only digests are kept."""

import sqlalchemy as sa
from alembic import op

from storage.columns import UtcDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dashboard_links",
        sa.Column("member_id", sa.Integer, sa.ForeignKey("members.id"), primary_key=True),
        sa.Column("community_id", sa.Integer, sa.ForeignKey("communities.id"), nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("digest", name=op.f("uq_dashboard_links_digest")),
    )
    op.create_table(
        "dashboard_sessions",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("member_id", sa.Integer, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("community_id", sa.Integer, sa.ForeignKey("communities.id"), nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("begun_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("notice", sa.Text, nullable=False),
    )
    op.create_index("ix_dashboard_sessions_member_id", "dashboard_sessions", ["member_id"])
    op.create_index("ix_dashboard_sessions_expires_at", "dashboard_sessions", ["expires_at"])


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
