"""Polls as tracked things: where they stand and what was said of them moves to postings."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.postings import adopt, drop_recurring, rename_calls, said

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TIMESTAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_index("ix_poll_options_added_by", "poll_options", ["added_by"])
    op.create_index("ix_poll_votes_poll_id_choices", "poll_votes", ["poll_id", "choices"])
    connection = op.get_bind()
    query = sa.text("SELECT id, community_id, created_at FROM polls").columns(created_at=TIMESTAMP)
    polls = {row.id: row for row in connection.execute(query)}
    for card in connection.execute(sa.text("SELECT poll_id, space, message FROM poll_cards")).all():
        poll = polls[card.poll_id]
        adopt(connection, poll.community_id, "poll", poll.id, "card", card.space, card.message, poll.created_at)
    for key, _, message, at in said(connection, "poll/"):
        _, poll_id, what, space = key.split("/", 3)  # poll/7/result/slack/T1
        if int(poll_id) in polls and what in {"reminder", "result"}:
            adopt(connection, polls[int(poll_id)].community_id, "poll", int(poll_id), what, space, message, at)
    rename_calls(
        connection,
        {
            "polls.tend:": "things.look:poll:",
            "closing.linked:": "close.linked:",
            "closing.erased:": "close.erased:",
        },
    )
    drop_recurring(connection, "polls.sweep")
    op.drop_table("poll_cards")


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
