"""Onboarding: journeys and their steps, what newcomers say of themselves and who meets them, and the gate."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "journeys",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("track", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, server_default=""),
        sa.Column("roles", sa.Text(), nullable=False, server_default=""),
        sa.Column("arrived_at", MOMENT),
        sa.Column("welcomed_at", MOMENT),
        sa.Column("contributed_at", MOMENT),
        sa.Column("contribution", sa.Text(), nullable=False, server_default=""),
        sa.Column("nudge_at", MOMENT),
        sa.Column("left_at", MOMENT),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_journeys_member_id"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_journeys_community_id"),
        sa.PrimaryKeyConstraint("member_id", name="pk_journeys"),
    )
    op.create_index("ix_journeys_community_id_arrived_at", "journeys", ["community_id", "arrived_at"])
    op.create_index("ix_journeys_community_id_nudge_at", "journeys", ["community_id", "nudge_at"])
    op.create_table(
        "journey_steps",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("skipped_at", MOMENT),
        sa.Column("nudged_at", MOMENT),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_journey_steps_member_id"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_journey_steps_community_id"),
        sa.PrimaryKeyConstraint("member_id", "step", name="pk_journey_steps"),
    )
    op.create_index("ix_journey_steps_community_id", "journey_steps", ["community_id"])
    op.create_table(
        "agreements",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_agreements_member_id"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_agreements_community_id"),
        sa.PrimaryKeyConstraint("member_id", "version", name="pk_agreements"),
    )
    op.create_index("ix_agreements_community_id", "agreements", ["community_id"])
    op.create_table(
        "interests",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_interests_member_id"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_interests_community_id"),
        sa.PrimaryKeyConstraint("member_id", "name", name="pk_interests"),
    )
    op.create_index("ix_interests_community_id", "interests", ["community_id"])
    op.create_table(
        "introductions",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("hopes", sa.Text(), nullable=False),
        sa.Column("ask_me", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_introductions_member_id"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_introductions_community_id"),
        sa.PrimaryKeyConstraint("member_id", name="pk_introductions"),
    )
    op.create_index("ix_introductions_community_id", "introductions", ["community_id"])
    op.create_table(
        "hellos",
        sa.Column("newcomer_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT),
        sa.ForeignKeyConstraint(["newcomer_id"], ["members.id"], name="fk_hellos_newcomer_id"),
        sa.ForeignKeyConstraint(["by_id"], ["members.id"], name="fk_hellos_by_id"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_hellos_community_id"),
        sa.PrimaryKeyConstraint("newcomer_id", "by_id", name="pk_hellos"),
    )
    op.create_index("ix_hellos_community_id", "hellos", ["community_id"])
    op.create_table(
        "buddies",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_buddies_member_id"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_buddies_community_id"),
        sa.PrimaryKeyConstraint("member_id", name="pk_buddies"),
    )
    op.create_index("ix_buddies_community_id", "buddies", ["community_id"])
    op.create_table(
        "pairings",
        sa.Column("newcomer_id", sa.Integer(), nullable=False),
        sa.Column("buddy_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("passed_at", MOMENT),
        sa.ForeignKeyConstraint(["newcomer_id"], ["members.id"], name="fk_pairings_newcomer_id"),
        sa.ForeignKeyConstraint(["buddy_id"], ["members.id"], name="fk_pairings_buddy_id"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_pairings_community_id"),
        sa.PrimaryKeyConstraint("newcomer_id", "buddy_id", name="pk_pairings"),
    )
    op.create_index("ix_pairings_community_id_at", "pairings", ["community_id", "at"])
    op.create_table(
        "admissions",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("how", sa.Text(), nullable=False, server_default=""),
        sa.Column("words", sa.Text(), nullable=False, server_default=""),
        sa.Column("wrong_codes", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("decided_by_id", sa.Integer()),
        sa.Column("decided_at", MOMENT),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_admissions_member_id"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_admissions_community_id"),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["members.id"], name="fk_admissions_decided_by_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("member_id", name="pk_admissions"),
    )
    op.create_index("ix_admissions_community_id_verdict", "admissions", ["community_id", "verdict"])
    op.create_index("ix_admissions_decided_by_id", "admissions", ["decided_by_id"])


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
