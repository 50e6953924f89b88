"""The README's cog is run as it stands there, and what the README names exists."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.memory_story import memory_story
from tests.story import Person, Story

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


(CODE,) = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.fixture
async def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Story]:
    """A story with the README's cog, which is saved and named as the README says."""
    assert "Save it as `timers.py`" in README and "`TRELLIS_COGS=timers:Timers`" in README
    (tmp_path / "timers.py").write_text(CODE, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "timers", raising=False)
    async with memory_story(tmp_path, TRELLIS_COGS="timers:Timers") as story:
        yield story


@pytest.fixture
def mia(story: Story) -> Person:
    return story.person("mia")


async def told(person: Person) -> list[str]:
    """Return what Trellis wrote to someone directly."""
    return [seen.body for seen in await person.sees(person.story.door.direct(person.id))]


async def test_a_timer_rings_once(story: Story, mia: Person) -> None:
    await mia.uses("/timer", length="25 minutes")
    assert "02 Mar 2026, 10:25 UTC" in (await mia.last_private()).body
    await story.passes(minutes=24)
    assert not await told(mia)
    await story.passes(minutes=60)
    assert await told(mia) == ["Your time is up."]


async def test_the_form_asks_for_what_is_missing_and_says_what_is_wrong(story: Story, mia: Person) -> None:
    await mia.uses("/timer")
    assert mia.form and mia.form.title == "A timer"
    await mia.fills(length="a while")
    assert mia.form and "as a length of time" in mia.form.errors["length"]
    await mia.fills(length="1 hour")
    await story.passes(hours=1)
    assert await told(mia) == ["Your time is up."]


async def test_the_button_stops_the_timer_of_whoever_presses_it(story: Story, mia: Person) -> None:
    noah = story.person("noah")
    for person in (mia, noah):
        await person.uses("/timer", length="5 minutes")
    await mia.presses("Never mind")
    assert (await mia.last_private()).body == "All right, I won't."
    await story.passes(minutes=5)
    assert not await told(mia) and await told(noah) == ["Your time is up."]


async def test_it_hears_of_what_another_cog_tells(story: Story, mia: Person) -> None:
    noah = story.person("noah")
    await noah.uses("/question list")
    await story.prefers("noah", direct_ok=True)
    await mia.uses("/ask", question="How do I rotate the webhook secret?")
    thread = story.thread(await mia.reads("rotate the webhook secret", "help"))
    await noah.says("Settings, Webhooks, Rotate.", thread)
    await mia.presses("Mark as solved")
    assert "Your answer solved it. Thank you!" in await told(noah)


def test_the_make_targets_of_the_words_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    for file in ("README.md", "CONTRIBUTING.md"):
        words = (ROOT / file).read_text("utf-8")
        named = set(re.findall(r"^make ([a-z]+)|`(?:[A-Z_]+=\S+ )*make ([a-z]+)", words, re.MULTILINE))
        named = {one or other for one, other in named}
        assert named and named <= targets, f"{file} names {sorted(named - targets)}"
