"""Thanks and milestones as tracked things: where thanks stand and what was told of milestones moves to postings."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.postings import adopt, drop_recurring, rename_calls, said

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TIMESTAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    connection = op.get_bind()
    waiting = _shown_later(connection)
    _adopt_thanks(connection, waiting)
    _adopt_milestones(connection)
    _adopt_reports(connection)
    _look(connection, waiting)
    op.drop_table("kudos_cards")


def _shown_later(connection: sa.Connection) -> dict[int, int]:
    """Return the jobs that were to show thanks, by their ids, each with the thanks."""
    jobs = connection.execute(sa.text("SELECT id, call FROM jobs WHERE call LIKE 'thanks.show:%'"))
    return {job.id: int(job.call.split(":")[1]) for job in jobs}


def _adopt_thanks(connection: sa.Connection, waiting: dict[int, int]) -> None:
    """Note where thanks stand. What stands nowhere and was not to be shown any more is not shown again."""
    query = sa.text("SELECT id, community_id, channel, at FROM kudos WHERE kind = 'thanks'").columns(at=TIMESTAMP)
    thanks = {row.id: row for row in connection.execute(query)}
    places: dict[tuple[int, str], str] = {}
    for card in connection.execute(sa.text("SELECT kudos_id, message FROM kudos_cards")):
        places[card.kudos_id, _space(card.message)] = card.message
    for key, _, message, _ in said(connection, "kudos/"):  # kudos/7/slack/T1/C1
        number = key.split("/")[1]
        if number.isdigit() and int(number) in waiting.values():
            places.setdefault((int(number), _space(message)), message)
    for (id_, space), message in places.items():
        if id_ in thanks:
            adopt(connection, thanks[id_].community_id, "thanks", id_, "card", space, message, thanks[id_].at)
    for id_ in thanks.keys() - {id_ for id_, _ in places} - {*waiting.values()}:
        row = thanks[id_]
        adopt(connection, row.community_id, "thanks", id_, "card", _space(row.channel or "//"), None, row.at)


def _adopt_milestones(connection: sa.Connection) -> None:
    """Note who was told of what they reached, and that its role was given: it is not given again to who lost it."""
    query = sa.text("SELECT community_id, member_id, name, at FROM milestones").columns(at=TIMESTAMP)
    told: dict[tuple[int, str], str] = {}
    for key, _, said_in, _ in said(connection, "kudos/reached/"):  # kudos/reached/5/level/Sprout
        _, _, member, milestone = key.split("/", 3)
        told[int(member), milestone] = said_in
    accounts: dict[int, list[str]] = {}
    for account in connection.execute(sa.text("SELECT key, member_id FROM accounts ORDER BY key")):
        accounts.setdefault(account.member_id, []).append(account.key)
    for row in connection.execute(query).all():
        person, spot = row.member_id, f"member/{row.member_id}"
        if message := told.get((person, row.name)):
            key = f"reached/{row.name}"
            adopt(
                connection,
                row.community_id,
                "milestones",
                person,
                key,
                spot,
                message,
                row.at,
                member_id=person,
                direct=True,
            )
        for key in accounts.get(person, ()):
            role = f"role/{row.name}"
            adopt(connection, row.community_id, "milestones", person, role, key, None, row.at, member_id=person)


def _adopt_reports(connection: sa.Connection) -> None:
    """Note which digests and reports were posted: `digest/1/2026-03-02/slack/T1`, `ring/1/2026-03-02/5-9`."""
    communities = set(connection.scalars(sa.text("SELECT id FROM communities")))
    for prefix in ("digest/", "ring/"):
        for key, _, message, at in said(connection, prefix):
            community = int(key.split("/")[1])
            if community in communities:
                adopt(connection, community, "said", 0, key, "", message, at)


def _look(connection: sa.Connection, waiting: dict[int, int]) -> None:
    """Call what waits by its name of today."""
    jobs = sa.table("jobs", sa.column("id"), sa.column("call"), sa.column("key"))

    def rename(job: int, call: str) -> None:
        connection.execute(sa.update(jobs).where(jobs.c.id == job).values(call=call))

    for job, kudos in waiting.items():
        rename(job, f"things.look:thanks:{kudos}")
    for old, new in (("digest.tell:", "digest.week"), ("champions.rings", "moderate.week")):
        weekly = sa.select(jobs.c.id).where(jobs.c.call.startswith(old, autoescape=True))
        for job in [*connection.scalars(weekly)]:
            rename(job, new)
    events = ("accepted", "withdrawn", "reused", "shipped", "hosted", "attended", "welcomed")
    rename_calls(
        connection,
        {
            "deeds.reach:": "things.look:milestones:",
            "thanks.forget:": "thank.forget:",
            **{f"deeds.{event}:": f"ledger.{event}:" for event in events},
        },
    )
    drop_recurring(connection, "champions.week")


def _space(key: str) -> str:
    """Return the space of a message or a channel, by its key."""
    return "/".join(key.split("/")[:2])


def downgrade() -> None:
    raise NotImplementedError("Trellis only goes forward: restore a backup instead")
