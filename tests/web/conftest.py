"""Trellis as a process of its own, and a real browser in front of it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page
from pytest_asyncio import fixture

from tests.browser import chromium, context
from tests.databases import Databases, NoServer, postgresql_server
from tests.launching import Launched

ROOT = Path(__file__).parents[2]


class Trellis:
    """`python -m bot run` in a folder of its own, on a port of its own. It can be killed and started again."""

    def __init__(self, folder: Path, *, program: str = "bot", **settings: str) -> None:
        self.folder = folder
        self.program = program
        self.settings = settings
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | Launched | None = None

    def start(self) -> None:
        """Start, and wait until it serves."""
        process = self.launch()
        deadline = time.monotonic() + 120
        while not self._serves():
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self.folder / "log").read_text())
            time.sleep(0.05)

    def launch(self) -> subprocess.Popen[bytes] | Launched:
        """Start, and do not wait."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment = {**kept, "PYTHONPATH": str(ROOT), "TRELLIS_WEB_PORT": str(self.port), **self.settings}
        log = self.folder / "log"
        if self.program == "bot":
            self.process = Launched(("run",), self.folder, environment, log, log)
        else:
            with log.open("ab") as opened:
                command = [sys.executable, "-m", self.program, "run"]
                self.process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=opened, stderr=opened)
        return self.process

    def _serves(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=1) as answer:  # noqa: S310 - our own, on loopback
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM, patience: float = 30) -> int:
        """End the process; return its exit code."""
        assert self.process
        self.process.send_signal(how)
        return self.process.wait(timeout=patience)

    def end(self) -> None:
        """End it at once, if it still runs."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Databases of a PostgreSQL server, which several processes may share."""
    try:
        with postgresql_server() as url:
            yield Databases(tmp_path_factory.mktemp("databases"), url)
    except NoServer as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the past has been told: it takes a while, and is the same for each test."""
    folder = tmp_path_factory.mktemp("lived")
    first = Trellis(folder)
    first.start()
    assert first.stop() == 0
    return folder


@pytest.fixture
def trellis(lived: Path, tmp_path: Path) -> Iterator[Trellis]:
    for file in lived.glob("*.db*"):
        shutil.copy(file, tmp_path)
    served = Trellis(tmp_path)
    served.start()
    yield served
    if served.process and served.process.poll() is None:
        served.stop()


@fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as launched:
        yield launched


@fixture(loop_scope="session", params=[(1280, 800), (390, 844)], ids=["wide", "phone"])
async def page(request: pytest.FixtureRequest, trellis: Trellis, browser: Browser) -> AsyncIterator[Page]:
    """The playground in Chromium, at two widths."""
    width, height = request.param
    page = await (await context(browser, width, height)).new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(f"{trellis.url}/#/help")
    await page.get_by_role("button", name="Look around alone").click()
    yield page
    await page.context.close()
    assert not problems
