"""What the log looks like: lines for people, or JSON for machines."""

from __future__ import annotations

import logging
import sys
from typing import Literal

from pythonjsonlogger.json import JsonFormatter
from rich.console import Console
from rich.logging import RichHandler

QUIET = ("aiosqlite", "apscheduler", "alembic", "slack_bolt", "slack_sdk", "discord", "aiohttp.access")
"""Libraries whose everyday talk says nothing that ours does not; some of them would log what members write."""


def set_up_logging(kind: Literal["text", "json"], level: str) -> None:
    """Send the log to standard error, in one of two forms."""
    handler: logging.Handler
    if kind == "json":
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonFormatter("{asctime}{levelname}{name}{message}", style="{"))
    else:
        handler = RichHandler(console=Console(stderr=True), show_path=False, markup=False, rich_tracebacks=False)
    logging.basicConfig(level=level, handlers=[handler], format="%(message)s", force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
