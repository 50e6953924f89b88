"""How long an import takes, and how much memory: an export is made up, imported by `trellis import`, and undone.

    python -m benchmarks.history                     50,000 messages, on SQLite in a temporary folder
    python -m benchmarks.history --messages 1000000
    python -m benchmarks.history --database postgresql://...    whose user must be allowed to make tables

Half of the messages stand in threads of five, of which one in three begins with a question, and is answered; the rest
is talk. What it takes is reckoned up to a million messages, for which the goal is: what does not grow, the start, is
taken for growing too.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .report import Row, print_table

MILLION, MINUTES, MEGABYTES = 1_000_000, 10, 300
PEOPLE, CHANNELS, A_DAY = 2_000, 40, 250
START = 1_577_836_800
"""The beginning of 2020."""
WORDS = """
webhook deploy server invoice export secret token region backup cluster index cache queue timeout proxy gateway schema
column database branch release image container volume network certificate domain record policy role group channel
""".split()


def said(at: float, rng: random.Random, text: str, **more: Any) -> dict[str, Any]:
    """Make up a message."""
    return {"type": "message", "user": f"U{rng.randrange(PEOPLE)}", "text": text, "ts": f"{at:.6f}", **more}


def talk(rng: random.Random, length: int) -> str:
    """Make up some words."""
    return " ".join(rng.choice(WORDS) for _ in range(length)).capitalize() + "."


def thread(at: float, rng: random.Random) -> Iterator[dict[str, Any]]:
    """Make up a thread of five messages."""
    root = f"{at:.6f}"
    asks = rng.random() < 1 / 3
    about = " and ".join(rng.sample(WORDS, 3))
    first = said(at, rng, f"How do I mend the {about}?" if asks else talk(rng, 12), thread_ts=root, reply_count=4)
    yield first
    for number in range(3):
        yield said(at + 60 * (number + 1), rng, f"You can change the {talk(rng, 20)}", thread_ts=root)
    yield said(at + 300, rng, "Thank you, that works!", thread_ts=root) | {"user": first["user"]}


def make(path: Path, messages: int, rng: random.Random) -> None:
    """Write an export."""
    users = [{"id": f"U{n}", "team_id": "T1", "name": f"person{n}", "tz": "Europe/Berlin"} for n in range(PEOPLE)]
    channels = [{"id": f"C{n}", "name": f"channel-{n}"} for n in range(CHANNELS)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as export:
        export.writestr("users.json", json.dumps(users))
        export.writestr("channels.json", json.dumps(channels))
        for number in range(0, messages, A_DAY):
            day, channel = divmod(number // A_DAY, CHANNELS)
            begins, rows = START + day * 86_400.0, list[dict[str, Any]]()
            while len(rows) < min(A_DAY, messages - number):
                at = begins + len(rows) * 300
                rows += thread(at, rng) if rng.random() < 1 / 6 else [said(at, rng, talk(rng, 10))]
            export.writestr(f"channel-{channel}/{day:05}.json", json.dumps(rows[: messages - number]))


def run(database: str, log: Path, *asked: str) -> tuple[float, float, float, str]:
    """Run `trellis import`; return the seconds it took, those of CPU, the megabytes at its height, and what it said."""
    words = [sys.executable, "-m", "bot", "import", *asked]
    settings = {**os.environ, "DATABASE_URL": database, "PYTHONPATH": str(Path(__file__).parents[1])}
    output = [(os.POSIX_SPAWN_OPEN, number, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) for number in (1, 2)]
    began = time.perf_counter()
    child = os.posix_spawn(sys.executable, words, settings, file_actions=output)
    _, status, used = os.wait4(child, 0)
    taken = time.perf_counter() - began
    if status:
        raise SystemExit(log.read_text("utf-8"))
    return taken, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, log.read_text("utf-8")


def main() -> None:
    """Measure, and print the table."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--messages", type=int, default=50_000)
    reader.add_argument("--database", default="")
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="trellis-history-") as folder:
        export = Path(folder) / "export.zip"
        make(export, asked.messages, random.Random(1))
        database = asked.database or f"sqlite:///{folder}/trellis.db"
        taken, cpu, memory, log = run(database, Path(folder) / "import.log", "slack", str(export))
        number = log.split("trellis import undo ")[-1].split("`")[0]  # it says how to take it away again
        undone, undone_cpu, _, _ = run(database, Path(folder) / "undo.log", "undo", number)
    found = next((line for line in log.splitlines() if "questions with an answer" in line), "")
    minutes = taken * MILLION / asked.messages / 60
    print_table(
        f"An import of {asked.messages:,} messages",
        [
            Row("messages a second", f"{asked.messages / taken:,.0f} ({taken:.0f} s; {found})"),
            Row("CPU of a million messages", f"{cpu * MILLION / asked.messages / 60:.1f} minutes"),
            Row("a million messages", f"{minutes:.1f} minutes", f"<= {MINUTES} minutes"),
            Row("memory at its height", f"{memory:.0f} MB", f"<= {MEGABYTES} MB"),
            Row("undoing it", f"{undone:.0f} s ({undone_cpu:.0f} s of CPU)"),
        ],
    )


if __name__ == "__main__":
    main()
