"""Channels are archived, deleted and made anew, and rights come and go, while something is to be said there."""

from __future__ import annotations

import pytest

from tests.story import Person, Seen, Story

from .conftest import Begin
from .test_questions import SECRET, thread_of

pytestmark = pytest.mark.needs("channels")


async def suggests(person: Person, title: str) -> None:
    await person.uses("/idea add", title=title)


async def cards(person: Person, title: str) -> list[Seen]:
    """Return the cards of an idea that everyone sees."""
    return [seen for seen in await person.sees() if seen.title == title and not seen.private]


async def test_what_could_not_be_said_is_said_when_it_may_be(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await suggests(mia, "Dark mode for the board")
    await story.keeps_out("ideas")
    await suggests(noah, "Keyboard shortcuts for triage")
    await story.passes(hours=1)
    await story.lets_back("ideas")
    assert len(await cards(mia, "Keyboard shortcuts for triage")) == 1


async def test_access_that_comes_back_unheard_is_found_by_trying(story: Story) -> None:
    noah = story.person("noah")
    await story.keeps_out("ideas")
    await suggests(noah, "Keyboard shortcuts for triage")
    await story.passes(days=2)
    await story.lets_back("ideas")
    assert len(await cards(noah, "Keyboard shortcuts for triage")) == 1


async def test_a_channel_made_anew_under_its_name_is_as_the_old_one_was(story: Story) -> None:
    mia, noah, liam = story.person("mia"), story.person("noah"), story.person("liam")
    await suggests(mia, "Dark mode for the board")
    await suggests(noah, "Keyboard shortcuts for triage")
    await liam.uses("/idea status", idea="2", status="declined", note="Another tool does it.")
    await story.deletes_channel("ideas")
    await mia.uses("/idea list")
    await story.makes_channel("ideas")
    (card,) = await cards(mia, "Dark mode for the board")
    assert card.controls
    assert not await cards(mia, "Keyboard shortcuts for triage"), "what is over is not said again"
    await suggests(noah, "A third one after all that")
    (third,) = await cards(mia, "A third one after all that")
    assert third.channel == card.channel


async def test_a_poll_goes_on_in_the_new_channel(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/poll create", "ideas", question="Where do we meet?", options="Park, Library")
    await mia.presses("Post it")
    await noah.presses("Park")
    await story.deletes_channel("ideas")
    await story.makes_channel("ideas")
    (card,) = [seen for seen in await mia.sees() if seen.title == "Where do we meet?" and not seen.private]
    await mia.presses("Library", on=card)
    await mia.uses("/poll close", poll="1")
    assert (await noah.reads("A tie between Park and Library.")).channel == card.channel


async def test_only_who_came_lately_is_introduced_in_the_new_channel(story: Story) -> None:
    mia, noah, liam = story.person("mia"), story.person("noah"), story.person("liam")
    await mia.uses("/introduce", about="I grow tomatoes.")
    await story.passes(days=8)
    await noah.uses("/introduce", about="I bake bread.")
    await story.deletes_channel("introductions")
    await story.makes_channel("introductions")
    assert "I bake bread." in (await liam.reads("I bake bread.")).words
    await liam.does_not_read("I grow tomatoes.")


async def test_a_question_waits_for_its_channel_and_is_asked_around_then(story: Story) -> None:
    mia, noah, kenji = story.person("mia"), story.person("noah"), story.person("kenji")
    await kenji.uses("/expertise add", topic="webhooks")
    await story.keeps_out("help")
    await mia.uses("/ask", question=SECRET)
    assert "will be posted as soon as the platform lets me" in (await mia.last_private()).words
    await story.passes(hours=1)
    await kenji.does_not_read("Could you help")
    await story.lets_back("help")
    assert len(await cards(noah, SECRET)) == 1
    assert (await kenji.reads("Could you help", await thread_of(kenji, SECRET))).pinged == {"kenji"}


async def test_nothing_is_closed_before_its_asker_could_be_asked(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    await noah.says("Settings, Webhooks, Rotate: the old one stays valid for a day.", await thread_of(mia, SECRET))
    await story.keeps_out("help")
    await story.passes(days=9)
    await story.lets_back("help")
    await story.passes(minutes=20)
    assert "💬 Answered" in (await mia.reads(SECRET, "help")).fields["State"]
    assert "I'll close it" in (await mia.reads("solved? If nobody writes before")).words
    await story.passes(days=5)
    assert "🍂 Closed" in (await mia.reads(SECRET, "help")).fields["State"]


async def test_what_was_settled_meanwhile_asks_nobody_any_more(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    await noah.says("Settings, Webhooks, Rotate: the old one stays valid for a day.", await thread_of(mia, SECRET))
    await story.keeps_out("help")
    await story.passes(days=3)
    await mia.presses("Mark as solved", on=await mia.reads(SECRET, "help"))
    read = len(await mia.sees())
    await story.lets_back("help")
    await story.passes(minutes=20)
    told = [seen for seen in (await mia.sees())[read:] if not seen.private]
    assert [seen.body for seen in told] == ["@Mia says that @Noah solved this. Thank you!"]


async def test_who_plans_an_event_for_a_channel_that_is_put_away_is_told_that_its_card_comes_later(
    story: Story,
) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await story.keeps_out("events")
    await mia.uses("/event create", title="Party", when="2026-03-20 18:00")
    await mia.presses("Post")
    told = await mia.last_private()
    assert "Party is planned as #1, and will be posted as soon as the platform lets me." in told.words
    assert {"Show the event", "Host tools"} <= {*told.controls}
    await noah.does_not_read("Party")
    await story.lets_back("events")
    await story.passes(hours=1)
    assert (await noah.reads("Party", "events")).title == "Party"


async def test_whose_event_or_poll_was_over_before_it_could_be_posted_is_told(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/poll create", question="Tea?", options="yes, no", closes="in 1 hour")
    await story.keeps_out("general")
    await story.keeps_out("events")
    await mia.presses("Post it")
    await mia.uses("/event create", channel="help", title="Party", when="in 2 hours")
    await mia.presses("Post")
    await story.passes(hours=5)
    told = [seen for seen in await mia.sees() if "before I could post it" in seen.words]
    told += [seen for seen in await mia.sees() if "Party has begun, and I couldn't post it before" in seen.words]
    assert len(told) == 2
    await story.lets_back("general")
    await story.lets_back("events")
    await story.passes(hours=1)
    await noah.does_not_read("Tea?")
    await noah.does_not_read("Party")
    again = [seen for seen in await mia.sees() if "could post it" in seen.words or "couldn't post it" in seen.words]
    assert len(again) == 2


async def test_an_event_that_nobody_saw_is_not_called_off_for_all(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await story.keeps_out("events")
    await mia.uses("/event create", title="Party", when="2026-03-20 18:00")
    await mia.presses("Post")
    await mia.uses("/event cancel", event="1")
    await mia.presses("Cancel it")
    await story.lets_back("events")
    await story.passes(hours=1)
    await noah.does_not_read("Party")


async def test_a_question_goes_on_in_the_new_channel(story: Story) -> None:
    mia, noah, ava = story.person("mia"), story.person("noah"), story.person("ava")
    await mia.uses("/ask", question=SECRET)
    await story.deletes_channel("help")
    await story.makes_channel("help")
    (card,) = await cards(noah, SECRET)
    await noah.says("Under Settings, Webhooks, Rotate.", story.thread(card))
    assert (await noah.reads(SECRET, card.channel)).fields["State"] == "💬 Answered"
    await mia.presses("Talk to support", on=card)
    assert "Under Settings" in (await ava.reads(SECRET, "agents")).body
    await story.deletes_channel("agents")
    await story.makes_channel("agents")
    await ava.presses("Claim", on=await ava.reads("For support"))
    assert (await noah.reads(SECRET, card.channel)).fields["State"].endswith("@Ava is on it")


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_a_channel_that_another_process_heard_of_is_found(begin: Begin) -> None:
    """The platform tells only one of two what happens."""
    deaf, hearing = (await begin()).app, await begin()
    space = hearing.door.account("mia").space

    def ideas() -> list[str]:
        group = next(group for group in deaf.communities._channels if group.purpose == "ideas")
        return [channel.id for channel in group.within(space)]

    (before,) = ideas()
    await hearing.deletes_channel("ideas")
    await hearing.makes_channel("ideas")
    assert ideas() == [before]
    await deaf.upkeep.refresh()
    (after,) = ideas()
    assert after != before
