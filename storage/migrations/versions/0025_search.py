"""Search by an index of our own, the same on both databases; names are compared as they look.

It takes the place of SQLite's and PostgreSQL's own indexes.
"""

import sqlalchemy as sa
from alembic import op

from storage.columns import compact_json
from storage.search.tokens import weights
from storage.words import folded

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

AT_ONCE = 500


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_index("ix_documents_words", "documents")
        op.drop_column("documents", "words")
    else:
        for event in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER documents_fts_{event}")
        op.execute("DROP TABLE documents_fts")
    op.drop_index("ix_documents_community_id_kind", "documents")
    op.add_column("documents", sa.Column("terms", sa.Text, nullable=False, server_default="{}"))
    op.add_column("documents", sa.Column("version", sa.Integer, nullable=False, server_default="0"))
    _index(connection)
    _fold(connection)
    op.create_index("ix_documents_community_id_version", "documents", ["community_id", "version"], unique=True)


def _index(connection: sa.Connection) -> None:
    """Read what was written down already, and number it in each community."""
    documents = sa.table("documents", *map(sa.column, ("id", "community_id", "title", "body", "terms", "version")))
    counters = sa.table("counters", *map(sa.column, ("community_id", "name", "value")))
    change = (
        sa.update(documents)
        .where(documents.c.id == sa.bindparam("document"))
        .values(terms=sa.bindparam("found"), version=sa.bindparam("number"))
    )
    numbers: dict[int, int] = {}
    last = 0
    while True:
        query = sa.select(documents).where(documents.c.id > last).order_by(documents.c.id).limit(AT_ONCE)
        rows = connection.execute(query).all()
        if not rows:
            break
        changes = []
        for row in rows:
            number = numbers[row.community_id] = numbers.get(row.community_id, 0) + 1
            found = compact_json(weights(row.title, row.body))
            changes.append({"document": row.id, "found": found, "number": number})
        connection.execute(change, changes)
        last = rows[-1].id
    if numbers:
        named = [{"community_id": id_, "name": "documents", "value": number} for id_, number in numbers.items()]
        connection.execute(sa.insert(counters), named)


def _fold(connection: sa.Connection) -> None:
    """Note what each name is compared by."""
    members = sa.table("members", *map(sa.column, ("id", "name", "folded_name")))
    for id_, name, before in connection.execute(sa.select(members)).all():
        if before and folded(name) != before:
            connection.execute(sa.update(members).where(members.c.id == id_).values(folded_name=folded(name)))


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
