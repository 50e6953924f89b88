"""A program that is measured from outside: its CPU time, its memory, and when it has come to rest."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
_TAKEN_AWAY = ("TRELLIS_", "SLACK_", "DISCORD_", "DATABASE_", "PYTHONDONTWRITEBYTECODE")
_COMPILED = tempfile.TemporaryDirectory(prefix="trellis-benchmark-compiled-")
"""Where bytecode is kept between rounds: an installed program has its own."""


class Measured:
    """A child process in a folder of its own, with nothing set but what it is given. End it with `stop`."""

    def __init__(self, *words: str, **settings: str) -> None:
        self._words = words
        self.root = ROOT
        """Where the code is that it runs, until it starts."""
        self.settings = settings
        """Its environment beside ours, until it starts."""
        self._folder = tempfile.TemporaryDirectory(prefix="trellis-benchmark-")
        self._child: asyncio.subprocess.Process | None = None
        self.began = 0.0
        """When it was started, by the clock of `time.perf_counter`."""

    @property
    def log(self) -> str:
        return (Path(self._folder.name) / "log").read_text("utf-8", "replace")

    async def start(self) -> None:
        """Start it. What it prints goes to its log."""
        folder = Path(self._folder.name)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_TAKEN_AWAY)}
        paths = {"PYTHONPATH": str(self.root), "PYTHONPYCACHEPREFIX": _COMPILED.name}
        paths |= {"DATABASE_URL": f"sqlite:///{self.database}"}
        self.began = time.perf_counter()
        with (folder / "log").open("wb") as log:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", *self._words),
                cwd=folder,
                env={**kept, **paths, **self.settings},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def _process(self) -> psutil.Process:
        if self._child is None or self._child.returncode is not None:
            raise RuntimeError(f"{' '.join(self._words)} has ended:\n{self.log[-2000:]}")
        return psutil.Process(self._child.pid)

    def cpu(self) -> float:
        """Return for how many seconds it has computed. Raises `RuntimeError` once it has ended."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> float:
        """Return how much memory it holds, in MB."""
        return float(self._process.memory_info().rss) / 1e6

    async def rests(self, seconds: float, most: float = 600.0) -> None:
        """Return once it has done next to nothing for so many seconds. Raises `TimeoutError` after `most`."""
        async with asyncio.timeout(most):
            calm, last = 0.0, self.cpu()
            while calm < seconds:
                await asyncio.sleep(0.25)
                now = self.cpu()
                calm, last = (calm + 0.25 if now - last < 0.02 else 0.0), now

    @property
    def database(self) -> Path:
        """The file of its database, which stays until `stop`."""
        return Path(self._folder.name) / "trellis.db"

    async def stop(self) -> None:
        """Ask it to end, and make it end if it does not. Safe to call twice."""
        if self._child and self._child.returncode is None:
            self._child.terminate()
            try:
                await asyncio.wait_for(self._child.wait(), 20)
            except TimeoutError:
                self._child.kill()
                await self._child.wait()
        self._folder.cleanup()


class Peak:
    """Watches for how much memory a program holds at most, while the block lasts."""

    def __init__(self, program: Measured) -> None:
        self._program = program
        self._watching: asyncio.Task[None] | None = None
        self.memory = 0.0

    async def __aenter__(self) -> Peak:
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._watching
        self._watching.cancel()

    async def _watch(self) -> None:
        while True:
            self.memory = max(self.memory, self._program.memory())
            await asyncio.sleep(0.02)


def quiet(**settings: str) -> Mapping[str, str]:
    """Return settings of Trellis for a measurement: with a command that does nothing, and no web page."""
    return {
        "TRELLIS_PLAYGROUND": "off",
        "TRELLIS_WEB_PORT": "0",
        "TRELLIS_LOG_LEVEL": "WARNING",
        "TRELLIS_COGS": "benchmarks.ping:Ping",
        **settings,
    }
