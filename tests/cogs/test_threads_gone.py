"""A thread under a card is deleted, or closed: what is about the thing finds another place, and nothing is tried on."""

from __future__ import annotations

import pytest

from adapters.memory import Memory
from tests.story import Story

from .test_ideas import suggests
from .test_questions import SECRET, thread_of

pytestmark = pytest.mark.parametrize("kit", ["memory"], indirect=True)


def platform_of(story: Story) -> Memory:
    platform = story.door.platform  # type: ignore[attr-defined]
    assert isinstance(platform, Memory)
    return platform


async def decided(story: Story, status: str) -> None:
    await story.person("liam").uses("/idea status", idea="1", status=status, note="Because.")


@pytest.mark.parametrize("heard", [True, False])
async def test_a_thread_that_is_deleted_is_opened_again_once(story: Story, heard: bool) -> None:
    mia, platform = story.person("mia"), platform_of(story)
    card = (await suggests(mia)).id

    async def delete() -> None:
        await platform.delete_thread(card, heard=heard)
        await story.app.settle()

    await delete()
    await decided(story, "planned")
    assert "is planned" in (await mia.reads("is planned", story.thread(card))).words
    await delete()
    await decided(story, "started")
    assert story.thread(card) not in platform.places, "who deletes it twice wants none"
    assert "being worked on" in (await mia.reads("being worked on", "ideas")).words
    await mia.does_not_read("is planned")


async def test_what_a_closed_thread_does_not_take_is_not_tried_on(story: Story) -> None:
    mia, platform = story.person("mia"), platform_of(story)
    card = (await suggests(mia)).id
    platform.locked.add(story.thread(card))
    await decided(story, "planned")
    await mia.does_not_read("is planned")
    tries = platform.tries
    await story.passes(days=10)
    assert platform.tries == tries


@pytest.mark.parametrize("heard", [True, False])
async def test_a_question_goes_on_in_the_thread_that_is_opened_again(story: Story, heard: bool) -> None:
    mia, noah, platform = story.person("mia"), story.person("noah"), platform_of(story)
    await mia.uses("/ask", question=SECRET)
    card = await mia.reads(SECRET, "help")
    await platform.delete_thread(card.id, heard=heard)
    await story.app.settle()
    await noah.presses("I can help", on=card)
    thread = await thread_of(mia, SECRET)
    assert "@Noah is looking at this." in (await mia.reads("is looking at this", thread)).words
    await noah.says("Under Settings, Webhooks, Rotate.", thread)
    assert (await mia.reads(SECRET, "help")).fields["State"] == "💬 Answered"


async def test_a_question_beneath_a_post_whose_thread_is_deleted_stands_in_the_new_one(story: Story) -> None:
    mia, noah, platform = story.person("mia"), story.person("noah"), platform_of(story)
    post = await mia.says(SECRET, "help")
    await platform.delete_thread(post)
    await story.app.settle()
    await noah.presses("I can help", on=await noah.reads(SECRET, story.thread(post)))
    assert (await noah.reads(SECRET, story.thread(post))).fields["State"].endswith("@Noah is on it")


async def test_a_post_that_is_gone_before_it_has_a_thread_is_no_question(story: Story) -> None:
    mia, platform = story.person("mia"), platform_of(story)
    platform.down = True
    post = await mia.says(SECRET, "help")
    del platform.messages[post]
    platform.down = False
    await story.passes(hours=3)
    await mia.uses("/question list", status="mine")
    assert "There's nothing here" in (await mia.last_private()).words
    assert not await story.person("ava").sees("agents")


async def test_what_solved_a_question_is_known_no_more_when_its_thread_is_deleted(story: Story) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    await noah.says("I looked into this, too.", thread)
    await mia.picks("Mark as answer", await noah.says("Settings, Webhooks, Rotate.", thread))
    card = await kenji.reads(SECRET, "help")
    assert "Solved" in card.fields["State"]
    await platform_of(story).delete_thread(card.id)
    await story.app.settle()
    assert "Solved" not in (await kenji.reads(SECRET, "help")).fields["State"]
    await kenji.uses("/ask", question=SECRET)
    assert "Settings, Webhooks, Rotate." not in (await kenji.last_private()).words
