"""Questions: what was asked, who was asked to help, who is on duty, and what is worth keeping."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_counters_community_id"),
        sa.PrimaryKeyConstraint("community_id", "name", name="pk_counters"),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_drafts_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_drafts_at", "drafts", ["at"])
    op.create_index("ix_drafts_member_id", "drafts", ["member_id"])
    op.create_table(
        "duty",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("asked_at", MOMENT),
        sa.Column("missed", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_duty_community_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_duty_member_id"),
        sa.PrimaryKeyConstraint("member_id", name="pk_duty"),
    )
    op.create_index("ix_duty_community_id", "duty", ["community_id"])
    op.create_table(
        "expertise",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_expertise_community_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_expertise_member_id"),
        sa.PrimaryKeyConstraint("member_id", "topic", name="pk_expertise"),
    )
    op.create_index("ix_expertise_community_id", "expertise", ["community_id"])
    op.create_table(
        "left_alone",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_left_alone_member_id"),
        sa.PrimaryKeyConstraint("member_id", name="pk_left_alone"),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("audience", sa.String(20), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text()),
        sa.Column("card", sa.Text()),
        sa.Column("thread", sa.Text()),
        sa.Column("agents_card", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("asked_at", MOMENT),
        sa.Column("active_at", MOMENT, nullable=False),
        sa.Column("asker_spoke_last", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("waves", sa.Integer(), server_default="0", nullable=False),
        sa.Column("waves_before", sa.Integer(), server_default="0", nullable=False),
        sa.Column("wave_at", MOMENT),
        sa.Column("helper_id", sa.Integer()),
        sa.Column("claimed_at", MOMENT),
        sa.Column("answered_at", MOMENT),
        sa.Column("escalated_at", MOMENT),
        sa.Column("escalation", sa.Text(), server_default="", nullable=False),
        sa.Column("waiting_since", MOMENT),
        sa.Column("hand_out_at", MOMENT),
        sa.Column("offered_agent_id", sa.Integer()),
        sa.Column("offered_agent_at", MOMENT),
        sa.Column("lead_told_at", MOMENT),
        sa.Column("reminded_at", MOMENT),
        sa.Column("solved_at", MOMENT),
        sa.Column("solver_id", sa.Integer()),
        sa.Column("solution", sa.Text()),
        sa.Column("solution_text", sa.Text(), server_default="", nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("known_id", sa.Integer()),
        sa.Column("rating_asked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("rating", sa.Integer()),
        sa.ForeignKeyConstraint(["asker_id"], ["members.id"], name="fk_questions_asker_id"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_questions_community_id"),
        sa.ForeignKeyConstraint(["helper_id"], ["members.id"], name="fk_questions_helper_id"),
        sa.ForeignKeyConstraint(["known_id"], ["questions.id"], name="fk_questions_known_id"),
        sa.ForeignKeyConstraint(["offered_agent_id"], ["members.id"], name="fk_questions_offered_agent_id"),
        sa.ForeignKeyConstraint(["solver_id"], ["members.id"], name="fk_questions_solver_id"),
        sa.PrimaryKeyConstraint("id", name="pk_questions"),
        sa.UniqueConstraint("community_id", "number", name="uq_questions_community_id_number"),
        sa.UniqueConstraint("origin", name="uq_questions_origin"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_questions_asker_id", "questions", ["asker_id"])
    op.create_index("ix_questions_community_id_state", "questions", ["community_id", "state"])
    op.create_index("ix_questions_helper_id", "questions", ["helper_id"])
    op.create_index("ix_questions_solver_id", "questions", ["solver_id"])
    op.create_index("ix_questions_thread", "questions", ["thread"])
    op.create_table(
        "articles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_articles_community_id"),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name="fk_articles_question_id"),
        sa.ForeignKeyConstraint(["saved_by"], ["members.id"], name="fk_articles_saved_by"),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
        sa.UniqueConstraint("question_id", name="uq_articles_question_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_articles_community_id", "articles", ["community_id"])
    op.create_table(
        "offers",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reaction", sa.String(20)),
        sa.Column("reacted_at", MOMENT),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_offers_member_id"),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name="fk_offers_question_id"),
        sa.PrimaryKeyConstraint("question_id", "member_id", name="pk_offers"),
    )
    op.create_index("ix_offers_member_id_at", "offers", ["member_id", "at"])
    op.create_table(
        "replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_replies_member_id"),
        sa.ForeignKeyConstraint(["question_id"], ["questions.id"], name="fk_replies_question_id"),
        sa.PrimaryKeyConstraint("id", name="pk_replies"),
        sa.UniqueConstraint("message", name="uq_replies_message"),
    )
    op.create_index("ix_replies_member_id", "replies", ["member_id"])
    op.create_index("ix_replies_question_id", "replies", ["question_id"])
    op.create_table(
        "consents",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("agreed", sa.Boolean()),
        sa.Column("at", MOMENT),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_consents_article_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_consents_member_id"),
        sa.PrimaryKeyConstraint("article_id", "member_id", name="pk_consents"),
    )


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
