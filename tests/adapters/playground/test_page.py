"""The page, in a real browser. Skipped where there is none."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Download, expect

from adapters.contract.models import Account
from adapters.playground.records import SPACE

from .browsing import PHONE, WIDE
from .conftest import PICTURE, TABLE, World


async def test_a_command_is_completed_asked_put_right_and_done_by_keyboard_alone(visit: Any) -> None:
    mia = await visit()
    await mia.opens("general")
    await mia.types("/")
    await expect(mia.page.get_by_role("option")).to_have_count(11)
    await mia.types("pl", "<Enter>", "<Enter>")
    dialog = mia.page.get_by_role("dialog", name="Plant something")
    await expect(dialog).to_be_visible()
    assert await mia.focus() == "field-plant"
    await mia.types("Rose", "<Tab>", "blursday", "<Enter>")
    wrong = dialog.get_by_label("When?")
    await expect(wrong).to_have_attribute("aria-invalid", "true")
    await expect(wrong).to_be_focused()
    described = str(await wrong.get_attribute("aria-describedby")).split()
    await expect(mia.page.locator(f"#{described[-1]}")).to_contain_text("time")
    await wrong.fill("tomorrow 18:00")
    await mia.types("<Enter>")
    await expect(dialog).to_be_hidden()
    card = mia.page.locator("article", has_text="Water it Wed 25 Nov, 18:00")
    await expect(card.get_by_role("heading")).to_have_text("Rose")
    assert await mia.focus() == "talk-input"


async def test_commands_stand_in_groups_and_are_found_by_what_they_do(visit: Any) -> None:
    for size in (WIDE, PHONE):
        mia = await visit(size)
        await mia.opens("general")
        await mia.page.get_by_role("button", name="Look through the commands").click()
        offers = mia.page.get_by_role("listbox", name="Suggestions")
        group = offers.get_by_role("group", name="Seed", exact=True)
        await expect(group.get_by_role("option")).to_have_count(2)
        await expect(offers.get_by_role("option", name="/prune")).to_have_count(0)
        await mia.types("sw")
        await expect(offers.get_by_role("option")).to_have_count(1)
        await expect(offers.get_by_role("option")).to_contain_text("/seed swap")
        await mia.types("<Backspace>", "<Backspace>", "shed", "<Enter>")
        await expect(mia.page.get_by_role("main").get_by_role("textbox")).to_have_value("/seed list ")
        await mia.types("<Enter>")
        await expect(mia.page.locator("article", has_text="peas")).to_be_visible()
    liam = await visit()
    await liam.opens("general", "liam")
    await liam.types("/pru")
    await expect(liam.page.get_by_role("option")).to_contain_text("/prune")


async def read(saved: Download) -> bytes:
    return await asyncio.to_thread(Path(await saved.path()).read_bytes)


async def test_what_an_option_may_be_is_suggested_while_one_types(visit: Any) -> None:
    mia = await visit()
    await mia.opens("general")
    await mia.types("/plant ros")
    offers = mia.page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    await expect(offers).to_have_text(["RoseWhat is it?", "RosemaryWhat is it?"])
    await mia.types("<ArrowDown>", "<ArrowDown>", "<Enter>")
    await expect(mia.page.get_by_role("main").get_by_role("textbox")).to_have_value("/plant Rosemary ")


async def test_a_picture_fits_its_card_and_files_can_be_saved(world: World, visit: Any) -> None:
    await world.act("mia", "command", channel="general", name="picture")
    for size in (WIDE, PHONE):
        mia = await visit(size)
        await mia.opens("general")
        card = mia.page.locator(".card")
        picture = card.get_by_role("img", name=PICTURE.text)
        await expect(picture).to_be_visible()
        await expect(picture).to_have_js_property("naturalWidth", 1)
        outer, inner = await card.bounding_box(), await picture.bounding_box()
        assert outer and inner and inner["x"] + inner["width"] <= outer["x"] + outer["width"]
        await card.get_by_text("In words").click()
        await expect(card.get_by_text(PICTURE.text)).to_be_visible()
        async with mia.page.expect_download() as saving:
            await card.get_by_role("link", name=TABLE.name).click()
        saved = await saving.value
        assert saved.suggested_filename == TABLE.name
        assert (await read(saved)) == TABLE.content


async def test_a_picture_and_files_are_seen_as_elsewhere(world: World, visit: Any) -> None:
    await world.act("mia", "command", channel="general", name="picture")
    mia = await visit()
    await mia.opens("general")
    await mia.page.locator("article").first.focus()
    await mia.types("<Enter>")
    await mia.page.get_by_role("menuitem", name="See as Discord").click()
    for platform in ("Slack", "Discord"):
        await mia.page.get_by_role("radio", name=platform).check()
        shown = mia.page.get_by_role("article", name=f"The message on {platform}")
        picture = shown.get_by_role("img", name=PICTURE.text)
        await expect(picture).to_be_visible()
        await expect(picture).to_have_js_property("naturalWidth", 1)
        await expect(shown.get_by_text(TABLE.name)).to_be_visible()


async def test_what_happened_while_time_was_skipped_is_marked(world: World, visit: Any) -> None:
    mia = await visit()
    await mia.opens("events")
    await mia.types("/seed swap", "<Enter>", "<Enter>")
    await expect(mia.page.locator("article", has_text="Sunday")).to_be_visible()
    await mia.page.get_by_role("button", name="Skip a week").click()
    await expect(mia.page.locator("article", has_text="Time to water")).to_be_visible()
    lines = mia.page.locator("li")
    await expect(lines.filter(has_text="Time to water").locator("xpath=preceding-sibling::li[1]")).to_have_text("New")
    await mia.types("Lovely", "<Enter>")
    await expect(mia.page.locator(".line.new")).to_have_count(1)


async def test_a_message_is_deleted_where_that_is_allowed(world: World, visit: Any) -> None:
    said = (await world.act("noah", "message", channel="general", text="Oops"))["posted"][0]
    mia, noah = await visit(), await visit()
    for visitor, who in ((mia, "mia"), (noah, "noah")):
        await visitor.opens(f"general/{said['id']}", who)
        await visitor.page.locator(f"[data-id={said['id']}]").focus()
        await visitor.types("<Enter>")
        await expect(visitor.page.get_by_role("menuitem", name="Reply in thread")).to_be_visible()
    await expect(mia.page.get_by_role("menuitem", name="Delete")).to_have_count(0)
    await noah.page.get_by_role("menuitem", name="Delete").click()
    for visitor in (mia, noah):
        await expect(visitor.page.locator("article")).to_have_count(0)


async def test_the_pages_beside_this_one_are_one_step_away(visit: Any) -> None:
    mia, narrow = await visit(), await visit(PHONE)
    await mia.opens("general")
    link = mia.page.get_by_role("navigation", name="Pages").get_by_role("link", name="Flower beds")
    await expect(link).to_have_attribute("href", "/beds")
    await narrow.opens("general")
    await narrow.page.get_by_role("button", name="People and channels").click()
    await expect(narrow.page.get_by_role("link", name="Flower beds")).to_be_visible()


async def test_private_replies_are_marked_and_stay_private(visit: Any) -> None:
    mia, noah = await visit(), await visit()
    await mia.opens("general")
    await noah.opens("general", "noah")
    await mia.types("/", "whisper", "<Enter>")
    reply = mia.page.locator("article", has_text="psst")
    await expect(reply).to_contain_text("Only you can see this")
    await reply.get_by_role("button", name="Again").click()
    await expect(reply).to_contain_text("psst 2")
    await expect(noah.page.locator("article")).to_have_count(0)


async def test_what_others_do_appears_by_itself_and_is_read_out(world: World, visit: Any) -> None:
    mia = await visit()
    await mia.opens("general")
    await world.act("noah", "message", channel="general", text="<img src=x onerror=alert(1)> @mia")
    await expect(mia.page.locator("article .words")).to_have_text("<img src=x onerror=alert(1)> @Mia")
    await expect(mia.page.locator("#announcer")).to_contain_text("Noah: <img")
    await world.act("noah", "message", channel="help", text="Look, @mia")
    await expect(mia.page.get_by_role("link", name="help 1 mention", exact=True)).to_be_visible()


async def test_messages_are_reached_and_used_by_keyboard(world: World, visit: Any) -> None:
    first = (await world.act("noah", "message", channel="general", text="One"))["posted"][0]
    await world.act("kenji", "message", channel="general", text="Two")
    mia = await visit()
    await mia.opens(f"general/{first['id']}")
    await mia.page.locator("article[tabindex='0']").focus()
    await mia.types("<Home>", "<Enter>")
    await expect(mia.page.get_by_role("menuitem", name="Admire")).to_be_visible()
    await mia.types("<Escape>", "r", "<Enter>")
    await expect(mia.page.get_by_role("button", name="👍 1, by you")).to_be_visible()
    await mia.types("t", "Indeed", "<Enter>")
    await expect(mia.page.locator("#thread article")).to_have_count(2)
    await expect(mia.page.locator("#talk .thread-link")).to_contain_text("1 reply")
    await mia.types("<Escape>")
    await expect(mia.page.locator("#thread")).to_be_hidden()


async def test_time_is_skipped_and_what_happened_is_said(world: World, visit: Any) -> None:
    await world.plant()
    mia = await visit()
    await mia.opens("general")
    await mia.page.get_by_role("button", name="Skip to the next happening").click()
    meanwhile = mia.page.get_by_role("region", name="While you skipped")
    await expect(meanwhile).to_contain_text("It's Tue 24 Nov, 15:00.")
    await meanwhile.get_by_role("link", name="#events Time to water").click()
    await expect(mia.page.locator("#talk-title")).to_have_text("#events")
    await expect(mia.page.locator("article", has_text="Time to water")).to_be_in_viewport()
    await meanwhile.get_by_role("button", name="Close the list").click()
    await expect(meanwhile).to_have_count(0)
    assert await mia.focus() == "talk-input"


async def test_whoever_one_acts_as_is_remembered(visit: Any) -> None:
    page = (visitor := await visit()).page
    await visitor.opens("general")
    await page.get_by_role("radio", name="Ava").click()
    await expect(page.get_by_role("link", name="agents")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("radio", name="Ava")).to_be_checked()
    await page.get_by_role("radio", name="Kenji").click()
    await expect(page.get_by_role("link", name="agents")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_phone(world: World, visit: Any, scheme: str) -> None:
    await world.plant()
    mia = await visit(PHONE, has_touch=True, is_mobile=True, color_scheme=scheme)
    await mia.opens("general")
    await expect(mia.page.locator("article")).to_have_count(1)
    assert await mia.page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    assert await mia.page.evaluate(SMALL_TARGETS) == []
    await mia.page.get_by_role("button", name="People and channels").tap()
    await mia.page.get_by_role("link", name="help").tap()
    await expect(mia.page.locator("#talk-title")).to_have_text("#help")
    await expect(mia.page.locator("#side")).not_to_be_in_viewport()


SMALL_TARGETS = """
[...document.querySelectorAll("button, .button, select, input, textarea")]
  .filter((each) => !each.closest("[inert]"))
  .map((each) => [each, each.getBoundingClientRect()])
  .filter(([each, { width, height }]) => width && height && each.checkVisibility() && Math.min(width, height) < 44)
  .map(([each]) => each.outerHTML)
"""


async def test_a_card_is_seen_as_on_other_platforms(world: World, visit: Any) -> None:
    planted = await world.plant()
    noah = await visit()
    await noah.opens(f"general/{planted['id']}", "noah")
    card = noah.page.locator(f"article[data-id='{planted['id']}']")
    await card.focus()
    await noah.types("<Enter>")
    await noah.page.get_by_role("menuitem", name="See as Discord").click()
    dialog = noah.page.get_by_role("dialog", name="As Discord shows it")
    shown = dialog.get_by_role("article", name="The message on Discord")
    await expect(shown.locator("small")).to_have_text(["False None", "@Noah"])
    await expect(shown).to_have_css("background-color", "rgb(63, 59, 53)")
    await expect(shown.get_by_role("heading")).to_have_text("Rose")
    await expect(shown.locator(".container")).to_have_css("--bar", "#3b82c4")
    await expect(shown.get_by_text("Water it")).to_have_text(
        "Water it Thursday, 26 November 2026 at 13:00 (in 2 days). drip"
    )
    await expect(shown.locator("code")).to_have_text("drip")
    await expect(shown.locator(".mention").first).to_have_text("@Mia")
    for inert in (shown.get_by_role("button"), shown.get_by_role("combobox")):
        assert set(await inert.evaluate_all("all => all.map((each) => each.ariaDisabled)")) == {"true"}
    await expect(shown.get_by_role("button")).to_have_text(["Water", "Rename", "Guide(a link)"])
    await noah.types("<ArrowRight>")
    dialog = noah.page.get_by_role("dialog", name="As Slack shows it")
    shown = dialog.get_by_role("article", name="The message on Slack")
    await expect(shown.get_by_role("heading")).to_have_text("Rose")
    await expect(shown.get_by_role("link", name="@Mia")).to_be_visible()
    await expect(shown.locator(".mention.you")).to_have_text("@Noah")
    await expect(shown.get_by_role("combobox", name="Harvest …")).to_be_visible()
    await expect(dialog.get_by_role("radio", name="Slack")).to_be_focused()
    await dialog.get_by_role("radio", name="Dark").check()
    await expect(shown).to_have_css("background-color", "rgb(26, 29, 33)")
    await dialog.get_by_text("Show the JSON").click()
    await expect(dialog.get_by_label("JSON")).to_contain_text('"action_id": "garden.water:1"')
    await noah.types("<Escape>")
    await expect(dialog).to_be_hidden()
    await expect(card).to_be_focused()


async def test_a_private_card_is_seen_as_on_other_platforms_and_nothing_else(world: World, visit: Any) -> None:
    await world.act("mia", "command", channel="general", line="/whisper")
    mia = await visit(PHONE, has_touch=True, is_mobile=True, reduced_motion="reduce")
    await mia.opens("general")
    await mia.page.get_by_role("button", name="More").tap()
    await expect(mia.page.get_by_role("menuitem")).to_have_text(["See as Discord", "See as Slack"])
    await mia.page.get_by_role("menuitem", name="See as Slack").tap()
    dialog = mia.page.get_by_role("dialog", name="As Slack shows it")
    await expect(dialog.get_by_role("article")).to_contain_text("Only visible to you")
    await dialog.get_by_text("Show the JSON").tap()
    assert await dialog.evaluate("dialog => dialog.scrollWidth === dialog.clientWidth")
    assert await mia.page.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    assert await mia.page.evaluate(SMALL_TARGETS) == []


HARMLESS = {
    "discord": r"**b** \*\*not\*\* `` a`b `` [l\]abel](https://example.org/?a=b) <https://example.org/x> "
    "<t:1795521600:D> \\# no\n# yes\n> said\n```py\n<b>**x**</b>\n```\n"
    "<img src=x onerror=alert(1)> ~~gone~~ ||hidden|| <@404> </event list:1>",
    "slack": "*b* \u200b*\u200bnot\u200b*\u200b snake_case_word `a*b*` <https://example.org/?a=b&amp;c|label> "
    "<!date^1795521600^{date_short_pretty} at {time}|later> <!date^1^{odd}|then>\n&gt; said\n"
    "```\n&lt;b&gt;*x*\n```\n&lt;img src=x onerror=alert(1)&gt; ~gone~ <@U404> <#C404|here>",
}
DRAWN = {
    "discord": [
        ["strong", "b"],
        ["code", " a`b "],
        ["a", "l]abel"],
        ["a", "https://example.org/x"],
        ["time", "24 November 2026"],
        ["h3", "yes"],
        ["blockquote", "said"],
        ["pre", "<b>**x**</b>"],
        ["s", "gone"],
        ["span", "hidden"],
        ["span", "@unknown"],
        ["span", "/event list"],
    ],
    "slack": [
        ["strong", "b"],
        ["code", "a*b*"],
        ["a", "label"],
        ["time", "today at 13:00"],
        ["blockquote", "said"],
        ["pre", "<b>*x*"],
        ["s", "gone"],
        ["span", "@U404"],
        ["span", "#here"],
    ],
}


@pytest.mark.parametrize("platform", ["discord", "slack"])
async def test_markup_is_read_as_the_platform_reads_it(visit: Any, platform: str) -> None:
    mia = await visit()
    await mia.opens("general")
    drawn = await mia.page.evaluate(
        """async ([platform, words]) => {
            const view = {
                known: {}, viewer: "mia", zone: "Europe/Berlin", at: new Date(0), isPrivate: false,
                now: new Date(1795521600000), picture: null, files: [],
            };
            const text = { type: "mrkdwn", text: words, verbatim: true };
            const [module, payload] = platform === "discord"
                ? ["./as-discord.js", { components: [{ type: 10, content: words }], allowed_mentions: {} }]
                : ["./as-slack.js", { blocks: [{ type: "section", text }] }];
            const [draw] = Object.values(await import(module));
            const marked = draw(payload, view).querySelector(".marked");
            return [[...marked.children].map((each) => [each.localName, each.textContent]), marked.textContent];
        }""",
        [platform, HARMLESS[platform]],
    )
    assert drawn[0] == DRAWN[platform]
    assert "<img src=x onerror=alert(1)>" in drawn[1]
    assert "not" in drawn[1]


async def test_a_role_that_trellis_gave_stands_beside_the_name(world: World, visit: Any) -> None:
    await world.act("noah", "message", channel="general", text="One")
    mia = await visit()
    await mia.opens("general")
    byline = mia.page.locator("article .byline")
    await expect(byline).not_to_contain_text("mentor")
    await world.playground.set_role(Account(SPACE, "noah"), "mentor", True)
    await expect(byline).to_contain_text("mentor")


async def test_a_thread_outlives_the_message_above_it(world: World, visit: Any) -> None:
    root = (await world.act("noah", "message", channel="general", text="Root"))["posted"][0]
    await world.act("kenji", "message", channel=f"t-{root['id']}", text="Leaf")
    mia = await visit()
    await mia.opens(f"t-{root['id']}")
    thread = mia.page.get_by_role("complementary")
    await expect(thread.get_by_text("1 reply")).to_be_visible()
    await world.act("noah", "delete", message=root["id"])
    await expect(thread.locator("article")).to_have_count(1)
    await expect(thread.locator("article")).to_contain_text("Leaf")


async def test_what_one_wrote_is_edited_on_the_page(world: World, visit: Any) -> None:
    await world.act("mia", "message", channel="general", text="rotate --force")
    await world.act("noah", "message", channel="general", text="Of Noah's")
    mia = await visit()
    await mia.opens("general")
    article = mia.page.locator("article", has_text="rotate --force")
    await article.hover()
    await article.get_by_role("button", name="More").click()
    await mia.page.get_by_role("menuitem", name="Edit").click()
    await mia.page.get_by_role("dialog").get_by_label("Message").fill("rotate --graceful")
    await mia.page.get_by_role("button", name="Save").click()
    await expect(mia.page.locator("article", has_text="rotate --graceful (edited)")).to_be_visible()
    article = mia.page.locator("article", has_text="Of Noah's")
    await article.hover()
    await article.get_by_role("button", name="More").click()
    await expect(mia.page.get_by_role("menuitem", name="Copy link")).to_be_visible()
    await expect(mia.page.get_by_role("menuitem", name="Edit")).to_have_count(0)


async def test_the_language_of_whom_one_acts_as_is_chosen(world: World, visit: Any) -> None:
    world.playground.languages = ["en", "de"]
    mia = await visit()
    await mia.opens("general")
    await mia.page.get_by_label("Trellis speaks").select_option("Deutsch")
    await mia.types("/plant", "<Enter>", "<Enter>")
    await expect(mia.page.get_by_role("dialog")).to_be_visible()
    await mia.page.get_by_role("button", name="Plant", exact=True).click()
    await expect(mia.page.get_by_role("dialog").get_by_text("Please fill this in.")).to_have_count(0)
    await expect(mia.page.locator("[aria-invalid=true]")).not_to_have_count(0)
