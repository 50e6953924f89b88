"""Indexes for every way in which questions are looked up: lists, the queue of support, and who may be asked."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

GONE: dict[str, tuple[tuple[str, ...], ...]] = {
    "questions": (("asker_id",), ("helper_id",), ("community_id", "state")),
    "replies": (("question_id",),),
    "expertise": (("community_id",),),
}
NEW: dict[str, tuple[tuple[str, ...], ...]] = {
    "questions": (
        ("community_id", "state", "number"),
        ("community_id", "state", "audience", "waiting_since"),
        ("community_id", "topic", "number"),
        ("asker_id", "state", "number"),
        ("helper_id", "state"),
        ("offered_agent_id", "state"),
        ("known_id",),
    ),
    "replies": (("question_id", "at"),),
    "offers": (("member_id", "reacted_at"),),
    "expertise": (("community_id", "topic", "at"),),
}


def upgrade() -> None:
    for table, indexes in GONE.items():
        for columns in indexes:
            op.drop_index(_name(table, columns), table)
    for table, indexes in NEW.items():
        for columns in indexes:
            op.create_index(_name(table, columns), table, [*columns])


def _name(table: str, columns: tuple[str, ...]) -> str:
    return "_".join(("ix", table, *columns))


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
