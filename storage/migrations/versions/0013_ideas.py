"""Ideas as tracked things: where they stand and what was told moves to postings."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.migrations.postings import adopt, people_of, said

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TIMESTAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("ideas") as table:
        table.add_column(
            sa.Column(
                "changed_by_id",
                sa.Integer(),
                sa.ForeignKey("members.id", name="fk_ideas_changed_by_id", ondelete="SET NULL"),
            )
        )
    op.add_column("idea_follows", sa.Column("at", TIMESTAMP))
    connection = op.get_bind()
    ideas = {
        row.id: row
        for row in connection.execute(
            sa.text("SELECT id, community_id, created_at FROM ideas").columns(created_at=TIMESTAMP)
        )
    }
    for card in connection.execute(sa.text("SELECT idea_id, space, message, thread FROM idea_cards")):
        idea = ideas[card.idea_id]
        adopt(
            connection,
            idea.community_id,
            "idea",
            idea.id,
            "card",
            card.space,
            card.message,
            idea.created_at,
            thread=card.thread,
        )
    _adopt_news(connection, ideas)
    op.drop_table("idea_cards")


def _adopt_news(connection: sa.Connection, ideas: dict[int, Any]) -> None:
    """Note who was told of which change: `idea/7/change/2/5` directly, `idea/7/change/2/named/5-9` together."""
    people, told = people_of(connection), set()
    for key, _, message, at in said(connection, "idea/"):
        _, idea_id, what, *rest = key.split("/")
        if what != "change" or int(idea_id) not in ideas:
            continue
        change, direct = rest[0], rest[1] != "named"
        for member_id in map(int, rest[-1].split("-")):
            name = (int(idea_id), change, member_id)
            if member_id in people and name not in told:
                told.add(name)
                adopt(
                    connection,
                    ideas[int(idea_id)].community_id,
                    "idea",
                    int(idea_id),
                    f"change/{change}",
                    f"member/{member_id}",
                    message,
                    at,
                    member_id=member_id,
                    direct=direct,
                )


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
