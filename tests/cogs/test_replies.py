"""In the help channel itself: replies belong to what they answer, and lines of one breath are one question."""

from __future__ import annotations

import pytest

from tests.story import Person, Story

from .test_questions import SECRET

replying = pytest.mark.needs("replies")


async def questions(story: Story) -> list[str]:
    """Return the questions that stand, as Liam reads their list."""
    liam = story.person("liam")
    await liam.uses("/question list")
    return [line for line in (await liam.last_private()).body.splitlines() if "#" in line]


async def states(person: Person) -> list[str]:
    """Return how far the questions are, as their cards say."""
    return [seen.fields["State"] for seen in await person.sees() if "State" in seen.fields]


@replying
async def test_a_helper_who_asks_back_by_a_reply_asks_no_question(story: Story) -> None:
    mia, noah, ava = (story.person(name) for name in ("mia", "noah", "ava"))
    post = await mia.says(SECRET, "help")
    await noah.replies(post, "Which version do you have installed?")
    assert len(await questions(story)) == 1
    assert (await ava.reads(SECRET)).fields["State"] == "🌱 Open", "asking back is no answer"


@replying
async def test_an_answer_by_a_reply_counts_and_support_is_not_called(story: Story) -> None:
    mia, noah, ava = (story.person(name) for name in ("mia", "noah", "ava"))
    post = await mia.says(SECRET, "help")
    await noah.replies(post, "Under Settings, Webhooks, press Rotate and copy the new secret.")
    assert await states(ava) == ["💬 Answered"]
    await story.passes(hours=2)
    assert not await ava.sees("agents")
    await mia.presses("Mark as solved", on=await mia.reads("answered your question"))
    assert await states(ava) == ["✅ Solved by @Noah"]


@replying
async def test_a_reply_to_a_reply_and_to_the_card_belongs_to_the_question_too(story: Story) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await mia.uses("/ask", question=SECRET)
    card = await noah.reads(SECRET, "help")
    asked_back = await noah.replies(card.id, "Which version do you have installed?")
    said = await mia.replies(asked_back, "How do I find out which version that is?")
    await kenji.replies(said, "It stands at the foot of every page, on the left.")
    assert len(await questions(story)) == 1
    assert (await noah.reads(SECRET, "help")).fields["State"] == "💬 Answered"


@replying
async def test_a_reply_to_what_is_no_question_may_be_one(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    chat = await noah.says("The new release is out, enjoy.", "help")
    await mia.replies(chat, "How do I install the new release on my machine?")
    assert len(await questions(story)) == 1


async def test_lines_of_one_breath_are_one_question(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    post = await mia.says("Hi, my webhook fails with an error since yesterday", "help")
    await story.passes(seconds=20)
    await mia.says("it's the one for invoices", "help")
    await story.passes(seconds=30)
    await mia.says("How do I rotate its secret?", "help")
    assert len(await questions(story)) == 1
    card = await ava.reads("it's the one for invoices", story.thread(post))
    assert "How do I rotate its secret?" in card.words
    await story.passes(minutes=3)
    await mia.says("Where are the release notes kept, does anybody know?", "help")
    assert len(await questions(story)) == 2


async def test_what_another_person_says_ends_the_breath(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.says(SECRET, "help")
    await noah.says("Good morning!", "help")
    await mia.says("Where are the release notes kept, does anybody know?", "help")
    await noah.says("How do I sort the users by their names?", "help")
    assert len(await questions(story)) == 3


async def test_what_was_answered_does_not_grow(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    post = await mia.says(SECRET, "help")
    await noah.says("Under Settings, Webhooks, press Rotate.", story.thread(post))
    await mia.says("Where are the release notes kept, does anybody know?", "help")
    assert len(await questions(story)) == 2
    assert "release notes" not in (await noah.reads(SECRET)).words


async def test_a_line_that_tells_nothing_belongs_to_the_question_and_is_no_part_of_it(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    post = await mia.says(SECRET, "help")
    for line in ("?", "Thanks in advance!", "Hat jemand eine Idee?", "anyone?"):
        await mia.says(line, "help")
    assert len(await questions(story)) == 1
    card = await noah.reads(SECRET, story.thread(post))
    assert not any(words in card.words for words in ("in advance", "eine Idee", "anyone", "\n?"))
    await mia.says("It is the one for invoices.", "help")
    assert "It is the one for invoices." in (await noah.reads(SECRET, story.thread(post))).words


async def test_what_is_doubtful_is_a_question_once_the_next_line_makes_it_one(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    post = await mia.says("The webhook for invoices sends the old secret", "help")
    assert await mia.reads("Is this a question for the community?")
    await mia.says("How do I rotate its secret?", "help")
    assert len(await questions(story)) == 1
    card = await noah.reads("How do I rotate its secret?", story.thread(post))
    assert "sends the old secret" in card.words
