"""Solving: who may say so, in which ways, and what happens to questions that nobody looks after."""

from __future__ import annotations

import asyncio

import pytest

from bot.kernel.cog import Cog, listener
from bot.kernel.domain_events import AnswerAccepted
from bot.kernel.work import Work
from tests.story import Story

from .conftest import Begin
from .test_questions import SECRET, solved, thread_of


async def answered(story: Story) -> tuple[str, str]:
    """Have Mia ask and Noah answer; return the thread and the answer."""
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    return thread, await noah.says("Under Settings, Webhooks, Rotate.", thread)


async def state(story: Story) -> str:
    return (await story.person("kenji").reads(SECRET, "help")).fields["State"]


async def test_the_asker_hears_of_the_first_answer_once(story: Story) -> None:
    thread, _ = await answered(story)
    mia, kenji = story.person("mia"), story.person("kenji")
    told = await mia.reads("answered your question", thread)
    assert f"@Noah answered your question “{SECRET}”" in told.words and told.pinged == {"mia"}
    await kenji.says("Or in the console, under Keys.", thread)
    await story.passes(days=1)
    assert len([seen for seen in await mia.sees(thread) if "answered your question" in seen.words]) == 1
    await mia.presses("Mark as solved", on=told)
    assert "Which" in (await mia.last_private()).words


async def test_an_asker_without_a_name_hears_of_it_directly(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET, anonymous="yes")
    thread = await thread_of(noah, SECRET)
    await noah.says("Under Settings, Webhooks, Rotate.", thread)
    assert "answered your question" in (await mia.reads("answered your question", story.door.direct("mia"))).words
    assert not [seen for seen in await noah.sees(thread) if "answered your question" in seen.words]


async def test_an_answer_that_is_deleted_and_another_are_told_of_apart(story: Story) -> None:
    thread, answer = await answered(story)
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await noah.deletes(answer)
    await story.passes(minutes=5)
    await kenji.says("Under Settings, Webhooks, Rotate; the old one works for a day.", thread)
    told = [seen.words for seen in await mia.sees(thread) if "answered your question" in seen.words]
    assert len(told) == 2 and "@Kenji" in told[1]


async def test_nobody_else_can_mark_it_as_solved(story: Story) -> None:
    await answered(story)
    noah = story.person("noah")
    await noah.presses("Mark as solved")
    assert "Only the person who asked can do that." in (await noah.last_private()).words
    assert await state(story) == "💬 Answered"


async def test_the_asker_marks_the_message_itself(story: Story) -> None:
    thread, answer = await answered(story)
    mia, kenji = story.person("mia"), story.person("kenji")
    await kenji.says("I would not rotate at all.", thread)
    await mia.picks("Mark as answer", answer)
    assert await state(story) == "✅ Solved by @Noah"
    await mia.picks("Mark as answer", answer)
    assert "marked as solved already" in (await mia.last_private()).words


@pytest.mark.needs("asides")
async def test_a_check_mark_from_the_asker_solves_it_and_only_theirs(story: Story) -> None:
    _, answer = await answered(story)
    mia, kenji = story.person("mia"), story.person("kenji")
    await kenji.reacts("✅", answer)
    await mia.reacts("🎉", answer)
    assert await state(story) == "💬 Answered"
    await mia.reacts("✅", answer)
    assert await state(story) == "✅ Solved by @Noah"
    assert "How was the help?" in (await mia.last_private()).words


async def test_the_asker_picks_from_several_answers(story: Story) -> None:
    thread, _ = await answered(story)
    mia, kenji = story.person("mia"), story.person("kenji")
    await kenji.says("Or with `trellis rotate`.", thread)
    await mia.presses("Mark as solved")
    which = await mia.last_private()
    assert list(which.options) == ["Noah: Under Settings, Webhooks, Rotate.", "Kenji: Or with `trellis rotate`."]
    await mia.chooses("Kenji")
    assert await state(story) == "✅ Solved by @Kenji"


async def test_the_asker_found_it_alone(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    await mia.presses("Mark as solved")
    assert "Nobody has answered in the thread yet" in (await mia.last_private()).words
    await mia.presses("I found it myself")
    assert await state(story) == "✅ Solved"
    assert "Well done" in (await mia.last_private()).words
    assert "has solved this" in (await noah.reads("has solved this")).body


async def test_a_moderator_can_tidy_up(story: Story) -> None:
    _, answer = await answered(story)
    liam = story.person("liam")
    await liam.picks("Mark as answer", answer)
    assert "Thank you for tidying up" in (await liam.last_private()).words
    assert await state(story) == "✅ Solved by @Noah"
    assert (await liam.reads("solved this")).body == "@Noah solved this. Thank you!", "Mia did not say so"


async def test_a_helper_suggests_and_the_asker_confirms(story: Story) -> None:
    _, answer = await answered(story)
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await kenji.picks("Mark as answer", answer)
    assert "Only someone who answered" in (await kenji.last_private()).words
    await noah.picks("Mark as answer", answer)
    proposal = await mia.reads("@Noah thinks that this is solved")
    assert proposal.pinged == {"mia"}
    await kenji.presses("Yes, it's solved", on=proposal)
    assert await state(story) == "💬 Answered"
    await mia.presses("Yes, it's solved", on=proposal)
    assert await state(story) == "✅ Solved by @Noah"


@pytest.mark.needs("asides")
async def test_an_asker_who_sounds_content_is_asked(story: Story) -> None:
    thread, _ = await answered(story)
    mia = story.person("mia")
    await mia.says("Thanks, but it still fails.", thread)
    assert not [seen for seen in await mia.sees() if "That sounds good" in seen.words]
    await mia.says("Perfect, that works now!", thread)
    assert "That sounds good" in (await mia.last_private()).words
    await mia.presses("Yes, it's solved")
    assert await state(story) == "✅ Solved by @Noah"


async def test_rating_is_asked_once_and_privately(story: Story) -> None:
    await answered(story)
    mia, noah = story.person("mia"), story.person("noah")
    await mia.presses("Mark as solved")
    await noah.does_not_read("How was the help?")
    await mia.presses("Reopen")
    await mia.presses("Mark as solved")
    assert len([seen for seen in await mia.sees() if "How was the help?" in seen.words]) == 1


async def test_pressing_twice_solves_once(story: Story) -> None:
    await answered(story)
    mia = story.person("mia")
    button = await mia.finds_button("Mark as solved")
    await mia.presses("Mark as solved", on=button)
    await mia.presses("Mark as solved", on=button)
    assert "marked as solved already" in (await mia.last_private()).words
    assert len([seen for seen in await mia.sees() if "solved this. Thank you!" in seen.words]) == 1


async def test_pressed_ten_times_at_once_it_is_solved_once(story: Story) -> None:
    await answered(story)
    mia = story.person("mia")
    button = await mia.finds_button("Mark as solved")
    await asyncio.gather(*(mia.presses("Mark as solved", on=button) for _ in range(10)))
    told = [seen.words for seen in await mia.sees() if seen.private]
    assert sum("marked as solved already" in words for words in told) == 9
    assert len([seen for seen in await mia.sees() if "solved this. Thank you!" in seen.words]) == 1


async def test_an_idle_answer_is_asked_about_then_closed_and_can_be_reopened(story: Story) -> None:
    thread, _ = await answered(story)
    mia, noah = story.person("mia"), story.person("noah")
    await story.passes(hours=49)
    reminder = await mia.reads("solved? If nobody writes before", thread)
    assert reminder.pinged == {"mia"}
    await story.passes(hours=49)
    assert await state(story) == "🍂 Closed · nobody wrote any more"
    assert "Closed, because nobody has written for 4 days" in (await mia.reads("Closed, because", thread)).body
    await mia.does_not_read("Thank you for telling me")  # nobody said anything

    await noah.presses("Reopen", on=await noah.reads(SECRET, "help"))
    assert "Only the person who asked" in (await noah.last_private()).words
    await mia.presses("Reopen", on=await mia.reads(SECRET, "help"))
    assert (await state(story)).startswith("🌱 Open")


async def test_a_reopened_question_is_asked_around_again(story: Story) -> None:
    await solved(story)
    mia, kenji = story.person("mia"), story.person("kenji")
    await mia.uses("/ask", question="Why does the webhook signature fail?")
    thread = await thread_of(mia, "signature fail")
    await mia.presses("Mark as solved")
    await mia.presses("I found it myself")
    assert "I can help" not in (await mia.reads("needs nobody else now", thread)).controls
    await kenji.uses("/expertise add", topic="webhooks")
    await mia.presses("Reopen", on=await mia.reads("signature fail", "help"))
    assert (await kenji.reads("Could you help", thread)).pinged == {"kenji"}


async def test_joining_in_or_asking_back_is_no_answer(story: Story) -> None:
    mia, kenji, ava = (story.person(name) for name in ("mia", "kenji", "ava"))
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    await kenji.says("I have the same problem", thread)
    await kenji.says("Which version do you use?", thread)
    assert await state(story) == "🌱 Open"
    await story.passes(hours=1)
    assert await ava.reads(SECRET, "agents")


async def test_whoever_answered_support_last_is_not_closed(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await mia.uses("/ask", question=SECRET)
    await mia.presses("Talk to support")
    await ava.presses("Claim")
    thread = await thread_of(mia, SECRET)
    await ava.says("Please send me the number of your order.", thread)
    await mia.says("It is 4711.", thread)
    await story.passes(days=10)
    assert (await state(story)).startswith("🌱 Open")


async def test_whoever_still_waits_is_not_closed(story: Story) -> None:
    thread, _ = await answered(story)
    mia, ava = story.person("mia"), story.person("ava")
    await story.passes(hours=49)
    await mia.presses("Not yet", on=await mia.reads("If nobody writes before", thread))
    assert "stays open" in (await mia.last_private()).words
    await story.passes(hours=49)
    assert "the answers didn't solve it yet" in (await ava.reads("For support:", "agents")).body


async def test_an_unanswered_question_is_never_closed(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await mia.uses("/ask", question=SECRET)
    await story.passes(days=30)
    assert (await state(story)) == "🌱 Open · waiting for support"
    assert await ava.reads(SECRET, "agents")


async def test_what_was_accepted_is_told_to_the_community(begin: Begin) -> None:
    heard: list[AnswerAccepted] = []

    class Ear(Cog):
        name = "ear"

        @listener(AnswerAccepted)
        async def hear(self, work: Work, event: AnswerAccepted) -> None:
            heard.append(event)

        async def export(self, member: object) -> dict[str, object]:
            return {}

        async def erase(self, member: object) -> None: ...

    story = await begin(extra=(Ear(),))
    await answered(story)
    await story.person("mia").presses("Mark as solved")
    assert [event.helper_id for event in heard] == [(await story.member("noah")).id]


# Restarts


async def test_buttons_forms_and_plans_outlive_a_restart(begin: Begin) -> None:
    story = await begin()
    await solved(story)
    mia, ava = story.person("mia"), story.person("ava")
    await mia.uses("/ask", question="Why does the webhook signature fail?")
    thread = await thread_of(mia, "signature fail")
    await mia.uses("/ask")
    await story.app.stop()

    story = await begin()
    mia, ava, noah = story.person("mia"), story.person("ava"), story.person("noah")
    await mia.fills(question="Does the form still work?")
    assert await mia.reads("Does the form still work?", "help")
    await noah.presses("I can help", on=await noah.reads("Could you help", thread))
    assert (await mia.reads("signature fail", "help")).fields["State"] == "🙋 Claimed · @Noah is on it"
    await story.passes(hours=3)
    assert await ava.reads("signature fail", "agents")


@pytest.mark.parametrize("where", ["in the thread", "in the help channel"])
async def test_an_asker_who_found_it_before_anybody_answered_is_asked(story: Story, where: str) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    post = await mia.says(SECRET, "help")
    await mia.says("never mind, I found it, it works now", story.thread(post) if where == "in the thread" else "help")
    await mia.presses("I found it myself", on=await mia.reads("Have you found out"))
    assert (await mia.reads(SECRET, story.thread(post))).fields["State"] == "✅ Solved"
    await story.passes(days=1)
    assert not await ava.sees("agents")


async def test_an_asker_whose_own_words_solved_it_marks_them(story: Story) -> None:
    mia, kenji = story.person("mia"), story.person("kenji")
    await mia.uses("/ask", question=SECRET)
    found = await mia.says("I found out: `rotate --graceful` keeps the sessions.", await thread_of(mia, SECRET))
    await mia.picks("Mark as answer", found)
    assert await state(story) == "✅ Solved"
    assert "--graceful" in (await kenji.reads(SECRET, "help")).words
    await kenji.uses("/ask", question=SECRET)
    assert "--graceful" in (await kenji.last_private()).words, "what they found helps others, too"
    await mia.uses("/profile")
    assert "First answer: solve 1 question (0 of 1)" in (await mia.last_private()).words, "nobody helps themselves"
