"""Offers Trellis's commands and shortcuts to Discord, and says what Trellis has to be allowed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import urlencode

import regex

from adapters.contract.commands import Command, Role, Shortcut
from adapters.contract.forms import Field, Kind
from adapters.contract.text import clip

from . import limits

JSON: TypeAlias = dict[str, Any]

_CHAT, _MESSAGE = 1, 3
_SUBCOMMAND = 1
_TYPES = {Kind.INTEGER: 4, Kind.BOOLEAN: 5, Kind.MEMBER: 6, Kind.CHANNEL: 7}
_STRING = 3
_IN_GUILD = 0
_RIGHTS = {Role.MODERATOR: 1 << 13, Role.ADMIN: 1 << 5}
"""Whom Discord shows a command: moderators are who may manage messages, admins who may manage the server. Agents are
known to our settings alone, so nothing is hidden from anyone for them."""
_NAME = regex.compile(r"[-_\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}")

PERMISSIONS: Mapping[str, tuple[int, str]] = {
    "View Channels": (1 << 10, "to see the channels it works in"),
    "Send Messages": (1 << 11, "to post questions, events and the like, and to open posts in forums"),
    "Embed Links": (1 << 14, "because every card that it shows is an embed; without it cards arrive empty"),
    "Read Message History": (1 << 16, "to look up a message that a card or a shortcut is about"),
    "Create Public Threads": (1 << 35, "to open the thread in which a question is answered"),
    "Send Messages in Threads": (1 << 38, "to write in that thread"),
}
"""What Trellis has to be allowed, by the name that Discord gives it: the bit, and why."""


def permissions() -> int:
    """Return the permissions as Discord's number."""
    return sum(bit for bit, _ in PERMISSIONS.values())


def invite_url(application_id: str, allowed: int | None = None) -> str:
    """Return the address at which an admin invites Trellis, by default with just the permissions that it needs."""
    asked = {
        "client_id": application_id,
        "scope": "bot applications.commands",
        "permissions": permissions() if allowed is None else allowed,
        "integration_type": 0,
    }
    return f"https://discord.com/oauth2/authorize?{urlencode(asked)}"


def payload(commands: Sequence[Command], shortcuts: Sequence[Shortcut], *, everywhere: bool) -> list[JSON]:
    """Return all commands as Discord registers them; `everywhere` for every guild, else for one.

    Raises `ValueError`, at start-up, for whatever Discord would refuse.
    """
    tops: dict[str, list[Command]] = {}
    for command in commands:
        tops.setdefault(command.name.split()[0], []).append(command)
    wanted = [_top(name, members) for name, members in tops.items()]
    wanted += [{"type": _MESSAGE, "name": shortcut.name, **_shown_to(shortcut.role)} for shortcut in shortcuts]
    if everywhere:
        for entry in wanted:
            entry["contexts"] = [_IN_GUILD]
    _check(len(tops) <= limits.COMMANDS, f"Discord takes {limits.COMMANDS} commands, here are {len(tops)}")
    _check(len(shortcuts) <= limits.MESSAGE_COMMANDS, f"Discord takes {limits.MESSAGE_COMMANDS} shortcuts")
    return wanted


def _top(name: str, commands: list[Command]) -> JSON:
    """Draw one command, or a group of those that begin with the same word."""
    _check(_NAME.fullmatch(name) is not None, f"Discord takes no command called {name!r}")
    first = commands[0]
    if first.name == name:
        _check(len(commands) == 1, f"on Discord /{name} is a command or a group, not both")
        top: JSON = {"type": _CHAT, "name": name, "description": first.description, "options": _options(first)}
    else:
        verbs = [command.name.split()[1] for command in commands]
        _check(len(verbs) <= limits.OPTIONS, f"Discord takes {limits.OPTIONS} commands in the group /{name}")
        top = {
            "type": _CHAT,
            "name": name,
            "description": clip(f"{name.capitalize()}: {', '.join(verbs)}", limits.DESCRIPTION),
            "options": [
                {"type": _SUBCOMMAND, "name": verb, "description": command.description, "options": _options(command)}
                for verb, command in zip(verbs, commands, strict=True)
            ],
        }
    size = _size(top)
    _check(size <= limits.COMMAND_ALL, f"/{name} has {size} characters of words, Discord takes {limits.COMMAND_ALL}")
    return {**top, **_shown_to(min(command.role for command in commands))}


def _shown_to(role: Role) -> JSON:
    return {"default_member_permissions": _RIGHTS.get(role)}


def _options(command: Command) -> list[JSON]:
    fields = sorted(command.options, key=lambda field: not field.required)
    _check(len(fields) <= limits.OPTIONS, f"Discord takes {limits.OPTIONS} options, /{command.name} has more")
    return [_option(command, field) for field in fields]


def _option(command: Command, field: Field) -> JSON:
    _check(_NAME.fullmatch(field.name) is not None, f"Discord takes no option called {field.name!r} of /{command.name}")
    option: JSON = {
        "type": _TYPES.get(field.kind, _STRING),
        "name": field.name,
        "description": clip(f"{field.label} ({field.hint})" if field.hint else field.label, limits.DESCRIPTION),
        "required": field.required,
    }
    if field.kind is Kind.CHOICE:
        option["choices"] = [{"name": choice.label, "value": choice.value} for choice in field.choices]
    elif field.kind is Kind.TEXT:
        option["max_length"] = min(field.longest, limits.STRING_OPTION)
        if field.choices:
            option["autocomplete"] = True
    return option


def suggestions(field: Field, typed: str) -> list[JSON]:
    """Return what may be meant, where only the beginning is typed: what begins so, then what has it."""
    sought = typed.strip().casefold()
    found = [choice for choice in field.choices if sought in choice.label.casefold()]
    found.sort(key=lambda choice: not choice.label.casefold().startswith(sought))
    return [{"name": choice.label, "value": choice.value} for choice in found[: limits.CHOICES]]


def needs_sync(current: Sequence[JSON], wanted: Sequence[JSON]) -> bool:
    """Say whether what Discord has differs from what we want, in anything that we set."""
    return sorted(map(_bare, current)) != sorted(map(_bare, wanted))


def _bare(entry: JSON) -> str:
    """Return what distinguishes a command, in one order and without what Discord adds or leaves out."""
    rights = entry.get("default_member_permissions")
    kept = [
        entry.get("type", _CHAT),
        entry["name"],
        entry.get("description") or "",
        None if rights is None else str(rights),
        sorted(entry.get("contexts") or ()),
        list(map(_bare_option, entry.get("options") or ())),
    ]
    return repr(kept)


def _bare_option(option: JSON) -> list[Any]:
    return [
        option["type"],
        option["name"],
        option.get("description") or "",
        bool(option.get("required")),
        bool(option.get("autocomplete")),
        option.get("max_length"),
        [(choice["name"], choice["value"]) for choice in option.get("choices") or ()],
        list(map(_bare_option, option.get("options") or ())),
    ]


def _size(entry: JSON) -> int:
    own = len(entry["name"]) + len(entry.get("description", ""))
    choices = sum(len(choice["name"]) + len(choice["value"]) for choice in entry.get("choices", ()))
    return own + choices + sum(map(_size, entry.get("options", ())))


def _check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
