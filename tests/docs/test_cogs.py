"""The cogs that the pages print are whole: what stands there runs, and passes every check as ours does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.words import Reading, bring_up_to_date

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"^## [^\n]*`(garden/[^`]+)`\n(?:(?!^## |^```).)*^```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)

(TIMERS,) = CODE.findall((ROOT / "README.md").read_text("utf-8"))
(STORY,) = CODE.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
PAGE = (ROOT / "docs/cogs.md").read_text("utf-8")
GARDEN: dict[str, str] = dict(FILE.findall(PAGE))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with all that is printed."""
    for name, code in {"timers.py": TIMERS, "test_story.py": STORY, **GARDEN}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, "utf-8")
    return tmp_path


def run(folder: Path, *command: str) -> None:
    """Run a program of our environment in our folder, as `make check` does; show what it says if it fails."""
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_is_printed() -> None:
    assert len(GARDEN) == PAGE.count("\n```python\n") + PAGE.count("\n```po\n") == 6
    assert {name.rpartition("/")[2] for name in GARDEN} == {
        *("__init__.py", "store.py", "beds.py", "beds_0001.py", "de.po", "test_garden.py")
    }


def test_what_is_printed_passes_ruff(folder: Path) -> None:
    # Which modules are one's own is seen from where they lie, so it is asked there.
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        arguments = ["ruff", *command, "--config", str(ROOT / "pyproject.toml"), "--config", f"src=['{folder}']"]
        run(folder, *arguments, str(folder))


def test_what_is_printed_passes_mypy(folder: Path) -> None:
    run(folder, "mypy", *(str(path) for path in sorted(folder.glob("**/*.py"))))


def test_the_garden_grows(folder: Path) -> None:
    options = ["-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider", "-q"]
    run(folder, "pytest", *options, str(folder / "garden"))


def test_what_it_says_is_translated(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring_up_to_date(folder / "garden")
    assert capsys.readouterr().out == "de.po: 12 messages, 0 to translate\n"
    assert (folder / "garden/locale/de.po").read_text("utf-8").strip() == GARDEN["garden/locale/de.po"].strip()


def test_words_of_a_cog_of_ones_own_are_found() -> None:
    assert not Reading("timers.py", TIMERS).problems
    assert "All right, I won't." in {message.id for message in Reading("timers.py", TIMERS).messages}
