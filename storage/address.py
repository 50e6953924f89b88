"""What the address of a database may say, and where files beside it belong."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

_POSTGRESQL_OPTIONS = frozenset({"host", "port", "passfile", "ssl", "sslmode", "target_session_attrs"})
"""What may stand behind the ? of an address: what asyncpg takes as text."""


def beside(url: URL, name: str) -> Path:
    """Return a path in the folder of the SQLite database; here for any other, each with a name of its own."""
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).with_name(f"{Path(url.database).stem}-{name}")
    known_by = f"{url.host}:{url.port}/{url.database}"
    return Path(f"{url.database or 'trellis'}-{hashlib.sha256(known_by.encode()).hexdigest()[:8]}-{name}")


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
