"""One process runs Trellis on a SQLite file, and a claim ends with its process."""

import asyncio
import os
import stat
import sys
from pathlib import Path

import pytest

from storage.claim import DatabaseInUse
from storage.database import Database

HOLD = "import sys, time; from storage.database import Database; Database(sys.argv[1]).claim(); print(); time.sleep(60)"


async def test_who_comes_second_is_refused_until_the_first_has_gone(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "trellis.db")
    first, second = Database(f"sqlite:///{tmp_path}/trellis.db"), Database(f"sqlite:///{tmp_path}/link.db")
    first.claim()
    first.claim()
    with pytest.raises(DatabaseInUse, match=rf"already runs on .*link\.db \(process {os.getpid()}\): stop it first\."):
        second.claim()
    await second.upgrade()
    await second.close()
    await first.upgrade()
    await first.close()
    second.claim()
    await second.close()
    assert stat.S_IMODE((tmp_path / "trellis.db-lock").stat().st_mode) == 0o600


async def test_a_killed_process_claims_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/trellis.db"
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", HOLD, url, stdout=asyncio.subprocess.PIPE)
    assert other.stdout and await other.stdout.readline()
    ours = Database(url)
    with pytest.raises(DatabaseInUse, match=f"process {other.pid}"):
        ours.claim()
    other.kill()
    await other.wait()
    ours.claim()
    await ours.close()


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_postgresql_is_for_several(database: Database, replica: Database) -> None:
    database.claim()
    replica.claim()
