"""The page's own labels: in the language of whom one acts as, whole, and none that nobody says any more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.async_api import expect

import adapters.playground

from .conftest import World

PAGE = Path(adapters.playground.__file__).with_name("page")
STRING = r'"(?:[^"\\]|\\.)*"'


def translated() -> set[str]:
    source = (PAGE / "words-de.js").read_text("utf-8")
    return {
        json.loads(key) if key.startswith('"') else key
        for key in re.findall(rf"^  ({STRING}|\w+):(?=\s)", source, re.MULTILINE)
    }


def sources() -> str:
    files = [file for file in sorted(PAGE.glob("*.js")) if file.name != "words-de.js"]
    joined = "\n".join(file.read_text("utf-8") for file in [*files, PAGE / "index.html"])
    return re.sub(r'" \+\n\s*"', "", joined)


def test_every_label_is_translated() -> None:
    said = {json.loads(literal) for literal in re.findall(rf"(?<![.\w])say\(\s*({STRING})", sources())}
    assert said - translated() == set()


def test_no_sentence_stands_in_the_code_untranslated() -> None:
    scripts = "\n".join(line for line in sources().splitlines() if not line.lstrip().startswith(("//", "/*", "*", "<")))
    sentences = {json.loads(literal) for literal in re.findall(r'"[A-Z][^"\\\n]* [^"\\\n]*"', scripts)}
    keys = {"Alt ↑ ↓", "Ctrl Enter"}
    assert sentences - translated() == keys


def test_no_translation_is_of_something_that_nobody_says() -> None:
    whole = sources()
    assert [key for key in sorted(translated()) if key not in whole] == []


async def test_labels_follow_whom_one_acts_as(world: World, visit: Callable[..., Any]) -> None:
    world.playground.languages = ["en", "de"]
    mia = await visit()
    await mia.opens("general")
    await mia.page.get_by_role("main").get_by_role("textbox").fill("half a thought")
    await mia.page.get_by_label("Trellis speaks").select_option("Deutsch")
    await expect(mia.page.get_by_role("button", name="eine Stunde")).to_be_visible()
    await expect(mia.page.get_by_role("heading", name="Du handelst als")).to_be_visible()
    await expect(mia.page.locator("html")).to_have_attribute("lang", "de")
    pages = mia.page.get_by_role("navigation", name="Seiten")
    await expect(pages.get_by_role("link", name="Blumenbeete (öffnet")).to_be_visible()
    await expect(mia.page.get_by_text("Alles, was sonst nirgends hingehört")).to_be_visible()
    box = mia.page.get_by_role("textbox", name="In #general schreiben, oder / für Befehle")
    await expect(box).to_have_value("half a thought")
    await mia.page.get_by_role("radio", name="Noah").click()
    await expect(mia.page.get_by_role("button", name="Skip an hour")).to_be_visible()
    await expect(mia.page.get_by_role("link", name="Flower beds (opens")).to_be_visible()
    await expect(mia.page.locator("html")).to_have_attribute("lang", "en")
    await mia.page.get_by_role("radio", name="Mia").click()
    await mia.page.reload()
    await expect(mia.page.get_by_role("button", name="Mia geht")).to_be_visible()


async def test_moments_in_cards_are_told_in_the_language_of_the_page(world: World, visit: Callable[..., Any]) -> None:
    world.playground.languages = ["en", "de"]
    planted = await world.plant()
    mia = await visit()
    await mia.opens("general")
    when = mia.page.locator(f"article[data-id='{planted['id']}'] .card time")
    await expect(when).to_have_text("Thu 26 Nov, 13:00 (in 2 days)")
    await mia.page.get_by_label("Trellis speaks").select_option("Deutsch")
    await expect(when).to_have_text("Do. 26. Nov., 13:00 (in 2 Tagen)")
