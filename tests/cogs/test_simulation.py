"""Days of a community, simulated with a seed: see tests/simulation.py."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOUND = (4,)
"""Seeds that are lived through for each change: those in whose days something went wrong once, and one more."""
DAYS = int(os.environ.get("SIMULATED_DAYS", "100"))
"""How many days are simulated in `make soak`, five for each seed."""


def history(seed: int, days: float, order: int = 0) -> str:
    """Return what happens in some days, told by a process of its own that puts sets into some order."""
    run = [sys.executable, "-m", "tests.simulation", str(seed), str(days)]
    environment = {**os.environ, "PYTHONHASHSEED": str(order)}
    told = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert told.returncode == 0, told.stderr.decode()[-4000:]
    return told.stdout.decode()


@pytest.mark.parametrize("seed", FOUND)
def test_a_day_in_which_much_goes_wrong_ends_well(seed: int) -> None:
    """Nothing stands twice, nothing is left undone, and nothing goes wrong on our side."""
    told = history(seed, 0.2)
    assert "killed" in told and "429" in told


def test_the_same_seed_tells_the_same_days_to_the_byte() -> None:
    """Also in a process that puts sets into another order."""
    assert history(7, 0.1) == history(7, 0.1, order=7)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1000 + DAYS // 5))
def test_days_in_which_much_goes_wrong_end_well(seed: int) -> None:
    history(seed, 5)
