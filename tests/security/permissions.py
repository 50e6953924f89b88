"""The table of who may do what, and the page of the docs that is made of it: `python -m tests.security.permissions`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.bootstrap import build_application
from bot.clock import SystemClock
from bot.kernel.actions import CommandAction, ShortcutAction
from bot.kernel.registry import Bound, Registry
from config.settings import Settings
from storage.database import Database

HERE = Path(__file__).parent
TABLE, PAGE = HERE / "permissions.tsv", HERE.parents[1] / "docs" / "permissions.md"
WHO = ("outsider", "gated", "member", "author", "agent", "moderator", "admin")
"""The kinds of people of a community. Those of another one have no row: they may nothing with what is not theirs."""

_HEAD = """# Who may do what

Everything that somebody can set off: by a command, an entry in a menu, a button, a menu or a form. A
[test](../tests/security/test_matrix.py) has each kind of person try each of them, with numbers of what is theirs,
somebody else's, another community's and nobody's, and compares with this page what is done, said and shown. It is made
of [a table](../tests/security/permissions.tsv) by `python -m tests.security.permissions`.

| in the table | is |
| --- | --- |
| outsider | a [guest](configuration.md#roles), or someone of another workspace that shares a channel |
| gated | a newcomer who has not been let in at the [gate](onboarding.md#a-gate) |
| member | a member whom it does not concern |
| author | the member who asked, hosts, suggested or gave what it is about |
| agent, moderator, admin | who has that [role](configuration.md#roles), and whom it does not concern |

Where nobody is marked, it is for whom it concerns in another way, such as who was asked to help. Members of another
community may nothing with what is not of theirs, whatever rights they have there. What the clock sets off, such as
reminders, nobody can.

"""


def read() -> dict[str, frozenset[str]]:
    """Return who may set off each action."""
    rows = (line.split("\t") for line in TABLE.read_text().splitlines())
    return {name: frozenset(who.split(", ")) - {""} for name, who in rows}


def written(may: Mapping[str, frozenset[str]]) -> str:
    """Return the table as it is in its file."""
    rows = (f"{name}\t{', '.join(one for one in WHO if one in who)}" for name, who in sorted(may.items()))
    return "".join(f"{row}\n" for row in rows)


def page(registry: Registry, may: Mapping[str, frozenset[str]]) -> str:
    """Return the page, room by room."""
    rooms: dict[str, list[str]] = {}
    for name, who in may.items():
        bound = registry.actions[name]
        marks = " | ".join("yes" if one in who else "" for one in WHO)
        rooms.setdefault(bound.cog.room, []).append(f"| {_shown(bound)} | {marks} |")
    head = f"| what | {' | '.join(WHO)} |\n|{' --- |' * (len(WHO) + 1)}\n"
    return _HEAD + "\n\n".join(f"## {room}\n\n{head}" + "\n".join(rooms[room]) for room in sorted(rooms)) + "\n"


def _shown(bound: Bound) -> str:
    """Return what a reader knows an action by: the command, the entry of a menu, or what it does."""
    action = bound.action
    if isinstance(action, CommandAction):
        return f"`/{action.command}`"
    if isinstance(action, ShortcutAction):
        return f"*{action.shortcut}*"
    does = " ".join((action.__doc__ or "").split("\n\n")[0].split()).rstrip(".")
    return f"`{action.full_name}`: {does}" if does else f"`{action.full_name}`"


def main() -> None:
    """Write the page."""
    app = build_application(Settings.model_validate({}), Database("sqlite:///unused.db"), [], SystemClock())
    PAGE.write_text(page(app.router._registry, read()))


if __name__ == "__main__":
    main()
