"""Chromium, as the tests of pages drive it. Skipped where there is none."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright, expect
from playwright.async_api import Error as PlaywrightError

INSTALLED = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000
"""How long to wait for what a page is to show, in milliseconds: a busy machine takes several seconds now and then."""

expect.set_options(timeout=PATIENCE)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=INSTALLED, args=SWITCHES)
        except PlaywrightError:
            pytest.skip("no Chromium on this machine: install it (Debian: apt install chromium) to run browser tests")
        yield browser
        await browser.close()


async def context(browser: Browser, width: int, height: int, **options: Any) -> BrowserContext:
    """Return a context whose pages are of so many pixels."""
    made = await browser.new_context(viewport={"width": width, "height": height}, **options)
    made.set_default_timeout(PATIENCE)
    return made
