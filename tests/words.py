"""What members read, as the code says it: found by reading the code, to be translated, and held to the rule.

The rule: a sentence of ours is a whole literal inside `say`, `strong` or `count`, a label a literal where it stands or
inside `label`. `python -m tests.words` (`make words`) writes what there is to translate into the catalogues.
"""

from __future__ import annotations

import ast
import io
import string
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po, write_po

from adapters.contract.commands import DESCRIPTION, SHORTCUT
from adapters.contract.forms import DIALOG_TITLE, FIELD_HINT, FIELD_LABEL
from adapters.contract.ui import FIELD_NAME, LABEL, PLACEHOLDER

ROOT = Path(__file__).parent.parent
FOLDERS = (ROOT / "adapters", ROOT / "bot", ROOT / "config")
CATALOGUES = ROOT / "bot" / "text" / "locale"
TEMPLATE = CATALOGUES / "trellis.pot"
DEPTH = 8
"""How far an expression is followed."""
NOTE = "# Translators:"
"""How a comment begins that goes along to translators. It stands right above the words, which may be mere gaps."""

_SENTENCES = {"say", "strong", "label"}
_LABELS: dict[str, dict[str, tuple[int | None, int]]] = {
    "Button": {"label": (0, LABEL)},
    "LinkButton": {"label": (0, LABEL)},
    "Menu": {"placeholder": (0, PLACEHOLDER)},
    "Option": {"label": (0, LABEL)},
    "CardField": {"name": (0, FIELD_NAME)},
    "CardList": {"name": (0, FIELD_NAME)},
    "Field": {"label": (1, FIELD_LABEL), "hint": (4, FIELD_HINT)},
    "Dialog": {"title": (0, DIALOG_TITLE), "submit": (3, DIALOG_TITLE)},
    "ask": {"label": (0, FIELD_LABEL), "hint": (None, FIELD_HINT)},
    "command": {"description": (1, DESCRIPTION), "start": (None, SHORTCUT), "prompt": (None, SHORTCUT)},
    "shortcut": {"name": (0, SHORTCUT)},
}
"""Which arguments are labels: by name, with their position if they have one, and how long they may be."""
_TEXTS: dict[str, dict[str, tuple[int | None, int]]] = {
    "Card": {"title": (0, 0), "body": (1, 0), "footer": (None, 0)},
    "CardField": {"value": (1, 0)},
    "ListItem": {"words": (0, 0)},
    "PagePart": {"lines": (2, 0)},
    "UserError": {"words": (0, 0)},
    "require": {"words": (1, 0)},
    "problem_card": {"words": (0, 0)},
    "text": {"words": (0, 0)},
    "written": {"raw": (0, 0)},
    "Strong": {"text": (0, 0)},
    "Link": {"label": (0, 0)},
    "File": {"words": (2, 0)},
    "join": {"parts": (0, 0)},
    "listing": {"parts": (0, 0)},
}
"""Which arguments are texts: a bare string there is a member's words, so it may not be a literal of ours."""
_OURS = {"say", "strong", "label", "count", "text", "written", "join", "listing"}
"""What is ours only where it comes from `SOURCE`."""
SOURCE = "adapters/contract/text.py"
_VALUES = {"say", "strong", "count", "FormError"}
"""Whose named arguments are all texts."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something to translate: where it stands, how long it may be if that is known, and a note for translators."""

    path: str
    line: int
    id: str | tuple[str, str]
    longest: int = 0
    note: str = ""


class Reading(ast.NodeVisitor):
    """Reads one module: `messages` are what is to be translated, `problems` what cannot be."""

    def __init__(self, path: str, source: str) -> None:
        self.messages: list[Message] = []
        self.problems: list[str] = []
        self._path = path
        self._lines = source.splitlines()
        self._strangers: set[str] = set()
        """Names of things that only happen to be called like ours."""
        self._flows: list[dict[str, list[ast.expr]]] = [{}]
        self.visit(ast.parse(source))

    # What is said

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module != "bot" and (node.module or "").split(".")[-1] != "text":
            self._strangers |= {alias.asname or alias.name for alias in node.names}

    def visit_Call(self, node: ast.Call) -> None:
        name = _name(node.func)
        if name in self._strangers & _OURS:
            name = ""
        if isinstance(node.func, ast.Attribute) and _name(node.func.value) == "cards":
            for given in (*node.args, *(keyword.value for keyword in node.keywords)):
                if not isinstance(given, ast.Constant) or " " in str(given.value):
                    self._no_bare(given)
        if name in _SENTENCES:
            self._say(node, node.args[:1])
        elif name == "count":
            self._count(node)
        elif name == "setting" and _is_live(node):
            for told in (node.args[1], *(keyword.value for keyword in node.keywords if keyword.arg == "more")):
                self._label(told, 0)
        if name in _VALUES:
            for keyword in node.keywords:
                self._no_bare(keyword.value)
        for argument, longest in _given(node, _LABELS.get(name, {})):
            self._label(argument, longest)
        for argument, _ in _given(node, _TEXTS.get(name, {})):
            self._no_bare(argument)
        self.generic_visit(node)

    def _say(self, node: ast.Call, templates: list[ast.expr]) -> None:
        for template in templates:
            for branch in _branches(template):
                if isinstance(branch, ast.Constant) and isinstance(branch.value, str):
                    self._add(branch, branch.value)
                elif self._path != SOURCE:
                    self._object(node, "only a literal can be translated")

    def _count(self, node: ast.Call) -> None:
        one, many = (template.value if isinstance(template, ast.Constant) else None for template in node.args[1:3])
        if isinstance(one, str) and isinstance(many, str):
            self._add(node, (one, many))
        else:
            self._object(node, "only literals can be translated")

    def _label(self, node: ast.expr, longest: int) -> None:
        for branch in _branches(node):
            if isinstance(branch, ast.Constant) and isinstance(branch.value, str):
                self._add(branch, branch.value, longest)
            else:
                self._no_bare(branch)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for keyword in node.keywords:
            if keyword.arg in {"title", "submit"}:
                self._label(keyword.value, DIALOG_TITLE)
        if "Cog" in map(_name, node.bases):
            for statement in node.body:
                self._add_names(statement)
        self.generic_visit(node)  # what a class calls `name` is not what its methods call so

    def _add_names(self, statement: ast.stmt) -> None:
        """Take down what `/help` and `/privacy` show: a cog's room, and the names of what it knows."""
        match statement:
            case ast.Assign(targets=[ast.Name(id="room")], value=ast.Constant(value=str(room)) as node):
                self._add(node, room)
            case ast.AsyncFunctionDef(name="export"):
                for inner in ast.walk(statement):
                    for key in inner.keys if isinstance(inner, ast.Dict) else ():
                        if isinstance(key, ast.Constant) and isinstance(key.value, str):
                            self._add(key, key.value.replace("_", " "))

    def _add(self, node: ast.AST, words: str | tuple[str, str], longest: int = 0) -> None:
        line = getattr(node, "lineno", 1)
        above = self._lines[line - 2].strip() if line > 1 else ""
        note = above.removeprefix(NOTE).strip() if above.startswith(NOTE) else ""
        if note or _says_something(words if isinstance(words, str) else words[0]):
            self.messages.append(Message(self._path, line, words, longest, note))

    # What cannot be translated

    def _no_bare(self, node: ast.expr, depth: int = 0) -> None:
        """Object to words of ours that stand bare, also if they come by way of a variable."""
        if depth > DEPTH or isinstance(node, ast.Compare | ast.Attribute):
            return
        inner: Iterable[ast.AST]
        match node:
            case ast.Constant(value=str(words)) if any(map(str.isalpha, words)) and not words.endswith("://"):
                self._object(node, f"bare words: {words[:50]!r}")
                return
            case ast.JoinedStr(values=parts):
                inner = [part for part in parts if isinstance(part, ast.Constant)]
            case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)):
                inner = next((flow[name] for flow in reversed(self._flows) if name in flow), ())
            case ast.Call(func=called):
                inner = [called.value] if isinstance(called, ast.Attribute) else []
            case ast.GeneratorExp(elt=element) | ast.ListComp(elt=element):
                inner = [element]
            case ast.IfExp(body=yes, orelse=no):
                inner = [yes, no]
            case ast.Dict(values=values):
                inner = values
            case _:
                inner = ast.iter_child_nodes(node)
        for part in inner:
            if isinstance(part, ast.expr):
                self._no_bare(part, depth + 1)

    def _object(self, node: ast.AST, why: str) -> None:
        self.problems.append(f"{self._path}:{getattr(node, 'lineno', 0)}: {why}")

    # What variables hold

    def _within(self, node: ast.AST) -> None:
        flow: dict[str, list[ast.expr]] = {}
        self._flows.append(flow)
        for inner in ast.walk(node):
            for name, value in _assigned(inner):
                flow.setdefault(name, []).append(value)
        self.generic_visit(node)
        self._flows.pop()

    def visit_Module(self, node: ast.Module) -> None:
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef) and self._path != SOURCE:
                self._strangers.add(statement.name)
            for name, value in _assigned(statement):
                self._flows[0].setdefault(name, []).append(value)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if node.returns and _name(node.returns) in {"Words", "Text"}:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value:
                    self._no_bare(inner.value)
        self._within(node)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _branches(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.IfExp(body=yes, orelse=no):
            yield from _branches(yes)
            yield from _branches(no)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _branches(value)
        case _:
            yield node


def _given(node: ast.Call, wanted: dict[str, tuple[int | None, int]]) -> Iterator[tuple[ast.expr, int]]:
    for name, (position, longest) in wanted.items():
        if position is not None and position < len(node.args):
            yield node.args[position], longest
        yield from ((keyword.value, longest) for keyword in node.keywords if keyword.arg == name)


def _is_live(node: ast.Call) -> bool:
    """Say whether a setting is one that admins change, and read about, in the chat and on the dashboard."""
    return any(keyword.arg == "live" for keyword in node.keywords)


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.AugAssign(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[value]):
            yield name, value


def _says_something(words: str) -> bool:
    """Say whether there are words besides the gaps."""
    return any(any(map(str.isalpha, literal)) for literal, *_ in string.Formatter().parse(words))


def gaps(words: str) -> set[str]:
    """Return the names of the gaps in a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


def readings(folders: Iterable[Path] = FOLDERS) -> Iterator[Reading]:
    """Read all the code whose words members read."""
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            yield Reading(path.relative_to(folder.parent).as_posix(), path.read_text("utf-8"))


def template(found: Iterable[Reading]) -> Catalog:
    """Return everything that there is to translate."""
    catalog = Catalog(project="Trellis", fuzzy=False, charset="utf-8")
    catalog.header_comment = "# What Trellis says, written by `make words`. How to translate it: docs/translating.md."
    for reading in found:
        for message in reading.messages:
            notes = [message.note] if message.note else []
            catalog.add(message.id, locations=[(message.path, message.line)], auto_comments=notes)
    return catalog


_PASSING = (
    "Project-Id",
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Last-Translator",
    "Language-Team",
    "Report-Msgid",
    "Generated-By",
)
"""Lines of a catalogue's head that would change each time it is written, or say nothing."""


def written(catalog: Catalog) -> bytes:
    """Return a catalogue as it is kept: the same words always make the same bytes."""
    out = io.BytesIO()
    write_po(out, catalog, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    lines = out.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.lstrip('"').startswith(_PASSING)).encode()


def main() -> None:
    """Look for words in the folder of a cog of one's own that is named, or else in our code."""
    bring_up_to_date(*(Path(folder).resolve() for folder in sys.argv[1:2]))


def bring_up_to_date(cog: Path | None = None) -> None:
    """Write the template anew, and what is new in it into each language; tell what is not translated yet."""
    if cog:
        found, path = [*readings([cog])], cog / "locale" / f"{cog.name}.pot"
        path.parent.mkdir(exist_ok=True)
        sys.stdout.writelines(f"{problem}\n" for reading in found for problem in reading.problems)
    else:
        found, path = [*readings()], TEMPLATE
    everything = template(found)
    path.write_bytes(written(everything))
    _update(path.parent, everything)


def _update(catalogues: Path, found: Catalog) -> None:
    for path in sorted(catalogues.glob("*.po")):
        catalog = read_po(io.BytesIO(path.read_bytes()), locale=path.stem)
        catalog.update(found, no_fuzzy_matching=True)
        path.write_bytes(written(catalog))
        missing = [message for message in catalog if message.id and not is_translated(message)]
        sys.stdout.write(f"{path.name}: {len(catalog)} messages, {len(missing)} to translate\n")
        for message in missing:
            sys.stdout.write(f"  {message.id!r}\n")


def is_translated(entry: Entry) -> bool:
    """Say whether a message of a catalogue is translated in all its forms, and nobody doubts it."""
    forms = [entry.string] if isinstance(entry.string, str) else [*(entry.string or ("",))]
    return all(forms) and not entry.fuzzy


if __name__ == "__main__":
    main()
