"""Newcomers of a living database, as they were before they became tracked things."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alembic import command
from sqlalchemy import Connection, bindparam, text

from storage.columns import UtcDateTime
from storage.database import Database
from storage.gates import GateStore
from storage.jobs import JobStore
from storage.newcomers import NewcomerStore
from storage.postings import PostingStore
from storage.progress import ProgressStore
from storage.upgrading import alembic_config
from storage.welcomes import WelcomeStore

BEFORE = "0019"
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)

ROWS = (
    "INSERT INTO communities (id, key, name, timezone, created_at) VALUES (1, 'slack/T1', 'Garden', 'UTC', :now)",
    "INSERT INTO spaces (key, community_id, name) VALUES ('slack/T1', 1, 'Garden')",
    "INSERT INTO members (id, community_id, name, folded_name, joined_at) VALUES (5, 1, 'Zoe', 'zoe', :now),"
    " (6, 1, 'Yan', 'yan', :now), (7, 1, 'Xi', 'xi', :now), (9, 1, 'Mia', 'mia', :now), (10, 1, 'Noah', 'noah', :now)",
    "INSERT INTO journeys (member_id, community_id, space, track, arrived_at, welcomed_at) VALUES"
    " (5, 1, 'slack/T1', 'everyone', :now, :now), (6, 1, 'slack/T1', 'everyone', :now, :now),"
    " (7, 1, 'slack/T1', 'everyone', :now, NULL), (9, 1, 'slack/T1', '', NULL, :later)",
    "INSERT INTO introductions (member_id, community_id, about, hopes, ask_me, at) VALUES"
    " (5, 1, 'I am Zoe.', '', '', :now)",
    "INSERT INTO hellos (newcomer_id, by_id, community_id, at, told_at) VALUES (5, 9, 1, :now, :now),"
    " (5, 10, 1, :now, :now), (5, 6, 1, :now, NULL)",
    "INSERT INTO pairings (newcomer_id, buddy_id, community_id, at, passed_at) VALUES (5, 10, 1, :now, NULL),"
    " (5, 9, 1, :now, :now), (6, 9, 1, :now, NULL), (6, 10, 1, :later, NULL)",
    "INSERT INTO admissions (member_id, community_id, verdict, how, decided_at) VALUES"
    " (5, 1, 'admitted', 'moderator', :now), (6, 1, 'admitted', 'code', :now), (7, 1, 'waiting', '', NULL)",
    "INSERT INTO deliveries (key, channel, message, created_at) VALUES"
    " ('welcome/slack/T1/1772445600', 'slack/T1/C1', 'slack/T1/C1/1', :now),"
    " ('welcome/slack/T1/77', 'slack/T1/C1', 'slack/T1/C1/2', :now),"
    " ('introduction/5/1772445600/slack/T1', 'slack/T1/C2', 'slack/T1/C2/3', :now),"
    " ('introduction/99/1772445600/slack/T1', 'slack/T1/C2', 'slack/T1/C2/4', :now),"
    " ('buddy/5/9', 'slack/T1/C2:3', 'slack/T1/C2:3/5', :now),"
    " ('gate/7/slack/T1', 'slack/T1/C3', 'slack/T1/C3/6', :now),"
    " ('entry/6/by_hand', 'slack/T1/C3', 'slack/T1/C3/7', :now),"
    " ('verdict/admitted/named/5-99', 'slack/T1/C1', 'slack/T1/C1/8', :now),"
    " ('verdict/refused/7', 'member/7', 'slack/T1/D7/9', :now),"
    " ('guidelines/2/slack/T1/C1', 'slack/T1/C1', 'slack/T1/C1/10', :now)",
    "INSERT INTO jobs (community_id, key, call, due_at, attempts) VALUES"
    " (1, 'welcome/slack/T1/1772446200', 'arrivals.welcome:slack/T1:1772446200', :later, 0),"
    " (1, 'admitted/6', 'gate.open:6', :now, 0), (1, 'request/7', 'gate.present:7', :now, 0),"
    " (1, 'gate/7', 'gate.look:7', :now, 0), (1, NULL, 'buddies.meet:6:10', :now, 0),"
    " (1, 'introduction/5', 'introductions.draw:5', :now, 0), (1, 'hellos/5', 'introductions.pass_on:5', :later, 0),"
    " (1, 'every/onboarding.weekly/1', 'onboarding.weekly', :later, 0),"
    " (1, 'nudges/1', 'following.remind', :later, 0)",
)


def begin(connection: Connection) -> None:
    """Make the tables of that time, with some rows in them."""
    command.upgrade(alembic_config(connection), BEFORE)
    given = {"now": NOW, "later": LATER}
    for statement in ROWS:
        named = [bindparam(name, value, UtcDateTime()) for name, value in given.items() if f":{name}" in statement]
        connection.execute(text(statement).bindparams(*named))


async def test_where_newcomers_stand_and_what_they_were_told_is_known(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(begin)
    await database.upgrade()

    progress, welcomes, postings = ProgressStore(database), WelcomeStore(database), PostingStore(database)
    zoe, xi, mia = await progress.get(5), await progress.get(7), await progress.get(9)
    assert zoe and zoe.flow == "everyone" and zoe.welcome_id and zoe.welcomed_at == NOW
    welcome = await welcomes.get(zoe.welcome_id)
    assert welcome and (welcome.space, welcome.at) == ("slack/T1", NOW)
    assert await welcomes.people(welcome) == [5, 6]
    assert [(row.key, row.spot, row.message) for row in await postings.of("welcome", welcome.id)] == [
        ("card", "slack/T1", "slack/T1/C1/1")
    ]
    assert xi and xi.welcome_id and xi.welcomed_at == LATER, "she is welcomed when her job would have welcomed her"
    assert await postings.of("welcome", xi.welcome_id) == []
    assert mia and mia.welcome_id is None

    pairings = {(one.newcomer_id, one.buddy_id): one for one in await NewcomerStore(database).pairings_with(5)}
    first, second = pairings[5, 9].id, pairings[5, 10].id
    assert first < second, "who passed was asked first"
    met = (await NewcomerStore(database).pairings(6))[0].id
    assert {(row.key, row.spot, row.message, row.stands) for row in await postings.of("newcomer", 5)} == {
        ("card", "slack/T1", "slack/T1/C2/3", True),
        (f"hello/{NOW:%Y%m%dT%H%M%S}", "member/5", None, False),
        (f"meet/{first}", "slack/T1", "slack/T1/C2:3/5", True),
        (f"meet/{second}", "nowhere", None, False),
    }
    assert [(row.key, row.stands) for row in await postings.of("newcomer", 6)] == [(f"meet/{met}", False)], (
        "one is told, and one waits for its job"
    )
    assert {(row.key, row.spot, row.message) for number in (5, 6, 7) for row in await postings.of("gate", number)} == {
        ("admitted", "member/5", "slack/T1/C1/8"),
        ("by_hand", "slack/T1", "slack/T1/C3/7"),
        ("card", "slack/T1", "slack/T1/C3/6"),
        ("refused", "member/7", "slack/T1/D7/9"),
    }
    assert [(row.key, row.spot) for row in await postings.of("said", 0)] == [("guidelines/2/slack/T1/C1", "")]

    opened = [await GateStore(database).get(number) for number in (5, 6)]
    assert [one and one.opened_at for one in opened] == [None, NOW], "only of whom the doors were still to be opened"
    jobs = await JobStore(database).due(LATER, 20)
    assert {(job.key, job.call, job.due_at) for job in jobs} == {
        (f"welcome/{xi.welcome_id}", f"things.look:welcome:{xi.welcome_id}", LATER),
        ("admitted/6", "things.look:gate:6", NOW),
        ("request/7", "things.look:gate:7", NOW),
        ("gate/7", "gate.look:7", NOW),
        (None, "things.look:newcomer:6", NOW),
        ("introduction/5", "things.look:newcomer:5", NOW),
        ("hellos/5", "things.look:newcomer:5", LATER),
        ("nudges/1", "following.remind", LATER),
    }
    await database.close()
