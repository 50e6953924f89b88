"""What follows when an answer is deleted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.story import Story

from .conftest import Begin
from .test_edited import GRACEFUL, next_asker_reads, solved_by_noah
from .test_questions import SECRET, thread_of
from .test_recognition import points
from .test_solving import answered, state


@pytest.mark.needs("taking back")
async def test_a_deleted_answer_that_solved_it_is_asked_for_again(story: Story) -> None:
    thread, answer = await solved_by_noah(story)
    mia, noah, sofia = (story.person(name) for name in ("mia", "noah", "sofia"))
    await noah.deletes(answer)
    assert await state(story) == "💬 Answered"
    asked = await mia.reads("the message that solved")
    assert asked.pinged == {"mia"}
    assert await points(story, "noah") == "You aren't on it yet."
    await sofia.says("Under Settings, Webhooks, Rotate.", thread)
    await mia.presses("Yes, it's solved", on=asked)
    which = await mia.last_private()
    assert list(which.options) == ["Sofia: Under Settings, Webhooks, Rotate."]
    await mia.chooses("Sofia")
    assert await state(story) == "✅ Solved by @Sofia"


@pytest.mark.needs("taking back")
async def test_what_nothing_solves_any_more_is_asked_around_again(story: Story) -> None:
    _, answer = await solved_by_noah(story)
    mia, noah = story.person("mia"), story.person("noah")
    await noah.deletes(answer)
    await mia.presses("Not yet", on=await mia.reads("the message that solved"))
    assert await state(story) == "🌱 Open"


@pytest.mark.needs("taking back")
async def test_a_deleted_answer_is_known_no_more(story: Story) -> None:
    _, answer = await solved_by_noah(story)
    await story.person("noah").deletes(answer)
    assert "This solved it" not in await next_asker_reads(story)
    await story.person("kenji").does_not_read("--force")


@pytest.mark.needs("taking back")
async def test_a_question_whose_only_answer_is_deleted_is_unanswered(story: Story) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    thread, answer = await answered(story)
    second = await kenji.says(GRACEFUL, thread)
    await noah.deletes(answer)
    assert await state(story) == "💬 Answered"
    await mia.presses("Mark as solved")
    assert list((await mia.last_private()).options) == ["Kenji: Rotate it with `rotate --graceful`."]
    await kenji.deletes(second)
    assert await state(story) == "🌱 Open"


@pytest.mark.needs("taking back")
async def test_support_reads_what_stands_by_now(story: Story) -> None:
    mia, noah, kenji, ava = (story.person(name) for name in ("mia", "noah", "kenji", "ava"))
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    asked = await noah.says("Which version do you have installed?", thread)
    gone = await kenji.says("And which browser do you use there?", thread)
    await mia.presses("Talk to support")
    await noah.edits(asked, "Which edition do you have installed?")
    await kenji.deletes(gone)
    card = (await ava.reads(SECRET, "agents")).words
    assert "Which edition" in card and "Which version" not in card and "Kenji" not in card


@pytest.mark.needs("taking back")
async def test_what_was_edited_and_then_deleted_stays_deleted(story: Story) -> None:
    noah = story.person("noah")
    _, answer = await solved_by_noah(story)
    await noah.edits(answer, GRACEFUL)
    await noah.deletes(answer)
    await noah.does_not_read("--graceful")
    assert "--graceful" not in await next_asker_reads(story)


# While Trellis is away, no platform tells what is deleted, nor what is edited where nobody wrote lately


@pytest.mark.parametrize("kit", ["memory", "slack"], indirect=True)
@pytest.mark.needs("absence")
@pytest.mark.needs("taking back")
async def test_what_solved_a_question_and_was_deleted_meanwhile_is_asked_for_again(story: Story, begin: Begin) -> None:
    thread, answer = await solved_by_noah(story)
    await story.passes(days=3)
    story = await away(story, begin, lambda there: there.person("noah").deletes(answer))
    assert (await story.person("mia").reads("Is it still solved?", thread)).pinged == {"mia"}
    assert "This solved it" not in await next_asker_reads(story)


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_a_question_that_was_deleted_meanwhile_is_taken_back(story: Story, begin: Begin) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    post = await mia.says(SECRET, "help")
    story = await away(story, begin, lambda there: there.person("mia").deletes(post))
    await story.passes(hours=2)
    assert not await story.person(ava.id).sees("agents")


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
@pytest.mark.parametrize("seen", [True, False])
async def test_nothing_is_taken_for_deleted_where_nothing_can_be_seen(story: Story, begin: Begin, seen: bool) -> None:
    _, answer = await solved_by_noah(story)
    platform: Any = getattr(story.door, "platform", None)
    kept = {**platform.messages}

    async def hides(_: Story) -> None:
        platform.messages = {id_: one for id_, one in kept.items() if seen and id_ != answer}

    story = await away(story, begin, hides)
    platform.messages = kept | platform.messages
    assert (await state(story) == "💬 Answered") is seen


async def away(story: Story, begin: Begin, meanwhile: Callable[[Story], Awaitable[None]]) -> Story:
    """Have something happen while Trellis is stopped; return the story some minutes after its start."""
    await story.app.stop()
    await meanwhile(story)
    story = await begin()
    await story.app.settle()
    await story.app.catching_up.done()
    await story.passes(minutes=5)
    return story


async def forgotten_helper(story: Story) -> str:
    """Have Noah solve what Mia asked and be forgotten; return the answer."""
    _, answer = await solved_by_noah(story)
    noah = story.person("noah")
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    return answer


async def test_what_somebody_who_was_forgotten_edits_helps_in_its_new_words_without_their_name(story: Story) -> None:
    answer = await forgotten_helper(story)
    noah = story.person("noah")
    await noah.edits(answer, GRACEFUL)
    card = await story.person("liam").reads(SECRET, "help")
    assert "--graceful" in card.words and "--force" not in card.words and "Noah" not in card.words
    assert "--graceful" in await next_asker_reads(story)
    assert await story.app.members.by_account(story.door.account("noah").key) is None, "it doesn't bring them back"
    await noah.edits(answer, "bump")
    assert await state(story) == "💬 Answered"


@pytest.mark.parametrize("kit", ["memory", "slack"], indirect=True)
@pytest.mark.needs("absence")
async def test_a_question_asks_the_same_after_an_absence_when_who_solved_it_was_forgotten(
    story: Story, begin: Begin
) -> None:
    answer = await forgotten_helper(story)
    story = await away(story, begin, lambda there: there.person("noah").edits(answer, GRACEFUL))
    card = await story.person("liam").reads(SECRET, "help")
    assert card.title == SECRET and "--graceful" in card.words and "--force" not in card.words


@pytest.mark.needs("taking back")
async def test_what_somebody_who_was_forgotten_deletes_helps_nobody_any_more(story: Story) -> None:
    answer = await forgotten_helper(story)
    assert "rotate --force" in await next_asker_reads(story)
    await story.person("noah").deletes(answer)
    assert await state(story) == "💬 Answered"
    assert "rotate --force" not in await next_asker_reads(story)
