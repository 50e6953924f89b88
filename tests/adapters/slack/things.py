"""What our Slack is made of: who we are in it, its places, files and addresses, and what goes wrong."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.text.when import written

JSON = dict[str, Any]
TEAM, BOT, BOT_ID = "T1", "UTRELLIS", "B1"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-canary-bot", "xapp-canary-app", "canary-signing-secret"
CLIENT_ID, CLIENT_SECRET = "11.22", "canary-client-secret"
PROMPTS = "assistant:write"
"""The scope of apps that are agents."""
TRIGGER_SECONDS = 3.0
HOURS_12 = 43_200
"""Seconds for which a token is good that rotates."""
ALL_SCOPES = (
    "app_mentions:read,channels:history,channels:read,chat:write,commands,files:read,files:write,groups:history,groups:read,"
    "groups:write.invites,im:history,im:write,reactions:read,usergroups:read,usergroups:write,users:read,"
    "users:read.email"
)


class Refused(Exception):
    """An answer with `ok: false`."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


_WRITTEN = re.compile(r"```\n?(?P<block>.*?)\n?```\n?|`(?P<code>[^`\n]+)`|(?P<text>(?:(?!```|`[^`\n]+`).)+)", re.DOTALL)


def composed(words: str) -> JSON:
    """Return what Slack's composer makes of words that somebody types or pastes into it."""
    elements: list[JSON] = []
    for match in _WRITTEN.finditer(words):
        if match["block"] is not None:
            elements.append({"type": "rich_text_preformatted", "elements": [{"type": "text", "text": match["block"]}]})
            continue
        if not elements or elements[-1]["type"] != "rich_text_section":
            elements.append({"type": "rich_text_section", "elements": []})
        style = {"style": {"code": True}} if match["code"] else {}
        elements[-1]["elements"].append({"type": "text", "text": match["code"] or match["text"], **style})
    return {"type": "rich_text", "elements": elements}


def shown(rich: Mapping[str, Any]) -> str:
    """Return what a person sees in a composer that is filled already, with the marks of code."""
    lines = []
    for element in rich["elements"]:
        marks = ["`" if part.get("style", {}).get("code") else "" for part in element["elements"]]
        said = "".join(f"{mark}{part['text']}{mark}" for mark, part in zip(marks, element["elements"], strict=True))
        lines.append(f"```\n{said}\n```" if element["type"] == "rich_text_preformatted" else said)
    return "\n".join(lines)


def initial_of(element: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Return what an input is prefilled with, as one word; a moment as the calendar shows it in someone's zone."""
    if "initial_option" in element:
        return str(element["initial_option"]["value"])
    if element["type"] == "checkboxes":
        return "true" if element.get("initial_options") else ""
    if at := element.get("initial_date_time"):
        return written(datetime.fromtimestamp(at, UTC), zone)
    if element["type"] == "multi_static_select":
        return ", ".join(option["value"] for option in element.get("initial_options", ()))
    if element["type"] == "rich_text_input":
        return shown(element["initial_value"]) if "initial_value" in element else ""
    if "initial_users" in element:
        return ", ".join(element["initial_users"])
    names = ("initial_value", "initial_user", "initial_conversation")
    return str(next((element[name] for name in names if name in element), ""))


@dataclass
class Fault:
    """What goes wrong with one call: a status, whether it had its effect all the same, or a cut connection.

    Or it is refused with an `error`. Nothing but time, where it is answered only once `until` is set.
    """

    status: int = 500
    effect: bool = False
    retry_after: str = "1"
    cut: bool = False
    error: str = ""
    until: asyncio.Event | None = None


@dataclass
class Upload:
    """A file on its way: what was announced of it, what came, and for how many looks Slack is not ready to show it."""

    name: str
    length: int
    alt: str
    content: bytes = b""
    done: bool = False
    unready: int = 0


@dataclass
class Place:
    """A channel with its members and messages."""

    id: str
    name: str
    private: bool = False
    members: set[str] = field(default_factory=set)
    archived: bool = False
    messages: dict[str, JSON] = field(default_factory=dict)


@dataclass
class Url:
    """A response_url: whom and where it answers, and how often it still may."""

    user: str
    channel: str
    thread: str
    replaces: str
    expires: float
    left: int = 5
