"""People leave and come back, also while Trellis is away: nobody waits for who is gone, and nobody is forgotten."""

from __future__ import annotations

import pytest

from tests.story import Story

from .conftest import Begin
from .test_events import card_of, going, planned
from .test_events_telling import reminders
from .test_helping import OTHER
from .test_questions import SECRET, solved, thread_of
from .test_support import ask_support


async def gone_while_away(story: Story, begin: Begin, *who: str) -> Story:
    """Have people leave while Trellis is stopped; return the story after its start."""
    await story.app.stop()
    for name in who:
        await story.person(name).leaves()
    story = await begin()
    await story.app.settle()
    await story.app.catching_up.done()
    await story.app.settle()
    return story


# Who asked


async def test_nobody_is_called_for_an_asker_who_left(story: Story) -> None:
    mia, noah, ava, liam = (story.person(name) for name in ("mia", "noah", "ava", "liam"))
    for person in (ava, liam):
        await person.uses("/help")
    await ava.uses("/duty on")
    await mia.uses("/ask", question=SECRET)
    await mia.leaves()
    assert "the person who asked has left" in (await noah.reads(SECRET, "help")).fields["State"]
    assert "has left" in (await noah.reads("Nobody needs to answer", await thread_of(noah, SECRET))).body
    await story.passes(days=5)
    assert not await ava.sees("agents")
    await liam.does_not_read("nobody has taken it")


async def test_what_an_agent_had_is_off_their_list_when_the_asker_leaves(story: Story) -> None:
    ava = story.person("ava")
    await ava.uses("/duty on")
    await ask_support(story)
    await ava.presses("Claim", on=await ava.reads(SECRET, "agents"))
    await story.person("mia").leaves()
    assert "has left" in (await ava.reads(SECRET, "agents")).fields["State"]
    await ava.uses("/queue")
    assert "The queue is empty" in (await ava.last_private()).words


async def test_a_question_goes_on_when_its_asker_is_back(story: Story) -> None:
    mia, noah, ava = (story.person(name) for name in ("mia", "noah", "ava"))
    await mia.uses("/ask", question=SECRET)
    await story.passes(minutes=16)
    await mia.leaves()
    await story.passes(days=2)
    await mia.joins()
    assert (await noah.reads(SECRET, "help")).fields["State"] == "🌱 Open"
    assert "goes on" in (await noah.reads("@Mia is here again", await thread_of(noah, SECRET))).body
    await story.passes(minutes=31)
    assert await ava.reads(SECRET, "agents")


async def test_what_was_closed_before_they_left_stays_closed(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    await noah.says("Settings, Webhooks, Rotate.", await thread_of(noah, SECRET))
    await story.passes(days=5)
    assert "nobody wrote any more" in (await noah.reads(SECRET, "help")).fields["State"]
    await mia.leaves()
    await mia.joins()
    assert "nobody wrote any more" in (await noah.reads(SECRET, "help")).fields["State"]


@pytest.mark.needs("absence")
@pytest.mark.needs("catching up")
async def test_an_asker_who_left_while_trellis_was_away_is_noticed(story: Story, begin: Begin) -> None:
    await story.person("mia").uses("/ask", question=SECRET)
    story = await gone_while_away(story, begin, "mia")
    assert "has left" in (await story.person("noah").reads(SECRET, "help")).fields["State"]


async def test_nobody_waits_for_an_asker_who_was_forgotten(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await mia.uses("/ask", question=SECRET)
    await mia.uses("/privacy erase")
    await mia.presses("Forget me for good")
    await story.passes(days=2)
    assert not await ava.sees("agents")


# Who was asked


async def test_the_next_is_asked_when_a_helper_leaves(begin: Begin) -> None:
    story = await begin(TRELLIS_PEERS_PER_WAVE="1")
    await solved(story)
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await kenji.uses("/expertise add", topic="webhooks")
    await mia.uses("/ask", question=OTHER)
    await noah.leaves()
    assert (await kenji.reads("Could you help")).pinged == {"kenji"}


async def test_others_are_asked_when_the_helper_who_took_it_leaves(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=OTHER)
    await noah.presses("I can help", on=await noah.reads("Could you help"))
    await noah.leaves()
    assert (await mia.reads(OTHER, "help")).fields["State"] == "🌱 Open"
    assert await mia.reads("has left, so I'm asking someone else.", await thread_of(mia, OTHER))


@pytest.mark.parametrize("how", ["leaves", "goes off duty"])
async def test_it_is_the_next_agents_turn_at_once(story: Story, how: str) -> None:
    ava, omar = story.person("ava"), story.person("omar")
    await ava.uses("/duty on")
    await omar.uses("/duty on")
    await ask_support(story)
    first, second = (ava, omar) if "@Ava, it's your turn" in (await ava.reads(SECRET, "agents")).body else (omar, ava)
    if how == "leaves":
        await first.leaves()
    else:
        await first.uses("/duty off")
    assert (await second.reads("still waiting", "agents")).pinged == {second.id}


# Who hosts


async def test_moderators_are_asked_who_hosts_what_lost_its_host(story: Story) -> None:
    mia, noah, liam = (story.person(name) for name in ("mia", "noah", "liam"))
    await planned(story)
    await going(story, "noah")
    await mia.leaves()
    asked = await liam.reads("has no host any more", "agents")
    assert "has left" in asked.body
    assert "who has left" in (await card_of(noah)).fields["Host"]
    await story.passes(days=2, hours=8)  # a day before, Noah would be reminded
    assert not await reminders(noah)
    await liam.presses("I'll host it", on=asked)
    assert "You host" in (await liam.last_private()).words
    assert (await card_of(noah)).fields["Host"] == "@Liam"
    told = await story.person("ada").reads("has a host again: @Liam", "agents")
    assert not told.controls and not any("no host any more" in seen.words for seen in await liam.sees("agents"))
    await liam.presses("I'll host it", on=asked)
    assert "It has a host again" in (await liam.last_private()).words
    await story.passes(hours=23, minutes=5)
    assert await reminders(noah)


async def test_an_event_that_nobody_takes_over_is_called_off_in_time(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await planned(story)
    await going(story, "noah")
    await mia.leaves()
    await story.passes(days=3, hours=6, minutes=1)
    assert await noah.reads("is cancelled")
    assert not await reminders(noah)
    assert not (await story.person("liam").reads("which had no host any more, is cancelled", "agents")).controls


async def test_a_host_who_comes_back_hosts_on(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await planned(story)
    await going(story, "noah")
    await mia.leaves()
    await story.passes(hours=5)
    await mia.joins()
    await story.passes(seconds=1)
    assert (await card_of(noah)).fields["Host"] == "@Mia"
    assert not (await story.person("liam").reads("has a host again: @Mia", "agents")).controls
    await story.passes(days=3, hours=2, minutes=1)
    assert await reminders(noah)
    assert (await card_of(noah)).fields["Host"] == "@Mia"


@pytest.mark.needs("absence")
@pytest.mark.needs("catching up")
async def test_a_host_who_left_while_trellis_was_away_is_noticed(story: Story, begin: Begin) -> None:
    await planned(story)
    story = await gone_while_away(story, begin, "mia")
    assert await story.person("liam").reads("has no host any more", "agents")


async def test_a_second_host_who_leaves_is_noticed_as_well(story: Story) -> None:
    mia, liam = story.person("mia"), story.person("liam")
    await planned(story)
    await mia.leaves()
    await liam.presses("I'll host it", on=await liam.reads("has no host any more", "agents"))
    await liam.leaves()
    [asked] = [seen for seen in await story.person("ada").sees("agents") if "has no host any more" in seen.words]
    assert "Liam has left" in asked.body
