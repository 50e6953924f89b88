"""The same acts with little and with much in the database: nothing may grow with what is stored.

    python -m benchmarks.growth [--rows 100000] [--times 10]

`--rows` is the number of members; there are twice as many questions, ten times as many votes and thanks, and a waiting
job for each member. They are copies of a few real rows, made by SQL. Of each statement that the acts used, the plan is
looked at, too: none may walk through a table that grows, and none may find many more rows than are shown, or
take long for other reasons.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage.search.tokens import tokens

from .report import Row, print_table
from .stage import ACTS, Act, Environment, Stage

FEW = 100
LARGE = 1000
"""From how many rows on a table is one that grows."""
PAGE = 200
"""How many rows a statement may find: those that are shown, or the candidates among whom somebody is chosen."""
STEPS = 50_000
"""How many instructions of SQLite's machine a statement may take: some milliseconds."""
QUIET = 0.05
"""Of a second, how much CPU this process takes at most while nothing is done."""


@dataclass(slots=True)
class Run:
    """What was counted at one size, and the plans that do not hold at it."""

    acts: dict[str, Act] = field(default_factory=dict)
    bad_plans: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By statement: for which act it was asked, and what is wrong."""


async def seed(there: Stage) -> None:
    """Have something of each kind done once, for the copies to be copies of."""
    story = there.story
    noah, sofia = story.person("noah"), story.person("sofia")
    for _ in range(3):
        question = there.question()
        await sofia.uses("/ask", "help", question=question)
        card = await noah.reads(question, "help")
        await noah.says("Under the old oak, every second day.", story.thread(card))
        await sofia.presses("Mark as solved", on=await sofia.reads(question, "help"))
        await sofia.uses("/thanks", member="@noah", reason="for the seeds")
    await sofia.uses("/idea add", title="A second greenhouse")
    await sofia.uses("/poll create", question="Which day?", options="Monday, Tuesday")
    await sofia.presses("Post it")
    poll = (await noah.sees("general"))[-1]
    await noah.presses("Monday", on=poll)
    await story.passes(minutes=1)


def fill(path: Path, size: int) -> None:
    """Copy what is there until there are so many members, and so on."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    (newest,) = connection.execute("SELECT max(id) FROM members").fetchone()
    member, other = f"{newest} + 1 + n % {size}", f"{newest} + 1 + (n * 7 + 1) % {size}"
    named = "'c' || n"
    ago = "strftime('%Y-%m-%d %H:%M:%f000', '2026-03-02 09:00', '-' || (n % 500000) || ' minutes')"
    copy = _Copies(connection)
    copy("members", size, id=f"{newest} + 1 + n", name=f"upper({named})", folded_name=named, last_active_at=ago)
    copy("accounts", size, key=f"'memory/home/' || {named}", member_id=member, name=f"upper({named})")
    words = "'How do I ' || substr('grow  water repot store', 1 + n % 4 * 6, 5) || ' the plant of day ' || n || '?'"
    questions = connection.execute("SELECT max(id), max(number) FROM questions").fetchone()
    id_, number = f"{questions[0]} + 1 + n", f"{questions[1]} + 1000 + n"
    people = {"asker_id": member, "solver_id": other, "helper_id": other}
    copy(
        "questions", 2 * size, id=id_, number=number, origin="NULL", title=words, asked_at=ago, solved_at=ago, **people
    )
    verb, *others, _ = tokens("store the plant of day 1")
    same = "".join(f'"{term}":4,' for term in others)
    stems = " ".join(f"WHEN {n} THEN '{tokens(word)[0]}'" for n, word in enumerate(("grow", "water", "repot")))
    terms = f"""'{{{same}"' || CASE n % 4 {stems} ELSE '{verb}' END || '":4,"' || n || '":4}}'"""
    copy("documents", 2 * size, id="NULL", subject_id=id_, title=words, at=ago, terms=terms, version="n + 1000000")
    copy("replies", 2 * size, id="NULL", message="'memory/home/t' || n || '/' || n", question_id=id_, member_id=other)
    copy("kudos", 10 * size, id="NULL", source="'copy/' || n", giver_id=member, receiver_id=other, at=ago)
    polls = connection.execute("SELECT max(id), max(number) FROM polls").fetchone()
    copy("polls", 10, id=f"{polls[0]} + 1 + n", number=f"{polls[1]} + 1000 + n", series_id="NULL")
    copy("poll_votes", 10 * size, id="NULL", poll_id=f"{polls[0]} + 1 + n / {size}", member_id=member)
    later = "strftime('%Y-%m-%d %H:%M:%f000', '2026-05-01', '+' || n || ' minutes')"
    copy("jobs", size, id="NULL", key="'copy/' || n", due_at=later, call="'events.remind:0'")
    connection.execute("UPDATE counters SET value = value + 10000000")
    connection.commit()
    connection.close()


class _Copies:
    """Copies the newest row of a table; of each copy, `n` is the number, from 0."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __call__(self, table: str, times: int, **changed: str) -> None:
        columns = [row[1] for row in self._connection.execute(f"PRAGMA table_info({table})")]
        if missing := changed.keys() - set(columns):
            raise ValueError(f"{table} has no {sorted(missing)}: the tables have changed, and so must this")
        values = ", ".join(changed.get(name, f'row."{name}"') for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        self._connection.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {times}) "
            f"INSERT INTO {table} ({names}) SELECT {values} FROM numbers, "
            f"(SELECT * FROM {table} ORDER BY rowid DESC LIMIT 1) AS row"
        )


def bad_plans(path: Path, acts: Mapping[str, Act]) -> dict[str, tuple[str, str]]:
    """Return the statements that walk through a table that grows, find too many rows, or take too many steps."""
    connection = sqlite3.connect(path)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    large = {table for table in tables if connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] > LARGE}
    found: dict[str, tuple[str, str]] = {}
    for name, act in acts.items():
        for statement, parameters in act.asked.items():
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            wrong = [line for line in plan if _walks(line) and _table_in(line, statement) in large]
            if (rows := _rows(connection, statement, parameters)) > PAGE:
                wrong.append(f"{rows} rows{', sorted' if any('ORDER BY' in line for line in plan) else ''}")
            if (steps := _steps(connection, statement, parameters)) > STEPS:
                wrong.append(f"{steps:,} steps")
            if wrong:
                found.setdefault(statement, (name, "; ".join(wrong)))
    connection.close()
    return found


def _walks(line: str) -> bool:
    """Say whether a line of a plan reads a whole table or index. A full-text search is a SCAN, too, by its name."""
    return line.startswith("SCAN ") and "VIRTUAL TABLE INDEX" not in line


def _steps(connection: sqlite3.Connection, statement: str, parameters: Sequence[Any]) -> int:
    """Return how many instructions SQLite takes for a statement, to the thousand. What it changed is undone."""
    steps = 0

    def thousand_more() -> None:
        nonlocal steps
        steps += 1000

    connection.set_progress_handler(thousand_more, 1000)
    try:
        connection.execute(statement, parameters).fetchall()
    except sqlite3.IntegrityError:  # it was done already
        pass
    finally:
        connection.set_progress_handler(None, 0)
        connection.rollback()
    return steps


def _rows(connection: sqlite3.Connection, statement: str, parameters: Sequence[Any]) -> int:
    """Return how many rows a SELECT finds, whether or not its page is full before that."""
    if not statement.startswith("SELECT"):
        return 0
    for page in ("LIMIT ? OFFSET ?", "LIMIT ?"):
        if statement.rstrip().endswith(page):
            statement, parameters = statement.rstrip().removesuffix(page), parameters[: -page.count("?")]
    return int(connection.execute(f"SELECT count(*) FROM ({statement})", parameters).fetchone()[0])


def _table_in(line: str, statement: str) -> str:
    """Return the table that a line of a plan is about; SQLite names it as the statement does."""
    name = line.split()[1]
    for alias in (f" AS {name}", f' AS "{name}"'):
        before, found, _ = statement.partition(alias)
        if found:
            return before.split()[-1].strip('"')
    return name


async def measure(folder: Path, size: int, times: int) -> Run:
    """Return what the acts take in a database of that size."""
    environment, run = Environment(folder, size), Run()
    async with environment.stage() as there:
        await seed(there)
    await asyncio.to_thread(fill, environment.database, size)
    async with environment.stage() as there:
        await _quiet()
        for name in ACTS:
            run.acts[name] = await there.act(name, times)
    run.bad_plans = bad_plans(environment.database, run.acts)
    return run


async def _quiet() -> None:
    """Wait until what is read beside the event loop after a start is read: it is no part of an act."""
    used = 0.0
    while (now := time.process_time()) - used > QUIET:
        used = now
        await asyncio.sleep(1)


def rows(few: Run, many: Run) -> list[Row]:
    """Return the table: how much more each act takes."""
    table = []
    for name in ACTS:
        small, large = few.acts[name], many.acts[name]
        cpu = [act.mean(lambda count: count.cpu) for act in (small, large)]
        statements = [act.mean(lambda count: count.statements) for act in (small, large)]
        measured = f"{cpu[1] / cpu[0]:.1f} ({statements[0]:.0f} and {statements[1]:.0f} statements)"
        table.append(Row(name, measured, "<= 1.5"))
    table.append(Row("statements that walk, find too much or take long", str(len(many.bad_plans)), "0"))
    return table


def main() -> None:
    """Measure, and print the table and the plans that do not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="how many members there are, when there are many")
    parser.add_argument("--times", type=int, default=10, help="how often each act is counted")
    options = parser.parse_args()
    runs = []
    for size in (FEW, options.rows):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(asyncio.run(measure(Path(folder), size, options.times)))
    few, many = runs
    print_table(f"Growth: CPU at {options.rows:,} members against {FEW}", rows(few, many))
    for statement, (name, wrong) in many.bad_plans.items():
        print(f"\n{name}: {wrong}\n  {' '.join(statement.split())[:400]}")


if __name__ == "__main__":
    main()
