"""The dashboard in a real browser: by keyboard, on a phone, in the dark; and axe finds nothing on any page."""

from __future__ import annotations

import json
import urllib.request
from typing import Literal, TypeAlias

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.browser import chromium, context

from .conftest import Trellis

Scheme: TypeAlias = Literal["dark", "light"]
PAGES = ("", "/questions", "/channels", "/polls", "/events", "/ideas", "/settings", "/rights", "/audit", "/dead")


def link_of(trellis: Trellis, who: str = "ada") -> str:
    """Have somebody of the playground type the command, and return the link they are given."""
    asked = {"as": who, "do": "command", "channel": "general", "line": "/dashboard"}
    request = urllib.request.Request(  # noqa: S310 - our own, on loopback
        f"{trellis.url}/api/playground/act", json.dumps(asked).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        (reply,) = json.load(answer)["replies"]
    return str(reply["controls"][0]["url"])


async def opened(browser: Browser, trellis: Trellis, width: int, scheme: Scheme, *, script: bool = True) -> Page:
    """Sign in with the keyboard alone."""
    page = await (await context(browser, width, 844, color_scheme=scheme, java_script_enabled=script)).new_page()
    await page.goto(link_of(trellis))
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Sign in")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    return page


async def test_every_page_fits_reads_and_works_without_script(trellis: Trellis) -> None:
    async with chromium() as browser:
        problems: list[str] = []
        looks: tuple[tuple[int, Scheme], ...] = ((390, "light"), (1280, "dark"), (320, "dark"))
        for width, scheme in looks:
            page = await opened(browser, trellis, width, scheme)
            page.on("console", lambda message: problems.append(message.text))
            for path in PAGES:
                await page.goto(f"{trellis.url}/dashboard{path}")
                found = await Axe().run(page)
                assert not found.violations_count, f"{path} at {width}: {found.generate_report()}"
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} at {width}"
            assert not problems
            await page.context.close()

        page = await opened(browser, trellis, 390, "light", script=False)
        await page.goto(f"{trellis.url}/dashboard/settings")
        row = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="idle_hours"))
        await row.get_by_label("Value").fill("soon")
        await row.get_by_role("button", name="Change").click()
        await expect(row.get_by_role("alert")).to_have_text("That doesn't work: A whole number, please.")
        await expect(row.get_by_label("Value")).to_have_value("soon")
        await row.get_by_label("Value").fill("72")
        await row.get_by_role("button", name="Change").click()
        await expect(page.get_by_role("status")).to_have_text("idle_hours is 72 now. It was 48.")
        await page.reload()
        await expect(page.get_by_role("status")).to_have_count(0)
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("heading", name="You're signed out")).to_be_visible()
        await page.context.close()

        page = await opened(browser, trellis, 390, "light")
        await page.goto(f"{trellis.url}/dashboard/settings")
        await page.get_by_label("Find on this page").fill("idle_hours")
        await expect(page.get_by_role("heading", level=3)).to_have_count(1)
