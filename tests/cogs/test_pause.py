"""Whoever pauses is left alone: nothing they write is looked at, nothing is asked of them, and nobody is told."""

from __future__ import annotations

import pytest

from tests.story import Story

from .conftest import Begin
from .test_events import TITLE, going, planned
from .test_onboarding import arrived, joining, skips_to
from .test_support import ask_support

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
    await story.app.upkeep.refresh()
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


@pytest.mark.parametrize("direct", [False, True])
async def test_what_they_signed_up_for_still_comes(story: Story, direct: bool) -> None:
    await planned(story)
    await going(story, "noah")
    noah, mia = story.person("noah"), story.person("mia")
    await story.prefers("noah", direct_ok=direct)
    await noah.uses("/privacy pause")
    await story.passes(days=2, hours=8)
    reminder = await noah.reads(f"{TITLE} starts ")
    assert direct or reminder.pinged == {"noah"}
    await mia.uses("/event cancel", event="1")
    await mia.presses("Cancel it")
    assert await noah.reads("is cancelled")
    await mia.does_not_read("didn't reach")


async def test_a_freed_place_is_theirs_while_they_have_paused(story: Story) -> None:
    await planned(story, capacity="1")
    await going(story, "noah")
    await going(story, "kenji")
    kenji = story.person("kenji")
    await kenji.uses("/privacy pause")
    await story.person("noah").uses("/event show", event="1")
    await story.person("noah").presses("Can't")
    assert await kenji.reads("is free, and it's yours if you want it")


async def test_an_agent_who_has_paused_has_no_turn(story: Story) -> None:
    ava, omar = story.person("ava"), story.person("omar")
    await ava.uses("/duty on")
    await story.passes(minutes=1)
    await omar.uses("/duty on")
    await ava.uses("/privacy pause")
    await ask_support(story)
    assert await ava.reads("@Omar, it's your turn", "agents")
    await ava.does_not_read("@Ava, it's your turn")


@joining
async def test_a_buddy_who_has_paused_is_introduced_to_nobody(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    for person in (mia, noah):
        await person.uses("/me")
        await person.presses("Be a buddy")
        await story.passes(minutes=1)
    await mia.uses("/privacy pause")
    zoe = await arrived(story)
    await zoe.presses("Start")
    await skips_to(zoe, "Meet a buddy")
    await zoe.presses("Find me a buddy")
    assert (await zoe.reads("Meet your buddy")).pinged == {"zoe", "noah"}
