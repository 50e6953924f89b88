"""What every test may use."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from storage.database import Database

settings.register_profile("suite", max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For each change: how long an example may take is none of a property's business on a busy machine."""
settings.load_profile("suite")
settings.register_profile(
    "soak", max_examples=10_000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
"""For a night of its own: `make soak`."""

MEMORY = Path("/dev/shm")
"""A disk in memory, where there is one: two thirds of all time went by until a real one had what nobody reads again."""
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 2 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False  # what some machines ask for costs each process that a test starts seconds of compiling


WAITS = Path(__file__).parent / "web"
"""Tests here wait for processes, seconds each: whoever begins with them last has the other cores wait in the end."""


def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes run tests: one more than cores, as some wait for others, and not without end."""
    return min((os.cpu_count() or 1) + 1, 5)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: WAITS not in item.path.parents)


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Compile each statement once in a process, not once in each test: that was a quarter of all time.

    SQLAlchemy keeps what it compiled with the engine, by the identity of its dialect; each test has engines of its own.
    Garbage is collected less often, too: most of what a test makes goes by itself.
    """
    compiled: LRUCache[object, object] = LRUCache(5000)
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "_compiled_cache", property(lambda _: compiled, lambda *_: None), raising=False)
        patch.setattr(DefaultDialect, "__hash__", lambda self: hash(_kind(self)))
        patch.setattr(DefaultDialect, "__eq__", lambda self, other: self is other or _kind(self) == _kind(other))
        yield


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and no rows, to begin from: making the tables takes longer than many a story."""
    path = tmp_path_factory.mktemp("database") / "empty.db"

    async def make() -> None:
        database = Database(f"sqlite:///{path}")
        await database.upgrade()
        await database.close()

    asyncio.run(make())
    return path


@pytest.fixture
def database_file(tmp_path: Path, empty_database: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copy(empty_database, tmp_path / "trellis.db"))


def _kind(dialect: DefaultDialect) -> tuple[type, object]:
    """Return by what dialects differ in what they compile."""
    return type(dialect), getattr(dialect, "server_version_info", None)
