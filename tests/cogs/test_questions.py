"""The room in which a question finds its answer, told as stories: asking, knowing, posting."""

from __future__ import annotations

import pytest

from tests.story import Person, Story

from .conftest import Begin

SECRET = "How do I rotate the webhook secret?"


async def solved(story: Story, question: str = SECRET, answer: str = "Under Settings, Webhooks, Rotate.") -> str:
    """Have Sofia ask something and Noah solve it; return the thread."""
    sofia, noah = story.person("sofia"), story.person("noah")
    await sofia.uses("/ask", question=question)
    thread = await thread_of(noah, question)
    await noah.says(answer, thread)
    await sofia.presses("Mark as solved", on=await sofia.reads(question, "help"))
    return thread


async def thread_of(person: Person, question: str) -> str:
    return person.story.thread(await person.reads(question, "help"))


# Asking


async def test_a_question_is_answered_by_a_peer_and_solved(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET, details="It is `whsec_1`.")

    assert "Question #1 is posted" in (await mia.last_private()).words
    card = await noah.reads(SECRET, "help")
    assert card.fields["State"] == "🌱 Open"
    assert card.fields["Topic"] == "webhooks"
    assert card.fields["Asked by"] == "@Mia"

    await noah.says("Under Settings, Webhooks, Rotate.", await thread_of(noah, SECRET))
    assert (await noah.reads(SECRET, "help")).fields["State"] == "💬 Answered"

    await mia.presses("Mark as solved")
    card = await noah.reads(SECRET, "help")
    assert card.fields["State"] == "✅ Solved by @Noah"
    assert "Under Settings, Webhooks, Rotate." in card.body
    assert "How was the help?" in (await mia.last_private()).words
    await mia.presses("😀 Great")
    assert "Thank you" in (await mia.last_private()).words


async def test_what_is_missing_is_asked_in_a_form(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/ask")
    assert mia.form and mia.form.title == "Ask the community" and not mia.form.errors
    await mia.fills(question="")
    assert mia.form and mia.form.errors == {"question": "Please fill this in."}
    await mia.fills(question=SECRET, details="I looked everywhere.")
    assert story.door.form("mia") is None
    assert "I looked everywhere." in (await mia.reads(SECRET, "help")).body


@pytest.mark.parametrize("words", ["help", "thanks, solved, it works now", "Kann jemand helfen?", "Why not?"])
async def test_what_nobody_could_answer_is_asked_again(story: Story, words: str) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=words)
    assert mia.form and mia.form.values["question"] == words
    assert mia.form.errors == {"question": "That doesn't say yet what it's about. What do you want to know?"}
    assert not [seen for seen in await noah.sees("help") if words in seen.words]
    await mia.fills(question=words, details="The webhook secret is refused after a rotation.")
    assert "is posted" in (await mia.last_private()).words


@pytest.mark.needs("free typing")
async def test_an_answer_that_is_wrong_comes_back_with_what_was_typed(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/ask", question="Why? " * 50, anonymous="perhaps")
    assert mia.form and mia.form.values["anonymous"] == "perhaps"
    assert mia.form.errors == {
        "question": "At most 150 characters, please; this has 249.",
        "anonymous": "Yes or no, please.",
    }


async def test_a_message_becomes_a_question(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    message = await noah.says("We deploy on Fridays. Does anyone know how to roll back? It is urgent.")
    await mia.picks("Ask the community", message)
    assert mia.form and mia.form.values["question"] == "Does anyone know how to roll back?"
    assert "We deploy on Fridays." in mia.form.values["details"] and "Noah wrote this" in mia.form.values["details"]
    await mia.fills()
    assert (await noah.reads("Does anyone know how to roll back?", "help")).fields["Asked by"] == "@Mia"


@pytest.mark.needs("asides")
async def test_posting_in_the_help_channel_asks(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    message = await mia.says("Hi all, how do I get an invoice API token?", "help")
    card = await noah.reads("how do I get an invoice API token?", story.thread(message))
    assert card.fields["State"].startswith("🌱 Open")
    assert "is posted" in (await mia.last_private()).words
    await noah.does_not_read("Not a question")


async def test_chatter_in_the_help_channel_is_no_question(story: Story) -> None:
    mia = story.person("mia")
    for chatter in ("Thanks, that works!", "Good morning everyone", "https://example.com/?a=b", "ok?", "brb"):
        await mia.says(chatter, "help")
    assert all(seen.author == "mia" for seen in await mia.sees("help"))


@pytest.mark.needs("asides")
async def test_whoever_says_that_it_was_no_question_is_left_alone(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    message = await mia.says("How do I get to the canteen?", "help")
    await mia.presses("Not a question")
    assert "left alone" in (await mia.last_private()).words
    card = await noah.reads("taken back", story.thread(message))
    assert card.fields["State"] == "Taken back" and not card.controls

    await mia.says("How do I get back from there?", "help")
    assert [seen.author for seen in await noah.sees("help")] == ["mia", "mia"]
    await mia.uses("/ask", question=SECRET)
    assert await noah.reads(SECRET, "help")


async def test_an_anonymous_asker_is_known_to_no_peer(story: Story) -> None:
    mia, noah, liam, ava = (story.person(name) for name in ("mia", "noah", "liam", "ava"))
    await mia.uses("/ask", question="Is my salary question silly?", anonymous="yes")
    card = await noah.reads("salary", "help")
    assert card.fields["Asked by"] == "Someone"
    await noah.does_not_read("Mia")

    await mia.presses("Reply as the asker", on=card)
    await mia.fills(words="It's about `levels`.")
    said = await noah.reads("It's about levels.", story.thread(card))
    assert said.author == "trellis" and "Mia" not in said.words
    await noah.presses("Reply as the asker", on=card)
    assert "for the person who asked" in (await noah.last_private()).words

    await mia.presses("Talk to support", on=card)
    staff_card = await ava.reads("salary", "agents")
    assert staff_card.fields["Asked by"] == "Someone"
    card = await ava.reads("salary", "help")
    await ava.presses("Who asked?", on=card)
    assert "Only moderators can do that here." in (await ava.last_private()).words
    await liam.presses("Who asked?", on=card)
    assert "@Mia asked this" in (await liam.last_private()).words


async def test_anonymous_questions_can_be_switched_off(begin: Begin) -> None:
    story = await begin(TRELLIS_ANONYMOUS_QUESTIONS="false")
    mia = story.person("mia")
    await mia.uses("/ask", question=SECRET, anonymous="yes")
    assert "switched off" in (await mia.last_private()).words
    assert not await mia.sees("help")


# What is known first


async def test_what_is_known_is_shown_before_anything_is_posted(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question="How can I rotate a webhook secret safely?")
    known = await mia.last_private()
    assert SECRET in known.body and "@Noah answered" in known.body and "Under Settings, Webhooks, Rotate." in known.body
    await noah.does_not_read("safely")

    await mia.presses("This solved it")
    assert "Glad that helped" in (await mia.last_private()).words
    await noah.does_not_read("safely")
    await mia.presses("This solved it", on=known)
    assert "decided on that one already" in (await mia.last_private()).words


async def test_what_is_known_may_not_be_enough(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question="How can I rotate a webhook secret safely?")
    known = await mia.last_private()
    await mia.presses("Post my question")
    assert "is posted" in (await mia.last_private()).words
    assert await noah.reads("safely", "help")
    await mia.presses("Post my question", on=known)
    assert len([seen for seen in await noah.sees("help") if "safely" in seen.words]) == 1


@pytest.mark.needs("asides")
async def test_a_post_goes_on_by_itself_when_its_author_does_not_look(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    message = await mia.says("How can I rotate a webhook secret safely?", "help")
    assert "This solved it" in (await mia.last_private()).controls
    assert not await noah.sees(story.thread(message))
    await story.passes(minutes=5)
    assert await noah.reads("safely", story.thread(message))


async def test_something_else_is_not_shown_as_known(story: Story) -> None:
    await solved(story)
    mia = story.person("mia")
    await mia.uses("/ask", question="How do I paginate the list of users?")
    assert "is posted" in (await mia.last_private()).words


# Text from members is data


async def test_what_members_write_pings_no_one(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses(
        "/ask", question="@everyone <!channel> <@&1> why?", details="```\n@here\n``` [x](javascript:alert(1))"
    )
    card = await noah.reads("why?", "help")
    assert card.title.startswith("@everyone <!channel> ")
    assert card.pinged == frozenset()
    assert "[x](javascript:alert(1))" in card.body
