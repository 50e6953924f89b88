"""What people edit and delete afterwards: questions and answers follow, and all that was promised from them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from adapters.contract.events import MessageDeleted, MessageEdited, MessagePosted
from adapters.contract.models import Message, MessageRef
from adapters.memory import Memory
from bot import Cog, Context, listener
from storage.members import Member
from tests.doors import MemoryDoor
from tests.story import Story

from .conftest import Begin
from .test_questions import SECRET, thread_of
from .test_solving import state

FORCE, GRACEFUL = "Rotate it with `rotate --force`.", "Rotate it with `rotate --graceful`."


async def solved_by_noah(story: Story, words: str = FORCE) -> tuple[str, str]:
    """Have Noah solve what Mia asked; return the thread and the answer."""
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    answer = await noah.says(words, thread)
    await mia.picks("Mark as answer", answer)
    return thread, answer


async def card_words(story: Story) -> str:
    """Return what everyone reads on the card."""
    return (await story.person("liam").reads(SECRET, "help")).words


async def next_asker_reads(story: Story) -> str:
    """Return what somebody is shown who asks the same."""
    kenji = story.person("kenji")
    await kenji.uses("/ask", question=SECRET)
    return (await kenji.last_private()).words


async def test_an_answer_that_is_edited_solves_it_as_it_stands(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    answer = await noah.says(FORCE, await thread_of(mia, SECRET))
    await noah.edits(answer, GRACEFUL)
    await mia.presses("Mark as solved")
    assert "--graceful" in await card_words(story)
    assert "--graceful" in await next_asker_reads(story)
    await mia.does_not_read("--force")


async def test_an_asker_is_told_of_an_answer_that_came_by_an_edit(story: Story) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    await kenji.says("bump", thread)
    said = await noah.says("no idea, sorry", thread)
    await story.passes(minutes=3)
    await noah.edits(said, GRACEFUL)
    assert "@Noah answered your question" in (await mia.reads("answered your question")).words


async def test_an_accepted_answer_that_is_edited_is_known_in_its_new_words(story: Story) -> None:
    _, answer = await solved_by_noah(story)
    noah, kenji = story.person("noah"), story.person("kenji")
    await noah.edits(answer, GRACEFUL)
    card = await noah.reads(SECRET, "help")
    assert "--graceful" in card.words and "--force" not in card.words
    assert card.fields["State"] == "✅ Solved by @Noah"
    assert "--graceful" in await next_asker_reads(story)
    await kenji.uses("/search", query="graceful rotate")
    assert "--graceful" in (await kenji.last_private()).words
    await kenji.does_not_read("--force")


async def test_an_answer_is_followed_after_a_restart_too(begin: Begin) -> None:
    story = await begin()
    _, answer = await solved_by_noah(story)
    story = await begin()
    await story.person("noah").edits(answer, GRACEFUL)
    assert "--graceful" in await card_words(story)


async def test_what_becomes_an_answer_or_none_counts_as_that(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    message = await noah.says("Which version do you use?", await thread_of(mia, SECRET))
    assert await state(story) == "🌱 Open"
    await noah.edits(message, GRACEFUL)
    assert await state(story) == "💬 Answered"
    await noah.edits(message, "Which version do you use?")
    assert await state(story) == "🌱 Open"


async def test_a_question_that_is_edited_asks_in_its_new_words(story: Story) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    message = await mia.says("How do I rotate the wehbook secret?", "help")
    await mia.edits(message, "How do I rotate the webhook secret? I use version 2.4.")
    card = await noah.reads("I use version 2.4.", story.thread(message))
    assert card.title == "How do I rotate the webhook secret?" and card.fields["State"] == "🌱 Open"
    await kenji.uses("/search", query="webhook secret")
    assert "webhook secret" in (await kenji.last_private()).words
    await noah.does_not_read("wehbook secret?\n")
    assert len([seen for seen in await noah.sees() if "State" in seen.fields]) == 1


async def test_lines_of_one_question_are_edited_and_deleted_each_by_itself(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    post = await mia.says(SECRET, "help")
    first = await mia.says("I use version 2.4 of the server.", "help")
    second = await mia.says("It runs behind a proxy.", "help")
    await mia.edits(first, "I use version 2.5 of the server.")
    await mia.edits(post, "How do I rotate the webhook secret without a restart?")
    card = await noah.reads("without a restart", story.thread(post))
    assert card.title == "How do I rotate the webhook secret without a restart?"
    assert "2.4" not in card.body and card.body.endswith("2.5 of the server.\nIt runs behind a proxy.")
    await mia.edits(second, "It runs behind nginx.")
    assert (await noah.reads("without a restart", story.thread(post))).body.endswith("server.\nIt runs behind nginx.")


@pytest.mark.needs("taking back")
async def test_a_line_that_is_deleted_is_no_part_of_the_question(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    post = await mia.says(SECRET, "help")
    line = await mia.says("My password is hunter2, by the way.", "help")
    await noah.reads("hunter2", story.thread(post))
    await mia.deletes(line)
    await noah.does_not_read("hunter2")
    assert (await noah.reads(SECRET, story.thread(post))).fields["State"] == "🌱 Open"


async def test_an_edit_of_what_was_said_before_a_question_is_no_line_of_it(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    hello = await mia.says("Hello everybody.", "help")
    post = await mia.says(SECRET, "help")
    await mia.edits(hello, "Hello everyone.")
    assert "Hello" not in (await noah.reads(SECRET, story.thread(post))).body


async def test_an_edit_makes_a_question_of_what_was_none_while_it_is_new(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    early, late = [await mia.says(f"The nightly export number {number}", "help") for number in range(2)]
    await story.passes(minutes=5)
    await mia.edits(early, "How do I stop the nightly export from the command line?")
    await noah.reads("stop the nightly export", story.thread(early))
    await story.passes(minutes=20)
    await mia.edits(late, "How do I change the colour of a garden fence?")
    assert len([seen for seen in await noah.sees() if "State" in seen.fields]) == 1


@pytest.mark.needs("attachments")
async def test_an_answer_that_is_a_picture_or_a_file_is_kept_by_link(story: Story) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    answer = await noah.attaches("where-to-press.png", thread)
    assert await state(story) == "💬 Answered"
    await mia.presses("Mark as solved")
    assert await state(story) == "✅ Solved by @Noah"
    words = await card_words(story)
    assert "A picture: http" in words and answer.partition(".")[0] in words
    assert "A picture: http" in await next_asker_reads(story)
    await kenji.uses("/search", query="rotate webhook secret")
    assert "A picture: http" in (await kenji.last_private()).words


@pytest.mark.needs("attachments")
async def test_the_words_beside_a_picture_are_judged_without_our_note_of_it(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    message = await noah.attaches("shrug.png", thread, "no idea, sorry")
    assert "🌱 Open" in await state(story), "a picture does not make an answer of it"
    await noah.edits(message, "Under Settings, Webhooks, press Rotate, as shown here.")
    assert await state(story) == "💬 Answered"
    await noah.edits(message, "no idea, sorry")
    assert "🌱 Open" in await state(story)


# The order in which things are told


async def _tells(story: Story, ref: MessageRef, words: str, *, seconds: float) -> None:
    """Have the platform tell of an edit that was so much later than now."""
    profile = await story.app.platforms.at(ref.channel.space).profile(story.door.account("noah"))
    assert profile
    at = story.now + timedelta(seconds=seconds)
    message = Message(ref, profile, words, story.now)
    nobody_waits: Any = _Nobody()
    event = MessageEdited(id=f"edit/{ref.id}/{at.isoformat()}", at=at, by=profile, message=message)
    await story.app.router.receive(event, nobody_waits)
    await story.app.settle()


def _memory(story: Story) -> Memory:
    platform = getattr(story.door, "platform", None)
    assert isinstance(platform, Memory)
    return platform


class _Nobody:
    discreet, token = False, None

    async def accept(self) -> None: ...


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_the_later_edit_counts_in_whichever_order_they_are_told(story: Story) -> None:
    _, answer = await solved_by_noah(story)
    platform = _memory(story)
    ref = platform.messages[answer].ref
    for seconds, words in ((9, GRACEFUL), (3, "An older edit."), (9, GRACEFUL)):
        await _tells(story, ref, words, seconds=seconds)
    mia = story.person("mia")
    assert "--graceful" in await card_words(story)
    await platform.delete("noah", answer)
    await story.app.settle()
    await _tells(story, ref, "Back again.", seconds=20)
    await mia.does_not_read("Back again.")


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_was_deleted_before_it_is_told_of_was_never_said(story: Story) -> None:
    platform = _memory(story)
    mia = story.person("mia")
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    platform.connected = False
    answer = await platform.say("noah", thread, FORCE)
    told = platform.last_event
    platform.connected = True
    await platform.delete("noah", answer)
    assert told
    await platform.again(told)
    await story.app.settle()
    assert await state(story) == "🌱 Open"


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_was_edited_before_it_is_told_of_stands_as_it_is_by_then(story: Story) -> None:
    platform = _memory(story)
    mia = story.person("mia")
    await mia.uses("/ask", question=SECRET)
    platform.connected = False
    answer = await platform.say("noah", await thread_of(mia, SECRET), FORCE)
    told = platform.last_event
    platform.connected = True
    await platform.rewrite("noah", answer, GRACEFUL)
    assert told
    await platform.again(told)
    await story.app.settle()
    await mia.presses("Mark as solved")
    assert "--graceful" in await card_words(story)


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_was_edited_while_nobody_listened_is_read_back(story: Story) -> None:
    _, answer = await solved_by_noah(story)
    platform = _memory(story)
    platform.connected = False
    await platform.rewrite("noah", answer, GRACEFUL)
    await platform.reconnect()
    await story.app.catching_up.done()
    await story.app.settle()
    assert "--graceful" in await card_words(story)


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_a_deletion_that_is_told_twice_asks_once(story: Story) -> None:
    thread, answer = await solved_by_noah(story)
    platform = _memory(story)
    ref = platform.messages[answer].ref
    await story.person("noah").deletes(answer)
    again = MessageDeleted(id="told otherwise", at=story.now, by=platform.people["noah"], message=ref)
    await platform.again(again)
    await story.app.settle()
    assert await state(story) == "💬 Answered"
    asked = [seen for seen in await story.person("mia").sees(thread) if "the message that solved" in seen.words]
    assert len(asked) == 1


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_an_edit_that_was_never_told_is_seen_when_the_answer_is_accepted(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    answer = await noah.says(FORCE, await thread_of(mia, SECRET))
    platform = _memory(story)
    platform.messages[answer].text = GRACEFUL
    await mia.picks("Mark as answer", answer)
    assert "--graceful" in await card_words(story)


@pytest.mark.needs("taking back")
async def test_a_question_that_is_edited_before_it_is_posted_is_posted_as_it_stands(story: Story) -> None:
    await solved_by_noah(story)
    kenji, noah = story.person("kenji"), story.person("noah")
    message = await kenji.says(SECRET, "help")
    await kenji.edits(message, "How do I rotate the webhook secret without a restart?")
    await story.passes(minutes=6)
    await noah.reads("without a restart?", story.thread(message))
    await kenji.deletes(message)
    await noah.does_not_read("🌱")


# What is no question or no answer any more


@pytest.mark.needs("taking back")
async def test_what_its_author_deletes_is_not_read_on_the_card_any_more(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    post = await mia.says("How do I rotate the secret hunter2?", "help")
    thread = story.thread(post)
    await mia.deletes(post)
    await noah.does_not_read("hunter2")
    assert (await noah.reads("taken back", thread)).fields == {"State": "Taken back"}


async def test_a_question_that_is_taken_back_is_read_nowhere_and_asks_nobody(story: Story) -> None:
    mia, noah, ava = (story.person(name) for name in ("mia", "noah", "ava"))
    post = await mia.says("How do I rotate the secret hunter2?", "help")
    await story.passes(hours=1)
    assert "hunter2" in (await ava.reads("For support", "agents")).title
    assert await mia.reads("support hasn't got to")
    await noah.says("You rotate it with rotate --graceful", story.thread(post))
    await mia.reads("answered your question")
    await mia.deletes(post)
    for person in (mia, noah, ava):
        await person.does_not_read("hunter2")
        await person.does_not_read("This question goes on.")
    assert not [seen for seen in await ava.sees("agents") if seen.controls]


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
@pytest.mark.parametrize("files", [(), ("shot.png",)])
async def test_a_question_that_has_no_words_any_more_is_taken_back(story: Story, files: tuple[str, ...]) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    post = await _memory(story).say("mia", "help", "How do I rotate the secret hunter2?", files)
    await mia.edits(post, "")
    await noah.does_not_read("hunter2")
    assert await noah.reads("taken back", story.thread(post))


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_an_answer_that_has_no_words_any_more_is_none_and_may_be_one_again(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    answer = await noah.says(FORCE, await thread_of(mia, SECRET))
    await noah.edits(answer, "")
    assert await state(story) == "🌱 Open"
    await noah.edits(answer, GRACEFUL)
    assert await state(story) == "💬 Answered"


@pytest.mark.parametrize("words", ["never mind, no idea, sorry", "Which version do you use?"])
async def test_an_accepted_answer_that_helps_no_more_is_asked_for_again(story: Story, words: str) -> None:
    thread, answer = await solved_by_noah(story)
    mia, noah = story.person("mia"), story.person("noah")
    await noah.edits(answer, words)
    assert (await mia.reads("Is it still solved?", thread)).pinged == {"mia"}
    assert await state(story) == "💬 Answered"
    assert "This solved it" not in await next_asker_reads(story)


async def test_who_edits_their_question_into_none_is_asked_what_becomes_of_it(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    post = await mia.says(SECRET, "help")
    await mia.edits(post, "good morning all")
    asked = await mia.reads("Is that still a question?")
    await mia.edits(post, "good morning everybody")
    assert len([seen for seen in await mia.sees() if "Is that still a question?" in seen.words]) == 1
    await mia.presses("Not a question", on=asked)
    assert (await noah.reads("taken back", story.thread(post))).fields["State"] == "Taken back"


async def test_what_is_edited_into_no_question_before_it_is_posted_is_not_posted(story: Story) -> None:
    await solved_by_noah(story)
    kenji, noah = story.person("kenji"), story.person("noah")
    message = await kenji.says(SECRET, "help")
    await kenji.edits(message, "Good morning all!")
    await story.passes(minutes=6)
    assert not [seen for seen in await noah.sees() if "Could you help" in seen.words or seen.footer == "#2"]


class Slow(Cog):
    """Notes what happens to a message, and takes long with the message itself."""

    name = "slow"

    def __init__(self) -> None:
        self.free, self.begun, self.noted = asyncio.Event(), asyncio.Event(), list[str]()

    @listener(MessagePosted)
    async def said(self, _: Context, __: MessagePosted) -> None:
        self.begun.set()
        await self.free.wait()
        self.noted.append("said")

    @listener(MessageEdited)
    async def edited(self, _: Context, __: MessageEdited) -> None:
        self.noted.append("edited")

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, member: Member) -> None: ...


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_an_edit_that_comes_while_its_message_is_handled_waits_for_that(begin: Begin) -> None:
    slow = Slow()
    story = await begin((slow,))
    saying = asyncio.create_task(story.person("mia").says("Good morning", "general"))
    await slow.begun.wait()
    assert isinstance(story.door, MemoryDoor)
    [message] = story.door.platform.messages
    editing = asyncio.create_task(story.person("mia").edits(message, "Good evening"))
    await asyncio.sleep(0.05)  # it would be handled by now
    slow.free.set()
    await asyncio.gather(saying, editing)
    assert slow.noted == ["said", "edited"]
