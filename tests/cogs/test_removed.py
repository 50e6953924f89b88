"""A space that removes Trellis is told of, can come back, and is forgotten after some weeks."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData, func, select, text
from typer.testing import CliRunner

from adapters.contract.events import SpaceJoined
from adapters.memory import Memory
from bot.cli import app
from storage.arrivals import hashed
from storage.audit import AuditStore
from storage.database import Database
from storage.departures import DepartureStore, belongs
from storage.erasures import ErasureJournal, Tombstones
from storage.members import MemberStore
from tests.doors import MemoryDoor
from tests.story import Story

from .conftest import Begin
from .test_link import QUESTION, Town, link, town, towns
from .test_privacy import CANARY
from .test_privacy_everywhere import lives_here

__all__ = ["town", "towns"]

on_memory = pytest.mark.parametrize("kit", ["memory"], indirect=True)

NOBODYS = {
    *("alembic_version", "beginnings", "compatibility", "hearers", "heard", "inbox", "leases", "processes"),
    *("shardings", "slack_bots", "slack_installations", "slack_oauth_states", "sqlite_sequence", "tombstones"),
}
"""Tables of which no row is a community's; what `heard` and `inbox` say of a space goes with the space."""


def platform(story: Story) -> Memory:
    assert isinstance(story.door, MemoryDoor)
    return story.door.platform


async def removes(story: Story) -> None:
    """Have the space remove Trellis, and a minute pass."""
    platform(story).removed = True
    await story.app.upkeep.refresh()
    await story.app.settle()


async def later(story: Story, days: int) -> None:
    """Go on after some days on which nothing came due in between."""
    story.clock.move_to(story.now + timedelta(days=days - 1))
    await story.passes(days=1)


async def joins_again(story: Story) -> None:
    """Have the space let Trellis in once more."""
    platform(story).removed = False
    await platform(story)._befall(SpaceJoined, name="Memory Lane")
    await story.app.settle()


async def rows(database: Database, community_id: int) -> dict[str, int]:
    """Return how many rows each table has of a community, where it has any."""
    there = MetaData()
    async with database.read() as connection:
        await connection.run_sync(there.reflect)
        wheres = {name: belongs(table, community_id) for name, table in there.tables.items()}
        assert {name for name, where in wheres.items() if where is None} <= NOBODYS
        found = {
            name: await connection.scalar(select(func.count()).select_from(there.tables[name]).where(where))
            for name, where in wheres.items()
            if where is not None
        }
    return {name: number for name, number in found.items() if number}


async def subjects(story: Story, community: int | None, action: str) -> list[str]:
    found = await AuditStore(story.app.database).recent(community, 50, action=action)
    return [entry.subject for entry in found]


@on_memory
async def test_after_thirty_days_nothing_is_left_of_a_community_in_any_table(
    begin: Begin, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = await lives_here(begin, tmp_path)
    monkeypatch.setattr("bot.kernel.departures.ROWS", 100)
    monkeypatch.setattr("bot.kernel.departures.ACCOUNTS", 3)
    database, id_ = story.app.database, (await story.member("mia")).community_id
    everyone = await MemberStore(database).accounts_in("memory/home")
    before = await rows(database, id_)
    assert len(before) >= 40 and len(everyone) == 5
    await removes(story)
    assert "removed from Memory Lane (memory/home); what is known of it is deleted on 2026-04-0" in caplog.text
    await later(story, days=29)
    assert (await rows(database, id_))["members"] == before["members"]
    await later(story, days=3)
    assert await rows(database, id_) == {}
    async with database.read() as connection:
        for table, column in (("inbox", "key"), ("heard", "space_key")):
            assert not (await connection.execute(text(f"SELECT * FROM {table} WHERE {column} LIKE 'memory/%'"))).all()  # noqa: S608
    assert len(await Tombstones(database).all()) == len(everyone)
    assert await subjects(story, None, "community.forgotten") == ["memory/home"]
    assert "memory/home is forgotten" in caplog.text and "nothing is left of community" in caplog.text
    assert not [line for line in caplog.text.splitlines() if line.startswith("ERROR")]
    await database.empty_log()
    kept = b"".join(file.read_bytes() for file in Path(database._url.database or "").parent.glob("*.db*"))
    assert CANARY.encode() not in kept
    noted = ErasureJournal(Path(database.file_beside("erasures"))).read()
    assert noted.keys() == {hashed(key) for key in everyone}, "a backup does not bring them back"


@on_memory
async def test_without_a_channel_the_admins_are_told_who_can_be_reached(begin: Begin) -> None:
    story = await begin(TRELLIS_MODERATORS_CHANNELS="")
    ada, mia = story.person("ada"), story.person("mia")
    for person in (ada, mia):
        await person.uses("/me")
        await story.prefers(person.id, direct_ok=True)
    await removes(story)
    told = await ada.reads("Memory Lane removed me", story.door.direct("ada"))
    assert "Apr 2026" in told.body
    await mia.does_not_read("removed me")


@on_memory
async def test_who_comes_back_in_time_goes_on_where_they_were(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/ask", question=QUESTION)
    await removes(story)
    await removes(story)
    id_ = (await story.member("mia")).community_id
    assert await subjects(story, id_, "space.left") == ["memory/home"], "it is told once"
    await later(story, days=20)
    await joins_again(story)
    assert not await DepartureStore(story.app.database).left()
    await later(story, days=40)
    assert (await story.member("mia")).name == "Mia"
    await story.person("noah").says("Settings, Webhooks.", story.thread(await mia.reads(QUESTION, "help")))
    await mia.presses("Mark as solved")
    assert (await mia.reads(QUESTION, "help")).fields["State"] == "✅ Solved by @Noah"


@on_memory
async def test_who_comes_back_too_late_begins_anew(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/ask", question=QUESTION)
    old = (await story.member("mia")).community_id
    await removes(story)
    await later(story, days=32)
    await joins_again(story)
    await mia.uses("/me")
    new = await story.member("mia")
    assert new.community_id != old and new.name == "Mia"
    await mia.uses("/ask", question="How do I make a backup?")
    assert (await mia.reads("How do I make a backup?", "help")).fields["State"] == "🌱 Open"


@on_memory
async def test_removed_while_nobody_was_there_is_seen_at_the_start(begin: Begin) -> None:
    story = await begin()
    await story.person("mia").uses("/me")
    await story.app.catching_up.done()
    home = platform(story)
    await story.app.stop()
    home.removed = True
    story = await begin()
    [left] = await DepartureStore(story.app.database).left()
    assert (left.key, left.is_last, left.at) == ("memory/home", True, story.now)
    home.removed = False
    await story.app.stop()
    story = await begin()
    assert not await DepartureStore(story.app.database).left()


@on_memory
async def test_who_came_back_unheard_is_not_forgotten(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    await story.person("mia").uses("/me")
    await removes(story)
    platform(story).removed = False
    await later(story, days=32)
    assert (await story.member("mia")).name == "Mia" and "thought to have left" in caplog.text
    assert not await DepartureStore(story.app.database).left()


@on_memory
async def test_being_down_or_out_of_reach_for_months_forgets_nobody(begin: Begin) -> None:
    story = await begin()
    await story.person("mia").uses("/ask", question=QUESTION)
    platform(story).down = True
    await story.app.upkeep.refresh()
    await story.app.stop()
    story.clock.move_to(story.now + timedelta(days=60))
    story = await begin()
    await story.app.upkeep.refresh()
    await story.passes(hours=20)
    assert not await DepartureStore(story.app.database).left()
    assert (await story.person("mia").reads(QUESTION, "help")).fields["Asked by"] == "@Mia"


@on_memory
async def test_what_was_only_imported_was_never_left(begin: Begin) -> None:
    story = await begin()
    members = MemberStore(story.app.database)
    other = await members.community("memory/other", "Other", "UTC")
    await members.join_space("memory/other", other.id, "Other")
    await story.app.stop()
    story = await begin()
    assert not await DepartureStore(story.app.database).left()


@on_memory
@pytest.mark.parametrize("days, left", [("0", 1), ("7", 0)])
async def test_how_long_is_a_setting(begin: Begin, days: str, left: int) -> None:
    story = await begin(TRELLIS_KEEP_REMOVED_DAYS=days)
    await story.person("mia").uses("/me")
    await removes(story)
    await later(story, days=9)
    assert len(await MemberStore(story.app.database).communities()) == left


@on_memory
async def test_whoever_runs_trellis_sees_who_removed_it_and_who_is_gone(
    story: Story, database_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{database_file}")

    async def types(*words: str) -> str:
        return " ".join((await asyncio.to_thread(CliRunner().invoke, app, [*words])).stdout.split())

    await story.person("mia").uses("/me")
    await removes(story)
    said = await types("check")
    assert "Memory Lane (memory/home) removed Trellis on 2026-03-02" in said and "on 2026-04-01 it is deleted" in said
    assert "was removed" not in await types("audit", "--gone") and "space.left" in await types("audit")
    await later(story, days=32)
    assert "removed Trellis" not in await types("check")
    gone = await types("audit", "--gone")
    assert "community.forgotten" in gone and "memory/home" in gone and "left on 2026-03-02" in gone


async def test_one_of_two_spaces_is_told_of_and_then_forgotten(town: Town) -> None:
    """Who was there alone is forgotten with their words; who is on both sides goes on."""
    sofia, noah = town.there.person("sofia"), town.here.person("noah")
    await link(town.mia, town.miriam)
    await sofia.uses("/ask", question="Where does the canary sing?")
    await town.mia.uses("/ask", question=QUESTION)
    await noah.says("Under Settings.", town.here.thread(await town.mia.reads(QUESTION, "help")))
    database, id_ = town.database, (await town.here.member("mia")).community_id
    await removes(town.there)
    note = await noah.reads("The Other Side removed me", "agents")
    assert "unless it lets me in again" in note.words
    await town.mia.uses("/ask", question="Is anybody left in the garden?")
    assert await MemberStore(database).spaces(id_) == ["memory/home"]
    await later(town.here, days=32)
    assert await MemberStore(database).space_names(id_) == {"memory/home": "Memory Lane"}
    assert await MemberStore(database).by_account("elsewhere/there/sofia") is None
    mia = await town.here.member("mia")
    assert mia.accounts == ("memory/home/mia",) and mia.name in {"Mia", "Miriam"}
    assert (await town.mia.reads(QUESTION, "help")).fields["State"] == "💬 Answered"
    await noah.does_not_read("canary")
    await noah.does_not_read("Sofia")
    assert await AuditStore(database).recent(id_, 9, action="space.forgotten")
    assert not await AuditStore(database).recent(id_, 9, action="member.erased")
    async with database.read() as connection:
        for table, column in (("postings", "channel"), ("outbox", "lane"), ("inbox", "key")):
            found = await connection.execute(text(f"SELECT {column} FROM {table} WHERE {column} LIKE 'elsewhere/%'"))  # noqa: S608
            assert not found.all(), table


async def test_two_communities_are_apart(towns: Town) -> None:
    await towns.mia.uses("/ask", question=QUESTION)
    await towns.there.person("sofia").uses("/ask", question="Where does the canary sing?")
    here = (await towns.here.member("mia")).community_id
    before = await rows(towns.database, here)
    await removes(towns.there)
    await later(towns.here, days=32)
    [left] = await MemberStore(towns.database).communities()
    after = await rows(towns.database, here)
    assert left.id == here and after["questions"] == before["questions"] and after["members"] == before["members"]
