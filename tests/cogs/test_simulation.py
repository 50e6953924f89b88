"""Days of a community, simulated with a seed: see tests/simulation.py."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation import simulate

ROOT = Path(__file__).parents[2]
FOUND = (4,)
"""Seeds that are lived through for each change: those in whose days something went wrong once, and one more."""
DAYS = int(os.environ.get("SIMULATED_DAYS", "100"))
"""How many days are simulated in `make soak`, five for each seed."""


@pytest.mark.parametrize("seed", FOUND)
def test_a_day_in_which_much_goes_wrong_ends_well(seed: int, tmp_path: Path) -> None:
    """Nothing stands twice, nothing is left undone, and nothing goes wrong on our side."""
    history = simulate(seed, 0.2, tmp_path)
    assert "killed" in history and "429" in history


def test_the_same_seed_tells_the_same_days_to_the_byte(tmp_path: Path) -> None:
    """Also in a process that puts sets into another order."""
    run = [sys.executable, "-m", "tests.simulation", "7", "0.1"]
    told = subprocess.run(run, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "7"}, capture_output=True, check=True)
    assert told.stdout.decode().rstrip() == simulate(7, 0.1, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1000 + DAYS // 5))
def test_days_in_which_much_goes_wrong_end_well(seed: int, tmp_path: Path) -> None:
    simulate(seed, 5, tmp_path)
