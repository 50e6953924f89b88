"""Small exports, as platforms would write them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.discord.parse import snowflake

DAY = datetime(2024, 3, 4, 9, 0, tzinfo=UTC)
"""A Monday morning."""
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
GUILD, HELP, FORUM = "748545324524575035", "1012224565567721552", "1012224565567721553"
QUESTION = "How do I rotate the webhook secret without downtime?"
ANSWER = "Open Settings, then Webhooks, and press Rotate. The old one works for another hour."
THANKS = "Thank you, that works!"


def slack_user(id_: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "team_id": "T1", "name": name.lower(), "profile": {"display_name": name}, **more}


USERS = [
    slack_user("U1", "Mia", tz="Europe/Berlin"),
    slack_user("U2", "Noah", tz="America/New_York"),
    slack_user("U3", "Kenji", deleted=True),
    slack_user("UBOT", "Helper", is_bot=True),
]
CHANNELS = [{"id": "C1", "name": "help"}, {"id": "C2", "name": "random"}]


def ts(minutes: float, start: datetime = DAY) -> str:
    return f"{(start + timedelta(minutes=minutes)).timestamp():.6f}"


def slack_said(minutes: float, user: str, text: str, **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": user, "text": text, "ts": ts(minutes), **more}


def slack_thread(start: float = 0, question: str = QUESTION, thanks: str = THANKS) -> list[dict[str, Any]]:
    """Mia asks, Noah answers, and Mia is content."""
    root = ts(start)
    return [
        slack_said(start, "U1", question, thread_ts=root, reply_count=2),
        slack_said(start + 9, "U2", ANSWER, thread_ts=root),
        *([slack_said(start + 20, "U1", thanks, thread_ts=root)] if thanks else []),
    ]


def slack_zip(
    path: Path,
    days: Mapping[str, Any] | None = None,
    *,
    users: Iterable[Any] = USERS,
    channels: Iterable[Any] = CHANNELS,
    **more: Any,
) -> Path:
    """Write an export. `days` are the files of days by their names; `more` are other files at its top."""
    files = {"users.json": [*users], "channels.json": [*channels]} | {f"{name}.json": it for name, it in more.items()}
    files |= days if days is not None else {"help/2024-03-04.json": slack_thread()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zip_:
        for name, content in files.items():
            zip_.writestr(name, content if isinstance(content, str | bytes) else json.dumps(content))
    return path


def discord_id(minutes: float) -> str:
    return str(snowflake(DAY + timedelta(minutes=minutes)))


PEOPLE = {"mia": "521486476985155645", "noah": "521486476985155646", "bot": "521486476985155647"}


def discord_said(minutes: float, who: str, content: str, **more: Any) -> dict[str, Any]:
    author = {"id": PEOPLE[who], "name": who, "nickname": who.title(), "isBot": who == "bot"}
    return {
        "id": discord_id(minutes),
        "type": "Default",
        "timestamp": (DAY + timedelta(minutes=minutes)).isoformat(),
        "timestampEdited": None,
        "content": content,
        "author": author,
        "reactions": [],
        "mentions": [],
        **more,
    }


def discord_file(
    folder: Path,
    messages: Iterable[Any],
    *,
    id_: str = HELP,
    name: str = "help",
    type_: str = "GuildTextChat",
    parent: str = "748545324524575034",
    guild: str = GUILD,
) -> Path:
    """Write the file of one channel, thread or post."""
    content = {
        "guild": {"id": guild, "name": "Garden"},
        "channel": {"id": id_, "type": type_, "categoryId": parent, "category": "Text", "name": name},
        "messages": [*messages],
    }
    folder.mkdir(exist_ok=True)
    path = folder / f"Garden - Text - {name} [{id_}].json"
    path.write_text(json.dumps(content))
    return path
