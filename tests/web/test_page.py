"""The page as people use it, in a real browser, over a process that is stopped, killed and started again."""

from __future__ import annotations

import signal
import time

import pytest
from playwright.async_api import Locator, Page, Route, expect

from .conftest import Trellis

pytestmark = pytest.mark.asyncio(loop_scope="session")
wide_alone = pytest.mark.parametrize("page", [(1280, 800)], indirect=True)
QUESTION = "How do I export my garden plan as CSV?"


async def open_side(page: Page) -> None:
    """On a phone, people and channels are behind a button."""
    button = page.get_by_role("button", name="People and channels")
    if await button.is_visible():
        await button.click()


async def act_as(page: Page, name: str) -> None:
    await open_side(page)
    await page.get_by_role("radio", name=name).click()
    await expect(page.get_by_role("radio", name=f"{name} you")).to_be_checked()
    await page.keyboard.press("Escape")


async def go_to(page: Page, channel: str) -> None:
    await open_side(page)
    await page.get_by_role("navigation").get_by_role("link", name=channel).first.click()
    await expect(page.get_by_role("main").get_by_role("heading", name=f"#{channel}")).to_be_visible()


async def write(page: Page, words: str, *, where: str = "main") -> None:
    box = page.locator(where).get_by_role("textbox").last
    await box.fill(words)
    await box.press("Enter")


def card(page: Page, words: str = QUESTION) -> Locator:
    return page.get_by_role("main").get_by_role("article").filter(has=page.get_by_role("heading", name=words))


async def open_thread(page: Page) -> Locator:
    await card(page).get_by_role("link", name="repl").click()
    thread = page.get_by_role("complementary")
    await expect(thread).to_be_visible()
    return thread


async def test_a_question_travels_from_asker_to_peer_to_an_accepted_answer(page: Page, trellis: Trellis) -> None:
    await act_as(page, "Mia")
    await write(page, f"/ask {QUESTION}")
    await expect(card(page)).to_contain_text("🌱 Open")
    await expect(page.get_by_role("main").get_by_text("Only you can see this").last).to_be_visible()

    await act_as(page, "Noah")
    await expect(page.get_by_role("main").get_by_text("is posted.")).to_have_count(0)
    thread = await open_thread(page)
    await thread.get_by_role("button", name="I can help").last.click()
    await expect(thread.get_by_text("is looking at this")).to_be_visible()
    await write(page, "Under **Plans**, use `Export`.", where="aside")
    await expect(thread.get_by_text("Under **Plans**")).to_be_visible()

    await thread.get_by_role("button", name="Close").click()
    await act_as(page, "Mia")
    await expect(card(page)).to_contain_text("💬 Answered")
    await card(page).get_by_role("button", name="Mark as solved").click()
    await expect(card(page)).to_contain_text("✅ Solved by @Noah")
    await page.get_by_role("button", name="😀 Great").last.click()
    await expect(page.get_by_role("main").get_by_text("Thank you for telling us!")).to_be_visible()


async def test_time_can_be_moved_and_support_hears_of_what_nobody_answered(page: Page) -> None:
    await act_as(page, "Mia")
    await write(page, f"/ask {QUESTION}")
    await expect(card(page)).to_contain_text("🌱 Open")
    if await page.get_by_role("button", name="Skip time").is_visible():
        await page.get_by_role("button", name="Skip time").click()
    await page.get_by_role("button", name="Skip an hour").click()
    await expect(card(page)).to_contain_text("waiting for support")
    await act_as(page, "Ava")
    await go_to(page, "agents")
    await expect(page.get_by_role("main").get_by_text(f"For support: {QUESTION}")).to_be_visible()
    await page.get_by_role("main").get_by_role("button", name="Claim").click()
    await expect(page.get_by_role("main").get_by_text("It's yours.")).to_be_visible()


async def test_a_form_asks_what_is_missing_and_says_what_is_wrong(page: Page) -> None:
    await act_as(page, "Mia")
    await write(page, "/ask")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading", name="Ask the community")).to_be_visible()
    await dialog.get_by_label("Your question, in one sentence").fill(QUESTION)
    await dialog.get_by_role("button", name="Ask", exact=True).click()
    await expect(dialog).to_be_hidden()
    await expect(card(page)).to_be_visible()

    await write(page, "/away banana")
    await expect(dialog.get_by_text("I couldn't read that as a time")).to_be_visible()
    await expect(dialog.get_by_label("Until when?")).to_have_value("banana")
    await dialog.get_by_label("Until when?").fill("tomorrow 09:00")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_role("main").get_by_text("You're away until")).to_be_visible()


@wide_alone
async def test_the_keyboard_alone_is_enough(page: Page) -> None:
    box = page.get_by_role("main").get_by_role("textbox")
    await box.focus()
    await page.keyboard.type("/que")
    await expect(page.get_by_role("listbox", name="Suggestions")).to_contain_text("/question list")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main").get_by_text("Only you can see this").last).to_be_visible()


@wide_alone
async def test_a_poll_is_made_with_eight_keys_and_its_words(page: Page) -> None:
    await expect(page.get_by_role("heading", name="#help")).to_be_visible()
    pressed = 0

    async def press(*keys: str) -> None:
        nonlocal pressed
        for key in keys:
            await page.keyboard.press(key)
            pressed += 1

    await press("/", "p", "o", "Enter", "Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.type("Tea or coffee?")
    await press("Tab")
    await page.keyboard.type("Tea\nCoffee")
    await press("Control+Enter")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(page.get_by_role("main").get_by_role("button", name="Post it")).to_be_focused()
    await press("Enter")
    assert pressed == 8
    await expect(card(page, "Tea or coffee?").last).not_to_contain_text("Only you can see this")


@wide_alone
async def test_a_reload_and_a_killed_process_lose_nothing(page: Page, trellis: Trellis) -> None:
    await act_as(page, "Mia")
    await write(page, f"/ask {QUESTION}")
    await expect(card(page)).to_contain_text("🌱 Open")
    await page.reload()
    await expect(card(page)).to_contain_text("🌱 Open")

    trellis.stop(signal.SIGKILL)
    await expect(page.get_by_text("Trellis doesn't answer. Reconnecting …")).to_be_visible()
    began = time.monotonic()
    trellis.start()
    assert time.monotonic() - began < 20
    await expect(page.get_by_text("Trellis doesn't answer. Reconnecting …")).to_be_hidden()
    await card(page).get_by_role("button", name="Talk to support").click()
    await expect(card(page)).to_contain_text("waiting for support")


@wide_alone
@pytest.mark.parametrize("missing", ["state?viewer=*", "messages?*"])
async def test_what_did_not_come_at_first_comes_a_moment_later(page: Page, missing: str) -> None:
    await expect(page.get_by_role("heading", name="#help")).to_be_visible()

    async def fail(route: Route) -> None:
        await route.abort()

    await page.route(f"**/{missing}", fail, times=1)
    await page.reload()
    await expect(
        page.get_by_role("main").get_by_text("How do I release to production only on weekdays?")
    ).to_be_visible()


@wide_alone
async def test_what_members_write_is_shown_and_never_run(page: Page) -> None:
    await act_as(page, "Mia")
    await write(page, "<img src=x onerror=alert(1)> **<script>alert(2)</script>** @everyone")
    await expect(page.get_by_role("main").get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    assert await page.locator("main img[src=x], main script").count() == 0


async def test_it_stops_when_it_is_told_to(trellis: Trellis) -> None:
    assert trellis.stop() == 0
    assert "Traceback" not in trellis.log
