"""Links: codes that prove two accounts to be one member's, wrong tries, and what was linked."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "link_codes",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_link_codes_community_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_link_codes_member_id"),
        sa.PrimaryKeyConstraint("member_id", name="pk_link_codes"),
        sa.UniqueConstraint("digest", name="uq_link_codes_digest"),
    )
    op.create_table(
        "link_tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_link_tries_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_link_tries"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_link_tries_at", "link_tries", ["at"])
    op.create_index("ix_link_tries_member_id_at", "link_tries", ["member_id", "at"])
    op.create_table(
        "links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("accounts", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_links_community_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_links_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_links_member_id", "links", ["member_id"])


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
