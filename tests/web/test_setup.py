"""The page of `trellis setup` in a real browser: tokens are tested as they are pasted, and axe finds nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from bot.setup.draft import Draft
from bot.setup.server import SetupServer
from config.settings import Settings
from tests.adapters.slack.door import SlackKit
from tests.adapters.slack.things import BOT_TOKEN
from tests.browser import chromium, context


async def test_what_is_pasted_is_tested_at_once(tmp_path: Path) -> None:
    slack = SlackKit(tmp_path, lambda: datetime.now(UTC))
    await slack.server.start()
    settings = Settings.model_validate({"SLACK_API_URL": f"{slack.server.url}/api/"})
    server = SetupServer(Draft(settings), tmp_path / ".env")
    address = await server.start()
    base = address.partition("/?")[0]
    async with chromium() as browser:
        page = await (await context(browser, 390, 844)).new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text))
        await page.goto(address)
        for path in ("/", "/discord", "/community", "/slack"):
            await page.goto(base + path)
            found = await Axe().run(page)
            assert not found.violations_count, f"{path}: {found.generate_report()}"
            assert await page.evaluate("document.documentElement.scrollWidth") <= 390, path
        await page.get_by_label("Bot User OAuth Token").fill("xapp-mixed-up")
        await page.get_by_label("App-level token").focus()
        await expect(page.get_by_text("That is not the token that begins with xoxb-")).to_be_visible()
        await page.get_by_label("Bot User OAuth Token").fill(BOT_TOKEN)
        await page.get_by_label("App-level token").focus()
        await expect(page.get_by_text("✓ The bot token is good")).to_be_visible()
        await expect(page.get_by_text("That is not the token that begins with xoxb-")).to_be_hidden()
        await expect(page.get_by_role("button", name="Copy the manifest")).to_be_visible()
        assert not problems
    await server.stop()
    await slack.close()
