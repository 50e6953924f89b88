"""What rooms need that move to `postings`: the messages that stand already, and what was told, or it is said again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

postings = sa.table(
    "postings",
    *(
        sa.column(name)
        for name in "community_id kind subject_id key spot member_id channel message thread digest why".split()
    ),
    *(sa.column(name, sa.DateTime(timezone=True)) for name in ("at", "gone_at")),
)


def adopt(
    connection: sa.Connection,
    community_id: int,
    kind: str,
    subject_id: int,
    key: str,
    spot: str,
    message: str | None,
    at: datetime,
    *,
    thread: str | None = None,
    member_id: int | None = None,
    direct: bool = False,
    channel: str | None = None,
) -> None:
    """Note that a message stands. Without a digest it is drawn once more when its thing is next looked at.

    Without a message it was said and nobody knows where, or was not to be said any more. `channel` is where it stands
    if that is not where the message is.
    """
    connection.execute(
        sa.insert(postings).values(
            community_id=community_id,
            kind=kind,
            subject_id=subject_id,
            key=key,
            spot=spot,
            member_id=member_id,
            channel=channel or (spot if direct or message is None else message.rpartition("/")[0]),
            message=message,
            thread=thread,
            digest="",
            why="",
            at=at,
            gone_at=None if message else at,
        )
    )


def said(connection: sa.Connection, prefix: str) -> list[tuple[str, str, str, datetime]]:
    """Return what was said under keys that begin so: key, place, message and when."""
    deliveries = sa.table("deliveries", *map(sa.column, ("key", "channel", "message")), _created())
    begins = deliveries.c.key.startswith(prefix, autoescape=True) & deliveries.c.message.is_not(None)
    query = sa.select(deliveries.c.key, deliveries.c.channel, deliveries.c.message, deliveries.c.created_at)
    rows = connection.execute(query.where(begins).order_by(deliveries.c.created_at))
    return [(row.key, row.channel, row.message, row.created_at) for row in rows]


def _created() -> sa.ColumnClause[datetime]:
    return sa.column("created_at", sa.DateTime(timezone=True))


def people_of(connection: sa.Connection) -> set[int]:
    """Return the ids of all members there are."""
    return set(connection.scalars(sa.text("SELECT id FROM members")))


def rename_calls(connection: sa.Connection, names: Mapping[str, str]) -> None:
    """Have jobs that wait call actions by their present names: `{"polls.tend:": "things.look:poll:"}`.

    A name ends with what stands behind it in a call, so that it is no other name's beginning.
    """
    jobs = sa.table("jobs", sa.column("id"), sa.column("call"))
    for old, new in names.items():
        waiting = jobs.c.call.startswith(old, autoescape=True)
        for row in connection.execute(sa.select(jobs).where(waiting)).all():
            renamed = sa.update(jobs).where(jobs.c.id == row.id).values(call=new + row.call.removeprefix(old))
            connection.execute(renamed)


def drop_recurring(connection: sa.Connection, *names: str) -> None:
    """Forget the next times of recurring actions that are called differently by now, or are no more."""
    jobs = sa.table("jobs", sa.column("key"))
    for name in names:
        connection.execute(sa.delete(jobs).where(jobs.c.key.startswith(f"every/{name}/", autoescape=True)))
