"""What is kept of a space that was left goes from every table, on either database, some rows at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData, func, insert, select, text

from adapters.memory import Memory
from bot.bootstrap import build_application
from bot.clock import MovableClock
from config.settings import Settings
from storage.database import Database
from storage.departures import DepartureStore, belongs
from storage.members import Community, MemberStore
from storage.people import accounts
from tests.doors import CHANNELS, MemoryDoor
from tests.story import Story

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


async def rows(database: Database, community_id: int) -> Mapping[str, int]:
    """Return how many rows each table has of a community, where it has any."""
    there, found = MetaData(), dict[str, int]()
    async with database.read() as connection:
        await connection.run_sync(there.reflect)
        for name, table in there.tables.items():
            if (where := belongs(table, community_id)) is not None:
                found[name] = await connection.scalar(select(func.count()).select_from(table).where(where)) or 0
    return {name: number for name, number in found.items() if number}


async def lives(database: Database, clock: MovableClock, home: Memory, journal: Path) -> Story:
    """Have some people use what there is."""
    settings = Settings.model_validate({"TRELLIS_ERASURE_JOURNAL": str(journal)})
    for channel in (*CHANNELS, "agents"):
        home.add_channel(channel)
    for name in ("mia", "noah", "kenji"):
        home.add_person(name, name.capitalize())
    app = build_application(settings, database, [home], clock)
    await app.start()
    story = Story(app, MemoryDoor(home, app.settle), clock)
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/expertise add", topic="webhooks")
    await mia.uses("/ask", question="How do I rotate the webhook secret?")
    await noah.says("Settings, Rotate.", story.thread(await mia.reads("rotate the webhook", "help")))
    await mia.presses("Mark as solved")
    for idea in ("A darker theme", "A dark theme for the night"):
        await mia.uses("/idea add", title=idea)
    await noah.uses("/thanks", member=story.named("mia"), reason="For asking")
    return story


async def test_every_row_of_a_community_is_deleted_and_none_of_another(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("bot.kernel.departures.ROWS", 2)
    clock, home = MovableClock(NOW), Memory(lambda: NOW)
    home._now = clock.now
    story = await lives(database, clock, home, tmp_path / "erasures")
    members, store = MemberStore(database), DepartureStore(database)
    other = await members.community("slack/T9", "Others", "UTC")
    await members.join_space("slack/T9", other.id, "Others")
    await members.arrive(other.id, "slack/T9/U1", "slack/T9", "Zoe", NOW)
    id_ = (await story.member("mia")).community_id
    before, others = await rows(database, id_), await rows(database, other.id)
    assert len(before) > 15 and before["questions"] == 1 and before["members"] == 2
    async with database.write() as connection:  # what points at its like, and at nobody
        await connection.execute(text("UPDATE ideas SET merged_into = (SELECT min(id) FROM ideas)"))
        await connection.execute(text("UPDATE questions SET known_id = id"))
        await connection.execute(text(_OWN))
        mia = (await story.member("mia")).id
        await connection.execute(text("INSERT INTO beds VALUES (1, :mia, 'Tulips')"), {"mia": mia})
    home.removed = True
    await story.app.upkeep.refresh()
    await story.app.upkeep.refresh()
    [left] = await store.left()
    assert (left.key, left.is_last, left.at) == ("memory/home", True, NOW)
    clock.move_to(NOW + timedelta(days=31))
    await story.passes(days=1)
    assert await rows(database, id_) == {} and await rows(database, other.id) == others
    assert await store.left() == [] and [one.id for one in await members.communities()] == [other.id]
    async with database.read() as connection:
        assert not (await connection.execute(text("SELECT * FROM jobs WHERE failed_at IS NOT NULL"))).all()
    await story.app.stop()


_OWN = "CREATE TABLE beds (id INTEGER PRIMARY KEY, gardener_id INTEGER NOT NULL REFERENCES members (id), name TEXT)"
"""The table of a cog of one's own that was taken away."""


async def test_a_space_is_left_once_until_it_lets_us_in_again(
    database: Database, replica: Database, community: Community
) -> None:
    mine, others, members = DepartureStore(database), DepartureStore(replica), MemberStore(database)
    assert await mine.leave("discord/1", NOW) and not await others.leave("discord/1", NOW + timedelta(hours=1))
    assert not await mine.leave("discord/2", NOW), "nobody knows it"
    [left] = await others.left(community_id=community.id)
    assert (left.key, left.at, left.is_last, left.community) == ("discord/1", NOW, False, "Gardeners")
    assert await members.spaces(community.id) == ["slack/T1"]
    assert await members.changed_since(NOW) == ["discord/1"], "so that other processes look at it"
    assert await others.left(before=NOW - timedelta(days=30)) == []
    await members.join_space("discord/1", community.id, "Gardeners")
    assert await mine.left(), "that it is named does not mean that we are there"
    await members.join_space("discord/1", community.id, "Gardeners", here=True)
    assert not await mine.left() and await members.spaces(community.id) == ["discord/1", "slack/T1"]


async def test_accounts_go_some_at_a_time_and_those_elsewhere_stay(database: Database, community: Community) -> None:
    members, store = MemberStore(database), DepartureStore(database)
    people = [
        await members.arrive(community.id, f"discord/1/{number}", "discord/1", f"P{number}", NOW) for number in range(3)
    ]
    async with database.write() as connection:
        row = {"key": "slack/T1/U0", "member_id": people[0][0].id, "space_key": "slack/T1", "name": "P0", "roles": ""}
        await connection.execute(insert(accounts).values(row))
    here = await store.accounts("discord/1", 2)
    assert [(key, elsewhere) for key, _, elsewhere in here] == [("discord/1/0", True), ("discord/1/1", False)]
    noted = await store.forget_accounts([key for key, _, _ in here], NOW)
    assert len(noted) == 2 and {*noted.values()} == {NOW}
    kept, gone = await members.get(people[0][0].id), await members.get(people[1][0].id)
    assert kept and gone and (kept.name, kept.accounts, kept.left_at) == ("P0", ("slack/T1/U0",), None)
    assert (gone.name, gone.accounts) == ("former member", ())
    assert [key for key, _, _ in await store.accounts("discord/1", 2)] == ["discord/1/2"]
