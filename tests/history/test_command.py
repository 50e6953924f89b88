"""`trellis import` as an admin types it, in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import launching

from .exports import QUESTION, discord_file, discord_said, slack_said, slack_thread, slack_zip, ts
from .test_discord import reply

Run = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).parents[2]
TABLES = ("members", "accounts", "questions", "replies", "documents", "import_people", "presence_hours", "kudos")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TRELLIS", "SLACK", "DISCORD"))}
    return kept | {"DATABASE_URL": f"sqlite:///{tmp_path}/t.db", "PYTHONPATH": str(ROOT), "COLUMNS": "200"}


@pytest.fixture
def trellis(environment: dict[str, str], tmp_path: Path) -> Run:
    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return launching.run("import", *map(str, words), folder=tmp_path, environment=environment, timeout=120)

    return run


def rows(tmp_path: Path) -> dict[str, list[str]]:
    """Return what stands in the tables that an import writes."""
    with sqlite3.connect(tmp_path / "t.db") as database:
        lines = [*database.iterdump()]
    return {table: sorted(line for line in lines if line.startswith(f'INSERT INTO "{table}"')) for table in TABLES}


def many(path: Path, count: int) -> Path:
    talk = [said for number in range(count) for said in slack_thread(number * 60, f"How do I mend part {number}?")]
    return slack_zip(path, {f"help/2024-03-{day + 1:02}.json": talk[day * 30 : day * 30 + 30] for day in range(28)})


def test_it_says_what_would_come_of_it_and_keeps_nothing(trellis: Run, tmp_path: Path) -> None:
    said = trellis("slack", slack_zip(tmp_path / "x.zip", dms=[{"id": "D1"}]), "--dry-run")
    assert said.returncode == 0, said.stderr
    lines = said.stdout.splitlines()
    assert lines[0] == "3 messages of 2 people on 1 days"
    assert lines[1] == "1 questions with an answer, 1 of them solved"
    assert "Refused, because not everyone could read them: 1 direct conversations" in lines
    assert any(QUESTION in line for line in lines)
    assert trellis("list").returncode != 0, "there are no tables yet"


def test_it_is_imported_listed_and_undone(trellis: Run, tmp_path: Path) -> None:
    export = slack_zip(tmp_path / "x.zip")
    assert "1 questions (1 solved), 1 answers and 2 people are new" in trellis("slack", export).stdout
    assert re.search(r"^1  .* slack/T1  x\.zip: 1 questions, 1 solved, of 3 messages$", trellis("list").stdout, re.M)
    assert "there is nothing to do" in trellis("slack", export).stdout
    assert "1 questions and 2 people are gone" in trellis("undo", "1").stdout
    assert trellis("list").stdout == "Nothing was imported.\n"
    assert trellis("undo", "1").returncode == 1
    left = rows(tmp_path)
    assert not any(left[table] for table in TABLES if table != "documents")


def test_what_a_later_import_left_out_it_brings_once_the_earlier_one_is_undone(trellis: Run, tmp_path: Path) -> None:
    export = slack_zip(tmp_path / "x.zip")
    trellis("slack", export)
    assert "1 questions were here already." in trellis("slack", export, "--credit").stdout
    trellis("undo", "1")
    assert "not finished: run the import again to go on, or undo it" in trellis("list").stdout
    assert "1 questions (1 solved), 1 answers" in trellis("slack", export, "--credit").stdout
    assert "slack/T1  x.zip: 1 questions, 1 solved, of 3 messages" in trellis("list").stdout


def test_a_dry_run_knows_the_threads_that_an_earlier_export_began(trellis: Run, tmp_path: Path) -> None:
    trellis("slack", slack_zip(tmp_path / "a.zip", {"help/2024-03-04.json": slack_thread(thanks="")}))
    later = [slack_said(20, "U1", "Thank you, that works!", thread_ts=ts(0))]
    export = slack_zip(tmp_path / "b.zip", {"help/2024-03-05.json": later})
    assert "1 questions with an answer, 1 of them solved" in trellis("slack", export, "--dry-run").stdout
    assert "(1 solved), 0 answers" in trellis("slack", export).stdout


def test_an_export_of_a_place_where_trellis_is_not_asks_where_it_belongs(trellis: Run, tmp_path: Path) -> None:
    trellis("slack", slack_zip(tmp_path / "x.zip"))
    discord_file(tmp_path / "d", [discord_said(0, "mia", QUESTION), reply(5, "noah", "Press Rotate in Settings.", 0)])
    asked = trellis("discord", tmp_path / "d")
    assert asked.returncode == 1 and "--community" in asked.stderr and "slack/T1" in asked.stderr
    assert "1 questions" in trellis("discord", tmp_path / "d", "--community", "slack/T1").stdout
    assert trellis("undo", "2").returncode == 0


@pytest.mark.parametrize("words", [("slack", "none.zip"), ("discord", "."), ("slack", "x.zip", "--space", "discord/1")])
def test_what_cannot_be_read_is_said_in_one_line(trellis: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    slack_zip(tmp_path / "x.zip")
    said = trellis(*words)
    assert said.returncode and said.stderr.startswith("✗ ") and "Traceback" not in said.stderr


def test_a_channel_that_is_not_there_is_said_with_those_that_are(trellis: Run, tmp_path: Path) -> None:
    """And nothing is kept."""
    said = trellis("slack", slack_zip(tmp_path / "x.zip"), "--channel", "#hlep")
    assert said.returncode and "It has no channel '#hlep' that everyone could read. There is: help" in said.stderr
    assert not [*tmp_path.glob("t.db*")]


def test_killed_at_any_moment_it_goes_on_to_the_same_rows(
    trellis: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    export = many(tmp_path / "x.zip", 280)
    words = ("import", "slack", str(export))
    assert trellis("slack", export).returncode == 0
    whole = rows(tmp_path)
    for file in tmp_path.glob("t.db*"):
        file.unlink()
    killed = 0
    for at_least in (1, 90, 200):
        process = launching.Launched(words, tmp_path, environment, tmp_path / "log", tmp_path / "log")
        while process.poll() is None and _questions(tmp_path) < at_least:
            time.sleep(0.01)
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert killed
    last = trellis("slack", export)
    assert last.returncode == 0, last.stderr
    assert rows(tmp_path) == whole


def _questions(tmp_path: Path) -> int:
    try:
        with sqlite3.connect(f"file:{tmp_path}/t.db?mode=ro", uri=True) as database:
            return int(database.execute("SELECT count(*) FROM questions").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
