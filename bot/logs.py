"""What the log looks like: lines for people, or JSON for machines."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, Literal

from pythonjsonlogger.json import JsonFormatter
from rich.console import Console
from rich.logging import RichHandler

QUIET = ("aiosqlite", "apscheduler", "alembic", "slack_bolt", "slack_sdk", "discord", "aiohttp.access")
"""Libraries whose everyday talk says nothing that ours does not; some of them would log what members write."""


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]|[\t\n]")
"""What a terminal acts on, breaks a line at or turns around, and what cannot be written at all."""


def visible(text: str, *, lines: bool = False) -> str:
    """Return a text in which nothing moves a cursor, changes a colour or passes for a line of its own.

    What it has of that is written out as Python would write it; with `lines` its own lines stay.
    """
    return _CONTROL.sub(lambda found: found[0] if lines and found[0] in "\t\n" else ascii(found[0])[1:-1], text)


class _Plain(logging.Formatter):
    """One line for a message, whatever is in it, and what went wrong in lines below it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802  # logging's name
        return visible(super().formatException(ei), lines=True)


def set_up_logging(kind: Literal["text", "json"], level: str) -> None:
    """Send the log to standard error, in one of two forms."""
    handler: logging.Handler
    if kind == "json":
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter("{asctime}{levelname}{name}{message}", style="{"))
    else:
        handler = RichHandler(console=Console(stderr=True), show_path=False, markup=False, rich_tracebacks=False)
        handler.setFormatter(_Plain("%(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
