"""What the log looks like: lines for people, or JSON for machines."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, Literal

import structlog
from structlog.contextvars import merge_contextvars
from structlog.dev import plain_traceback
from structlog.processors import format_exc_info
from structlog.stdlib import add_log_level, add_logger_name
from structlog.typing import EventDict, Processor

QUIET = ("aiosqlite", "apscheduler", "alembic", "slack_bolt", "slack_sdk", "discord", "aiohttp.access")
"""Libraries whose everyday talk says nothing that ours does not; some of them would log what members write."""


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]|[\t\n]")
"""What a terminal acts on, breaks a line at or turns around, and what cannot be written at all."""


def visible(text: str, *, lines: bool = False) -> str:
    """Return a text in which nothing moves a cursor, changes a colour or passes for a line of its own.

    What it has of that is written out as Python would write it; with `lines` its own lines stay.
    """
    return _CONTROL.sub(lambda found: found[0] if lines and found[0] in "\t\n" else ascii(found[0])[1:-1], text)


def _message_first(_: object, __: str, event_dict: EventDict) -> EventDict:
    return {"message": event_dict.pop("event"), **event_dict}


class _Console(structlog.dev.ConsoleRenderer):
    """One line for a message, whatever is in it, and what went wrong in lines below it."""

    def __call__(self, logger: Any, name: str, event_dict: EventDict) -> str:
        for key, value in event_dict.items():
            if isinstance(value, str):
                event_dict[key] = visible(value, lines=key == "exception")
        return super().__call__(logger, name, event_dict)


def set_up_logging(kind: Literal["text", "json"], level: str) -> None:
    """Send the log to standard error: as lines for people, or each as a JSON object for machines.

    A line says when, how grave, what, by whom, and the `trace_id` of the event or job it belongs to.
    """
    fmt = "iso" if kind == "json" else "%Y-%m-%d %H:%M:%S"
    moment = structlog.processors.TimeStamper(fmt=fmt, utc=kind == "json")
    before: list[Processor] = [merge_contextvars, add_log_level, add_logger_name, moment]
    show: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, format_exc_info]
    if kind == "json":
        show += [_message_first, structlog.processors.JSONRenderer()]
    else:
        show.append(_Console(colors=sys.stderr.isatty(), exception_formatter=plain_traceback, pad_event_to=0))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=show))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
