"""What Trellis says, and the test that shows it: the table `promises.tsv`, which is never without a sentence of ours.

Each message has one row, of three kinds:

- `shown`: somebody reads it in this test. `make promises` finds these rows by itself.
- `kept`: it promises something, and in this test that happens. Such a row is written by hand.
- `is`: it says what is, and promises nothing that could fail to happen. By hand too.

A message whose words promise (`promising`) has to be `kept`, or looked at by somebody who says that it only `is`.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.words import Reading, readings

ROOT = Path(__file__).parent.parent
TABLE = ROOT / "tests" / "promises.tsv"
HEAD = "message\thow\ttest\n"
KINDS = ("shown", "kept", "is")
_PROMISE = re.compile(
    r"\b(will|won't|shall|going to|counts?|is counted|nobody (?:else )?(?:sees|reads|is|learns)|no one|only you|"
    r"remind\w*|undo|until|within|at once|never|always|daily|is told|are told|hear|as soon as|tomorrow|later|"
    r"is kept|are kept|for good|not be|again (?:in|on|at)|I (?:ask|tell|remind|look|close|keep|try|post)|"
    r"I (?:go on|introduce)|from now on|comes? back|stays?|keep your|is published|is sent|only seen|any time)\b",
    re.IGNORECASE,
)
"""Words with which sentences speak of what comes, or of what never does."""
_SENTENCE = re.compile(r"[.!?…]\s|[.!…]$")


@dataclass(frozen=True, slots=True)
class Row:
    """How one message is shown: by which test, `file::function`, if by any."""

    how: str
    test: str = ""


def read(table: Path = TABLE) -> dict[str, Row]:
    """Return the rows by their message, as `name_of` writes it."""
    lines = table.read_text("utf-8").removeprefix(HEAD).splitlines() if table.exists() else []
    return {message: Row(how, test) for message, how, test in (line.split("\t") for line in lines)}


def write(rows: Mapping[str, Row], table: Path = TABLE) -> None:
    """Write the rows in order, so that what did not change stays where it is."""
    lines = (f"{message}\t{row.how}\t{row.test}\n" for message, row in sorted(rows.items()))
    table.write_text(HEAD + "".join(lines), "utf-8")


def name_of(words: str) -> str:
    """Return how a message stands in the table: on one line. Of one with a number, `words` are the singular."""
    return words.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def messages(found: Iterable[Reading] | None = None) -> set[str]:
    """Return every message there is in the code, by its name in the table."""
    every = (message.id for reading in found or readings() for message in reading.messages)
    return {name_of(words if isinstance(words, str) else words[0]) for words in every}


def promising(message: str) -> bool:
    """Say whether a message may promise something, judged by its words alone: labels never do."""
    return bool(_SENTENCE.search(message) and _PROMISE.search(message))


@cache
def tests_of(file: str) -> frozenset[str]:
    """Return the names of the tests in a file."""
    path = ROOT / file
    tree = ast.parse(path.read_text("utf-8")) if path.exists() else ast.Module([], [])
    functions = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(name for name in functions if name.startswith("test_"))


def exists(test: str) -> bool:
    """Say whether there is a test of that name."""
    file, _, name = test.partition("::")
    return name in tests_of(file)


def problems(rows: Mapping[str, Row], said: Iterable[str]) -> list[str]:
    """Say what is wrong with the rows, if anything."""
    said = {*said}
    found = [f"No row: {message}" for message in sorted(said - rows.keys())]
    for message, row in sorted(rows.items()):
        if message not in said:
            found.append(f"Nothing says this any more: {message}")
        elif row.how not in KINDS or (row.how == "is") is bool(row.test):
            found.append(f"Not filled in: {message}")
        elif row.test and not exists(row.test):
            found.append(f"There's no test {row.test}: {message}")
        elif row.how == "shown" and promising(message):
            found.append(f"This promises something. Which test shows that it happens? {message}")
    return found


def pieces(template: str) -> list[str]:
    """Return what stands between the gaps of a sentence."""
    return [literal for literal, *_ in string.Formatter().parse(template) if literal.strip()]
