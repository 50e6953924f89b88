"""What somebody else asks just now is not asked twice."""

from __future__ import annotations

from tests.story import Story

from .test_questions import SECRET, thread_of


async def test_the_same_question_is_followed_and_its_answer_told(story: Story) -> None:
    mia, noah, sofia = (story.person(name) for name in ("mia", "noah", "sofia"))
    await mia.uses("/expertise add", topic="webhooks")
    await mia.uses("/ask", question=SECRET)
    await sofia.uses("/ask", question="How can I rotate the webhook secret?")
    shown = await sofia.last_private()
    assert "@Mia asks this just now" in shown.body and "?." not in shown.body
    await sofia.presses("Follow it")
    assert "You follow it" in (await sofia.last_private()).words
    await noah.says("Under Settings, Webhooks, Rotate.", await thread_of(noah, SECRET))
    await mia.presses("Mark as solved", on=await mia.reads(SECRET, "help"))
    told = await sofia.reads("is solved.", story.door.direct("sofia"))
    assert "Under Settings, Webhooks, Rotate." in told.body
    await noah.does_not_read("How can I rotate")


async def test_who_asks_the_same_is_not_asked_to_answer(story: Story) -> None:
    mia, sofia = story.person("mia"), story.person("sofia")
    await mia.uses("/expertise add", topic="webhooks")
    await mia.uses("/ask", question=SECRET)
    await sofia.uses("/ask", question="How can I rotate the webhook secret?")
    await sofia.presses("Post my question")
    assert "I've asked" not in (await sofia.last_private()).words
    assert not [seen for seen in await mia.sees() if "Could you help" in seen.words]


async def test_who_asks_the_same_again_is_shown_their_own_question(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    await mia.uses("/ask", question=SECRET)
    shown = await mia.last_private()
    assert "You've asked this already" in shown.body and "Follow it" not in shown.controls
    assert len([seen for seen in await noah.sees("help") if SECRET in seen.title]) == 1
    await mia.presses("Post my question")
    assert len([seen for seen in await noah.sees("help") if SECRET in seen.title]) == 2


async def test_another_question_is_just_posted(story: Story) -> None:
    mia, sofia = story.person("mia"), story.person("sofia")
    await mia.uses("/ask", question=SECRET)
    await sofia.uses("/ask", question="Where do I see the retries of a webhook?")
    assert "is posted" in (await sofia.last_private()).words
