"""Offers Trellis's commands and shortcuts to Discord, and says what Trellis has to be allowed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import urlencode

import regex

from adapters.contract.adapter import Need
from adapters.contract.commands import Command, Role, Shortcut
from adapters.contract.forms import Field, Kind
from adapters.contract.text import Translations, clip
from adapters.contract.ui import Option

from . import limits

JSON: TypeAlias = dict[str, Any]

_CHAT, _USER, _MESSAGE = 1, 2, 3
_SUBCOMMAND = 1
_TYPES = {Kind.INTEGER: 4, Kind.BOOLEAN: 5, Kind.MEMBER: 6, Kind.CHANNEL: 7, Kind.FILE: 11}
_STRING = 3
_IN_GUILD, _DIRECT = 0, 1
"""Contexts: in a guild, and in the direct channel with the bot."""
_RIGHTS = {Role.MODERATOR: 1 << 13, Role.ADMIN: 1 << 5}
"""Whom Discord shows a command: moderators are who may manage messages, admins who may manage the server. Agents are
known to our settings alone, so nothing is hidden from anyone for them."""
_NAME = regex.compile(r"[-_\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}")

_ALWAYS: Mapping[str, tuple[int, str]] = {
    "View Channels": (1 << 10, "to see the channels it works in"),
    "Send Messages": (1 << 11, "to post questions, events and the like, and to open posts in forums"),
    "Read Message History": (1 << 16, "to look up a message that a card or a shortcut is about"),
    "Create Public Threads": (1 << 35, "to open the thread in which a question is answered"),
    "Send Messages in Threads": (1 << 38, "to write in that thread"),
}
_WHERE_NEEDED: Mapping[Need, tuple[str, int, str]] = {
    Need.FILES: ("Attach Files", 1 << 15, "to show charts, and to hand out calendar files and exports"),
    Need.ROLES: ("Manage Roles", 1 << 28, "to give the roles that settings name, and to let people into channels"),
    Need.LETTING_IN: ("Manage Roles", 1 << 28, "to give the roles that settings name, and to let people into channels"),
    Need.CALENDAR: ("Create Events", 1 << 44, "to keep meetings in the server's own list of events"),
}
IN_CHANNELS = sum(bit for bit, _ in _ALWAYS.values()) | _WHERE_NEEDED[Need.FILES][1]
"""What is allowed and denied in each channel; the rest is for the whole server."""


def permissions(needs: Collection[Need] = ()) -> dict[str, tuple[int, str]]:
    """Return what Trellis has to be allowed, by the name that Discord gives it: the bit, and why."""
    wanted = dict(_ALWAYS)
    for need in Need:
        if need in needs:
            name, bit, why = _WHERE_NEEDED[need]
            wanted[name] = (bit, why)
    return wanted


def invite_url(application_id: str, needs: Collection[Need] = ()) -> str:
    """Return the address at which an admin invites Trellis, with just the permissions that it needs."""
    asked = {
        "client_id": application_id,
        "scope": "bot applications.commands",
        "permissions": sum(bit for bit, _ in permissions(needs).values()),
        "integration_type": 0,
    }
    return f"https://discord.com/oauth2/authorize?{urlencode(asked)}"


def payload(commands: Sequence[Command], shortcuts: Sequence[Shortcut], *, everywhere: bool) -> list[JSON]:
    """Return all commands as Discord registers them; `everywhere` for every guild, else for one.

    Raises `ValueError`, at start-up, for whatever Discord would refuse.
    """
    personal = _personal(commands)
    tops: dict[str, list[Command]] = {}
    for command in commands:
        tops.setdefault(command.name.split()[0], []).append(command)
    wanted = [_top(name, members) for name, members in tops.items()]
    wanted += [_shortcut(shortcut) for shortcut in shortcuts]
    if everywhere:
        for entry in wanted:
            is_direct = entry["type"] == _CHAT and entry["name"] in personal
            entry["contexts"] = [_IN_GUILD, _DIRECT] if is_direct else [_IN_GUILD]
    _check(len(tops) <= limits.COMMANDS, f"Discord takes {limits.COMMANDS} commands, here are {len(tops)}")
    for menu in (_USER, _MESSAGE):
        entries = sum(entry["type"] == menu for entry in wanted)
        _check(entries <= limits.MENU_COMMANDS, f"Discord takes {limits.MENU_COMMANDS} shortcuts in a menu")
    return wanted


def direct_payload(commands: Sequence[Command]) -> list[JSON]:
    """Return what is registered for direct channels alone, where all commands are registered in guilds by name."""
    personal = _personal(commands)
    wanted = payload([command for command in commands if command.name.split()[0] in personal], (), everywhere=False)
    return [{**entry, "contexts": [_DIRECT]} for entry in wanted]


def _personal(commands: Sequence[Command]) -> set[str]:
    """Return the first words of what is personal: a group is registered as one, so all in it have to be."""
    others = {command.name.split()[0] for command in commands if not command.personal}
    return {command.name.split()[0] for command in commands} - others


def ids(registered: Sequence[JSON]) -> dict[str, str]:
    """Return by the name of each command that can be used the id by which Discord links it."""
    found = dict[str, str]()
    for entry in registered:
        if entry.get("type", _CHAT) == _CHAT:
            verbs = [option["name"] for option in entry.get("options") or () if option["type"] == _SUBCOMMAND]
            found |= {f"{entry['name']} {verb}".rstrip(): entry["id"] for verb in verbs or ("",)}
    return found


def _shortcut(shortcut: Shortcut) -> JSON:
    plain = shortcut.english or shortcut
    names = _localised("name", shortcut.locales, lambda translations: plain.localized(translations).name, shortcut.name)
    menu = _USER if shortcut.on_person else _MESSAGE
    return {"type": menu, "name": shortcut.name, **names, **_shown_to(shortcut.role)}


def _top(name: str, commands: list[Command]) -> JSON:
    """Draw one command, or a group of those that begin with the same word."""
    _check(_NAME.fullmatch(name) is not None, f"Discord takes no command called {name!r}")
    first = commands[0]
    if first.name == name:
        _check(len(commands) == 1, f"on Discord /{name} is a command or a group, not both")
        top: JSON = {"type": _CHAT, **_described(name, first), "options": _options(first)}
    else:
        verbs = [command.name.split()[1] for command in commands]
        _check(len(verbs) <= limits.OPTIONS, f"Discord takes {limits.OPTIONS} commands in the group /{name}")
        top = {
            "type": _CHAT,
            **_named(name, first.locales),
            "description": clip(f"{name.capitalize()}: {', '.join(verbs)}", limits.DESCRIPTION),
            "options": [
                {"type": _SUBCOMMAND, **_described(verb, command), "options": _options(command)}
                for verb, command in zip(verbs, commands, strict=True)
            ],
        }
    size = _size(top)
    _check(size <= limits.COMMAND_ALL, f"/{name} has {size} characters of words, Discord takes {limits.COMMAND_ALL}")
    return {**top, **_shown_to(min(command.role for command in commands))}


def _named(word: str, locales: Mapping[str, Translations]) -> JSON:
    """A command's name stays as it is unless a catalogue has a word for it that Discord takes."""

    def in_(translations: Translations) -> str:
        found = translations.pgettext("command", word)
        return found if _NAME.fullmatch(found) and found == found.lower() else word

    return {"name": word, **_localised("name", locales, in_, word)}


def _described(word: str, command: Command) -> JSON:
    plain = command.english or command
    texts = _localised("description", command.locales, lambda to: plain.localized(to).description, command.description)
    return {**_named(word, command.locales), "description": command.description, **texts}


def _localised(what: str, locales: Mapping[str, Translations], said: Callable[[Translations], str], usual: str) -> JSON:
    """Return what something is called in the languages of which we have a catalogue, by Discord's names for them."""
    found = {}
    for locale in limits.LOCALES:
        translations = locales.get(locale) or locales.get(locale.partition("-")[0])
        if translations and (words := said(translations)) != usual:
            found[locale] = words
    return {f"{what}_localizations": found} if found else {}


def _shown_to(role: Role) -> JSON:
    return {"default_member_permissions": _RIGHTS.get(role)}


def _options(command: Command) -> list[JSON]:
    fields = sorted(command.options, key=lambda field: not field.required)
    _check(len(fields) <= limits.OPTIONS, f"Discord takes {limits.OPTIONS} options, /{command.name} has more")
    return [_option(command, field) for field in fields]


def _option(command: Command, field: Field) -> JSON:
    _check(_NAME.fullmatch(field.name) is not None, f"Discord takes no option called {field.name!r} of /{command.name}")
    locales, usual = command.locales, _hinted(field)
    plain = next(one for one in (command.english or command).options if one.name == field.name)
    option: JSON = {
        "type": _TYPES.get(field.kind, _STRING),
        **_named(field.name, locales),
        "description": usual,
        **_localised("description", locales, lambda translations: _hinted(plain.localized(translations)), usual),
        "required": field.required,
    }
    if field.kind is Kind.CHOICE:
        pairs = zip(field.choices, plain.choices, strict=True)
        option["choices"] = [_choice(choice, original, locales) for choice, original in pairs]
    if field.kind is Kind.TEXT:
        option["max_length"] = min(field.longest, limits.STRING_OPTION)
    if field.suggested or field.kind is Kind.ROLES or (field.kind is Kind.TEXT and field.choices):
        option["autocomplete"] = True
    return option


def _hinted(field: Field) -> str:
    return clip(f"{field.label} ({field.hint})" if field.hint else field.label, limits.DESCRIPTION)


def _choice(choice: Option, plain: Option, locales: Mapping[str, Translations]) -> JSON:
    names = _localised("name", locales, lambda translations: plain.localized(translations).label, choice.label)
    return {"name": choice.label, **names, "value": choice.value}


def suggestions(field: Field, found: Sequence[Option]) -> list[JSON]:
    """Draw what an option may be. Discord shows a person the words, and gives us the value."""
    whole = field.kind is Kind.INTEGER
    return [{"name": one.label, "value": int(one.value) if whole else one.value} for one in found[: limits.CHOICES]]


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
        _translations(entry),
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
        _translations(option),
        bool(option.get("required")),
        bool(option.get("autocomplete")),
        option.get("max_length"),
        [(choice["name"], _translations(choice), choice["value"]) for choice in option.get("choices") or ()],
        list(map(_bare_option, option.get("options") or ())),
    ]


def _translations(entry: JSON) -> list[Any]:
    return [sorted((entry.get(f"{what}_localizations") or {}).items()) for what in ("name", "description")]


def _size(entry: JSON) -> int:
    """Return what Discord counts of a command: of each text only the longest language."""
    own = _longest(entry, "name") + _longest(entry, "description")
    choices = sum(_longest(choice, "name") + len(choice["value"]) for choice in entry.get("choices", ()))
    return own + choices + sum(map(_size, entry.get("options", ())))


def _longest(entry: JSON, what: str) -> int:
    return max(map(len, (entry.get(what, ""), *entry.get(f"{what}_localizations", {}).values())))


def _check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
