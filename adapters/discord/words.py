"""What people wrote on Discord as its readers see it: mentions by name, emoji and times written out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, TypeAlias

import regex

from adapters.contract.text import outside_code

JSON: TypeAlias = dict[str, Any]

_MORE = ("message_snapshots", "sticker_items", "poll")
"""What else may be in a message. Most of what a busy server says has none of it, and all of that is looked at."""


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class Names(Protocol):
    """What roles and channels of a guild are called. Ids are Discord's, as text."""

    def role(self, guild: str, role: str) -> _Named | None: ...
    def channel_name(self, guild: str, channel: str) -> str | None: ...


def written(payload: JSON, guild: str, names: Names) -> str:
    """Return a message's text with every mention, emoji and time written out.

    What was forwarded is a quote, for others said it. A sticker reads like an emoji, and so does a poll: Discord asks
    it, and nobody else is to.
    """
    words = payload.get("content") or ""
    if "<" in words:
        words = written_out(words, guild, names, _people_in(payload))
    if not any(map(payload.get, _MORE)):
        return words
    quoted = (written(each, guild, names) for each in _forwarded(payload))
    lines = [f"> {line}" for words in quoted if words for line in words.split("\n")]
    signs = [_sign(sticker) for sticker in payload.get("sticker_items") or ()]
    poll = "\N{BAR CHART}" if payload.get("poll") else ""
    return "\n".join(filter(None, [words, *lines, " ".join(filter(None, [*signs, poll]))]))


def attached(payload: JSON) -> list[JSON]:
    """Return the files that go along with a message, or with what it forwards."""
    files = payload.get("attachments") or []
    if not payload.get("message_snapshots"):
        return files
    return files + [file for each in _forwarded(payload) for file in each.get("attachments") or ()]


def _forwarded(payload: JSON) -> list[JSON]:
    return [each.get("message") or {} for each in payload.get("message_snapshots") or ()]


def _sign(sticker: JSON) -> str:
    """Return a sticker as a custom emoji is written: ":wave:"."""
    name = regex.sub(r"\W+", "_", str(sticker.get("name") or "").lower()).strip("_")
    return f":{name}:" if regex.fullmatch(r"[a-z]\w+", name) else ":sticker:"


def named(payload: JSON, guild: str, names: Names) -> list[tuple[str, str]]:
    """Return whom and which channels a message mentions, in their order: "@1" or "#2", and how that is written out."""
    found = list[tuple[str, str]]()

    def note(match: regex.Match[str]) -> str:
        shown = _shown(match, guild, names, _people_in(payload))
        if match["user"] or match["channel"]:
            found.append((f"@{match['user']}" if match["user"] else f"#{match['channel']}", shown))
        return shown

    outside_code(payload.get("content") or "", lambda part: _LIVE.sub(note, part))
    return found


def _people_in(payload: JSON) -> dict[str, str]:
    return {user["id"]: name_of(user, user.get("member") or {}) for user in payload.get("mentions", ())}


def name_of(user: JSON, member: JSON) -> str:
    """Return what a person is called in a guild; "" for who says nothing."""
    return str(member.get("nick") or user.get("global_name") or user.get("username") or "")


def written_out(words: str, guild: str, names: Names, people: Mapping[str, str]) -> str:
    """Return what somebody typed with every mention, emoji and time written out, but for those in code.

    `people` are the names of those who are mentioned, by their ids.
    """
    return outside_code(words, lambda part: _LIVE.sub(lambda match: _shown(match, guild, names, people), part))


def _shown(match: regex.Match[str], guild: str, names: Names, people: Mapping[str, str]) -> str:
    """Write one of them out."""
    if id_ := match["user"]:
        return f"@{people.get(id_) or 'someone'}"
    if id_ := match["role"]:
        role = names.role(guild, id_)
        return f"@{role.name}" if role else "@a role"
    if id_ := match["channel"]:
        return f"#{names.channel_name(guild, id_) or 'a channel'}"
    if match["time"]:
        return _time(match["time"])
    if match["page"]:
        return f"#{_PAGES.get(match['page'], match['page'])}"
    return str(match["emoji"] or match["command"] or match["url"])


_LIVE = regex.compile(
    r"<(?:@!?(?P<user>\d+)|@&(?P<role>\d+)|#(?P<channel>\d+)|a?(?P<emoji>:\w+:)\d+|t:(?P<time>-?\d{1,11})(?::\w)?"
    r"|(?P<command>/[^:>]+):\d+|id:(?P<page>[a-z-]+)(?::\d+)?|(?P<url>https?://[^\s<>]+))>"
)
_PAGES = {"customize": "Channels & Roles", "browse": "Browse Channels", "guide": "Server Guide"}
"""What Discord calls those pages of a server that are mentioned like channels."""


def mentioned(words: str) -> list[str]:
    """Return the ids of the people who are mentioned."""
    return [match["user"] for match in _LIVE.finditer(words) if match["user"]]


def _time(seconds: str) -> str:
    at = datetime.fromtimestamp(min(max(int(seconds), _FIRST), _LAST), UTC)
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at.second else f"{at:%Y-%m-%d %H:%M} UTC"


_FIRST, _LAST = -62135596800, 253402300799
"""Seconds of the first and the last moment that Python knows."""
