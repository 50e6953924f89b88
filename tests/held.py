"""What this process holds: two looks at it tell whether something was left behind."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections import Counter
from pathlib import Path

import pytest

FILES = Path("/proc/self/fd")
on_linux = pytest.mark.skipif(not FILES.is_dir(), reason="only Linux tells what files are open")
DAYS = pytest.mark.parametrize("days", [1, pytest.param(30, marks=pytest.mark.soak)])
RENEWALS = 6
"""How often in a day a connection is renewed that lives for four hours."""


def held() -> tuple[Counter[str], int, int]:
    """Return the tasks of this process by what they run, how many files and connections are open, and its threads."""
    gc.collect()
    tasks = Counter(getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks())
    return tasks, len(os.listdir(FILES)), threading.active_count()


async def nothing_more_than(before: tuple[Counter[str], int, int]) -> None:
    """Return once this process holds what it held before: what is being closed takes a moment."""
    now = held()
    for _ in range(100):  # discord.py waits for two seconds after a session has begun whether more guilds come
        if not now[0] - before[0] and now[1] <= before[1] and now[2] <= before[2]:
            return
        await asyncio.sleep(0.05)
        now = held()
    raise AssertionError(f"more than before: {now[0] - before[0]}, files and threads {now[1:]}, before {before[1:]}")
