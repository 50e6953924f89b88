"""Copies of the whole database, made while Trellis runs: SQLite copies itself, PostgreSQL's own tools copy that.

Everything here blocks, for minutes where there is much: it is for commands, not for a Trellis that runs.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL

from .address import normalised


class BackupFailed(Exception):
    """A copy could not be made, read or put in place. Its text says why, for whoever runs Trellis."""


def require_database(database_url: str) -> None:
    """Raise `BackupFailed` where a file of SQLite is not there: to open it would make an empty one."""
    url = normalised(database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise BackupFailed(f"There is no database at {url.database} yet.")


def copy_out(database_url: str, target: Path) -> None:
    """Write a copy of the database, as of one moment, into a file that does not exist yet. Raises `BackupFailed`."""
    url = normalised(database_url)
    if url.get_backend_name() != "sqlite":
        _run(url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
        return
    with closing(_reading(Path(url.database or ""))) as source:
        source.execute("VACUUM INTO ?", (str(target),))  # in one read transaction, and without what was deleted


def copy_in(database_url: str, source: Path, now: datetime, *, replace: bool) -> Path | None:
    """Put a copy in place of the database, and return where the one before is now.

    A SQLite file that is there is set aside under a name with the moment `now` if we may `replace` it; else, and always
    with PostgreSQL, the database has to be empty. Whenever it is cut off, one of the two is in place, whole. Raises
    `BackupFailed`.
    """
    url = normalised(database_url)
    if url.get_backend_name() != "sqlite":
        _require_empty(url)
        _run(url, "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", str(source))
        return None
    place = Path(url.database or "").resolve()
    is_there = place.exists()
    if is_there and not replace:
        raise BackupFailed(
            f"There is a database at {place}. `--replace` sets it aside, under another name, and puts the backup there."
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    coming = place.with_name(f"{place.name}-restoring")
    aside = place.with_name(f"{place.name}.replaced-{now:%Y%m%dT%H%M%S}")
    try:
        shutil.copyfile(source, coming)
        coming.chmod(0o600)
        sync(coming)
        _set_aside(place, aside)
        coming.rename(place)
        sync(place.parent)
    finally:
        coming.unlink(missing_ok=True)
    return aside if is_there else None


def problems_of(copy: Path, dialect: str) -> Sequence[str]:
    """Return what is wrong with a copy that was made for a database of this dialect; nothing where all is well."""
    if dialect != "sqlite":
        found = subprocess.run([_tool("pg_restore"), "--list", str(copy)], capture_output=True, text=True, check=False)  # noqa: S603
        return [found.stderr.strip()] if found.returncode else []
    try:
        with closing(_reading(copy)) as connection:
            broken = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)") if row[0] != "ok"]
            lost = [f"a row of {row[0]} points nowhere" for row in connection.execute("PRAGMA foreign_key_check")]
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [*broken, *lost[:10]]


def rows_of(copy: Path) -> Mapping[str, int]:
    """Return how many rows each table of a copy of SQLite has."""
    with closing(_reading(copy)) as connection:
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        tables = [row[0] for row in connection.execute(names)]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(tables)}  # noqa: S608


def _reading(file: Path) -> sqlite3.Connection:
    """Open a SQLite file, whatever its name is, to read it; a lock of others is waited for, a minute at most."""
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=60)


def _set_aside(place: Path, aside: Path) -> None:
    """Give a SQLite file, if it is there, another name too, and take away its log, also one without a file.

    A log that stays would be taken for that of the file that comes. What stands in it is put into the file first, so
    that this is whole at any moment; of a file that is damaged the log is set aside as well.
    """
    if place.exists():
        with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(place)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in ("-wal", "-shm", "-journal"):
        part = place.with_name(place.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    if place.exists():
        try:
            aside.hardlink_to(place)
        except OSError:  # not every file system has a second name for a file
            place.rename(aside)


def _require_empty(url: URL) -> None:
    query = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()"
    if _run(url, "psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command", query).strip() != "0":
        raise BackupFailed(
            "The database is not empty. Make a new one (`createdb`), set DATABASE_URL to it, and restore into that."
        )


def _run(url: URL, tool: str, *arguments: str) -> str:
    """Run one of PostgreSQL's tools, which is told the password where other users of the machine cannot see it."""
    known = {"host": url.host, "port": url.port, "username": url.username, "dbname": url.database}
    options = [f"--{name}={value}" for name, value in known.items() if value]
    names = {"sslmode": url.query.get("ssl"), "passfile": url.query.get("passfile")}
    environment = {**os.environ, **{f"PG{name.upper()}": str(value) for name, value in names.items() if value}}
    if url.password:
        environment["PGPASSWORD"] = url.password
    done = subprocess.run(  # noqa: S603 - our own arguments
        [_tool(tool), *options, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupFailed(f"{tool} failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else ''}")
    return done.stdout


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise BackupFailed(f"{name} is not installed. It comes with PostgreSQL's client (postgresql-client).")
    return path


def sync(path: Path) -> None:
    """Return when the disk has a file or the names in a folder."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
