"""What starts a command from anywhere: each opens its form, and what comes of it is where it belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.memory_story import memory_story
from tests.story import Story

FORMS = {
    "ask": "Ask the community",
    "event create": "Plan an event",
    "poll create": "Ask for votes",
    "idea add": "Suggest an idea",
    "thanks": "Thank someone",
}


@pytest.mark.needs("starts")
async def test_each_opens_its_form_from_anywhere(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await noah.says("Good morning!")
    for command, title in FORMS.items():
        await mia.starts(command)
        assert mia.form and mia.form.title == title
    await mia.fills(member="@noah", reason="For the seeds")
    assert (await noah.reads("For the seeds")).channel == "general"
    await mia.starts("ask")
    await mia.fills(question="How do I prune roses?")
    assert "prune roses" in (await noah.reads("prune roses", "help")).words


@pytest.mark.needs("starts")
async def test_a_poll_that_nobody_else_would_see_goes_to_a_channel_for_it(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.starts("poll create")
    await mia.fills(question="Tea or coffee?", options="tea, coffee")
    assert "It goes to #ideas." in (await mia.reads("Tea or coffee?")).body
    await mia.presses("More settings")
    await mia.fills()
    assert "It goes to #ideas." in (await mia.reads("Tea or coffee?")).body
    await mia.presses("Post it")
    assert (await noah.reads("Tea or coffee?")).channel == "ideas"


async def test_a_poll_is_asked_nowhere_where_there_is_no_channel_for_it(tmp_path: Path) -> None:
    async with memory_story(tmp_path, TRELLIS_IDEAS_CHANNELS="nowhere") as story:
        mia = story.person("mia")
        await mia.starts("poll create")
        await mia.fills(question="Tea or coffee?", options="tea, coffee")
        assert mia.form and "Nobody else would see a poll here" in mia.form.problem


async def test_thanks_that_nobody_else_would_see_are_not_given(tmp_path: Path) -> None:
    async with memory_story(tmp_path, TRELLIS_DIGEST_CHANNELS="nowhere") as story:
        mia, noah = story.person("mia"), story.person("noah")
        await noah.says("Good morning!")
        await mia.starts("thanks")
        await mia.fills(member="@noah", reason="For the seeds")
        assert mia.form and "Nobody else would see it here." in mia.form.problem
        await noah.does_not_read("For the seeds")


@pytest.mark.needs("starts")
@pytest.mark.needs("guests")
async def test_guests_start_nothing_that_is_for_members(story: Story) -> None:
    sofia, mia = story.person("sofia"), story.person("mia")
    await sofia.only_visits()
    await sofia.starts("ask")
    assert sofia.form is None and "Only members" in (await sofia.reads("Only members")).body
    await mia.starts("ask")
    await mia.only_visits()
    await mia.fills(question="How do I prune roses?")
    assert mia.form and "Only members" in mia.form.problem
    await story.person("noah").does_not_read("prune roses")


@pytest.mark.needs("pages")
@pytest.mark.needs("guests")
async def test_a_page_from_before_starts_nothing_for_a_guest(story: Story) -> None:
    """Who was a member when the page was drawn may press it as a guest."""
    sofia = story.person("sofia")
    page = await sofia.opens_page()
    await sofia.only_visits()
    await sofia.presses("Start a poll", on=page)
    assert sofia.form is None and "Only members" in (await sofia.reads("Only members")).body
    assert "You're a guest here" in (await sofia.opens_page()).body and not sofia.page.controls
