"""Judges what our Slack is sent: messages and views, by its rules, with every picture that stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import rules
from .things import Refused

if TYPE_CHECKING:
    from .server import SlackServer


def judge(server: SlackServer, method: str, message: Mapping[str, Any]) -> None:
    """Note what Slack would refuse in a message. A picture that is not ready yet is refused."""
    _look_at_pictures(server, message)
    server.violations += [f"{method}: {problem}" for problem in rules.broken_message(message)]
    for text in rules.mrkdwn_of(message.get("blocks") or []):
        if not text.get("verbatim"):
            server.violations.append(f"{method}: mrkdwn that isn't verbatim")
    if calls := rules.pings_in(message) - server.users.keys():
        server.violations.append(f"{method}: calls {calls}")
    definition = {"chat.postMessage": "PostMessage", "chat.postEphemeral": "PostEphemeral", "chat.update": "Update"}
    if method in definition:
        server.violations += rules.against(f"Chat{definition[method]}Arguments", message)


def judge_view(server: SlackServer, method: str, view: Mapping[str, Any], kind: str = "modal") -> None:
    """Note what Slack would refuse in a view, or where it is not of the kind that belongs there."""
    _look_at_pictures(server, view)
    server.violations += [f"{method}: {problem}" for problem in rules.broken_view(view)]
    if view.get("type") != kind:
        server.violations.append(f"{method}: a {view.get('type')}")
    for text in rules.mrkdwn_of(view.get("blocks") or []):
        if not text.get("verbatim"):
            server.violations.append(f"{method}: mrkdwn that isn't verbatim")


def _look_at_pictures(server: SlackServer, message: Mapping[str, Any]) -> None:
    if not server.has_tables and any(block["type"] == "data_table" for block in message.get("blocks") or ()):
        raise Refused("invalid_blocks", errors=["unsupported type: data_table [json-pointer:/blocks/1/type]"])
    for number, block in enumerate(message.get("blocks") or ()):
        if block.get("type") == "image":
            file = server.files.get(block["slack_file"]["id"])
            wrong = f"invalid slack file [json-pointer:/blocks/{number}/slack_file]"
            if file is None or not file.done or file.unready > 0:
                if file:
                    file.unready -= 1
                raise Refused("invalid_blocks", errors=[wrong])
