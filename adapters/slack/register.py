"""Writes the app manifest: everything that Slack has to know of us, made from what the cogs declare. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.contract.commands import Command, Shortcut
from adapters.contract.text import clip

from . import limits
from .prompts import SCOPE as PROMPTS
from .prompts import WHY, prompts

REDIRECT = "/slack/oauth_redirect"
"""Where Slack sends admins who install the app by its address."""

SCOPES: Mapping[str, str] = {
    "app_mentions:read": "hear “@Trellis ...”, which works in threads, where slash commands do not",
    "channels:history": "hear answers in the public channels it is invited to, and find what it posted there",
    "channels:read": "find channels by their names, and see whether it was invited",
    "chat:write": "post, edit its own posts, and show things to one person alone",
    "commands": "offer slash commands and shortcuts",
    "files:read": "see the screenshots that people add to what they ask",
    "files:write": "show pictures in cards, and hand over files such as calendar entries; take its own away when they "
    "are out of date",
    "groups:history": "hear answers in the private channels it is invited to",
    "groups:read": "find those private channels by their names",
    "groups:write.invites": "let members into the private channels it is in, such as a cohort's",
    "im:history": "hear what members write to it directly",
    "im:write": "write to a member directly",
    "reactions:read": "hear reactions to messages, as a way to say thanks or “solved”",
    "usergroups:read": "let user groups stand for roles, such as agents and moderators",
    "usergroups:write": "put members into user groups, and take them out, where settings name one as a role",
    "users:read": "know members' names, time zones and who is an admin, and hear who joins and leaves",
    "users:read.email": "know the domain of a member's e-mail address, by which colleagues are told from guests; "
    "the address itself is not kept",
}
"""What the bot asks for, and why."""

OPTIONAL = ("files:read", "files:write", "groups:write.invites", "usergroups:write", "users:read.email")
"""The scopes without which Trellis runs: a workspace may leave them out, and lacks what they are for."""

ABOUT = "Questions find their answers, and members find each other."


def scopes(*, suggests: bool) -> Mapping[str, str]:
    """Return what the bot asks for, and why; for prompts in the direct channel too, where it `suggests` any."""
    return {**SCOPES, **({PROMPTS: WHY} if suggests else {})}


EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_created",
    "channel_deleted",
    "channel_rename",
    "channel_unarchive",
    "group_archive",
    "group_deleted",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
    "reaction_removed",
    "team_join",
    "tokens_revoked",
    "user_change",
)
"""What the bot subscribes to."""


def manifest(
    commands: Sequence[Command],
    shortcuts: Sequence[Shortcut],
    *,
    prefix: str = "",
    name: str = "Trellis",
    url: str = "",
    rotate_tokens: bool = False,
    suggests: bool = False,
) -> dict[str, Any]:
    """Return the manifest, to be printed as JSON and pasted into Slack.

    With a public web address `url` Slack sends its requests to `url`/slack/events, without one over Socket Mode.
    With `rotate_tokens` every token that Slack gives is good for twelve hours, which Slack never takes back.
    An app that `suggests` what to say in the direct channel is one of Slack's agents, and closed to guests.
    Raises `ValueError` where Slack would refuse it, and where it would give us a token that nobody can renew.
    """
    if rotate_tokens and not url:
        raise ValueError(
            "Tokens that rotate are for workspaces that install the app themselves: say --url too, the public address "
            "at which Slack sends their admins back."
        )
    where = {"url": f"{url.rstrip('/')}/slack/events"} if url else {}
    slashes = [
        {
            "command": f"/{word}",
            "description": about,
            **({"usage_hint": hint} if hint else {}),
            "should_escape": True,
            **where,
        }
        for word, about, hint in _words(commands, prefix)
    ]
    offered = [
        {
            "name": shortcut.name,
            "type": "message",
            "callback_id": shortcut.name,
            "description": clip(f"{shortcut.name}, with Trellis", limits.SHORTCUT_DESCRIPTION),
        }
        for shortcut in shortcuts
        if not shortcut.on_person
    ]
    offered += [
        {
            "name": command.start,
            "type": "global",
            "callback_id": command.name,
            "description": clip(command.description, limits.SHORTCUT_DESCRIPTION),
        }
        for command in commands
        if command.start
    ]
    _check(slashes, offered, name)
    agent = {"agent_view": {"agent_description": ABOUT, "suggested_prompts": prompts(commands)}}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": ABOUT,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            **(agent if suggests else {}),
            "bot_user": {"display_name": name, "always_online": True},
            "shortcuts": offered,
            "slash_commands": slashes,
        },
        "oauth_config": {
            **({"redirect_urls": [f"{url.rstrip('/')}{REDIRECT}"]} if url else {}),
            "scopes": {"bot": list(scopes(suggests=suggests)), "bot_optional": list(OPTIONAL)},
        },
        "settings": {
            "event_subscriptions": {**({"request_url": where["url"]} if where else {}), "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **({"request_url": where["url"]} if where else {})},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": rotate_tokens,
        },
    }


def _words(commands: Sequence[Command], prefix: str) -> list[tuple[str, str, str]]:
    """Return each slash command with its description and hint: the first words of ours, and the one for them all.

    What Slack took for itself is left out; it answers to `/trellis` and behind a prefix.
    """
    groups: dict[str, list[Command]] = {}
    for command in commands:
        groups.setdefault(command.name.split()[0], []).append(command)
    words = [(limits.ANYTHING, "Ask Trellis for anything: write a command behind it", "help")]
    for word, group in groups.items():
        if not prefix and word in limits.RESERVED:
            continue
        if len(group) == 1 and group[0].name == word:
            about, hint = group[0].description, " ".join(_hint(group[0]))
        else:
            rest = [command.name.partition(" ")[2] for command in group]
            about, hint = "; ".join(command.description for command in group), " | ".join(filter(None, rest))
        words.append((prefix + word, clip(about, limits.COMMAND_DESCRIPTION), clip(hint, limits.USAGE_HINT)))
    return words


def _hint(command: Command) -> list[str]:
    return [option.name if option.required else f"[{option.name}:...]" for option in command.options]


def _check(slashes: Sequence[Mapping[str, Any]], shortcuts: Sequence[Mapping[str, Any]], name: str) -> None:
    problems = [f"{len(slashes)} slash commands"] if len(slashes) > limits.COMMANDS else []
    problems += [f"{len(shortcuts)} shortcuts"] if len(shortcuts) > limits.SHORTCUTS else []
    problems += [f"the command {slash['command']}" for slash in slashes if len(slash["command"]) > limits.COMMAND_NAME]
    problems += [f"the name {name!r}"] if not 0 < len(name) <= limits.APP_NAME else []
    words = [slash["command"] for slash in slashes]
    problems += [f"{word} twice" for word in sorted({word for word in words if words.count(word) > 1})]
    if problems:
        raise ValueError(f"Slack would refuse this app: {', '.join(problems)}")
