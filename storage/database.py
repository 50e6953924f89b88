"""One SQL database, SQLite by default and PostgreSQL by address, that behaves the same on both.

Every store of this folder takes a `Database` and opens `read()` or `write()` around each of its public
methods, so that one public method is one transaction. `transaction()` makes several of them one.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import DateTime, Dialect, MetaData, Table, Text, TypeDecorator, event, func, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DatabaseError, DontWrapMixin
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_LOCK_SECONDS = 10
"""How long SQLite waits for another process to let go of the file, and connecting to PostgreSQL may take."""

_QUEUE_SECONDS = 60
"""How long a task stands in line for a free connection before it gives up: no less than whoever asked is patient."""

_UPGRADE_LOCK = int.from_bytes(b"trellis")
"""The PostgreSQL advisory lock that one upgrading process holds."""

_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class DatabaseDamaged(Exception):
    """The database file cannot be trusted. Its text says so in sentences for whoever runs Trellis."""


class NaiveDatetime(DontWrapMixin, ValueError):
    """A moment without a time zone was about to be stored or compared."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, exact to the microsecond: aware in (a `ValueError` otherwise) and UTC out.

    It is a `timestamptz` on PostgreSQL, and on SQLite a text of fixed width, so that it sorts as time does.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment as this database keeps it."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise NaiveDatetime(f"{value!r} has no time zone; the store only keeps aware moments")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return the moment as everyone else knows it."""
        if value is None:
            return None
        # SQLite returns none with a zone, and asyncpg the first and the last moment there is without one.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def storable(text: str) -> str:
    """Return the text without what not every database can hold: NUL characters and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")


class WrittenText(TypeDecorator[str]):
    """Text that people or platforms wrote, made `storable`, so that no message can make a store fail."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Return the text as every database takes it."""
        return value and storable(value)


class Database:
    """The one way to the data. Make it once at start-up, hand it to the stores, `close()` it at the end.

    `url` is `sqlite:///file.db` (its folder is made when missing) or `postgresql://user:password@host/name`;
    `postgres://`, an explicit driver (`sqlite+aiosqlite`, `postgresql+asyncpg`) and libpq's `sslmode` are
    understood too. Anything else, and SQLite without a file, raises `ValueError`.

    On SQLite there is one writing connection, for which tasks queue in order (30 s at most), and readers
    that it never blocks; a write waits up to 10 s for another process. On PostgreSQL transactions are READ
    COMMITTED: a store that reads a row in order to change it locks it (`with_for_update()`, which SQLite does
    not need and leaves out), or changes it by condition. Never await the network inside a write.
    """

    def __init__(self, url: str) -> None:
        self._url = _normalised(url)
        self._open: dict[asyncio.Task[Any], AsyncConnection] = {}
        if self.dialect == "sqlite":
            Path(self._url.database or "").parent.mkdir(parents=True, exist_ok=True)
            pragmas = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON")
            self._writer = _sqlite_engine(self._url, "BEGIN IMMEDIATE", pragmas, connections=1)
            self._reader = _sqlite_engine(self._url, "BEGIN", ("query_only=ON",), connections=4)
        else:
            self._writer = create_async_engine(
                self._url,
                pool_size=10,
                max_overflow=10,
                pool_pre_ping=True,
                pool_timeout=_QUEUE_SECONDS,
                isolation_level="READ COMMITTED",
                connect_args={"timeout": _LOCK_SECONDS},
                hide_parameters=True,  # what members wrote or chose is in no error, and so in no log
            )
            self._reader = self._writer.execution_options(postgresql_readonly=True)

    def __repr__(self) -> str:
        return f"Database({self._url.render_as_string(hide_password=True)!r})"

    @property
    def dialect(self) -> Literal["sqlite", "postgresql"]:
        """Which of the two it is."""
        return "sqlite" if self._url.get_backend_name() == "sqlite" else "postgresql"

    @property
    def engine(self) -> AsyncEngine:
        """What writes, for a library that brings a store of its own. Not inside `write()`, for which it would wait."""
        return self._writer

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Look at the data as it is now: as a whole on SQLite, with each statement on PostgreSQL.

        An attempt to write through it fails. Inside a write of the same task it looks through that
        transaction, and sees what was written so far.
        """
        if joined := self._open.get(_this_task()):
            yield joined
        else:
            async with self._reader.begin() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction: it commits when the block ends, and rolls back when an exception ends it.

        Inside another write of the same task it joins that one as a savepoint: its work is kept only when the
        outer one commits, and undone alone when an exception is caught between the two. A task created
        inside is on its own: its writes wait for this transaction to end, so do not await it here.
        """
        task = _this_task()
        if joined := self._open.get(task):
            async with joined.begin_nested():
                yield joined
        else:
            async with self._writer.begin() as connection:
                self._open[task] = connection
                try:
                    yield connection
                finally:
                    del self._open[task]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Make all that stores read and write inside, in this task, one transaction. See `write()`."""
        async with self.write():
            yield

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Return an INSERT that also knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
        return sqlite.insert(table) if self.dialect == "sqlite" else postgresql.insert(table)

    async def ping(self) -> None:
        """Return when the database answers; raise SQLAlchemy's error when it does not."""
        async with self.read() as connection:
            await connection.execute(select(1))

    async def integrity(self) -> None:
        """Raise `DatabaseDamaged` when the SQLite file is broken. PostgreSQL looks after its own files.

        It reads the whole file, some hundred megabytes a second: call it once, at start, before `upgrade()`.
        """
        if self.dialect != "sqlite":
            return
        try:
            async with self.read() as connection:
                verdict = (await connection.exec_driver_sql("PRAGMA quick_check(1)")).scalar_one()
        except DatabaseError as error:
            if not getattr(error.orig, "sqlite_errorname", "").startswith(_DAMAGE):
                raise
            verdict = str(error.orig)
        if verdict != "ok":
            raise DatabaseDamaged(
                f"The database file {self._url.database} is damaged ({verdict.splitlines()[-1]}). "
                "Stop Trellis, keep a copy of the file, and put the latest backup in its place."
            )

    async def upgrade(self) -> None:
        """Bring the tables to the newest revision, in one transaction: all of it or nothing.

        Safe to call in any number of processes at once: one works, the others wait for it.
        """
        async with self.write() as connection:
            if self.dialect == "postgresql":
                await connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
            await connection.run_sync(_upgrade)

    async def revision(self) -> tuple[str | None, str | None]:
        """Return the revision of the tables (None: there are none), and the newest that Trellis knows."""
        async with self.read() as connection:
            current = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
        return current, ScriptDirectory.from_config(_alembic()).get_current_head()

    async def close(self) -> None:
        """Close every connection. The object is of no use afterwards."""
        await self._reader.dispose()
        await self._writer.dispose()


def _this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("The database is only used from inside an asyncio task")
    return task


def _normalised(text: str) -> URL:
    """Return the URL with the one async driver that we use for its database."""
    url = make_url(text)
    match url.drivername:
        case "sqlite" | "sqlite+aiosqlite":
            if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
                raise ValueError("Trellis keeps its data in a file: use sqlite:///path/to/file.db")
            return url.set(drivername="sqlite+aiosqlite")
        case "postgres" | "postgresql" | "postgresql+asyncpg":
            if mode := url.query.get("sslmode"):
                url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
            return url.set(drivername="postgresql+asyncpg")
        case other:
            raise ValueError(f"Trellis works with sqlite:// and postgresql:// databases, not with {other}://")


def _sqlite_engine(url: URL, begin: str, pragmas: tuple[str, ...], *, connections: int) -> AsyncEngine:
    """Return an engine whose transactions start with `begin`.

    Python's own start only at the first write, after the reads it depends on, and so lose updates.
    """
    engine = create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_QUEUE_SECONDS,
        connect_args={"timeout": _LOCK_SECONDS},
        hide_parameters=True,  # what members wrote or chose is in no error, and so in no log
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _alembic(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "storage:migrations")
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(_alembic(connection), "head")
