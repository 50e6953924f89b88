"""What an operations team asks of Trellis, and the tests that answer: `python -m tests.reliability` runs them.

It writes docs/reliability.md from tests/reliability.tsv: a row has the id of what is asked, the promise, the tests that
show it, and what they leave open.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "tests/reliability.tsv"
PAGE = ROOT / "docs/reliability.md"
HEAD = """# Reliability

What an operations team asks of a bot that a company relies on, and what shows that Trellis does it. This page is
written by `.venv/bin/python -m tests.reliability`, which runs the tests of each row; `make test` runs them too.
Platforms are loopback servers that keep to the documented limits and break them as the real ones do; processes are
killed for real; databases are real. Nothing here was tried on a live Discord or Slack.

| | what is asked | shown by | open |
| --- | --- | --- | --- |
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is asked."""

    id: str
    promise: str
    tests: tuple[str, ...]
    gap: str

    def covers(self, test: str) -> bool:
        """Say whether a test, by its node id without parameters, is one of this row's."""
        return any(test == one or test.startswith((f"{one}::", f"{one}/")) for one in self.tests)


def rows() -> Iterator[Row]:
    """Return the table's rows."""
    for line in TABLE.read_text("utf-8").splitlines()[1:]:
        id_, promise, tests, gap = line.split("\t")
        yield Row(id_, promise, tuple(tests.split()), gap)


def outcomes(report: Path) -> Mapping[str, list[bool]]:
    """Return of each test in a report, by its node id, which of its tellings passed; skipped ones are left out."""
    found: dict[str, list[bool]] = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - our own
        if case.find("skipped") is not None:
            continue
        test = f"{_file(case.get('classname', ''))}::{case.get('name', '').partition('[')[0]}"
        passed = case.find("failure") is None and case.find("error") is None
        found.setdefault(test, []).append(passed)
    return found


def _file(dotted: str) -> str:
    """Return the file of a test, given as a module, or as a class of one: a state machine's."""
    path = Path(dotted.replace(".", "/") + ".py")
    while not (ROOT / path).exists() and len(path.parts) > 1:
        path = path.parent.with_suffix(".py")
    return path.as_posix()


def drawn(row: Row, found: Mapping[str, list[bool]]) -> str:
    """Return a row of the page."""
    results = [passed for test, told in found.items() if row.covers(test) for passed in told]
    shown = f"{sum(results)} of {len(results)} pass" if results else "nothing yet"
    where = ", ".join(f"`{test.removeprefix('tests/')}`" for test in row.tests)
    return f"| {row.id} | {row.promise} | {': '.join(filter(None, (shown, where)))} | {row.gap} |"


def main() -> int:
    """Run all tests of the table, or read the report of a run (pytest's `--junitxml`) that is named; write the page."""
    table = [*rows()]
    if len(sys.argv) > 1:
        return write(table, outcomes(Path(sys.argv[1])))
    tests = sorted({test for row in table for test in row.tests})
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        run = [sys.executable, "-m", "pytest", "-q", "-n2", f"--junitxml={report}", *tests]
        code = subprocess.run(run, cwd=ROOT, check=False).returncode
        return write(table, outcomes(report)) or code


def write(table: Iterable[Row], found: Mapping[str, list[bool]]) -> int:
    """Write the page, and return 0."""
    PAGE.write_text(HEAD + "".join(f"{drawn(row, found)}\n" for row in table), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
