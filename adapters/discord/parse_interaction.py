"""Hears what people use on Discord: commands, buttons, menus and forms. Pure; see `parse`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import regex

from adapters.contract.commands import Typing
from adapters.contract.events import (
    CommandUsed,
    ControlUsed,
    FormSubmitted,
    Interaction,
    PersonPicked,
    ShortcutUsed,
)
from adapters.contract.models import Account, Channel, Space

from .limits import EPHEMERAL, Part, Type
from .modal import BETWEEN_NAMES
from .parse import JSON, PLATFORM, Cache, moment, profile, reference, space, thread_parent
from .parse import message as read_message
from .render import told_text
from .words import mentioned, written_out

_USER_COMMAND, _MESSAGE_COMMAND = 2, 3
_SUBCOMMAND = 1


def people_in(payload: JSON) -> set[str]:
    """Return the ids of those whom the words in an interaction mention, whose names Discord does not tell."""
    words = _words_in(payload.get("data", {}))
    return {id_ for typed in words for id_ in mentioned(typed)}


def home(payload: JSON) -> str | None:
    """Return the guild in which an interaction belongs; in a direct channel, what the message says.

    A card says it in a part of its own, a sentence in its last line, and what was sent as an embed in its address.
    """
    if guild := payload.get("guild_id"):
        return str(guild)
    told = payload.get("message", {})
    said = [told_text(told, Part.HOME)]
    said += [embed.get("url") or "" for embed in told.get("embeds", ())]
    said += (told.get("content") or "").splitlines()[-1:]
    found = _HOME.search(" ".join(said))
    return found[1] if found else None


_HOME = regex.compile(r"https://discord\.com/channels/(\d+)\b")


def interaction(
    payload: JSON, guild: str, member: JSON | None, cache: Cache, people: Mapping[str, str] = {}
) -> Interaction | None:
    """Read INTERACTION_CREATE. `member` is who used it, with the user in it; `people` are those of `people_in`."""
    here = space(guild)
    user = payload.get("user") or (member or {})["user"]
    by = profile(guild, user, member, cache, payload.get("locale"))
    channel = Channel(here, payload["channel_id"])
    data = payload.get("data", {})

    def show(words: str) -> str:
        return written_out(words, guild, cache, people)

    facts: Any = {"id": payload["id"], "at": moment(payload["id"]), "by": by, "channel": channel}
    facts["direct"] = "guild_id" not in payload
    match payload["type"]:
        case 2 if data.get("type") == _MESSAGE_COMMAND:
            target = data["resolved"]["messages"][data["target_id"]]
            parent = thread_parent(payload.get("channel", {}))
            return ShortcutUsed(**facts, shortcut=data["name"], message=read_message(target, guild, cache, parent))
        case 2 if data.get("type") == _USER_COMMAND:
            target = data["resolved"]["users"][data["target_id"]]
            told = data["resolved"].get("members", {}).get(data["target_id"])
            return PersonPicked(**facts, shortcut=data["name"], person=profile(guild, target, told, cache))
        case 2 if data.get("type", 1) == 1:
            name, options = command(data)
            chosen = _chosen(data)
            answers = {option["name"]: show(_option(option, here, chosen)) for option in options}
            return CommandUsed(**facts, command=name, options=answers)
        case 3:
            shown = payload["message"]
            private = shown.get("flags", 0) & EPHEMERAL
            parent = thread_parent(payload.get("channel", {}))
            ref = None if private else reference(guild, channel.id, shown["id"], parent)
            return ControlUsed(**facts, call=data["custom_id"], values=tuple(data.get("values", ())), message=ref)
        case 5:
            answers = {name: show(answer) for name, answer in _answers(data, here).items()}
            return FormSubmitted(**facts, call=data["custom_id"], answers=answers)
    return None


def _words_in(data: JSON) -> list[str]:
    """Return what somebody typed into a command or a form."""
    options = command(data)[1] if "name" in data else []
    typed = [option.get("value") for option in options]
    return [words for words in (*typed, *_answers(data, Space(PLATFORM, "")).values()) if isinstance(words, str)]


def command(data: Mapping[str, Any]) -> tuple[str, list[JSON]]:
    """Return a command's one or two words and the options that were given."""
    options = data.get("options", [])
    if options and options[0]["type"] == _SUBCOMMAND:
        return f"{data['name']} {options[0]['name']}", options[0].get("options", [])
    return data["name"], options


def typing(payload: JSON, guild: str, member: JSON, cache: Cache, people: Mapping[str, str] = {}) -> Typing | None:
    """Read an interaction in which Discord asks for suggestions. `member` is who types, with the user in it.

    `people` are the names of some who may be mentioned: there is no time to look up others.
    """
    name, options = command(payload["data"])
    option = next((option for option in options if option.get("focused")), None)
    if option is None:
        return None
    by = profile(guild, member["user"], member, cache, payload.get("locale"))
    channel = Channel(space(guild), payload["channel_id"])
    typed = written_out(str(option.get("value", "")), guild, cache, people)
    return Typing(by, channel, name, option["name"], typed)


def _chosen(data: JSON) -> dict[str, str]:
    """Return the addresses of the files that were chosen, by their ids. They work for a day."""
    return {id_: file["url"] for id_, file in (data.get("resolved") or {}).get("attachments", {}).items()}


def _option(option: JSON, here: Space, chosen: Mapping[str, str]) -> str:
    value = option.get("value", "")
    if isinstance(value, bool):
        return "true" if value else "false"
    match option["type"]:
        case 6:
            return Account(here, value).key
        case 7:
            return Channel(here, value).key
        case 11:
            return chosen[value]
    return str(value)


def _answers(data: JSON, here: Space) -> dict[str, str]:
    answers, chosen = dict[str, str](), _chosen(data)
    roles = {id_: role["name"] for id_, role in (data.get("resolved") or {}).get("roles", {}).items()}
    for part in data.get("components", ()):
        inner = [part["component"]] if "component" in part else part.get("components", [])
        for component in inner:
            if "custom_id" in component:
                answers |= _answers_of(component, here, chosen, roles)
    return answers


def _answers_of(component: JSON, here: Space, chosen: Mapping[str, str], roles: Mapping[str, str]) -> dict[str, str]:
    name, values = component["custom_id"], component.get("values") or []
    match component.get("type"):
        case Type.BOXES:
            return {each: "true" if each in values else "false" for each in name.split(BETWEEN_NAMES)}
        case Type.ROLES:
            return {name: ", ".join(roles[value] for value in values if value != here.id)}  # not everyone's
        case Type.UPLOAD:
            return {name: chosen[values[0]]} if values else {}
    return {name: _answer(component, here)}


def _answer(component: JSON, here: Space) -> str:
    value, values = component.get("value"), component.get("values") or []
    match component.get("type"):
        case Type.CHECKBOX:
            return "true" if value else "false"
        case Type.USERS:
            return ", ".join(Account(here, value).key for value in values)
        case Type.CHANNELS:
            return Channel(here, values[0]).key if values else ""
        case Type.SELECT:
            return values[0] if values else ""
    return value or ""
