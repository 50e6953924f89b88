"""Finding and keeping: lists, search, and the knowledge base."""

from __future__ import annotations

import pytest

from tests.story import Story

from .test_questions import SECRET, solved, thread_of


async def test_an_answer_helps_also_when_who_gave_it_was_forgotten(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    await mia.uses("/search", query="rotate webhook secret")
    found = await mia.last_private()
    assert "Under Settings, Webhooks, Rotate." in found.body and "Noah" not in found.words
    await mia.uses("/ask", question="How can I rotate a webhook secret safely?")
    known = await mia.last_private()
    assert "Under Settings, Webhooks, Rotate." in known.body and "Noah" not in known.words
    await mia.presses("This solved it")
    assert "Glad that helped" in (await mia.last_private()).words


async def test_lists(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question="Where are the release notes kept?")
    await noah.uses("/ask", question="How do I sort users by name?")
    await mia.says("In the menu.", await thread_of(mia, "How do I sort users by name?"))

    async def listed(**options: str) -> str:
        await mia.uses("/question list", **options)
        return (await mia.last_private()).body

    assert "release notes" in (everything := await listed()) and "sort users" in everything and SECRET not in everything
    assert "sort users" not in await listed(status="unanswered")
    assert SECRET in await listed(status="solved")
    mine = await listed(status="mine")
    assert "release notes" in mine and "sort users" not in mine
    await mia.uses("/question list", status="loud")
    assert mia.form and "One of these, please" in mia.form.errors["status"]


async def test_search_finds_answers(story: Story) -> None:
    await solved(story)
    mia = story.person("mia")
    await mia.uses("/search", query="rotating secrets")
    found = await mia.last_private()
    assert SECRET in found.body and "Under Settings, Webhooks, Rotate." in found.body and "@Noah" in found.body

    await mia.uses("/search", query='zebra" OR * NEAR(')
    assert "No answers found for" in (await mia.last_private()).words
    await mia.presses("Ask the community")
    assert mia.form and mia.form.values["question"] == 'zebra" OR * NEAR('


async def test_a_moderator_keeps_an_answer_and_its_authors_agree(story: Story) -> None:
    thread = await solved(story)
    liam, noah, sofia, mia = (story.person(name) for name in ("liam", "noah", "sofia", "mia"))
    answer = await noah.reads("Under Settings", thread)
    await mia.picks("Save to knowledge base", answer.id)
    assert "Only moderators can do that here." in (await mia.last_private()).words

    await liam.picks("Save to knowledge base", answer.id)
    assert liam.form and liam.form.values == {"heading": SECRET, "answer": "Under Settings, Webhooks, Rotate."}
    await liam.fills(heading="Rotating a webhook secret", answer="Go to Settings, Webhooks, and press Rotate.")
    assert "published once" in (await liam.last_private()).words
    asked = await noah.reads("May it be published with your name?", thread)
    assert asked.pinged == {"noah", "sofia"}

    await mia.presses("Yes, publish it", on=asked)
    assert "Only its authors" in (await mia.last_private()).words
    await noah.presses("Yes, publish it", on=asked)
    assert "The other authors are asked too" in (await noah.last_private()).words
    await mia.uses("/search", query="rotating")
    assert "Knowledge base" not in (await mia.last_private()).body
    await sofia.presses("Yes, publish it", on=asked)
    assert "in the knowledge base now" in (await sofia.last_private()).words
    await mia.uses("/search", query="rotating")
    found = (await mia.last_private()).body
    assert "Rotating a webhook secret" in found and "press Rotate" in found
    assert "Knowledge base, by @Sofia and @Noah" in found

    await noah.presses("No", on=asked)
    assert "isn't published" in (await noah.last_private()).words
    await mia.uses("/search", query="rotating")
    assert "Knowledge base" not in (await mia.last_private()).body


async def test_whoever_saved_it_hears_that_an_author_left(story: Story) -> None:
    thread = await solved(story)
    liam, noah, sofia = (story.person(name) for name in ("liam", "noah", "sofia"))
    await liam.picks("Save to knowledge base", (await noah.reads("Under Settings", thread)).id)
    await liam.fills()
    await sofia.presses("Yes, publish it", on=await sofia.reads("May it be published with your name?", thread))
    await noah.leaves()
    told = await liam.reads("left before saying whether this may be published, so it isn't.")
    assert told.pinged == {"liam"} and SECRET in told.title and "Noah" in told.words
    await sofia.leaves()
    assert len([seen for seen in await liam.sees() if "left before saying" in seen.words]) == 1, "she had agreed"


async def test_only_solved_questions_are_kept(story: Story) -> None:
    mia, liam = story.person("mia"), story.person("liam")
    await mia.uses("/ask", question=SECRET)
    await liam.picks("Save to knowledge base", (await liam.reads(SECRET, "help")).id)
    assert "Only a solved question" in (await liam.last_private()).words
    await liam.picks("Save to knowledge base", await mia.says("hello"))
    assert "That works on a solved question" in (await liam.last_private()).words


@pytest.mark.needs("completing")
async def test_while_someone_types_a_search_open_and_solved_questions_are_suggested(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("ask", question="How do I rotate the webhook secret?")
    await story.passes(minutes=1)
    await mia.uses("ask", question="Where do I page through users?")
    await mia.uses("ask", question="Why is my invoice empty?")  # billing is for support alone
    assert await noah.types("search", query="webh") == ["How do I rotate the webhook secret?"]
    assert await noah.types("search", query="secret rotate") == ["How do I rotate the webhook secret?"]
    assert await noah.types("search", query="") == [
        "Where do I page through users?",
        "How do I rotate the webhook secret?",
    ]
    assert await noah.types("search", query="parsnips") == []
    assert not await story.app.members.by_account(story.door.account("noah").key), "nobody is met by what they type"
