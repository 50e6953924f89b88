"""Events: series, occurrences, where they stand, who comes, and what members were told."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def facts() -> list[sa.Column[Any]]:
    return [
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False, server_default=""),
        sa.Column("place", sa.Text(), nullable=False, server_default=""),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer()),
        sa.Column("audience", sa.Text(), nullable=False, server_default=""),
        sa.Column("closes_minutes", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("rule", sa.Text(), nullable=False, server_default=""),
    ]


def upgrade() -> None:
    op.create_table(
        "event_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer()),
        *facts(),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("made_until", sa.Text(), nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_event_series_community_id"),
        sa.ForeignKeyConstraint(["host_id"], ["members.id"], name="fk_event_series_host_id"),
        sa.PrimaryKeyConstraint("id", name="pk_event_series"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_series_community_id", "event_series", ["community_id"])
    op.create_index("ix_event_series_host_id", "event_series", ["host_id"])
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("host_id", sa.Integer()),
        sa.Column("series_id", sa.Integer()),
        sa.Column("occurrence", sa.Text()),
        sa.Column("state", sa.String(20), nullable=False),
        *facts(),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("shows_at", MOMENT),
        sa.Column("sequence", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("moved_at", MOMENT),
        sa.Column("moved_from", MOMENT),
        sa.Column("cancelled_at", MOMENT),
        sa.Column("settled_at", MOMENT),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("stale", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_events_community_id"),
        sa.ForeignKeyConstraint(["host_id"], ["members.id"], name="fk_events_host_id"),
        sa.ForeignKeyConstraint(["series_id"], ["event_series.id"], name="fk_events_series_id"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("uid", name="uq_events_uid"),
        sa.UniqueConstraint("token", name="uq_events_token"),
        sa.UniqueConstraint("community_id", "number", name="uq_events_community_id_number"),
        sa.UniqueConstraint("series_id", "occurrence", name="uq_events_series_id_occurrence"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_host_id", "events", ["host_id"])
    op.create_index("ix_events_community_id_starts_at", "events", ["community_id", "starts_at"])
    op.create_table(
        "event_places",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("card", sa.Text()),
        sa.Column("thread", sa.Text()),
        sa.Column("happening", sa.Text()),
        sa.Column("happening_sequence", sa.Integer()),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_event_places_event_id"),
        sa.PrimaryKeyConstraint("event_id", "space", name="pk_event_places"),
    )
    op.create_table(
        "signups",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("offered_at", MOMENT),
        sa.Column("offered_until", MOMENT),
        sa.Column("checked_in_at", MOMENT),
        sa.Column("worth", sa.Integer()),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_signups_event_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_signups_member_id"),
        sa.PrimaryKeyConstraint("event_id", "member_id", name="pk_signups"),
    )
    op.create_index("ix_signups_member_id", "signups", ["member_id"])
    op.create_table(
        "event_notices",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_event_notices_event_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_event_notices_member_id"),
        sa.PrimaryKeyConstraint("event_id", "member_id", "what", name="pk_event_notices"),
    )
    op.create_index("ix_event_notices_member_id", "event_notices", ["member_id"])
    op.create_table(
        "event_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_event_messages_event_id"),
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name="fk_event_messages_author_id"),
        sa.PrimaryKeyConstraint("id", name="pk_event_messages"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_messages_event_id", "event_messages", ["event_id"])
    op.create_index("ix_event_messages_author_id", "event_messages", ["author_id"])
    op.create_table(
        "reminder_choices",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_reminder_choices_member_id"),
        sa.PrimaryKeyConstraint("member_id", name="pk_reminder_choices"),
    )
    op.create_table(
        "calendar_feeds",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_calendar_feeds_member_id"),
        sa.PrimaryKeyConstraint("member_id", name="pk_calendar_feeds"),
        sa.UniqueConstraint("token", name="uq_calendar_feeds_token"),
    )


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
