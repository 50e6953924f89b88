"""What is not sure is asked: whether a post is a question, whether a reply answers, whether it is solved."""

from __future__ import annotations

import pytest

from tests.story import Story

from .test_questions import SECRET, thread_of

JOKE = "Has anyone seen my cat? just kidding"
ASKED = "Is this a question for the community?"


async def test_who_may_be_joking_is_asked_before_anybody_else(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.says(JOKE, "help")
    assert "haven't asked anyone yet" in (await mia.reads(ASKED)).words
    await story.passes(days=2)
    assert not any(seen.pinged or "Question #" in seen.words for seen in await noah.sees())


async def is_asked_first(story: Story, words: str) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.says(words, "help")
    assert "haven't asked anyone yet" in (await mia.reads(ASKED)).words
    await story.passes(days=2)
    assert not any(seen.pinged or "Question #" in seen.words for seen in await noah.sees())


@pytest.mark.parametrize(
    "words",
    ["anyone?", "can I ask something?", "help", "Hilfe!", "any update?", "Kann wer helfen?", "why???", "wie geht das"],
)
async def test_who_tells_no_subject_is_asked_before_anybody_else(story: Story, words: str) -> None:
    await is_asked_first(story, words)


@pytest.mark.parametrize(
    "words",
    [
        "How to reset your password (a guide)",
        "Who's going to the meetup on Friday?",
        "Wer kommt am Freitag zum Treffen?",
        "Who needs help moving to v4? I have time.",
    ],
)
async def test_who_shares_or_invites_is_asked_before_anybody_else(story: Story, words: str) -> None:
    await is_asked_first(story, words)


@pytest.mark.needs("attachments")
@pytest.mark.parametrize("before", ["", "How do I fix this?"])
async def test_a_picture_tells_the_subject(story: Story, before: str) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    if before:
        await mia.says(before, "help")
    await mia.attaches("error.png", "help", "" if before else "How do I fix this?")
    assert len([seen for seen in await noah.sees() if "State" in seen.fields]) == 1


async def test_what_tells_the_subject_next_makes_a_sure_question_of_it(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.says("anyone here?", "help")
    await mia.says("How do I rotate the webhook secret?", "help")
    assert len([seen for seen in await noah.sees() if "State" in seen.fields]) == 1


@pytest.mark.parametrize("words", ["jak zmienić hasło do konta", "पासवर्ड कैसे बदलें"])
async def test_whose_language_is_not_read_is_asked_before_anybody_else(story: Story, words: str) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.says(words, "help")
    assert not any("State" in seen.fields for seen in await noah.sees())
    await mia.presses("Yes, ask the community", on=await mia.reads(ASKED))
    assert [seen.title for seen in await noah.sees() if "State" in seen.fields] == [words]


async def test_one_tap_makes_a_question_of_it(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    message = await mia.says(JOKE, "help")
    await mia.presses("Yes, ask the community", on=await mia.reads(ASKED))
    card = await noah.reads("seen my cat", story.thread(message))
    assert card.fields["State"].startswith("🌱 Open")


async def test_one_tap_leaves_it_alone_and_the_next_one_is_read_again(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.says(JOKE, "help")
    card = await mia.reads(ASKED)
    await mia.presses("No", on=card)
    assert "I leave it at that" in (await mia.reads("I leave it at that")).words
    message = await mia.says("How do I reset my API token?", "help")
    assert await noah.reads("reset my API token", story.thread(message))


async def test_only_the_author_says_whether_it_is_one(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.says(JOKE, "help")
    card = await mia.reads(ASKED)
    if any(seen.id == card.id for seen in await noah.sees()):
        await noah.presses("Yes, ask the community", on=card)
        assert "Question #" not in (await noah.last_private()).words


async def test_a_second_doubt_within_minutes_is_kept_to_oneself(story: Story) -> None:
    mia = story.person("mia")
    await mia.says(JOKE, "help")
    await mia.says("anyone up for lunch?", "help")
    assert len([seen for seen in await mia.sees() if ASKED in seen.words]) == 1


@pytest.mark.needs("asides")
async def test_a_question_in_a_script_without_blanks_is_one(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    message = await mia.says("怎么在不停机的情况下更新 webhook 密钥？", "help")
    assert await noah.reads("webhook 密钥", story.thread(message))


async def test_what_others_said_and_somebody_forwards_is_an_answer(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    await noah.says("> Run `rotate --graceful`, it keeps the sessions.", await thread_of(noah, SECRET))
    assert (await mia.reads(SECRET, "help")).fields["State"] == "💬 Answered"


@pytest.mark.parametrize(
    "reply", ["bump", ":wave:", "Welcome!", "👍", "no idea sorry", "Das würde mich auch interessieren"]
)
async def test_what_is_no_answer_leaves_the_question_open_and_support_comes(story: Story, reply: str) -> None:
    mia, noah, ava = (story.person(name) for name in ("mia", "noah", "ava"))
    await mia.uses("/ask", question=SECRET)
    await noah.says(reply, await thread_of(noah, SECRET))
    assert (await mia.reads(SECRET, "help")).fields["State"] == "🌱 Open"
    await story.passes(hours=1)
    assert await ava.reads(SECRET, "agents")


async def test_a_question_back_is_no_answer_and_what_worked_for_somebody_is_one(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(noah, SECRET)
    await noah.says("could you paste the config please", thread)
    assert (await mia.reads(SECRET, "help")).fields["State"] == "🌱 Open"
    await noah.says("Same for me worked with rotate --graceful", thread)
    assert (await mia.reads(SECRET, "help")).fields["State"] == "💬 Answered"


@pytest.mark.parametrize(
    "words", ["works on my machine, fails on the server", "It worked for a minute, then the error came back."]
)
async def test_who_is_still_in_need_is_not_asked_whether_it_is_solved(story: Story, words: str) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(noah, SECRET)
    await noah.says("Under Settings, Webhooks, Rotate.", thread)
    before = len(await mia.sees())
    await mia.says(words, thread)
    assert len(await mia.sees()) == before + 1


@pytest.mark.parametrize("blank", ["\u200b", "\u2060\u200d", "\u3164", "\u2800 \u2800", "\u00ad"])
@pytest.mark.parametrize("command,field", [("/ask", "question"), ("/idea add", "title")])
async def test_a_title_that_nobody_can_see_is_asked_for(story: Story, command: str, field: str, blank: str) -> None:
    mia = story.person("mia")
    await mia.uses(command, **{field: blank})
    assert mia.form and not await mia.sees("help") and not await mia.sees("ideas")
    await mia.fills(**{field: blank})
    assert mia.form and mia.form.errors == {field: "Please fill this in."}


async def test_an_answer_that_is_nothing_but_code_counts(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(noah, SECRET)
    await noah.says("`rotate --graceful`", thread)
    assert "Answered" in (await mia.reads(SECRET, "help")).fields["State"]
    await story.passes(hours=2)
    assert "support" not in (await mia.reads(SECRET, "help")).fields["State"]
