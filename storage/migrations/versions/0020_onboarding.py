"""Newcomers as tracked things: where they stand and what was told moves to postings; welcomes get rows of their own."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.migrations.postings import adopt, drop_recurring, people_of, rename_calls, said

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TIMESTAMP = sa.DateTime(timezone=True)
STAMP = "%Y%m%dT%H%M%S"


def upgrade() -> None:
    connection = op.get_bind()
    op.add_column("admissions", sa.Column("opened_at", TIMESTAMP))
    _number_pairings(connection)
    op.create_table(
        "welcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("at", TIMESTAMP, nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_welcomes_community_id"),
        sa.PrimaryKeyConstraint("id", name="pk_welcomes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_welcomes_community_id_space_at", "welcomes", ["community_id", "space", "at"])
    with op.batch_alter_table("journeys") as table:
        table.add_column(
            sa.Column("welcome_id", sa.Integer(), sa.ForeignKey("welcomes.id", name="fk_journeys_welcome_id"))
        )
    op.create_index("ix_journeys_welcome_id", "journeys", ["welcome_id"])
    _adopt_welcomes(connection)
    _gather(connection)
    _adopt_introductions(connection)
    _adopt_meetings(connection)
    _adopt_entries(connection)
    _adopt_words(connection)
    _look(connection)


def _number_pairings(connection: sa.Connection) -> None:
    """Give each pairing a number: it is told of by that."""
    rows = connection.execute(sa.text("SELECT * FROM pairings ORDER BY at, passed_at IS NULL")).mappings().all()
    op.drop_table("pairings")
    op.create_table(
        "pairings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("newcomer_id", sa.Integer(), nullable=False),
        sa.Column("buddy_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("at", TIMESTAMP, nullable=False),
        sa.Column("passed_at", TIMESTAMP),
        sa.ForeignKeyConstraint(["newcomer_id"], ["members.id"], name="fk_pairings_newcomer_id"),
        sa.ForeignKeyConstraint(["buddy_id"], ["members.id"], name="fk_pairings_buddy_id"),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name="fk_pairings_community_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pairings"),
        sa.UniqueConstraint("newcomer_id", "buddy_id", name="uq_pairings_newcomer_id_buddy_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pairings_community_id_at", "pairings", ["community_id", "at"])
    op.create_index("ix_pairings_buddy_id", "pairings", ["buddy_id"])
    # As text on SQLite and as moments on PostgreSQL, just as they were read.
    names = ("newcomer_id", "buddy_id", "community_id", "at", "passed_at")
    pairings = sa.table("pairings", *map(sa.column, names))
    for row in rows:
        connection.execute(sa.insert(pairings).values(**row))


_welcomes = sa.table(
    "welcomes", sa.column("id", sa.Integer), sa.column("community_id"), sa.column("space"), sa.column("at", TIMESTAMP)
)
_journeys = sa.table(
    "journeys",
    *map(sa.column, ("member_id", "community_id", "space", "welcome_id")),
    *(sa.column(name, TIMESTAMP) for name in ("arrived_at", "left_at", "welcomed_at")),
)
_jobs = sa.table("jobs", *map(sa.column, ("id", "community_id", "key", "call")), sa.column("due_at", TIMESTAMP))


def _new_welcome(connection: sa.Connection, community_id: int, space: str, at: datetime, *who: Any) -> int:
    """Make one welcome of those for whom all of this holds."""
    values = {"community_id": community_id, "space": space, "at": at}
    number = connection.execute(sa.insert(_welcomes).values(values).returning(_welcomes.c.id)).scalar_one()
    theirs = (_journeys.c.community_id == community_id, _journeys.c.space == space, *who)
    together = {"welcome_id": number, "welcomed_at": at}
    connection.execute(sa.update(_journeys).where(*theirs).values(together))
    return int(number)


def _adopt_welcomes(connection: sa.Connection) -> None:
    """Note who was welcomed together, and with which message: `welcome/slack/T1/1772445060`."""
    names = sa.select(_journeys.c.community_id, _journeys.c.space, _journeys.c.welcomed_at).distinct()
    communities = {(row.space, row.welcomed_at): row.community_id for row in connection.execute(names)}
    for key, _, message, moment in said(connection, "welcome/"):
        space, _, batch = key.removeprefix("welcome/").rpartition("/")
        if not batch.isdigit():
            continue
        at = datetime.fromtimestamp(int(batch), tz=UTC)
        known = communities.get((space, at)) or communities.get((space, at.replace(tzinfo=None)))
        if known:
            number = _new_welcome(connection, known, space, at, _journeys.c.welcomed_at == at)
            adopt(connection, known, "welcome", number, "card", space, message, moment)


def _gather(connection: sa.Connection) -> None:
    """Have those welcomed who wait for it, when their job would have welcomed them."""
    unseen = (_journeys.c.arrived_at.is_not(None), _journeys.c.welcomed_at.is_(None), _journeys.c.left_at.is_(None))
    for job in _calling(connection, "arrivals.welcome:"):
        space = job.key.removeprefix("welcome/").rpartition("/")[0]
        number = _new_welcome(connection, job.community_id, space, job.due_at, *unseen)
        look = {"call": f"things.look:welcome:{number}", "key": f"welcome/{number}"}
        connection.execute(sa.update(_jobs).where(_jobs.c.id == job.id).values(look))


def _calling(connection: sa.Connection, name: str) -> list[Any]:
    """Return the jobs that call an action, by the name that it had."""
    return [*connection.execute(sa.select(_jobs).where(_jobs.c.call.startswith(name))).all()]


def _adopt_introductions(connection: sa.Connection) -> None:
    """Note where introductions stand, `introduction/5/1772445060/slack/T1`, and which hellos were told."""
    introductions = {row.member_id: row for row in connection.execute(sa.text("SELECT * FROM introductions"))}
    cards = {}
    for key, _, message, at in said(connection, "introduction/"):
        _, member_id, _, space = key.split("/", 3)
        cards[int(member_id), space] = message, at
    for (newcomer, space), (message, at) in cards.items():
        if newcomer in introductions:
            adopt(connection, introductions[newcomer].community_id, "newcomer", newcomer, "card", space, message, at)
    query = sa.text("SELECT DISTINCT newcomer_id, community_id, told_at FROM hellos WHERE told_at IS NOT NULL")
    told = {
        (row.newcomer_id, f"{row.told_at:{STAMP}}"): row for row in connection.execute(query.columns(told_at=TIMESTAMP))
    }
    for (member_id, stamp), row in told.items():
        name = (row.community_id, "newcomer", member_id, f"hello/{stamp}", f"member/{member_id}")
        adopt(connection, *name, None, row.told_at, member_id=member_id)


def _adopt_meetings(connection: sa.Connection) -> None:
    """Note where people met: `buddy/5/9`. Who met is not said again, also where nobody knows the message any more."""
    messages = {key: (message, at) for key, _, message, at in said(connection, "buddy/")}
    query = sa.text("SELECT * FROM pairings").columns(at=TIMESTAMP)
    waiting = {job.call.partition(":")[2].replace(":", "/") for job in _calling(connection, "buddies.meet:")}
    for row in connection.execute(query).all():
        both = f"{row.newcomer_id}/{row.buddy_id}"
        message, at = messages.get(f"buddy/{both}", (None, row.at))
        if message is None and both in waiting:
            continue
        space = "/".join(message.split("/")[:2]) if message else "nowhere"
        adopt(connection, row.community_id, "newcomer", row.newcomer_id, f"meet/{row.id}", space, message, at)


def _adopt_entries(connection: sa.Connection) -> None:
    """Note where moderators were asked, `gate/5/slack/T1`, and who was told what they decided."""
    admissions = {row.member_id: row for row in connection.execute(sa.text("SELECT * FROM admissions"))}
    people = people_of(connection)
    for key, _, message, at in said(connection, "gate/"):
        _, member_id, space = key.split("/", 2)
        if admission := admissions.get(int(member_id)):
            adopt(connection, admission.community_id, "gate", admission.member_id, "card", space, message, at)
    for key, channel, message, at in said(connection, "entry/"):
        newcomer, space = int(key.split("/")[1]), "/".join(channel.split("/")[:2])
        if newcomer in admissions:
            adopt(connection, admissions[newcomer].community_id, "gate", newcomer, "by_hand", space, message, at)
    told = {}
    for key, _, message, at in said(connection, "verdict/"):
        _, what, *named, ids = key.split("/")
        for newcomer in {*map(int, ids.split("-"))} & people & admissions.keys():
            told[newcomer, what] = message, at, not named
    for (newcomer, what), (message, at, direct) in told.items():
        name = (admissions[newcomer].community_id, "gate", newcomer, what, f"member/{newcomer}")
        adopt(connection, *name, message, at, member_id=newcomer, direct=direct)


def _adopt_words(connection: sa.Connection) -> None:
    """Note what is said once in a channel and hangs on nothing."""
    spaces = {row.key: row.community_id for row in connection.execute(sa.text("SELECT key, community_id FROM spaces"))}
    for prefix in ("guidelines/", "newcomers/"):
        for key, channel, message, at in said(connection, prefix):
            if community := spaces.get("/".join(channel.split("/")[:2])):
                adopt(connection, community, "said", 0, key, "", message, at)


def _look(connection: sa.Connection) -> None:
    """Have looked at what was to be done, and call what waits by its name of today."""
    for job in _calling(connection, "gate.open:"):
        opened = sa.text("UPDATE admissions SET opened_at = decided_at WHERE member_id = :id AND verdict = 'admitted'")
        connection.execute(opened, {"id": int(job.call.partition(":")[2])})
    for job in _calling(connection, "buddies.meet:"):
        look = f"things.look:newcomer:{job.call.split(':')[1]}"
        connection.execute(sa.update(_jobs).where(_jobs.c.id == job.id).values(call=look))
    names = {
        "gate.present:": "things.look:gate:",
        "gate.open:": "things.look:gate:",
        "introductions.draw:": "things.look:newcomer:",
        "introductions.pass_on:": "things.look:newcomer:",
    }
    rename_calls(connection, names)
    drop_recurring(connection, "onboarding.weekly")


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
