"""Threads in the direct channel, as Slack has them for agents: what is said to Trellis there is answered there."""

from __future__ import annotations

import pytest

from tests.adapters.slack.door import SlackDoor, SlackKit
from tests.adapters.slack.things import PROMPTS
from tests.story import Person, Seen, Story

from .conftest import Begin

pytestmark = pytest.mark.parametrize("kit", ["slack"], indirect=True)


async def begin_thread(person: Person) -> str:
    """Begin a thread in the direct channel."""
    return person.story.thread(await person.says("Are you there?", person.story.door.direct(person.id)))


async def answers(person: Person, words: str, thread: str) -> list[Seen]:
    """Say something there; return what Trellis says to the person then, wherever that is."""
    before = {seen.id for seen in await person.sees()}
    await person.says(words, thread)
    return [seen for seen in await person.sees() if seen.id not in before and seen.author == "trellis"]


@pytest.mark.parametrize(
    "words, told",
    [
        ("help", "What you can do in"),
        ("What can you do?", "What you can do in"),
        ("@Trellis help", "What you can do in"),
        ("event list", "Nothing is planned yet"),
        ("me", "Quiet hours"),
        ("thanks!", "You're welcome"),
        ("Stop!", "I leave you alone"),
        ("search sourdough", "No answers found"),
        ("How do I rotate the webhook secret?", "Post it to the community?"),
        ("/frobnicate", "I don't know"),
        ("the weather is nice", "You can write this to me"),
        ("away until friday 9:00", "You're away until Friday"),
        ("forget me", "privacy erase"),
    ],
)
async def test_what_is_said_in_a_thread_is_answered_in_it(story: Story, words: str, told: str) -> None:
    mia = story.person("mia")
    thread = await begin_thread(mia)
    (seen,) = await answers(mia, words, thread)
    assert told in f"{seen.title} {seen.words}" and seen.channel == thread


async def test_a_question_is_posted_from_there_and_its_form_opens_from_there(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    thread = await begin_thread(mia)
    (seen,) = await answers(mia, "How do I rotate the webhook secret?", thread)
    await mia.presses("Post my question", on=seen)
    assert await noah.reads("rotate the webhook secret", "help")
    assert {seen.channel for seen in await mia.sees() if "posted" in seen.words and seen.channel[0] == "D"} <= {thread}
    (seen,) = await answers(mia, "ask", thread)
    assert seen.body == "Press the button to open the form." and seen.channel == thread
    await mia.presses("Open the form", on=seen)
    await mia.fills(question="Where do I find the export of last year?")
    assert (await mia.last_private()).channel == thread


async def test_a_file_comes_into_the_thread_where_it_was_asked_for(story: Story) -> None:
    mia = story.person("mia")
    await mia.says("Good morning")
    thread = await begin_thread(mia)
    (seen,) = await answers(mia, "privacy export", thread)
    assert seen.channel == thread and seen.files
    assert isinstance(story.door, SlackDoor)
    shared = [call for name, call in story.door.server.calls if name == "files.completeUploadExternal"]
    assert shared[-1]["thread_ts"] == thread.partition(":")[2]


async def test_a_thread_goes_on_after_a_restart(begin: Begin) -> None:
    story = await begin()
    mia = story.person("mia")
    thread = await begin_thread(mia)
    (seen,) = await answers(mia, "ask", thread)
    await story.app.stop()
    mia = (await begin()).person("mia")
    await mia.presses("Open the form", on=seen)
    await mia.fills(question="Where do I find the export of last year?")
    (seen,) = await answers(mia, "search export", thread)
    assert seen.channel == thread


async def test_what_was_deleted_or_edited_in_a_thread_is_let_be(story: Story) -> None:
    mia = story.person("mia")
    thread = await begin_thread(mia)
    said = await mia.says("event list", thread)
    before = len(await mia.sees())
    await mia.edits(said, "event list please")
    await mia.deletes(said)
    assert len([seen for seen in await mia.sees() if seen.author == "trellis"]) <= before
    assert (await answers(mia, "help", thread))[0].channel == thread


async def test_whatever_is_suggested_is_answered(begin: Begin, kit: SlackKit) -> None:
    kit.server.scopes |= {PROMPTS}
    story = await begin()
    mia = story.person("mia")
    assert isinstance(story.door, SlackDoor)
    await story.door.crowd.open_home("UMIA", "messages")
    await story.door._done()
    title, suggested = kit.server.prompts["DMIA"]
    assert title == "What would you like to do?" and len(suggested) == 4
    told = [(await answers(mia, each["message"], "DMIA"))[0].title for each in suggested]
    assert told == ["Ask the community", "Events", "You, Mia", "What you can do in Memory Lane"]
