"""What somebody does on the page while something that they did before is still under way."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from playwright.async_api import Page, Route, expect

from .conftest import World


class Slow:
    """Holds up what is done on a page, one act after the other."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self._held = deque[Route]()

    async def hold(self, page: Page, times: int) -> None:
        async def hold(route: Route) -> None:
            self._held.append(route)
            self.arrived.set()

        await page.route("**/act", hold, times=times)

    async def answers(self, page: Page) -> None:
        """Let the first that is held go, and return once the page has its answer."""
        await self.arrived.wait()
        self.arrived.clear()
        async with page.expect_response("**/messages*"):
            await self._held.popleft().continue_()
        await page.evaluate("new Promise((shown) => setTimeout(shown, 50))")


async def test_a_form_that_was_closed_while_it_was_sent_spoils_no_other_one(
    world: World, visit: Callable[..., Any]
) -> None:
    await world.plant()
    mia, slow = await visit(), Slow()
    await mia.opens("general")
    dialog = mia.page.get_by_role("dialog")
    plant = dialog.get_by_label("What is it?")
    await mia.types("/plant", "<Enter>")
    await expect(dialog).to_be_visible()
    await slow.hold(mia.page, 1)
    await mia.types("<Enter>", "<Escape>")
    await mia.page.get_by_role("button", name="Rename").click()
    await expect(plant).to_have_value("Rose")
    await plant.fill("Tulip")
    await slow.answers(mia.page)
    await expect(plant).to_have_value("Tulip")
    await mia.types("<Escape>")
    await expect(dialog.get_by_text("Please fill this in.")).to_have_count(2)


async def test_a_form_waits_until_the_one_that_is_being_filled_in_is_closed(visit: Callable[..., Any]) -> None:
    mia, slow = await visit(), Slow()
    await mia.opens("general")
    dialog = mia.page.get_by_role("dialog")
    plant = dialog.get_by_label("What is it?")
    await slow.hold(mia.page, 2)
    await mia.types("/plant", "<Enter>", "/plant", "<Enter>")
    await slow.answers(mia.page)
    await plant.fill("Tulip")
    await slow.answers(mia.page)
    await expect(plant).to_have_value("Tulip")
    await mia.types("<Escape>")
    await expect(plant).to_have_value("")
    await mia.types("<Escape>")
    await expect(dialog).to_be_hidden()


async def test_a_form_is_sent_by_whom_it_was_for(world: World, visit: Callable[..., Any]) -> None:
    mia, slow = await visit(), Slow()
    await mia.opens("general")
    dialog = mia.page.get_by_role("dialog")
    await slow.hold(mia.page, 1)
    await mia.types("/plant", "<Enter>")
    await slow.arrived.wait()
    await mia.page.get_by_role("radio", name="Noah").click()
    await slow.answers(mia.page)
    await dialog.get_by_label("What is it?").fill("Tulip")
    await dialog.get_by_label("When?").fill("tomorrow 18:00")
    await mia.types("<Enter>")
    await expect(dialog).to_be_hidden()
    [planted] = [one for one in await world.messages("general", "mia") if one["card"]]
    assert planted["card"]["fields"][0]["value"] == "@Mia"


async def test_what_was_refused_is_given_back_in_its_order(visit: Callable[..., Any]) -> None:
    mia = await visit()
    await mia.opens("general")
    box = mia.page.get_by_role("main").get_by_role("textbox")
    arrived, refused = asyncio.Event(), asyncio.Event()

    async def refuse(route: Route) -> None:
        arrived.set()
        await refused.wait()
        await route.abort()

    await mia.page.route("**/act", refuse, times=3)
    await box.focus()
    await mia.types("First", "<Enter>")
    await arrived.wait()
    await mia.types("Second", "<Enter>", "Third", "<Enter>", "and next")
    refused.set()
    await expect(box).to_have_value("First\nSecond\nThird\nand next")
    mia.trouble.clear()


async def test_what_was_done_is_not_given_back_where_the_page_cannot_be_drawn(visit: Callable[..., Any]) -> None:
    mia = await visit()
    await mia.opens("general")
    box = mia.page.get_by_role("main").get_by_role("textbox")

    async def lose(route: Route) -> None:
        await mia.page.route("**/state*", lambda one: one.abort(), times=1)
        await route.continue_()

    await mia.page.route("**/act", lose, times=1)
    await box.focus()
    await mia.types("First", "<Enter>")
    await expect(mia.page.locator("article", has_text="First")).to_have_count(1)
    await expect(box).to_have_value("")
    mia.trouble.clear()
