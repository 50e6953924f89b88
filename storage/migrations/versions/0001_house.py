"""The house: who is here, what is due, what was said, what arrived, who did what, and search."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _members()
    _jobs()
    _deliveries()
    _inbox()
    _audit()
    _search()


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")


def _members() -> None:
    op.create_table(
        "communities",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_communities"),
        sa.UniqueConstraint("key", name="uq_communities_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "spaces",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("community_id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_spaces"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_spaces_community_id"),
    )
    op.create_index("ix_spaces_community_id", "spaces", ["community_id"])
    op.create_table(
        "members",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("community_id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded_name", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text),
        sa.Column("timezone_chosen", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("locale", sa.Text),
        sa.Column("away_until", MOMENT),
        sa.Column("quiet_from", sa.Text),
        sa.Column("quiet_to", sa.Text),
        sa.Column("direct_ok", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("offers_ok", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("last_active_at", MOMENT),
        sa.Column("left_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_members"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_members_community_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_members_community_id_folded_name", "members", ["community_id", "folded_name"])
    op.create_table(
        "accounts",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("member_id", sa.Integer, nullable=False),
        sa.Column("space_key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("left_at", MOMENT),
        sa.PrimaryKeyConstraint("key", name="pk_accounts"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_accounts_member_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["space_key"], ["spaces.key"], name="fk_accounts_space_key"),
    )
    op.create_index("ix_accounts_member_id", "accounts", ["member_id"])
    op.create_index("ix_accounts_space_key", "accounts", ["space_key"])


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("community_id", sa.Integer),
        sa.Column("key", sa.Text),
        sa.Column("call", sa.String(200), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("lease_until", MOMENT),
        sa.Column("last_error", sa.Text),
        sa.Column("failed_at", MOMENT),
        sa.Column("version", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("key", name="uq_jobs_key"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_jobs_community_id"),
        sqlite_autoincrement=True,
    )
    alive = sa.text("failed_at IS NULL")
    op.create_index("ix_jobs_due_at", "jobs", ["due_at"], sqlite_where=alive, postgresql_where=alive)


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("message", sa.Text),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.PrimaryKeyConstraint("key", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_created_at", "deliveries", ["created_at"])


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.PrimaryKeyConstraint("key", name="pk_inbox"),
    )
    op.create_index("ix_inbox_at", "inbox", ["at"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("community_id", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("member_id", sa.Integer),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_audit_community_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_audit_member_id", ondelete="SET NULL"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_community_id_at", "audit", ["community_id", "at"])
    op.create_index("ix_audit_member_id", "audit", ["member_id"])


def _search() -> None:
    on_postgresql = op.get_context().dialect.name == "postgresql"
    words = sa.Column(
        "words",
        postgresql.TSVECTOR,
        sa.Computed(
            "setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', body), 'B')",
            persisted=True,
        ),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("community_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        *([words] if on_postgresql else []),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("kind", "subject_id", name="uq_documents_kind_subject_id"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_documents_community_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_documents_community_id_kind", "documents", ["community_id", "kind"])
    if on_postgresql:
        op.create_index("ix_documents_words", "documents", ["words"], postgresql_using="gin")
        return

    # FTS5 keeps no second copy of the texts ("external content"), so that it has to be told what went away.
    op.execute(
        "CREATE VIRTUAL TABLE documents_fts USING fts5(title, body, content='documents', content_rowid='id', "
        "tokenize='porter unicode61 remove_diacritics 2')"
    )
    forget = (
        "INSERT INTO documents_fts (documents_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);"
    )
    learn = "INSERT INTO documents_fts (rowid, title, body) VALUES (new.id, new.title, new.body);"
    for event, steps in (("INSERT", learn), ("DELETE", forget), ("UPDATE", f"{forget} {learn}")):
        op.execute(f"CREATE TRIGGER documents_fts_{event.lower()} AFTER {event} ON documents BEGIN {steps} END")
