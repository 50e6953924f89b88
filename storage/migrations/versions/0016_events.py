"""Events as tracked things: where they stand and what was told moves to postings; what is looked up gets an index."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.migrations.postings import adopt, people_of, said

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TIMESTAMP = sa.DateTime(timezone=True)
RENAMED = {"door": "who-came"}
"""What was told goes by another name now."""
STAMP = "%Y%m%dT%H%M"


def upgrade() -> None:
    op.add_column("reminder_choices", sa.Column("at", TIMESTAMP))
    for columns in (("event_id", "choice", "at", "member_id"), ("event_id", "choice", "turn")):
        op.create_index("_".join(("ix_signups", *columns)), "signups", [*columns])
    op.drop_index("ix_events_community_id_starts_at", "events")
    op.create_index("ix_events_community_id_state_ends_at", "events", ["community_id", "state", "ends_at"])
    op.create_index("ix_events_state_changed_at", "events", ["state", "changed_at"])
    op.create_index(
        "ix_events_stale",
        "events",
        ["community_id"],
        sqlite_where=sa.text("stale = 1"),
        postgresql_where=sa.text("stale"),
    )
    op.drop_column("events", "version")
    connection = op.get_bind()
    query = sa.text("SELECT id, community_id, created_at, starts_at, moved_at, moved_from FROM events")
    rows = query.columns(created_at=TIMESTAMP, starts_at=TIMESTAMP, moved_at=TIMESTAMP, moved_from=TIMESTAMP)
    events = {row.id: row for row in connection.execute(rows)}
    _adopt_cards(connection, events)
    _adopt_notices(connection, events)
    _look(connection)
    op.drop_table("event_places")
    op.drop_table("event_notices")


def _adopt_cards(connection: sa.Connection, events: dict[int, Any]) -> None:
    """Note where each event stands, and its entry in the space's calendar."""
    for place in connection.execute(sa.text("SELECT * FROM event_places")):
        event = events[place.event_id]
        name = (event.community_id, "event", event.id)
        if place.card:
            adopt(connection, *name, "card", place.space, place.card, event.created_at, thread=place.thread)
        if place.happening:
            channel = f"calendar/{place.space}"
            adopt(connection, *name, "calendar", place.space, place.happening, event.created_at, channel=channel)


def _adopt_notices(connection: sa.Connection, events: dict[int, Any]) -> None:
    """Note who was told what, with the message: `event/7/worth/5` directly, `event/7/worth/named/5-9` together."""
    messages: dict[tuple[int, str, int], tuple[str, bool]] = {}
    moments: dict[tuple[int, str, int], Any] = {}
    for key, _, message, at in said(connection, "event/"):
        _, event_id, *what, last = key.split("/")
        direct = what[-1:] != ["named"]
        if "card" in what or not event_id.isdigit() or not last.replace("-", "").isdigit():
            continue
        for member_id in map(int, last.split("-")):
            name = (int(event_id), "/".join(what if direct else what[:-1]), member_id)
            messages[name], moments[name] = (message, direct), at
    notices = sa.text("SELECT event_id, what, member_id, at FROM event_notices").columns(at=TIMESTAMP)
    moments |= {(row.event_id, row.what, row.member_id): row.at for row in connection.execute(notices)}
    people, nowhere = people_of(connection), (None, True)
    for name, at in moments.items():
        number, told, member_id = name
        if number not in events or member_id not in people:
            continue
        where, direct = messages.get(name, nowhere)
        adopt(
            connection,
            events[number].community_id,
            "event_guests",
            number,
            _key(events[number], told),
            f"member/{member_id}",
            where,
            at,
            member_id=member_id,
            direct=direct,
        )


def _key(event: Any, what: str) -> str:
    """Return what names now what was told: that it was moved is named by its times, too."""
    if event.moved_at and what == f"moved/{event.moved_at:%Y%m%dT%H%M%S}":
        return f"{what}/{event.moved_from or event.starts_at:{STAMP}}/{event.starts_at:{STAMP}}"
    return RENAMED.get(what, what)


def _look(connection: sa.Connection) -> None:
    """Have each event looked at when it was to be looked at anyway, and call what waits by its name of today."""
    names = ("community_id", "key", "call", "attempts", "version")
    jobs = sa.table("jobs", *map(sa.column, names), *(sa.column(name, TIMESTAMP) for name in ("due_at", "failed_at")))
    tended = jobs.c.call.startswith("events.tend:")
    for job in connection.execute(sa.select(jobs).where(tended)).all():
        look = f"event_guests:{job.call.partition(':')[2]}"
        fresh = {"community_id": job.community_id, "due_at": job.due_at, "attempts": 0, "version": 0}
        connection.execute(sa.insert(jobs).values(key=look.replace(":", "/"), call=f"things.look:{look}", **fresh))
    connection.execute(sa.update(jobs).where(tended).values(failed_at=None, attempts=0))
    for old, new in (
        ("events.tend:", "things.look:event:"),
        ("events.extend:", "things.look:series:"),
        ("attending.linked:", "leave.link:"),
        ("attending.redraw:", "leave.forget:"),
    ):
        renamed = sa.literal(new) + sa.func.substr(jobs.c.call, len(old) + 1)
        connection.execute(sa.update(jobs).where(jobs.c.call.startswith(old)).values(call=renamed))
    connection.execute(sa.delete(jobs).where(jobs.c.key.startswith("every/events.sweep/")))


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
