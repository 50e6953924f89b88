"""Errors and stored content without what a member wrote, and without what answers in the bot's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from adapters.contract.text import clip

BRIEF = 160
"""How much of an error a list shows, in characters."""
HIDDEN = "(hidden)"

_SECRET = re.compile(r"token|secret|password|response_url|trigger_id", re.IGNORECASE)
"""The names of what answers in the bot's name."""
_SECRET_URL = re.compile(r"https?://(hooks\.slack|[^/\s]+/(api/)?(v\d+/)?webhooks/)[^\s'\"<>]*", re.IGNORECASE)
_URL = re.compile(r"(https?://[^/\s'\"]+)/[^\s'\"]+")
_QUOTED = re.compile(r"'[^']*\s[^']*'|\"[^\"]*\s[^\"]*\"")
"""Several words in quotation marks: a member may have written them."""


def brief(error: str) -> str:
    """Return an error in short without what a member may have written, and without what leads anywhere; "" for none."""
    return clip(_QUOTED.sub("“…”", _URL.sub(r"\1/…", error)), BRIEF)


def redacted(content: Any, name: str = "") -> Any:
    """Return what was kept without what answers in the bot's name."""
    if name and _SECRET.search(name) and content:
        return HIDDEN
    match content:
        case Mapping():
            return {key: redacted(value, key) for key, value in content.items()}
        case list():
            return [redacted(value) for value in content]
        case str():
            return _SECRET_URL.sub(HIDDEN, content)
    return content
