"""Real exports, where they lie beside the project: they are read whole, and nothing in them is a surprise."""

from __future__ import annotations

import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from .looking import look

DATA = Path(__file__).parents[3] / "shared/data"


@pytest.mark.parametrize(
    "name, archive, people, least",
    [
        ("slack_export_houstondatavis", "export", 16, 4),
        ("discord_export_html_meshcore", "html_exports", 150, 20),
        ("discord_export_json_example", "example_guild", 1, 0),
    ],
)
def test_a_real_export_is_read(tmp_path: Path, name: str, archive: str, people: int, least: int) -> None:
    path = DATA / name / f"{archive}.tar.gz"
    if not path.exists():
        pytest.skip("the exports are not here: they are not ours to pass on")
    with tarfile.open(path) as packed:
        packed.extractall(tmp_path, filter="data")
    found, report = look(tmp_path, now=datetime(2027, 1, 1, tzinfo=UTC))
    assert report.people >= people and report.messages
    assert len(found) >= least
    assert not any("broken" in why or "no message" in why for why in report.skipped)
    assert all(one.title and one.answers and one.root.author != one.answers[0].author for one in found)
