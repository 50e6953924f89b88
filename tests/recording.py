"""Finds out which test shows which message, while the tests run: `make promises` puts that into the table.

A message is shown by a test in which somebody of the story can read it, or in which it is said and the test's own code
has its words. Stories are told on the platform in memory alone. What is in the table already stays as it is.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from gettext import GNUTranslations, NullTranslations
from typing import Any

import pytest

from adapters.contract.forms import Dialog
from tests import doors, promises
from tests.story import Asked, Person, Seen

LONG = 8
"""How many characters of a sentence have to stand in a test."""


class Recorder:
    """What one test has said and shown, and by which tests each message was shown so far."""

    def __init__(self) -> None:
        self.said: dict[str, set[str]] = {}
        """By the English of each message, how it was said."""
        self.seen: set[str] = set()
        self.found: dict[str, list[tuple[int, int, str]]] = {}
        """By message: how weak the evidence is, how much else the test says, and the test."""

    def take_down(self, item: pytest.Function) -> None:
        """Judge what a test that passed has shown."""
        test = f"{item.location[0]}::{item.function.__name__}"
        constants = _constants(item)
        for message, forms in self.said.items():
            if any(_stands_in(form, constants) for form in forms):
                weak = 0
            elif any(_is_shown(form, block) for form in forms for block in self.seen):
                weak = 1
            else:
                continue
            self.found.setdefault(promises.name_of(message), []).append((weak, len(self.said), test))

    def begin(self) -> None:
        self.said, self.seen = {}, set()

    def show(self, *blocks: str) -> None:
        self.seen.update(blocks)


def _constants(item: pytest.Function) -> list[str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(item.function)))
    return [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _stands_in(form: str, constants: list[str]) -> bool:
    parts = promises.pieces(form)
    long = [part.strip() for part in parts if len(part.strip()) >= LONG or part == form]
    return any(
        part in constant or (len(constant) >= LONG and constant in part) for constant in constants for part in long
    )


def _is_shown(form: str, block: str) -> bool:
    end, parts = 0, promises.pieces(form)
    for part in parts:
        end = block.find(part, end) + len(part)
        if end < len(part):
            return False
    return bool(parts)


recorder = Recorder()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave stories to the platform in memory, and one telling of each test to its first parameters."""
    items[:] = [item for item in items if _kit(item) in (None, "memory")]


def _kit(item: pytest.Item) -> object:
    return item.callspec.params.get("kit") if isinstance(item, pytest.Function) and hasattr(item, "callspec") else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    recorder.begin()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    result = yield
    if isinstance(item, pytest.Function):
        recorder.take_down(item)
    return result


def pytest_sessionstart() -> None:
    """Listen to what is put into words, and to what people of a story are shown."""
    for kind in (NullTranslations, GNUTranslations):
        _listen(kind, "gettext")
        _listen(kind, "ngettext")
    _watch_people()


def _listen(kind: type, name: str) -> None:
    usual = getattr(kind, name)

    def said(self: NullTranslations, *words: Any) -> str:
        form: str = usual(self, *words)
        recorder.said.setdefault(words[0], set()).add(form)
        return form

    setattr(kind, name, said)


def _watch_people() -> None:
    sees, page, asked = Person.sees, Person.opens_page, doors.asked_of

    async def watched(self: Person, channel: str | None = None) -> list[Seen]:
        found = await sees(self, channel)
        for seen in found:
            _show(seen)
        return found

    async def opened(self: Person) -> Seen:
        _show(seen := await page(self))
        return seen

    def form(dialog: Dialog) -> Asked:
        for field in dialog.fields:
            recorder.show(field.label, field.hint, field.error, *(choice.label for choice in field.choices))
        recorder.show(dialog.title, dialog.submit, dialog.problem)
        return asked(dialog)

    Person.sees, Person.opens_page, doors.asked_of = watched, opened, form  # type: ignore[method-assign]


def _show(seen: Seen) -> None:
    recorder.show(seen.words, seen.alt, *seen.controls, *seen.links, *seen.options, *seen.fields)


def pytest_sessionfinish() -> None:
    """Write what was found into the table: a row for each message, empty where nothing shows it."""
    said, rows = promises.messages(), promises.read()
    for message in said:
        row = rows.get(message)
        if row and row.how != "shown" and (row.how == "is" or row.test):
            continue
        found = sorted(recorder.found.get(message, []))
        if row and row.test and promises.exists(row.test):
            continue
        rows[message] = promises.Row("shown", found[0][2] if found else "")
    promises.write({message: rows[message] for message in said})
