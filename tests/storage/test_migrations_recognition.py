"""Thanks and milestones of a living database, as they were before they became tracked things."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import Connection, text

from storage.database import Database
from storage.postings import PostingStore
from storage.reactions import ReactionStore
from storage.upgrading import alembic_config

from .earlier import as_it_was

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)

ROWS = (
    "INSERT INTO communities (id, key, name, timezone, created_at) VALUES (1, 'slack/T1', 'Garden', 'UTC', :now)",
    "INSERT INTO spaces (key, community_id, name) VALUES ('slack/T1', 1, 'Garden')",
    "INSERT INTO members (id, community_id, name, folded_name, joined_at) VALUES (5, 1, 'Mia', 'mia', :now),"
    " (9, 1, 'Noah', 'noah', :now)",
    "INSERT INTO accounts (key, member_id, space_key, name, roles)"
    " VALUES ('slack/T1/UNOAH', 9, 'slack/T1', 'Noah', '')",
    "INSERT INTO kudos (id, community_id, giver_id, receiver_id, kind, weight, value, topic, reason, source, round,"
    " channel, at) VALUES"
    " (1, 1, 5, 9, 'thanks', 100, '', '', 'Well done', '1', 0, 'slack/T1/C1', :now),"
    " (2, 1, 5, 9, 'thanks', 100, '', '', 'Well done', '2', 0, 'slack/T1/C1', :now),"
    " (3, 1, 5, 9, 'thanks', 100, '', '', 'Well done', '3', 0, 'slack/T1/C1', :now),"
    " (4, 1, 5, 9, 'reaction', 100, '', '', 'Well done', '4', 0, 'slack/T1/C1', :now)",
    "INSERT INTO kudos_cards (kudos_id, message) VALUES (1, 'slack/T1/C1/5'), (1, 'discord/1/2/3')",
    "INSERT INTO milestones (member_id, name, community_id, at) VALUES (9, 'level/Sprout', 1, :now)",
    "INSERT INTO deliveries (key, channel, message, created_at) VALUES"
    " ('kudos/1/slack/T1/C1', 'slack/T1/C1', 'slack/T1/C1/5', :now),"
    " ('kudos/reached/9/level/Sprout', 'member/9', 'slack/T1/D9/1', :now),"
    " ('digest/1/2026-03-02/slack/T1', 'slack/T1/C1', 'slack/T1/C1/6', :now),"
    " ('ring/1/2026-03-02/5-9', 'slack/T1/C2', 'slack/T1/C2/7', :now)",
    "INSERT INTO jobs (community_id, call, due_at, attempts, version, key) VALUES"
    " (1, 'thanks.show:3:slack/T1/C1', :now, 0, 0, 'kudos/show/3'),"
    " (1, 'deeds.reach:9', :now, 0, 0, 'kudos/reach/9'),"
    " (1, 'deeds.accepted:7:9:5', :now, 0, 0, NULL),"
    " (1, 'thanks.forget:5', :now, 0, 0, NULL),"
    " (1, 'digest.tell:discord/1', :now, 0, 0, 'digest/1/discord/1'),"
    " (1, 'champions.rings', :now, 0, 0, 'rings/1'),"
    " (1, 'champions.week', :now, 0, 0, 'every/champions.week/1'),"
    " (1, 'digest.week', :now, 0, 0, 'every/digest.week/1')",
)

REACTED = (
    "INSERT INTO kudos (id, community_id, giver_id, receiver_id, kind, weight, value, topic, reason, source, round,"
    " message, at) VALUES (1, 1, 5, 9, 'reaction', 50, '', '', '🙏', '1', 0, 'slack/T1/C1/1', :now),"
    " (2, 1, 5, 9, 'reaction', 50, '', '', '🙌', '2', 0, 'slack/T1/C1/2', :now),"
    " (3, 1, 5, 9, 'reaction', 50, '', '', '', '3', 0, 'slack/T1/C1/3', :now)"
)


async def test_where_thanks_stand_and_what_was_told_is_known(empty_url: str) -> None:
    database = Database(empty_url)
    async with database.write() as connection:
        await connection.run_sync(as_it_was("0017", ROWS, now=NOW))
    await database.upgrade()
    postings = PostingStore(database)
    thanks = {id_: await postings.of("thanks", id_) for id_ in range(1, 5)}
    assert [(row.key, row.spot, row.message) for row in thanks[1]] == [
        ("card", "slack/T1", "slack/T1/C1/5"),
        ("card", "discord/1", "discord/1/2/3"),
    ]
    [nowhere] = thanks[2]
    assert nowhere.gone_at and nowhere.why == "" and not thanks[3] and not thanks[4]
    [told, role] = await postings.of("milestones", 9)
    assert (told.key, told.spot, told.message) == ("reached/level/Sprout", "member/9", "slack/T1/D9/1")
    assert (role.key, role.spot, role.message) == ("role/level/Sprout", "slack/T1/UNOAH", None)
    said = {row.key: row.message for row in await postings.of("said", 0)}
    assert said == {"digest/1/2026-03-02/slack/T1": "slack/T1/C1/6", "ring/1/2026-03-02/5-9": "slack/T1/C2/7"}
    async with database.read() as connection:
        calls = [*await connection.scalars(text("SELECT call FROM jobs ORDER BY id"))]
    assert calls == [
        "things.look:thanks:3",
        "things.look:milestones:9",
        "ledger.accepted:7:9:5",
        "thank.forget:5",
        "digest.week",
        "moderate.week",
        "digest.week",
    ]
    await database.close()


async def test_reactions_that_thank_are_known_until_they_are_taken_off(empty_url: str) -> None:
    database = Database(empty_url)

    def begin_reacting(connection: Connection) -> None:
        command.upgrade(alembic_config(connection), "0022")
        for each in (*ROWS[:3], REACTED, "INSERT INTO kudos_reversals VALUES (2, 'reaction removed', :now)"):
            connection.execute(text(each), {"now": NOW} if ":now" in each else {})

    async with database.write() as connection:
        await connection.run_sync(begin_reacting)
    await database.upgrade()
    reactions = ReactionStore(database)
    assert await reactions.take_off("slack/T1/C1/2", "🙌", 5) == await reactions.take_off("slack/T1/C1/3") == []
    await reactions.put("slack/T1/C1/1", 5, "🙌")
    assert await reactions.take_off("slack/T1/C1/1", "🙏", 9) == []
    assert await reactions.take_off("slack/T1/C1/1", "🙏", 5) == []
    assert await reactions.take_off("slack/T1/C1/1") == [5]
    await database.close()
