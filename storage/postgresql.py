"""How a PostgreSQL database is opened, and what its codes mean."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from .away import Conflict
from .sqlite import LOCK_SECONDS, QUEUE_SECONDS

_POSTGRESQL = {
    "idle_in_transaction_session_timeout": "30000",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""So that the locks of a process that died, or was stopped, are free after 30 s at most. Milliseconds and seconds."""

_AWAY = ("08", "25006", "53", "57P")
"""What the codes begin with by which PostgreSQL says that it is away, or cannot be used now: a connection that broke,
a server that only reads (after a failover), one that is full, and one that stops or starts."""

_CONFLICTS = ("40001", "40P01")
"""The codes for transactions that stood in each other's way: PostgreSQL has undone one of them."""


def postgresql_engine(url: URL, settings: dict[str, str], **options: Any) -> AsyncEngine:
    """Return an engine whose connections have these settings of the server's, beside those that all have."""
    engine = create_async_engine(
        url,
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=True,
        pool_timeout=QUEUE_SECONDS,
        connect_args={"timeout": LOCK_SECONDS, "server_settings": _POSTGRESQL | settings},
        hide_parameters=True,  # what members wrote or chose is in no error, and so in no log
        **({"isolation_level": "READ COMMITTED"} | options),
    )

    @event.listens_for(engine.sync_engine, "handle_error")
    def tell(context: ExceptionContext) -> None:
        """Say plainly that the database is away: SQLAlchemy has no word for most of asyncpg's."""
        code = getattr(context.original_exception, "sqlstate", None) or ""
        if code in _CONFLICTS:
            raise Conflict(context.statement or "", None, context.original_exception, hide_parameters=True)
        unnamed = type(context.sqlalchemy_exception) is DBAPIError and not context.is_pre_ping
        if unnamed and (context.is_disconnect or code.startswith(_AWAY)):
            raise OperationalError(context.statement or "", None, context.original_exception, hide_parameters=True)

    return engine
