"""Peers: who is asked, why, and what they make of it."""

from __future__ import annotations

import pytest

from tests.story import Story

from .conftest import Begin
from .test_questions import solved, thread_of

OTHER = "Why does the webhook signature fail after a retry?"


async def test_whoever_solved_such_questions_is_asked_and_told_why(story: Story) -> None:
    await solved(story)
    mia, kenji = story.person("mia"), story.person("kenji")
    await kenji.says("hello")
    await mia.uses("/ask", question=OTHER)
    assert "I've asked Noah to look at it" in (await mia.last_private()).words
    offer = await kenji.reads("Could you help")
    assert "@Noah, you solved 1 question about webhooks." in offer.body
    assert offer.pinged == {"noah"}
    assert set(offer.controls) == {"I can help", "Not me", "Snooze", "Why me?"}


async def test_why_somebody_is_asked_is_told_to_them_and_to_moderators(story: Story) -> None:
    await solved(story)
    mia, noah, kenji, liam = (story.person(name) for name in ("mia", "noah", "kenji", "liam"))
    await mia.uses("/ask", question=OTHER)
    offer = await noah.reads("Could you help")
    await noah.presses("Why me?", on=offer)
    told = await noah.last_private()
    assert told.title == "Why I ask you" and "✅ Solved 1 question about webhooks." in told.body
    assert "🌱 Has helped with 1 question here." in told.body
    await kenji.presses("Why me?", on=offer)
    assert "You weren't asked." in (await kenji.last_private()).words
    await liam.presses("Why me?", on=offer)
    told = await liam.last_private()
    assert told.title == "Why I ask them" and "Noah" in told.body and "about webhooks" in told.body


async def test_why_tells_of_what_one_was_asked_last_also_without_the_offer(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/why")
    assert "I haven't asked you to help with anything yet." in (await noah.last_private()).words
    await mia.uses("/ask", question=OTHER)
    await mia.uses("/ask", question="Can one webhook serve two shops?")
    await noah.uses("/why")
    told = await noah.last_private()
    assert told.title == "Why I ask you"
    assert told.body.index("serve two shops") < told.body.index("signature fail")
    assert told.body.count("✅ Solved 1 question about webhooks.") == 2
    await mia.uses("/why")
    assert "I haven't asked you" in (await mia.last_private()).words


async def test_what_others_than_the_solver_wrote_counts_too(story: Story) -> None:
    """And counts no more once it is deleted."""
    mia, kenji = story.person("mia"), story.person("kenji")
    await mia.uses("/ask", question="How do I prune the old orchard trees?")
    thread = story.thread(await kenji.reads("orchard trees", "help"))
    answer = await kenji.says("Prune them in late winter, above an outward bud.", thread)
    await story.person("noah").uses("/ask", question="When should an orchard be pruned?")
    assert "Kenji" in (await kenji.reads("Could you help")).body
    await kenji.deletes(answer)
    await mia.uses("/ask", question="Which orchard trees can be pruned in summer?")
    assert "I've asked" not in (await mia.last_private()).words


@pytest.mark.parametrize(
    "question, reason",
    [
        ("When should a pear tree be grafted?", "you answered “Why does the pear graft fail?”"),
        ("The bakery's oven fails with E7", "you've helped here lately"),
    ],
)
async def test_what_somebody_answered_is_the_reason_where_it_is_alike(story: Story, question: str, reason: str) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await mia.uses("/ask", question="Why does the pear graft fail?")
    await kenji.says("Wax it well, and keep the frost away.", story.thread(await kenji.reads("pear graft", "help")))
    await noah.uses("/ask", question=question)
    assert reason in (await kenji.reads("Could you help")).body


async def test_whoever_says_that_they_know_is_asked(story: Story) -> None:
    mia, kenji = story.person("mia"), story.person("kenji")
    await kenji.uses("/expertise add", topic="Webhooks")
    assert "you know webhooks" in (await kenji.last_private()).words
    await mia.uses("/ask", question=OTHER)
    assert "@Kenji, you said that you know webhooks." in (await kenji.reads("Could you help")).body

    await kenji.uses("/expertise list")
    assert "webhooks" in (await kenji.last_private()).words
    await kenji.uses("/expertise remove", topic="webhooks")
    assert "I won't ask you about webhooks any more." in (await kenji.last_private()).words
    await kenji.uses("/expertise list")
    assert "I don't ask you about webhooks." in (await kenji.last_private()).body
    await mia.uses("/ask", question="Is there a webhook for logins?")
    assert not [seen for seen in await kenji.sees() if "Kenji" in seen.body and "logins" in seen.words]


async def test_a_slip_in_a_topic_is_asked_about(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    for command in ("/expertise add", "/expertise remove"):
        await noah.uses(command, topic="webhoks")
        assert noah.form and "Did you mean “webhooks”?" in noah.form.errors["topic"]
    await noah.fills(topic="webhooks")
    await mia.uses("/ask", question=OTHER)
    assert "I've asked" not in (await mia.last_private()).words, "as was said"
    await noah.uses("/expertise add", topic="Rosehips")
    await noah.uses("/expertise remove", topic="rosehip")
    assert noah.form and "Did you mean “rosehips”?" in noah.form.errors["topic"]


async def test_nobody_is_asked_about_what_they_do_not_want_to_be_asked_about(story: Story) -> None:
    """Not even who has answered such questions before, and never said that they know about it."""
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/expertise remove", topic="Webhooks")
    assert "I won't ask you about webhooks any more." in (await noah.last_private()).words
    await noah.uses("/expertise remove", topic="Webhooks")
    assert "I won't ask you about webhooks any more." in (await noah.last_private()).words
    await mia.uses("/ask", question=OTHER)
    assert "I've asked" not in (await mia.last_private()).words
    await noah.uses("/expertise add", topic="webhooks")
    await mia.uses("/ask", question="Can a webhook go to two addresses?")
    assert "I've asked Noah" in (await mia.last_private()).words


async def test_a_peer_takes_it_on(story: Story) -> None:
    await solved(story)
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await mia.uses("/ask", question=OTHER)
    await noah.presses("I can help", on=await noah.reads("Could you help"))
    assert "Write your answer in the thread" in (await noah.last_private()).words
    card = await mia.reads(OTHER, "help")
    assert card.fields["State"] == "🙋 Claimed · @Noah is on it"
    said = await mia.reads("is looking at this", story.thread(card))
    assert "@Noah is looking at this." in said.body and said.pinged == {"mia"}

    await kenji.presses("I can help", on=await kenji.reads("Could you help"))
    assert "@Noah is on it already" in (await kenji.last_private()).words
    await mia.presses("I can help", on=card)
    assert "You asked this yourself" in (await mia.last_private()).words


async def test_whoever_takes_it_on_and_stays_silent_does_not_block_it(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=OTHER)
    await noah.presses("I can help", on=await noah.reads("Could you help"))
    await story.passes(minutes=16)
    assert "@Noah hasn't got to this yet" in (await mia.reads("hasn't got to this yet")).body
    await story.passes(minutes=30)
    assert await story.person("ava").reads(OTHER, "agents")


async def test_after_two_waves_it_goes_to_support(begin: Begin) -> None:
    story = await begin(TRELLIS_PEERS_PER_WAVE="1", TRELLIS_WAVE_MINUTES="10")
    await solved(story)
    mia, kenji, ava = (story.person(name) for name in ("mia", "kenji", "ava"))
    await kenji.uses("/expertise add", topic="webhooks")
    await mia.uses("/ask", question=OTHER)
    thread = await thread_of(mia, OTHER)
    asked = [seen for seen in await mia.sees(thread) if "Could you help" in seen.words]
    assert [seen.pinged for seen in asked] == [{"noah"}]
    await story.passes(minutes=11)
    asked = [seen for seen in await mia.sees(thread) if "Could you help" in seen.words]
    assert [seen.pinged for seen in asked] == [{"noah"}, {"kenji"}]
    assert not await ava.sees("agents")
    await story.passes(minutes=11)
    assert "nobody answered in 20 minutes" in (await ava.reads(OTHER, "agents")).body
    assert "nobody answered" in (await mia.reads("brought this to support", thread)).body


async def test_when_everyone_asked_says_no_the_next_are_asked_at_once(begin: Begin) -> None:
    story = await begin(TRELLIS_PEERS_PER_WAVE="1")
    await solved(story)
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await kenji.uses("/expertise add", topic="webhooks")
    await mia.uses("/ask", question=OTHER)
    offer = await noah.reads("Could you help")
    await kenji.presses("Not me", on=offer)
    assert "You weren't asked" in (await kenji.last_private()).words
    await noah.presses("Not me", on=offer)
    assert "No problem" in (await noah.last_private()).words
    assert (await kenji.reads("Could you help")).pinged == {"kenji"}


async def test_snooze_keeps_offers_away_for_a_day(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=OTHER)
    await noah.presses("Snooze", on=await noah.reads("Could you help"))
    assert "3 Mar" in (await noah.last_private()).words
    await mia.uses("/ask", question="Can a webhook go to two addresses?")
    assert "I've asked" not in (await mia.last_private()).words
    await story.passes(hours=25)
    await mia.uses("/ask", question="Are webhook retries logged anywhere?")
    assert "I've asked Noah" in (await mia.last_private()).words


async def test_whoever_is_away_is_not_asked(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/away", until="yesterday")
    assert "in the past" in (await noah.last_private()).words
    await noah.uses("/away", until="tomorrow 09:00")
    assert "3 Mar" in (await noah.last_private()).words
    await mia.uses("/ask", question=OTHER)
    assert "I've asked" not in (await mia.last_private()).words
    await noah.uses("/back")
    await mia.uses("/ask", question="Are webhook retries logged anywhere?")
    assert "I've asked Noah" in (await mia.last_private()).words


@pytest.mark.needs("zones")
async def test_nobody_is_asked_in_the_middle_of_their_night(story: Story) -> None:
    mia, kenji = story.person("mia"), story.person("kenji")
    await kenji.uses("/expertise add", topic="webhooks")
    await story.passes(hours=7, minutes=41)  # 02:41 in Tokyo
    await mia.uses("/ask", question=OTHER)
    assert "I've asked" not in (await mia.last_private()).words
    await kenji.uses("/me")
    await kenji.presses("Change my hours")
    await kenji.fills(quiet_from="00:00", quiet_to="00:00")
    assert "Quiet hours: none" in (await kenji.last_private()).body
    await mia.uses("/ask", question="Can a webhook go to two addresses?")
    assert "I've asked Kenji" in (await mia.last_private()).words


async def test_nobody_is_asked_about_everything_within_minutes(story: Story) -> None:
    await solved(story)
    mia = story.person("mia")
    subjects = ("retries", "signatures", "headers", "timeouts", "addresses")
    for subject in subjects:
        await mia.uses("/ask", question=f"Where do I see the {subject} of a webhook?")
        await story.passes(seconds=30)
    asked = [seen for seen in await story.person("noah").sees() if "Could you help" in seen.words]
    assert len(asked) == 3


@pytest.mark.needs("zones")
async def test_quiet_hours_count_on_the_members_own_clock(story: Story) -> None:
    mia, kenji = story.person("mia"), story.person("kenji")
    await kenji.uses("/expertise add", topic="webhooks")
    await story.prefers("kenji", quiet_from="18:00", quiet_to="08:00")
    await mia.uses("/ask", question=OTHER)  # 10:00 UTC is 19:00 in Tokyo
    assert "I've asked" not in (await mia.last_private()).words
    await story.passes(hours=14)
    await mia.uses("/ask", question="Can a webhook go to two addresses?")
    assert "I've asked Kenji" in (await mia.last_private()).words


async def test_direct_offers_only_reach_those_who_agreed(story: Story) -> None:
    await solved(story)
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await story.prefers("noah", direct_ok=True)
    await kenji.uses("/expertise add", topic="webhooks")
    await mia.uses("/ask", question=OTHER)
    direct = await noah.reads("Could you help with", story.door.direct("noah"))
    assert "you solved 1 question about webhooks" in direct.body
    in_thread = await noah.reads("Could you help", await thread_of(noah, OTHER))
    assert in_thread.pinged == {"kenji"}
    assert not await kenji.sees(story.door.direct("kenji"))
    await noah.presses("I can help", on=direct)
    assert (await mia.reads(OTHER, "help")).fields["State"].endswith("@Noah is on it")


async def test_whoever_left_is_not_asked(story: Story) -> None:
    await solved(story)
    await story.person("noah").leaves()
    mia = story.person("mia")
    await mia.uses("/ask", question=OTHER)
    assert "I've asked" not in (await mia.last_private()).words
