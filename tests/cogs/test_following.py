"""Who follows somebody else's question hears how it ended, however that was, and may still ask for themselves."""

from __future__ import annotations

import pytest

from tests.story import Person, Story

from .test_questions import SECRET, thread_of

MINE = "How can I rotate the webhook secret?"


async def followed(story: Story) -> tuple[Person, Person, str]:
    """Have Mia ask in the help channel and Sofia follow that; return both, and Mia's post."""
    mia, sofia = story.person("mia"), story.person("sofia")
    post = await mia.says(SECRET, "help")
    await sofia.uses("/ask", question=MINE)
    await sofia.presses("Follow it")
    return mia, sofia, post


async def told(sofia: Person, words: str) -> None:
    """Sofia hears that nothing came of it, and asks for herself."""
    card = await sofia.reads(words, sofia.story.door.direct("sofia"))
    assert MINE in card.words, "in her own words"
    await sofia.presses("Post my question", on=card)
    assert (await sofia.reads(MINE, "help")).fields["State"] == "🌱 Open"


@pytest.mark.needs("taking back")
async def test_what_was_taken_back_can_be_asked_by_who_followed_it(story: Story) -> None:
    mia, sofia, post = await followed(story)
    await mia.deletes(post)
    await told(sofia, "was taken back")


async def test_what_its_asker_left_behind_can_be_asked_by_who_followed_it(story: Story) -> None:
    mia, sofia, _ = await followed(story)
    await mia.leaves()
    await told(sofia, "has left")


async def test_what_is_closed_without_a_solution_can_be_asked_by_who_followed_it(story: Story) -> None:
    _, sofia, post = await followed(story)
    await story.person("noah").says("Under Settings, Webhooks, Rotate.", story.thread(post))
    await story.passes(days=5)
    await told(sofia, "was closed without a solution")


async def test_what_is_told_to_followers_follows_what_happens_to_the_answer(story: Story) -> None:
    mia, noah, sofia = (story.person(name) for name in ("mia", "noah", "sofia"))
    await mia.uses("/ask", question=SECRET)
    await sofia.uses("/ask", question=MINE)
    await sofia.presses("Follow it")
    answer = await noah.says("Use `rotate --force`.", await thread_of(mia, SECRET))
    await mia.picks("Mark as answer", answer)
    card = await sofia.reads("is solved", story.door.direct("sofia"))
    assert "--force" in card.words
    await mia.presses("Reopen", on=await mia.reads(SECRET, "help"))
    card = next(seen for seen in await sofia.sees() if seen.id == card.id)
    assert "goes on" in card.words and "--force" not in card.words
    await story.passes(minutes=1)
    again = await noah.says("Use `rotate --graceful`.", await thread_of(mia, SECRET))
    await mia.picks("Mark as answer", again)
    assert "--graceful" in (await sofia.reads("is solved", story.door.direct("sofia"))).words
    assert "in another way" in next(seen for seen in await sofia.sees() if seen.id == card.id).words


async def test_who_follows_hears_also_where_nobody_says_what_solved_it(story: Story) -> None:
    mia, sofia, _ = await followed(story)
    await mia.presses("Mark as solved", on=await mia.reads(SECRET))
    await mia.presses("I found it myself")
    assert "not said how" in (await sofia.reads("has solved", story.door.direct("sofia"))).words
