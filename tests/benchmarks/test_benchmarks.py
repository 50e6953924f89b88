"""The benchmarks run, on a small scale, and count what they say that they count."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from benchmarks import acts, drive, gateway, growth, load, noise, reminders, socket, stage
from benchmarks.counting import counted
from benchmarks.fake_discord import FakeDiscord
from benchmarks.fake_slack import FakeSlack
from benchmarks.process import Measured, quiet
from benchmarks.report import Row
from benchmarks.stage import ACTS, Environment
from storage.database import Database

Rows = Callable[[drive.Figures, drive.Figures], list[Row]]
ROWS = Table("rows", MetaData(), Column("id", Integer, primary_key=True))


async def test_statements_and_commits_that_kept_something_are_counted(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'some.db'}")
    try:
        async with database.write() as connection:
            await connection.run_sync(ROWS.create)
        with counted() as written:
            for number in range(3):
                async with database.write() as connection:
                    await connection.execute(ROWS.insert().values(id=number))
        with counted() as read:
            async with database.read() as connection:
                await connection.execute(ROWS.select())
        with counted() as nothing:
            pass
    finally:
        await database.close()
    assert written.commits == 3 and written.statements >= 3
    assert (read.commits, nothing.commits, nothing.statements) == (0, 0, 0)
    assert any("SELECT" in statement for statement in read.asked)


@pytest.fixture
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "FIRST", 1)


@pytest.mark.usefixtures("briefly")
async def test_each_act_is_done_and_counted(tmp_path: Path) -> None:
    rows = await acts.measure(tmp_path, times=1)
    assert [row.what for row in rows][:-1] == [*ACTS]
    assert all(float(row.measured.split(" / ", 1)[0]) >= 1 for row in rows)


@pytest.mark.usefixtures("briefly")
async def test_a_question_asks_no_more_of_the_database_than_is_said(tmp_path: Path) -> None:
    async with Environment(tmp_path).stage() as there:
        await there.act("“Going” pressed", 8)
        act = await there.act("question posted", 8, listed=True)
    trips = "\n".join(f"{trip.task}: {trip.place}" for trip in act.counts[-2].trips)
    least = [(count.statements, count.commits) for count in act.counts[:-1]]  # a heartbeat may come in between
    assert min(statements for statements, _ in least) <= 40 and min(commits for _, commits in least) <= 3, trips
    assert "asking.ask" in trips and "COMMIT" in {trip.statement for trip in act.counts[-2].trips}


async def test_a_database_is_filled_and_what_walks_through_it_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "LARGE", 30)
    run = await growth.measure(tmp_path, size=40, times=1)
    assert run.acts.keys() == {*ACTS}
    with sqlite3.connect(tmp_path / "trellis.db") as connection:
        assert connection.execute("SELECT count(*) FROM members").fetchone()[0] > 40
        assert connection.execute("SELECT count(*) FROM kudos").fetchone()[0] > 400
        connection.execute("CREATE TABLE grown AS SELECT * FROM kudos")
    run.acts["/me"].counts[0].asked["SELECT grown.id FROM grown WHERE grown.reason = ?"] = ("x",)
    found = growth.bad_plans(tmp_path / "trellis.db", run.acts)
    assert found["SELECT grown.id FROM grown WHERE grown.reason = ?"] == ("/me", "SCAN grown")


@pytest.mark.parametrize("platform,rows", [(FakeDiscord, gateway.rows), (FakeSlack, socket.rows)])
async def test_trellis_is_driven_over_a_loopback_server(
    platform: type[FakeDiscord | FakeSlack], rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"KNOWN": 2, "NEW": 3, "CHATTER": 20, "BURST": 20, "COMMANDS": 4, "CALM": 0}.items():
        monkeypatch.setattr(drive, name, value)
    figures = await drive.measure(platform(), Measured("bot", "run", **quiet()))
    assert figures.first_answer > 0 and figures.idle > 0 and figures.half > 0 and figures.burst > 0
    figures.chatter = figures.command = 1.0  # too little to be measured
    assert all(row.measured for row in rows(figures, figures))


async def test_load_on_both_platforms_is_borne_and_what_is_lost_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "PEOPLE", 5)
    driven = load.Load(Measured("bot", "run", **quiet()))
    try:
        await driven.start()
        borne = await driven.bears(20, 1)
        assert (borne.told, borne.lost, borne.twice) == (20, 0, 0) and borne.answered and len(borne.acknowledged) >= 10
        assert all(row.measured for row in load.rows("load", borne))
        burst = await driven.bears(1000, 0.2)
        assert (burst.told, burst.lost, burst.twice) == (200, 0, 0) and len(burst.acknowledged) >= 100
        monkeypatch.setattr(load, "PATIENCE", 0.5)
        monkeypatch.setattr(FakeDiscord, "use", _in_vain)
        assert (await driven.bears(20, 1, commands=1.0)).lost == 10
        monkeypatch.setattr(load, "STEP", 1.0)
        monkeypatch.setattr(load, "CLOSE", 1.5)
        borne_at, not_borne_at = await driven.ceiling(20)
        assert (borne_at, round(not_borne_at)) == (20, 28), "none of it is borne"
    finally:
        await driven.stop()


async def _in_vain(_: FakeDiscord, author: int, name: str) -> tuple[str, float]:
    """Use a command of which nobody hears."""
    began = time.perf_counter()
    return f"{author} {name} {began}", began


async def test_what_is_done_in_each_community_is_answered_beside_the_noise_of_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'some.db'}"
    rows = await noise.measure(url, number=4, rate=5, seconds=1)
    assert [row.what for row in rows][-1].startswith("others' p99") and float(rows[-1].measured) > 0
    with sqlite3.connect(tmp_path / "some.db") as database:
        kept = dict(database.execute("SELECT community_id, COUNT(*) FROM ideas GROUP BY community_id").fetchall())
    told = [int(row.measured.rpartition(" of ")[2]) for row in rows[:-1]]
    assert len(kept) == 4 and sum(kept.values()) == sum(told) + 4


@pytest.mark.soak
async def test_all_are_reminded_on_both_platforms() -> None:
    rows = await reminders.all_ways(9)
    assert [row.what for row in rows][::2] == ["Discord, in channels", "Slack, in channels"]
    assert all(row.measured.startswith("9 of 9 after ") for row in rows)
