"""Texts are found in every script, and by parts of compounds.

Documents carry the terms by which they are found, which are the same on both databases, and those are indexed in place
of the texts themselves.
"""

import sqlalchemy as sa
from alembic import op

from storage.search import terms
from storage.words import folded

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

AT_ONCE = 500

documents = sa.table("documents", *(sa.column(name) for name in ("id", "title", "body", "title_terms", "body_terms")))
members = sa.table("members", *(sa.column(name) for name in ("id", "name", "folded_name")))


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        for event in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER documents_fts_{event}")
        op.execute("DROP TABLE documents_fts")
    else:
        op.drop_index("ix_documents_words", "documents")
        op.drop_column("documents", "words")
    for name in ("title_terms", "body_terms"):
        op.add_column("documents", sa.Column(name, sa.Text, nullable=False, server_default=""))
    _fill()
    if not sqlite:
        op.execute(
            "ALTER TABLE documents ADD COLUMN words tsvector GENERATED ALWAYS AS "
            "(setweight(to_tsvector('simple', title_terms), 'A') || setweight(to_tsvector('simple', body_terms), 'B')) "
            "STORED"
        )
        op.create_index("ix_documents_words", "documents", ["words"], postgresql_using="gin")
        return
    op.execute(
        "CREATE VIRTUAL TABLE documents_fts USING fts5(title_terms, body_terms, content='documents', "
        "content_rowid='id', tokenize='ascii')"
    )
    forget = (
        "INSERT INTO documents_fts (documents_fts, rowid, title_terms, body_terms) "
        "VALUES ('delete', old.id, old.title_terms, old.body_terms);"
    )
    learn = (
        "INSERT INTO documents_fts (rowid, title_terms, body_terms) VALUES (new.id, new.title_terms, new.body_terms);"
    )
    op.execute("INSERT INTO documents_fts (documents_fts) VALUES ('rebuild')")
    for event, steps in (("INSERT", learn), ("DELETE", forget), ("UPDATE", f"{forget} {learn}")):
        op.execute(f"CREATE TRIGGER documents_fts_{event.lower()} AFTER {event} ON documents BEGIN {steps} END")


def _fill() -> None:
    """Find out by what each text is found, and what each name is compared by."""
    connection, last = op.get_bind(), 0
    while rows := connection.execute(
        sa.select(documents.c.id, documents.c.title, documents.c.body)
        .where(documents.c.id > last)
        .order_by(documents.c.id)
        .limit(AT_ONCE)
    ).all():
        for id_, title, body in rows:
            found = {"title_terms": terms(title), "body_terms": terms(body)}
            connection.execute(sa.update(documents).where(documents.c.id == id_).values(**found))
        last = rows[-1].id
    for id_, name, before in connection.execute(sa.select(members.c.id, members.c.name, members.c.folded_name)).all():
        if before and folded(name) != before:
            connection.execute(sa.update(members).where(members.c.id == id_).values(folded_name=folded(name)))


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
