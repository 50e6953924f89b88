"""Ideas with their votes, and polls with their ballots."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "ideas",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("author_id", sa.Integer()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("changes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("merged_into", sa.Integer()),
        sa.Column("status_before", sa.String(20)),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("added_at", MOMENT),
        sa.Column("changed_at", MOMENT),
        sa.Column("shipped_at", MOMENT),
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name="fk_ideas_author_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_ideas_community_id"),
        sa.ForeignKeyConstraint(["merged_into"], ["ideas.id"], name="fk_ideas_merged_into"),
        sa.PrimaryKeyConstraint("id", name="pk_ideas"),
        sa.UniqueConstraint("community_id", "number", name="uq_ideas_community_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ideas_author_id", "ideas", ["author_id"])
    op.create_index("ix_ideas_community_id_status", "ideas", ["community_id", "status"])
    op.create_index("ix_ideas_merged_into", "ideas", ["merged_into"])
    op.create_table(
        "idea_votes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer()),
        sa.Column("segment", sa.Text(), server_default="", nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["ideas.id"], name="fk_idea_votes_idea_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_idea_votes_member_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_idea_votes"),
        sa.UniqueConstraint("idea_id", "member_id", name="uq_idea_votes_idea_id_member_id"),
    )
    op.create_index("ix_idea_votes_member_id", "idea_votes", ["member_id"])
    op.create_table(
        "idea_follows",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["ideas.id"], name="fk_idea_follows_idea_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_idea_follows_member_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("idea_id", "member_id", name="pk_idea_follows"),
    )
    op.create_table(
        "idea_cards",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["ideas.id"], name="fk_idea_cards_idea_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("idea_id", "space", name="pk_idea_cards"),
    )
    op.create_table(
        "polls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("author_id", sa.Integer()),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("anonymous", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("hidden", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("adding", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("most", sa.Integer()),
        sa.Column("quorum", sa.Integer()),
        sa.Column("threshold", sa.Integer()),
        sa.Column("repeats", sa.Text(), server_default="", nullable=False),
        sa.Column("remind_minutes", sa.Integer()),
        sa.Column("series_id", sa.Integer()),
        sa.Column("turn", sa.Integer(), server_default="0", nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT),
        sa.Column("closes_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name="fk_polls_author_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_polls_community_id"),
        sa.ForeignKeyConstraint(["series_id"], ["polls.id"], name="fk_polls_series_id"),
        sa.PrimaryKeyConstraint("id", name="pk_polls"),
        sa.UniqueConstraint("series_id", "turn", name="uq_polls_series_id_turn"),
        sa.UniqueConstraint("community_id", "number", name="uq_polls_community_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_polls_author_id", "polls", ["author_id"])
    op.create_index("ix_polls_community_id_state", "polls", ["community_id", "state"])
    op.create_table(
        "poll_options",
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Integer()),
        sa.ForeignKeyConstraint(["added_by"], ["members.id"], name="fk_poll_options_added_by", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name="fk_poll_options_poll_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("poll_id", "position", name="pk_poll_options"),
    )
    op.create_table(
        "poll_votes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer()),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_poll_votes_member_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name="fk_poll_votes_poll_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_poll_votes"),
        sa.UniqueConstraint("poll_id", "member_id", name="uq_poll_votes_poll_id_member_id"),
    )
    op.create_index("ix_poll_votes_member_id", "poll_votes", ["member_id"])
    op.create_table(
        "poll_ballots",
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name="fk_poll_ballots_poll_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("poll_id", "token", name="pk_poll_ballots"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "poll_secrets",
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name="fk_poll_secrets_poll_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("poll_id", name="pk_poll_secrets"),
    )
    op.create_table(
        "poll_cards",
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["polls.id"], name="fk_poll_cards_poll_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("poll_id", "space", name="pk_poll_cards"),
    )


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
