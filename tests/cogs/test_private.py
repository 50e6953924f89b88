"""Asking support privately: only the asker and support ever read it."""

from __future__ import annotations

import pytest

from tests.adapters.discord.door import DiscordDoor
from tests.adapters.discord.world import SILENT
from tests.doors import Kit, MemoryKit
from tests.story import Seen, Story

from .conftest import Begin
from .test_link import Town, town
from .test_questions import solved

__all__ = ["town"]

SECRET = "Why does my card get refused?"
BILL = "Why was my invoice charged twice?"


async def asks_privately(story: Story, question: str = SECRET, **how: str) -> None:
    """Have Mia ask support privately."""
    mia = story.person("mia")
    await mia.uses("/ask", question=question, private="true", **how)
    first = await mia.last_private()
    assert "Only you and support see this" in first.words and "Nothing has been posted yet" in first.footer
    await story.person("ava").does_not_read(question)
    await mia.presses("Send it to support")


async def thread_of(story: Story, question: str = SECRET) -> str:
    """Return where support talks about it."""
    card = await story.person("ava").reads(f"For support alone: {question}", "agents")
    return story.thread(card)


async def own(story: Story, question: str = SECRET) -> Seen:
    """Return how Mia sees her question, directly."""
    return [seen for seen in await story.person("mia").sees(story.door.direct("mia")) if question in seen.title][-1]


async def test_a_question_is_asked_answered_and_solved_privately(story: Story) -> None:
    mia, noah, ava = (story.person(name) for name in ("mia", "noah", "ava"))
    await ava.uses("/duty on")
    await asks_privately(story, details="It is the blue one.")
    assert "is with support. Only you and support see it" in (await mia.last_private()).words
    thread = await thread_of(story)
    card = await ava.reads("For support alone", "agents")
    assert "It is the blue one." in card.body and card.fields["Asked by"] == "@Mia"
    assert "@Ava, it's your turn" in card.body and card.pinged == {"ava"}
    assert [seen.words for seen in await ava.sees("agents")] == [card.words], "the card alone calls who is next"
    await ava.presses("Claim", on=card)
    assert "Answer in its thread" in (await ava.last_private()).words

    await ava.says("Which bank is it?", thread)
    told = await mia.reads("Which bank is it?", story.door.direct("mia"))
    assert "@Ava" in told.body
    await mia.presses("Reply to support", on=told)
    await mia.fills(words="The Garden Bank.")
    assert "@Mia writes:\nThe Garden Bank." in (await ava.reads("The Garden Bank.", thread)).body

    await ava.says("They block it: ask them to let it through.", thread)
    await mia.presses("Mark as solved", on=await mia.reads("They block it", story.door.direct("mia")))
    await mia.chooses("They block it")
    assert (await ava.reads("For support alone", "agents")).fields["State"] == "✅ Solved by @Ava"
    assert (await own(story)).fields["State"] == "✅ Solved by @Ava"
    await mia.presses("Reopen", on=await own(story))
    assert "🌱 Open" in (await ava.reads("For support alone", "agents")).fields["State"]

    for words in (SECRET, "The Garden Bank", "They block it", "blue one"):
        await noah.does_not_read(words)


async def test_nobody_else_finds_it(story: Story) -> None:
    mia, noah, ava, liam = (story.person(name) for name in ("mia", "noah", "ava", "liam"))
    await asks_privately(story)
    await ava.says("Ask your bank to let it through.", await thread_of(story))
    for command, options in {
        "/question list": {},
        "/search": {"query": SECRET},
        "/why": {},
        "/me": {},
    }.items():
        await noah.uses(command, **options)
    await noah.uses("/ask", question=SECRET)
    assert "is posted" in (await noah.last_private()).words, "nothing is known, and nobody asks the same"
    found = [seen for seen in await noah.sees() if "let it through" in seen.words or "@Mia" in seen.words]
    assert not found
    await mia.uses("/question list", status="mine")
    assert SECRET in (await mia.last_private()).words
    await mia.presses("Mark as solved", on=await mia.reads("let it through", story.door.direct("mia")))
    await noah.uses("/question list", status="solved")
    assert SECRET not in (await noah.last_private()).words
    await liam.picks("Save to knowledge base", (await ava.reads("For support alone", "agents")).id)
    assert "stays with support" in (await liam.last_private()).words
    await noah.uses("/ask", question=f"{SECRET} Please")
    assert "Does this answer it" not in (await noah.last_private()).words


async def test_a_topic_for_agents_only_goes_there_by_itself(story: Story) -> None:
    mia, noah, ava = (story.person(name) for name in ("mia", "noah", "ava"))
    await mia.uses("/ask", question=BILL)
    assert "Only you and support see this" in (await mia.last_private()).words
    await mia.presses("Don't send it")
    await ava.does_not_read(BILL)
    await mia.uses("/ask", question=BILL)
    first = await mia.last_private()
    await mia.presses("Send it to support")
    await ava.reads(BILL, "agents")
    await noah.does_not_read(BILL)
    await mia.presses("Send it to support", on=first)
    assert "decided" in (await mia.last_private()).words
    assert sum(BILL in seen.title for seen in await ava.sees("agents")) == 1


async def test_a_slip_in_a_topic_for_agents_makes_nothing_public(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=BILL, topic="biling")
    assert mia.form and "Did you mean “billing”?" in mia.form.errors["topic"] and mia.form.values["question"] == BILL
    await noah.does_not_read(BILL)
    await mia.fills(topic="billing")
    assert "Only you and support see this" in (await mia.last_private()).words


async def test_what_stands_in_the_help_channel_stays_there(story: Story) -> None:
    mia, noah, ava = (story.person(name) for name in ("mia", "noah", "ava"))
    post = await mia.says(BILL, "help")
    assert (await noah.reads("waiting for support", story.thread(post))).title == BILL
    assert "Support has it now and will answer in the thread" in (await mia.reads("Support has it now")).words
    assert "Claim" in (await ava.reads(BILL, "agents")).controls
    await ava.says("Settings, Billing.", story.thread(post))
    assert await noah.reads("Settings, Billing.", story.thread(post))


@pytest.mark.parametrize("topic", [True, False])
async def test_without_a_channel_for_support_it_is_said_first(begin: Begin, topic: bool) -> None:
    story = await begin(TRELLIS_AGENTS_CHANNELS="nowhere")
    mia, noah = story.person("mia"), story.person("noah")
    if topic:
        await mia.uses("/ask", question=BILL)
    else:
        await mia.uses("/ask", question=BILL, topic="webhooks", private="true")
    assert "I can't ask this privately" in (await mia.last_private()).words
    await noah.does_not_read(BILL)
    await story.person("liam").uses("/question report")
    assert "nothing can be asked privately" in (await story.person("liam").last_private()).words
    await mia.presses("Post it for everyone")
    assert "is posted" in (await mia.last_private()).words
    card = await noah.reads(BILL, "help")
    assert ("I can help" in card.controls) is not topic


async def test_without_a_name_support_does_not_read_it_and_moderators_may_look(story: Story) -> None:
    mia, ava, liam = (story.person(name) for name in ("mia", "ava", "liam"))
    await mia.uses("/ask", question=SECRET, private="true", anonymous="true")
    assert "Your name isn't shown to them" in (await mia.last_private()).words
    await mia.presses("Send it to support")
    thread = await thread_of(story)
    await mia.presses("Reply to support", on=await own(story))
    await mia.fills(words="Since Monday.")
    assert "Someone writes:" in (await ava.reads("Since Monday.", thread)).body
    await ava.does_not_read("Mia")
    await ava.presses("Who asked?", on=await ava.reads("For support alone", "agents"))
    await ava.does_not_read("Mia")
    await liam.presses("Who asked?", on=await liam.reads("For support alone", "agents"))
    assert "@Mia asked this" in (await liam.last_private()).words


async def test_it_is_taken_back(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await asks_privately(story)
    thread = await thread_of(story)
    await mia.presses("Reply to support", on=await own(story))
    await mia.fills(words="The Garden Bank.")
    await mia.presses("Take it back", on=await own(story))
    assert "It's taken back" in (await mia.last_private()).words
    for words in (SECRET, "The Garden Bank."):
        await ava.does_not_read(words)
    await ava.says("Hello?", thread)
    await mia.does_not_read("Hello?")


async def test_what_is_edited_or_deleted_is_so_on_both_sides(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    direct = story.door.direct("mia")
    await asks_privately(story)
    thread = await thread_of(story)
    said = await ava.says("Which bnak?", thread)
    await ava.edits(said, "Which bank?")
    assert await mia.reads("Which bank?", direct)
    await mia.does_not_read("Which bnak?")
    wrote = await mia.says("The Garden Bnak.", direct)
    await mia.presses("Pass it on")
    assert await ava.reads("The Garden Bnak.", thread)
    await mia.edits(wrote, "The Garden Bank.")
    assert await ava.reads("The Garden Bank.", thread)
    await mia.deletes(wrote)
    await ava.does_not_read("The Garden Bank.")
    await ava.deletes(said)
    await mia.does_not_read("Which bank?")


async def test_who_is_content_is_asked_whether_it_is_solved(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await asks_privately(story)
    await ava.says("Ask your bank.", await thread_of(story))
    await mia.presses("Reply to support", on=await own(story))
    await mia.fills(words="Thanks, that works!")
    await mia.presses("Yes, it's solved")
    assert (await own(story)).fields["State"] == "✅ Solved by @Ava"


async def test_who_writes_to_trellis_is_asked_whether_it_is_for_support(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    direct = story.door.direct("mia")
    await asks_privately(story)
    thread = await thread_of(story)
    await mia.says("It says code 51.", direct)
    assert "Is this for support" in (await mia.reads("Is this for support", direct)).words
    await ava.does_not_read("code 51")
    await mia.presses("Pass it on")
    assert await ava.reads("It says code 51.", thread)
    assert await mia.reads("passed it on", direct)


@pytest.mark.needs("replies")
async def test_a_reply_to_what_support_wrote_is_passed_on(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await asks_privately(story)
    thread = await thread_of(story)
    await ava.says("Which bank?", thread)
    await mia.replies((await mia.reads("Which bank?", story.door.direct("mia"))).id, "The Garden Bank.")
    assert await ava.reads("The Garden Bank.", thread)
    assert "Pass it on" not in [label for seen in await mia.sees() for label in seen.controls]


async def test_what_was_written_can_be_read_where_nothing_comes_directly(story: Story) -> None:
    mia, ava, noah = (story.person(name) for name in ("mia", "ava", "noah"))
    await asks_privately(story)
    await ava.says("Ask your bank.", await thread_of(story))
    await mia.uses("/me")
    await mia.presses("What was written")
    shown = await mia.last_private()
    assert "@Ava: Ask your bank." in shown.body and "Reply to support" in shown.controls
    await noah.does_not_read("Ask your bank.")


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_who_takes_no_direct_messages_and_support_are_told_so(begin: Begin, kit: Kit) -> None:
    assert isinstance(kit, MemoryKit)
    kit.platform.closed.add("mia")
    story = await begin()
    mia, ava = story.person("mia"), story.person("ava")
    await asks_privately(story)
    assert "You take no direct messages from me" in (await mia.last_private()).words
    assert "“/me” shows them" in (await ava.reads("For support alone", "agents")).words
    await ava.says("Ask your bank.", await thread_of(story))
    await mia.presses("What was written")
    assert "Ask your bank." in (await mia.last_private()).words
    kit.platform.closed.clear()
    await ava.says("Or another card.", await thread_of(story))
    assert await mia.reads("Or another card.", story.door.direct("mia"))
    assert "“/me” shows them" not in (await ava.reads("For support alone", "agents")).words


async def test_who_leaves_or_is_forgotten(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await ava.uses("/duty on")
    await asks_privately(story)
    await ava.presses("Claim", on=await ava.reads("For support alone", "agents"))
    await ava.says("Which bank?", await thread_of(story))
    await mia.presses("Reply to support", on=await own(story))
    await mia.fills(words="The Garden Bank.")
    await mia.leaves()
    assert "has left" in (await ava.reads("For support alone", "agents")).fields["State"]
    await mia.joins()
    assert "🍂" not in (await ava.reads("For support alone", "agents")).fields["State"]
    await mia.uses("/privacy erase")
    await mia.presses("Forget me for good")
    for words in (SECRET, "The Garden Bank.", "Mia writes"):
        await ava.does_not_read(words)


async def test_the_help_counts_without_a_word_on_what(story: Story) -> None:
    mia, noah, ava = (story.person(name) for name in ("mia", "noah", "ava"))
    await asks_privately(story)
    await ava.says("Ask your bank.", await thread_of(story))
    await mia.presses("Mark as solved", on=await mia.reads("Ask your bank.", story.door.direct("mia")))
    await noah.uses("/profile", member=story.named("ava"))
    assert SECRET not in (await noah.last_private()).words
    await story.passes(days=8)
    await noah.does_not_read(SECRET)
    await noah.does_not_read("Ask your bank.")


async def test_whoever_has_several_is_asked_which_a_message_is_about(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await asks_privately(story)
    await asks_privately(story, "Where is my parcel?")
    thread = await thread_of(story, "Where is my parcel?")
    await mia.says("It says code 51.", story.door.direct("mia"))
    assert "1. Why does my card get refused?\n2. Where is my parcel?" in (await mia.reads("which question?")).body
    await mia.presses("About the second (2)")
    assert await ava.reads("It says code 51.", thread)
    await mia.presses("Mark as solved", on=await own(story))
    await mia.presses("I found it myself")
    await mia.says("Another thing about it.", story.door.direct("mia"))
    assert "with “Where is my parcel?”" in (await mia.reads("Is this for support")).body


async def test_what_is_known_comes_first_and_the_rest_goes_to_support(story: Story) -> None:
    mia, noah, ava = (story.person(name) for name in ("mia", "noah", "ava"))
    await solved(story)
    await mia.uses("/ask", question="How do I rotate the webhook secret now?", private="true")
    assert "Under Settings, Webhooks, Rotate." in (await mia.last_private()).words
    await mia.presses("Post my question")
    assert "Only you and support see this" in (await mia.last_private()).words
    await mia.presses("Send it to support")
    assert await ava.reads("webhook secret now?", "agents")
    await noah.does_not_read("webhook secret now?")


async def test_who_would_ask_the_same_privately_follows_nobody_in_public(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/ask", question="How do I prune a plum tree?")
    await mia.uses("/ask", question="How do I prune a plum tree?", private="true")
    assert "Send it to support" in (await mia.last_private()).controls


async def test_written_in_the_help_channel_support_answers_in_its_thread(begin: Begin) -> None:
    story = await begin(TRELLIS_OFFICE_HOURS="mon-fri 08:00-09:30")
    mia, ava = story.person("mia"), story.person("ava")
    post = await mia.says(BILL, "help")
    assert "It's there again" in (await mia.reads("Support has it.")).words
    await ava.says("The second is sent back.", story.thread(post))
    assert (await mia.reads("The second is sent back.", story.thread(post))).author == "ava"


async def test_an_agent_hands_it_back_and_the_next_one_has_it(story: Story) -> None:
    mia, ava, omar = (story.person(name) for name in ("mia", "ava", "omar"))
    await ava.uses("/duty on")
    await omar.uses("/duty on")
    await asks_privately(story)
    card = await ava.reads("For support alone", "agents")
    await ava.presses("Claim", on=card)
    await story.passes(minutes=1)
    await ava.uses("/duty off")
    await ava.presses("Hand back", on=await ava.reads("For support alone", "agents"))
    assert (await omar.reads("it's your turn: ", "agents")).pinged == {"omar"}
    await omar.presses("Claim", on=await omar.reads("For support alone", "agents"))
    assert "@Omar is on it" in (await own(story)).fields["State"]
    await omar.leaves()
    assert "🌱 Open" in (await own(story)).fields["State"]
    await mia.does_not_read("let three turns pass")


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_asks_privately_is_never_made_public(begin: Begin) -> None:
    story = await begin()
    mia, noah, ava = (story.person(name) for name in ("mia", "noah", "ava"))
    await asks_privately(story)
    first = await mia.reads("with support")
    for who, calls in {
        "mia": ("private.publish:1", "private.send:1", "asking.post:1", "support.call:1"),
        "noah": ("private.show:1", "private.write:1", "helping.help:1", "helping.why:1", "solving.propose:1"),
        "liam": ("knowledge.save:1:0", "private.show:1", "private.take_back:1"),
    }.items():
        for call in calls:
            await story.door.press(who, first.id, call)
    await noah.does_not_read(SECRET)
    assert sum(SECRET in seen.title for seen in await ava.sees("agents")) == 1
    assert "That question is gone." in (await noah.last_private()).words


@pytest.mark.needs("absence")
@pytest.mark.needs("catching up")
async def test_what_support_wrote_while_nobody_listened_is_passed_on(story: Story, begin: Begin) -> None:
    await asks_privately(story)
    thread = await thread_of(story)
    await story.app.stop()
    await story.person("ava").says("Ask your bank.", thread)
    story = await begin()
    await story.app.settle()
    told = [seen for seen in await story.person("mia").sees(story.door.direct("mia")) if "Ask your bank." in seen.words]
    assert len(told) == 1


@pytest.mark.needs("channels")
async def test_it_waits_for_a_new_channel_where_that_of_support_is_gone(story: Story) -> None:
    ava = story.person("ava")
    await asks_privately(story)
    await story.deletes_channel("agents")
    await story.passes(hours=3)
    await story.person("noah").does_not_read(SECRET)
    await story.makes_channel("agents")
    await story.passes(hours=30)
    assert await ava.reads("For support alone")


async def test_asked_on_one_side_it_is_told_there(town: Town) -> None:
    mia, noah = town.mia, town.here.person("noah")
    await mia.uses("/ask", question=SECRET, private="true")
    await mia.presses("Send it to support")
    card = await noah.reads("For support alone", "agents")
    await noah.says("Which bank?", town.here.thread(card))
    assert await mia.reads("Which bank?", town.here.door.direct("mia"))
    await town.there.person("sofia").does_not_read("Which bank?")
    await town.there.person("sofia").does_not_read(SECRET)


@pytest.mark.parametrize("kit", ["discord"], indirect=True)
async def test_nothing_rings_at_who_has_just_asked_and_an_answer_does(story: Story) -> None:
    assert isinstance(story.door, DiscordDoor)
    await asks_privately(story)
    await story.person("ava").says("They block it.", await thread_of(story))
    world = story.door.server.world
    told = [kept for kept in world.messages.values() if world.channels[kept.data["channel_id"]]["type"] == 1]
    assert [bool(kept.data["flags"] & SILENT) for kept in told] == [True, False]
    assert "They block it." in told[1].push
