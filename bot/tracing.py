"""One id for an event or a job and all that comes of it, in every line that is logged meanwhile.

It is the platform's own id of the event (`slack/T1/Ev123`) or `job/7`. What is to be said is kept with it, so that the
lines of a delivery, also of one after a restart, lead back to what set it off.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from structlog.contextvars import bound_contextvars, get_contextvars

_TRACE = "trace_id"


def traced(trace_id: str) -> AbstractContextManager[None]:
    """Have everything that is logged inside carry this id; "" adds none."""
    return bound_contextvars(**{_TRACE: trace_id} if trace_id else {})


def trace_id() -> str:
    """Return the id of what is being done; "" where it is done of itself."""
    return str(get_contextvars().get(_TRACE, ""))
