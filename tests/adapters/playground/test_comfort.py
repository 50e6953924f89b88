"""What makes the page pleasant: answers in view, few keys, few toasts, and nothing that is cut or out of order."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from .browsing import PHONE, WIDE
from .conftest import World

NARROW = (320, 640)


@pytest.mark.parametrize("size", [WIDE, PHONE])
async def test_a_private_answer_is_in_view(world: World, visit: Callable[..., Any], size: tuple[int, int]) -> None:
    await world.plant()
    for number in range(30):
        await world.act("noah", "message", channel="general", text=f"Leaf {number}")
    mia = await visit(size)
    await mia.opens("general")
    await mia.page.locator(".scroller").first.evaluate("(scroller) => scroller.scrollTo(0, 0)")
    await mia.page.get_by_role("button", name="Harvest").click()
    await mia.page.get_by_role("menuitem", name="Fruit").click()
    await expect(mia.page.locator("article.private", has_text="fruit")).to_be_in_viewport(ratio=0.99)


async def test_toasts_are_one_box_that_says_nothing_twice(visit: Callable[..., Any]) -> None:
    mia = await visit()
    await mia.opens("general")
    for _ in range(3):
        await mia.page.evaluate("location.hash = '#/nowhere'")
        await expect(mia.page).to_have_url(f"{mia.address}/#/general")
    await expect(mia.page.locator(".toast")).to_have_count(1)
    await expect(mia.page.locator(".toast p")).to_have_count(1)
    await mia.page.get_by_role("button", name="Skip an hour").click()
    await expect(mia.page.locator(".toast")).to_have_count(1)
    await expect(mia.page.locator(".toast p")).to_have_count(2)
    await mia.page.get_by_role("button", name="Dismiss").click()
    await expect(mia.page.locator(".toast")).to_have_count(0)


async def test_whom_one_acts_as_is_whole_and_in_view(world: World, visit: Callable[..., Any]) -> None:
    name = "Maximiliana Donaudampfschifffahrtsgesellschaft"
    for number in range(25):
        await world.act(f"guest{number}", "join", name=f"Guest {number}")
    await world.act("maxi", "join", name=name)
    maxi = await visit()
    await maxi.opens("general", "maxi")
    row = maxi.page.get_by_role("radio", name=name)
    await expect(row).to_be_in_viewport(ratio=0.99)
    assert await row.locator(".name").evaluate("(name) => name.scrollWidth <= name.clientWidth")


@pytest.mark.parametrize("size", [PHONE, NARROW])
async def test_the_whole_time_and_the_zone_are_shown_on_a_phone(
    visit: Callable[..., Any], size: tuple[int, int]
) -> None:
    mia = await visit(size)
    await mia.opens("general")
    await expect(mia.page.get_by_text("Berlin")).to_be_visible()
    time = mia.page.locator("#clock-time")
    await time.evaluate("(time) => { time.textContent = 'Wed 30 Sep, 23:58' }")
    assert await time.evaluate("(time) => time.scrollWidth <= time.parentElement.clientWidth")
    assert await mia.page.evaluate("document.documentElement.scrollWidth") == size[0]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("size", [PHONE, NARROW])
async def test_the_head_takes_two_lines_of_a_phone(
    world: World, visit: Callable[..., Any], size: tuple[int, int], language: str
) -> None:
    world.playground.languages = ["en", "de"]
    await world.act("mia", "language", language=language)
    mia = await visit(size)
    await mia.opens("general")
    longest = {"en": "Wed 30 Sep, 23:58", "de": "Mi. 30. Sept., 23:58"}[language]
    await mia.page.locator("#clock-time").evaluate("(time, longest) => { time.textContent = longest }", longest)
    assert await mia.page.locator(".top").evaluate("(top) => top.clientHeight") <= 56
    skip = {"en": "Skip time", "de": "Vorspulen"}[language]
    await mia.page.get_by_role("button", name=skip, exact=True).click()
    hour = {"en": "Skip an hour", "de": "Vorspulen: eine Stunde"}[language]
    await expect(mia.page.get_by_role("button", name=hour)).to_be_visible()


async def test_a_form_is_sent_from_any_field(visit: Callable[..., Any]) -> None:
    mia = await visit()
    await mia.opens("general")
    await mia.types("/plant", "<Enter>", "<Enter>")
    await expect(mia.page.get_by_role("dialog")).to_be_visible()
    await mia.types("Rose", "<Tab>", "tomorrow 18:00", "<Control+Enter>")
    await expect(mia.page.get_by_role("dialog")).to_be_hidden()
    await expect(mia.page.locator("article", has_text="Rose")).to_be_visible()


async def test_at_400_percent_there_is_room_to_read(world: World, visit: Callable[..., Any]) -> None:
    await world.plant()
    mia = await visit((320, 200))
    await mia.opens("general")
    assert await mia.page.locator(".scroller").first.evaluate("(scroller) => scroller.clientHeight") > 180
    assert await mia.page.evaluate("document.documentElement.scrollWidth") == 320
    await mia.page.get_by_role("textbox", name="Write in #general").focus()
    await expect(mia.page.get_by_role("textbox", name="Write in #general")).to_be_in_viewport()


async def test_without_scripts_only_that_is_said(visit: Callable[..., Any]) -> None:
    mia = await visit(java_script_enabled=False)
    await mia.page.goto(mia.address)
    await expect(mia.page.locator("noscript")).to_be_visible()
    await expect(mia.page.get_by_role("button")).to_have_count(0)


async def test_what_is_sent_while_an_answer_is_under_way_is_kept(world: World, visit: Callable[..., Any]) -> None:
    mia = await visit()
    await mia.opens("general")
    box = mia.page.get_by_role("main").get_by_role("textbox")
    arrived, answered = await mia.holds_up("act")
    await box.fill("First")
    await mia.types("<Enter>")
    await arrived.wait()
    await mia.types("Second", "<Enter>", "and next")
    answered.set()
    said = mia.page.locator("article", has_text=re.compile("First|Second"))
    await expect(said).to_contain_text(["First", "Second"])
    await expect(box).to_have_value("and next")


async def test_what_is_written_in_a_form_while_its_answer_is_under_way_is_kept(visit: Callable[..., Any]) -> None:
    mia = await visit()
    await mia.opens("general")
    await mia.types("/plant", "<Enter>")
    dialog = mia.page.get_by_role("dialog")
    await expect(dialog).to_be_visible()
    arrived, answered = await mia.holds_up("act")
    await mia.types("<Enter>")
    await arrived.wait()
    await mia.types("Ros")
    answered.set()
    await expect(dialog.get_by_text("Please fill this in.")).to_have_count(2)
    await mia.types("e")
    await dialog.get_by_label("When?").fill("blursday")
    arrived, answered = await mia.holds_up("act")
    await mia.types("<Enter>")
    await arrived.wait()
    await dialog.get_by_label("When?").fill("tomorrow 18:00")
    await mia.types("<Enter>")
    answered.set()
    await expect(dialog).to_be_hidden()
    await expect(mia.page.locator("article", has_text="Rose")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE, NARROW])
async def test_axe_finds_nothing(world: World, visit: Callable[..., Any], size: tuple[int, int], scheme: str) -> None:
    await world.plant()
    mia = await visit(size, color_scheme=scheme, reduced_motion="reduce")
    await mia.opens("general")

    async def look(what: str) -> None:
        found = await Axe().run(mia.page)
        assert not found.violations_count, f"{what}: {found.generate_report()}"

    await look("a channel")
    await mia.types("/seed list", "<Enter>", "<Enter>")
    await expect(mia.page.locator("article.private")).to_be_visible()
    await look("a private answer")
    await mia.types("/plant", "<Enter>", "<Enter>")
    await expect(mia.page.get_by_role("dialog")).to_be_visible()
    await mia.types("<Enter>")
    await expect(mia.page.locator("[aria-invalid=true]").first).to_be_visible()
    await look("a form with what is wrong")
    await mia.types("<Escape>")
    await mia.page.evaluate("document.querySelector('[data-to=next]').click()")
    await expect(mia.page.get_by_role("region", name="While you skipped")).to_be_visible()
    await look("what happened")
