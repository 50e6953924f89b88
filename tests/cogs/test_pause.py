"""Whoever pauses is left alone: nothing they write is looked at, nothing is asked of them, and nobody is told."""

from __future__ import annotations

import pytest

from tests.story import Story

from .conftest import Begin

on_memory = pytest.mark.parametrize("kit", ["memory"], indirect=True)
QUESTION = "How do I make backups of the whole database before an upgrade?"


async def test_what_they_write_is_not_looked_at_until_they_go_on(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/privacy pause")
    said = await mia.last_private()
    assert said.title == "Paused" and "I don't look at what you write" in said.body
    await mia.says(QUESTION, channel="help")
    assert not [seen for seen in await mia.sees() if QUESTION in seen.title]
    member = await story.member("mia")
    await story.passes(days=3)
    await mia.says("Good morning!", channel="general")
    await story.passes(hours=1)
    assert (await story.member("mia")).last_active_at == member.last_active_at
    await mia.uses("/privacy pause")
    assert "You paused me" in (await mia.last_private()).title
    await mia.presses("Go on")
    assert (await mia.last_private()).title == "Welcome back"
    await mia.says(QUESTION, channel="help")
    assert [seen for seen in await mia.sees() if QUESTION in seen.title]


async def test_they_are_not_asked_to_help_and_not_told_of_thanks(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/expertise add", topic="backups")
    await noah.uses("/privacy pause")
    before = len(await noah.sees())
    await mia.uses("/ask", question=QUESTION, topic="backups")
    await mia.uses("/thanks", member="@noah", reason="For the help with backups")
    await story.passes(hours=2)
    asked = [
        seen
        for seen in (await noah.sees())[before:]
        if QUESTION in f"{seen.title} {seen.body}" and "noah" in str(seen.pinged).casefold()
    ]
    assert not asked and not [seen for seen in (await noah.sees())[before:] if seen.private]
    await mia.uses("/leaderboard")
    assert "Noah" not in (await mia.last_private()).words


async def test_what_they_ask_for_themselves_still_works(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/privacy pause")
    await mia.uses("/ask", question=QUESTION)
    assert [seen for seen in await mia.sees() if QUESTION in seen.title]


@on_memory
async def test_a_pause_outlives_a_restart_and_another_process_knows_of_it(begin: Begin) -> None:
    story = await begin()
    mia = story.person("mia")
    await mia.uses("/privacy pause")
    await story.app.stop()
    story = await begin()
    mia = story.person("mia")
    await mia.says(QUESTION, channel="help")
    assert not [seen for seen in await mia.sees() if QUESTION in seen.title]
    await story.app.members.set_preferences((await story.member("mia")).id, paused_at=None)  # as another one would
    await story.app.refresh()
    await mia.says(QUESTION, channel="help")
    assert [seen for seen in await mia.sees() if QUESTION in seen.title]


@on_memory
async def test_what_they_said_before_still_goes_away_with_its_message(story: Story) -> None:
    mia = story.person("mia")
    message = await mia.says(QUESTION, channel="help")
    await mia.uses("/privacy pause")
    await mia.deletes(message)
    await story.passes(minutes=5)
    assert not [seen for seen in await story.person("noah").sees() if QUESTION in seen.title]
