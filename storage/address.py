"""What the address of a database may say."""

from __future__ import annotations

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

_POSTGRESQL_OPTIONS = frozenset({"host", "port", "passfile", "ssl", "sslmode", "target_session_attrs"})
"""What may stand behind the ? of an address: what asyncpg takes as text."""


def normalised(text: str) -> URL:
    """Return the URL with the one async driver that we use for its database. Raises `ValueError` with a sentence."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or not 0 <= (url.port or 0) <= 65535:  # it is not repeated: there may be a password in it
        raise ValueError(
            "The address of the database cannot be read. Write it like sqlite:///trellis.db or "
            "postgresql://user:password@host/name, with %40 for an @ in the password."
        )
    match url.drivername:
        case "sqlite" | "sqlite+aiosqlite":
            if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
                raise ValueError("Trellis keeps its data in a file: use sqlite:///path/to/file.db")
            _require_known(url, frozenset())
            return url.set(drivername="sqlite+aiosqlite")
        case "postgres" | "postgresql" | "postgresql+asyncpg":
            _require_known(url, _POSTGRESQL_OPTIONS)
            if mode := url.query.get("sslmode"):
                url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
            return url.set(drivername="postgresql+asyncpg")
        case other:
            raise ValueError(f"Trellis works with sqlite:// and postgresql:// databases, not with {other}://")


def _require_known(url: URL, options: frozenset[str]) -> None:
    if unknown := sorted(url.query.keys() - options):
        raise ValueError(f"The address of the database asks for what Trellis does not know: {', '.join(unknown)}.")
