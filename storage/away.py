"""How it is known that the database is away, or takes too long: that is nobody's fault, and over by itself."""

from __future__ import annotations

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

AWAY = (ConnectionError, OperationalError, InterfaceError, PoolTimeout)
"""What is raised then, also where no connection is free for too long."""


class Conflict(OperationalError):
    """Another transaction was in the way, and this one was undone. It can be tried again at once."""
