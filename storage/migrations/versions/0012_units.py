"""One event, one transaction: processes, outbox and postings; an inbox that keeps bodies, jobs without lease."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIMESTAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "processes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("beat", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_processes"),
    )
    op.create_table(
        "postings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("spot", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Integer()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("message", sa.Text()),
        sa.Column("thread", sa.Text()),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", TIMESTAMP, nullable=False),
        sa.Column("gone_at", TIMESTAMP),
        sa.Column("why", sa.Text(), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_postings_community_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_postings_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_postings"),
        sa.UniqueConstraint("kind", "subject_id", "key", "spot", name="uq_postings_kind_subject_id_key_spot"),
        sqlite_autoincrement=True,
    )
    for column in ("member_id", "message", "thread", "channel", "at"):
        op.create_index(f"ix_postings_{column}", "postings", [column])
    placeless = sa.text("why IN ('impossible', 'lost')")
    op.create_index(
        "ix_postings_placeless",
        "postings",
        ["community_id", "id"],
        sqlite_where=placeless,
        postgresql_where=placeless,
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("posting_id", sa.Integer()),
        sa.Column("member_id", sa.Integer()),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("at", TIMESTAMP, nullable=False),
        sa.Column("due_at", TIMESTAMP, nullable=False),
        sa.Column("until", TIMESTAMP),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("owner", sa.Text()),
        sa.Column("last_error", sa.Text()),
        sa.Column("failed_at", TIMESTAMP),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_outbox_community_id"),
        sa.ForeignKeyConstraint(["posting_id"], ["postings.id"], name="fk_outbox_posting_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_outbox_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("posting_id", name="uq_outbox_posting_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_member_id", "outbox", ["member_id"])
    alive = sa.text("failed_at IS NULL")
    op.create_index("ix_outbox_due_at", "outbox", ["due_at", "id"], sqlite_where=alive, postgresql_where=alive)

    for column in ("platform", "body", "owner"):
        op.add_column("inbox", sa.Column(column, sa.Text()))
    op.add_column("inbox", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("inbox", sa.Column("due_at", TIMESTAMP))
    op.add_column("inbox", sa.Column("last_error", sa.Text()))
    op.add_column("inbox", sa.Column("failed_at", TIMESTAMP))
    waiting = sa.text("body IS NOT NULL AND failed_at IS NULL")
    op.create_index("ix_inbox_waiting", "inbox", ["at"], sqlite_where=waiting, postgresql_where=waiting)
    op.execute("DELETE FROM inbox WHERE done_at IS NULL")  # begun and not finished: the envelope is handled again
    op.execute(
        "INSERT INTO inbox (key, at, platform, body) SELECT key, at, 'slack', body FROM envelopes "
        "WHERE body IS NOT NULL AND key NOT IN (SELECT key FROM inbox)"
    )
    op.drop_table("envelopes")

    op.drop_index("ix_jobs_due_at", "jobs")
    op.drop_column("jobs", "lease_until")
    op.create_index("ix_jobs_due_at", "jobs", ["due_at", "id"], sqlite_where=alive, postgresql_where=alive)


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
