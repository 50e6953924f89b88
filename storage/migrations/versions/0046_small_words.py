"""What was taken for a small word by its stem alone is found: "ändern" has that of "and", "Suche" that of "such"."""

import json

import sqlalchemy as sa
from alembic import op

from storage.columns import compact_json
from storage.search.tokens import weights

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

AT_ONCE = 500


def upgrade() -> None:
    connection = op.get_bind()
    documents = sa.table("documents", *map(sa.column, ("id", "community_id", "title", "body", "terms", "version")))
    counters = sa.table("counters", *map(sa.column, ("community_id", "name", "value")))
    counted = counters.c.name == "documents"
    # Nobody else counts meanwhile
    connection.execute(sa.update(counters).where(counted).values(value=counters.c.value))
    numbers = {row.community_id: row.value for row in connection.execute(sa.select(counters).where(counted))}
    change = (
        sa.update(documents)
        .where(documents.c.id == sa.bindparam("document"))
        .values(terms=sa.bindparam("found"), version=sa.bindparam("number"))
    )
    changed, last = set[int](), 0
    while True:
        query = sa.select(documents).where(documents.c.id > last).order_by(documents.c.id).limit(AT_ONCE)
        rows = connection.execute(query).all()
        if not rows:
            break
        changes = []
        for row in rows:
            known = json.loads(row.terms)
            found = weights(row.title, row.body) | known  # how much each answer's words count, only these know
            if known and found != known:
                numbers[row.community_id] += 1
                changed.add(row.community_id)
                number = numbers[row.community_id]
                changes.append({"document": row.id, "found": compact_json(found), "number": number})
        if changes:
            connection.execute(change, changes)
        last = rows[-1].id
    for id_ in changed:
        this = counted & (counters.c.community_id == id_)
        connection.execute(sa.update(counters).where(this).values(value=numbers[id_]))


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
