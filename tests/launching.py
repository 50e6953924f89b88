"""Starts Trellis in processes of its own, which are forked from one that has imported everything.

What is imported takes a second of CPU, and is most of many a start. That it also starts from nothing is shown by those
tests that leave it to the interpreter: `trellis setup`, `trellis dead`, and all of several replicas.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot import console

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(
    [
        "tests.crashing",
        "adapters.discord",
        "adapters.playground.adapter",
        "adapters.slack",
        "bot.demo",
        "storage.search.index",
    ]
)


class Launched:
    """`trellis WORDS` in a folder, with nothing but these variables around it. What it says goes into the files."""

    def __init__(self, words: tuple[str, ...], folder: Path, environment: Mapping[str, str], out: Path, err: Path):
        args = (words, str(folder), dict(environment), str(out), str(err))
        self._process: BaseProcess = forks.Process(target=_child, args=args, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def poll(self) -> int | None:
        """Return the exit code once it has ended; one below zero is the signal that ended it."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code. Raises `subprocess.TimeoutExpired` after so many seconds."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("trellis", timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()


def run(
    *words: str, folder: Path, environment: Mapping[str, str], timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run `trellis WORDS` to its end."""
    with tempfile.TemporaryDirectory() as told:
        out, err = Path(told, "out"), Path(told, "err")
        code = Launched(words, folder, environment, out, err).wait(timeout)
        return subprocess.CompletedProcess(words, code, out.read_text("utf-8"), err.read_text("utf-8"))


def _child(words: tuple[str, ...], folder: str, environment: dict[str, str], out: str, err: str) -> None:
    for file, standard in ((out, 1), (err, 2)):
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, standard)
        os.close(opened)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["trellis", *words]
    sys.path.insert(0, folder)  # as `python -m` does
    if columns := environment.get("COLUMNS"):
        console.out.width = console.err.width = int(columns)
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
