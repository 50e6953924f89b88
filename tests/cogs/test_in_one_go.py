"""What somebody says in several messages, shortly after one another, is one answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.story import Story

from .conftest import Begin
from .test_edited import card_words, next_asker_reads
from .test_questions import SECRET, thread_of
from .test_solving import state

HOW, CODE, OTHER = "Here's how, it keeps the sessions:", "```\nrotate --graceful\n```", "```\nrotate --slowly\n```"


async def in_two(story: Story) -> tuple[str, str]:
    """Have Noah answer what Mia asked in two messages; return both."""
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    first = await noah.says(HOW, thread)
    await story.passes(seconds=40)
    return first, await noah.says(CODE, thread)


async def test_an_answer_in_two_messages_solves_it_as_one(story: Story) -> None:
    await in_two(story)
    await story.person("mia").presses("Mark as solved")
    assert await state(story) == "✅ Solved by @Noah"
    words = await card_words(story)
    assert "keeps the sessions" in words and "rotate --graceful" in words
    assert "rotate --graceful" in await next_asker_reads(story)


@pytest.mark.parametrize("marked", [0, 1])
async def test_whichever_of_them_is_marked_all_of_it_is_kept(story: Story, marked: int) -> None:
    both = await in_two(story)
    await story.person("mia").picks("Mark as answer", both[marked])
    words = await card_words(story)
    assert words.index("keeps the sessions") < words.index("rotate --graceful")


async def test_what_is_said_right_after_it_was_marked_is_kept_with_it(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    await mia.picks("Mark as answer", await noah.says(HOW, thread))
    await story.passes(seconds=40)
    await noah.says(CODE, thread)
    assert "rotate --graceful" in await card_words(story)
    assert "rotate --graceful" in await next_asker_reads(story)


async def test_each_part_is_edited_and_deleted_by_itself(story: Story) -> None:
    noah = story.person("noah")
    first, second = await in_two(story)
    await story.person("mia").picks("Mark as answer", first)
    await noah.edits(second, OTHER)
    words = await card_words(story)
    assert "keeps the sessions" in words and "--slowly" in words and "--graceful" not in words
    await noah.edits(first, "Here's how, slowly:")
    words = await card_words(story)
    assert "Here's how, slowly" in words and "--slowly" in words
    await noah.deletes(second)
    assert "Here's how, slowly" in await card_words(story) and "--slowly" not in await card_words(story)
    assert await state(story) == "✅ Solved by @Noah"


async def test_what_is_surely_no_answer_is_none_of_it(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    await noah.says("let me check", thread)
    await noah.says("Run `rotate --graceful`, it keeps the sessions.", thread)
    await mia.presses("Mark as solved")
    words = await card_words(story)
    assert "--graceful" in words and "let me check" not in words


@pytest.mark.parametrize("between", ["", "I would not rotate at all."])
async def test_later_or_behind_somebody_else_it_is_another_answer(story: Story, between: str) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await in_two(story)
    thread = await thread_of(mia, SECRET)
    if between:
        await kenji.says(between, thread)
    else:
        await story.passes(minutes=3)
    await noah.says("Or rotate twice, by hand, in the console.", thread)
    await mia.presses("Mark as solved")
    assert "Which message solved it?" in (await mia.last_private()).words


@pytest.mark.needs("absence")
async def test_what_was_written_hours_apart_while_nobody_listened_are_two(story: Story, begin: Begin) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    await story.app.stop()
    await noah.says("Rotate it with `rotate --force`, it is quick.", thread)
    story.clock.move_to(story.now + timedelta(hours=3))
    better = await noah.says("Better use `rotate --graceful`, that keeps the sessions.", thread)
    story.clock.move_to(story.now + timedelta(hours=1))
    story = await begin()
    await story.app.settle()
    await story.person("mia").picks("Mark as answer", better)
    assert "--graceful" in await card_words(story) and "--force" not in await card_words(story)
