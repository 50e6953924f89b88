"""Support: duty, turns, claims, the lead, the queue."""

from __future__ import annotations

import pytest

from tests.doors import MemoryDoor
from tests.story import Story

from .conftest import Begin
from .test_questions import SECRET, thread_of


async def ask_support(story: Story, question: str = SECRET) -> str:
    """Have Mia ask and press "Talk to support"; return the thread."""
    mia = story.person("mia")
    await mia.uses("/ask", question=question)
    await mia.presses("Talk to support", on=await mia.reads(question, "help"))
    return await thread_of(mia, question)


async def test_the_asker_brings_it_to_support_and_an_agent_answers(story: Story) -> None:
    mia, noah, ava, omar = (story.person(name) for name in ("mia", "noah", "ava", "omar"))
    await ava.uses("/duty on")
    assert "You're on duty" in (await ava.last_private()).words
    thread = await ask_support(story)
    assert "Support has been asked" in (await mia.last_private()).words
    card = await ava.reads(SECRET, "agents")
    assert "@Ava, it's your turn" in card.body and card.pinged == {"ava"}
    assert not await noah.sees("agents")

    await omar.presses("Claim", on=card)
    assert "It's yours" in (await omar.last_private()).words
    await ava.presses("Claim", on=card)
    assert "@Omar was faster" in (await ava.last_private()).words
    assert (await mia.reads(SECRET, "help")).fields["State"] == "🙋 Claimed · @Omar is on it"

    await omar.says("Settings, Webhooks, Rotate.", thread)
    await mia.presses("Mark as solved", on=await mia.reads(SECRET, "help"))
    assert (await ava.reads(SECRET, "agents")).fields["State"] == "✅ Solved by @Omar"


@pytest.mark.parametrize("direct", [False, True])
async def test_an_agent_who_takes_their_turn_is_not_told_that_it_is_over(story: Story, direct: bool) -> None:
    ava = story.person("ava")
    await ava.uses("/duty on")
    await story.prefers("ava", direct_ok=direct)
    await ask_support(story)
    await ava.presses("Claim")
    assert "It's yours" in (await ava.last_private()).words
    await story.passes(minutes=5)
    for words in ("isn't waiting for you any more", "someone else's turn", "was faster"):
        await ava.does_not_read(words)


async def test_support_is_for_agents(story: Story) -> None:
    noah = story.person("noah")
    for command in ("/queue", "/duty on", "/duty off"):
        await noah.uses(command)
        assert "Only support agents can do that here." in (await noah.last_private()).words


async def test_only_the_asker_or_a_moderator_calls_support(story: Story) -> None:
    mia, noah, liam, ava = (story.person(name) for name in ("mia", "noah", "liam", "ava"))
    await mia.uses("/ask", question=SECRET)
    card = await mia.reads(SECRET, "help")
    await noah.presses("Talk to support", on=card)
    assert "Only the person who asked" in (await noah.last_private()).words
    await liam.presses("Talk to support", on=card)
    await mia.presses("Talk to support", on=card)
    assert "Support has this already." in (await mia.last_private()).words
    assert len([seen for seen in await ava.sees("agents") if SECRET in seen.words]) == 1


async def test_a_topic_for_agents_only_skips_the_peers(story: Story) -> None:
    mia, ava, kenji = (story.person(name) for name in ("mia", "ava", "kenji"))
    await kenji.uses("/expertise add", topic="billing")
    await mia.uses("/ask", question="Why was my invoice charged twice?")
    await mia.presses("Send it to support")
    assert "is with support" in (await mia.last_private()).words
    assert await ava.reads("charged twice", "agents")
    assert not [seen for seen in await kenji.sees() if seen.pinged]


async def test_turns_go_to_whoever_waited_longest_and_has_room(begin: Begin) -> None:
    story = await begin(TRELLIS_AGENT_CAPACITY="1")
    ava, omar = story.person("ava"), story.person("omar")
    await ava.uses("/duty on")
    await story.passes(minutes=1)
    await omar.uses("/duty on")
    await ask_support(story, "How do I sort users by name?")
    assert (await ava.reads("sort users", "agents")).pinged == {"ava"}
    await ava.presses("Claim")
    await story.passes(minutes=1)
    await ask_support(story, "Where are the release notes kept?")
    assert (await ava.reads("release notes", "agents")).pinged == {"omar"}
    await omar.presses("Claim")
    await ask_support(story, "Can I export all my messages?")
    waiting = await ava.reads("export all my messages", "agents")
    assert "Nobody on duty has room" in waiting.body and not waiting.pinged

    await ava.presses("Hand back", on=await ava.reads("sort users", "agents"))
    assert "Handed back" in (await ava.last_private()).words
    assert "has handed this back" in (await story.person("mia").reads("has handed this back")).body


async def test_room_that_becomes_free_is_filled(begin: Begin) -> None:
    story = await begin(TRELLIS_AGENT_CAPACITY="1")
    mia, ava = story.person("mia"), story.person("ava")
    await ava.uses("/duty on")
    first = await ask_support(story, "How do I sort users by name?")
    await ava.presses("Claim")
    await ask_support(story, "Where are the release notes kept?")
    assert not (await ava.reads("release notes", "agents")).pinged
    await ava.says("With the sort option.", first)
    await mia.presses("Mark as solved", on=await mia.reads("sort users", "help"))
    assert "still waiting" in (await ava.reads("release notes", "agents")).body
    assert (await ava.reads("release notes", "agents")).pinged == {"ava"}


async def test_what_waited_is_handed_out_when_someone_comes_on(story: Story) -> None:
    ava = story.person("ava")
    await ask_support(story, "How do I sort users by name?")
    await ask_support(story, "Where are the release notes kept?")
    await story.passes(minutes=2)
    await ava.uses("/queue")
    queue = (await ava.last_private()).body.splitlines()
    assert ["sort users" in queue[0], "release notes" in queue[1]] == [True, True]
    await ava.uses("/duty on")
    turns = [seen for seen in await ava.sees("agents") if seen.pinged == {"ava"}]
    assert len(turns) == 2


async def test_a_turn_that_is_missed_goes_on_and_the_lead_hears_of_it(story: Story) -> None:
    ava, omar, liam = story.person("ava"), story.person("omar"), story.person("liam")
    await liam.uses("/question list")
    await ava.uses("/duty on")
    await story.passes(minutes=1)
    await omar.uses("/duty on")
    await ask_support(story)
    await story.passes(minutes=11)
    assert (await ava.reads("still waiting", "agents")).pinged == {"omar"}
    await story.passes(minutes=20)
    lead = await liam.reads("Still waiting:", "agents")
    assert lead.pinged == {"liam"} and "30 minutes" in lead.body
    assert len([seen for seen in await liam.sees("agents") if seen.title.startswith("Still waiting:")]) == 1


async def told(story: Story, words: str, who: str = "liam") -> int:
    """Return how often someone reads these words."""
    return len([seen for seen in await story.person(who).sees() if words in seen.words])


async def test_what_nobody_takes_is_told_again_each_day_until_somebody_does(story: Story) -> None:
    ava, liam, mia = story.person("ava"), story.person("liam"), story.person("mia")
    await liam.uses("/question list")
    thread = await ask_support(story)
    await story.passes(minutes=31)
    assert (await liam.reads("Still waiting:", "agents")).pinged == {"liam"}
    still = await mia.reads("support hasn't got to", thread)
    assert still.pinged == {"mia"} and "I found it myself" in still.controls
    await story.passes(days=3)
    assert await told(story, "Still waiting:") == 4
    assert "3 days" in (await liam.reads("Still waiting:", "agents")).body
    assert await told(story, "support hasn't got to", "mia") == 4
    await liam.presses("Claim", on=await liam.reads("For support", "agents"))
    assert "It's yours" in (await liam.last_private()).words
    assert not [seen for seen in await mia.sees(thread) if "I found it myself" in seen.controls]
    await story.passes(hours=1)
    assert await told(story, "Still waiting:") == 4
    assert "🙋" in (await ava.reads(SECRET, "help")).fields["State"]


async def test_an_asker_need_not_wait_for_support(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    thread = await ask_support(story)
    await story.passes(minutes=31)
    await mia.presses("I found it myself", on=await mia.reads("support hasn't got to", thread))
    assert (await ava.reads("For support", "agents")).fields["State"] == "✅ Solved"
    assert not [seen for seen in await ava.sees("agents") if "Claim" in seen.controls]
    await story.passes(days=2)
    assert await told(story, "support hasn't got to", "mia") == 0


async def test_who_asks_out_of_hours_reads_when_support_is_there_again(begin: Begin) -> None:
    story = await begin(TRELLIS_OFFICE_HOURS="mon-fri 08:00-09:30", TRELLIS_LEAD="Ada")
    await story.person("ada").uses("/question list")
    mia = story.person("mia")
    thread = await ask_support(story)  # Monday, 10:00
    read = (await mia.last_private()).words
    assert "3 Mar" in read and ("08:00" in read or "in 22 hours" in read)  # the playground has Mia's own clock
    assert "Support is there again" in (await mia.reads("brought this to support", thread)).body
    await mia.uses("/ask", question="Why was my invoice charged twice?")
    assert "Support is there again" in (await mia.last_private()).words
    await mia.presses("Send it to support")
    assert "Support is there again" in (await mia.last_private()).words
    await story.passes(days=4)  # told Tuesday 08:30, and from then on each day within office hours
    assert await told(story, "Still waiting:", "ada") == 2 * 4


async def test_an_agent_who_misses_three_turns_is_taken_off_duty(story: Story) -> None:
    ava, omar = story.person("ava"), story.person("omar")
    await ava.uses("/duty on")
    for question in ("How do I sort users by name?", "Where are the release notes kept?", "Can I export messages?"):
        await ask_support(story, question)
        await story.passes(minutes=11)
    assert "@Ava let three turns pass" in (await omar.reads("let three turns pass", "agents")).body


@pytest.mark.needs("channels")
@pytest.mark.parametrize("private", ["", "true"])
async def test_an_agent_who_could_read_nothing_stays_on_duty(story: Story, private: str) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await ava.uses("/duty on")
    await story.keeps_out("agents")
    await mia.uses("/ask", question=SECRET, private=private)
    await mia.presses("Send it to support" if private else "Talk to support")
    await story.passes(hours=2)
    await story.lets_back("agents")
    await story.passes(minutes=5)
    await ava.does_not_read("off duty")
    assert any("ava" in seen.pinged for seen in await ava.sees("agents"))
    await story.passes(hours=1)
    await ava.reads("@Ava let three turns pass")


async def test_coming_on_duty_to_a_backlog_brings_no_more_than_fits(begin: Begin) -> None:
    story = await begin(TRELLIS_AGENT_CAPACITY="2")
    ava, omar = story.person("ava"), story.person("omar")
    for question in ("How do I sort users by name?", "Where are the release notes kept?", "Can I export messages?"):
        await ask_support(story, question)
    await ava.uses("/duty on")
    assert len([seen for seen in await ava.sees("agents") if seen.pinged == {"ava"}]) == 2
    await omar.uses("/duty on")
    assert len([seen for seen in await ava.sees("agents") if seen.pinged == {"omar"}]) == 1


async def test_an_agent_who_comes_back_is_handed_what_waits(story: Story) -> None:
    ava = story.person("ava")
    await ava.uses("/duty on")
    await ava.uses("/away", until="in 2 hours")
    await ask_support(story)
    assert not [seen for seen in await ava.sees("agents") if seen.pinged]
    await story.passes(hours=2, minutes=1)
    assert (await ava.reads("still waiting", "agents")).pinged == {"ava"}


async def test_the_lead_hears_of_each_waiting_anew(begin: Begin) -> None:
    story = await begin(TRELLIS_LEAD="Ada")
    ada, ava = story.person("ada"), story.person("ava")
    await ada.uses("/question list")
    await ask_support(story)
    await story.passes(minutes=31)
    await ava.presses("Claim", on=await ava.reads("For support", "agents"))
    await ava.presses("Hand back", on=await ava.reads("For support", "agents"))
    assert len([seen for seen in await ada.sees("agents") if seen.title.startswith("Still waiting:")]) == 1
    await story.passes(minutes=31)
    told = [seen for seen in await ada.sees("agents") if seen.title.startswith("Still waiting:")]
    assert len(told) == 2 and "30 minutes" in told[-1].body


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_a_lead_whom_trellis_never_met_is_notified_all_the_same(begin: Begin) -> None:
    story = await begin(TRELLIS_LEAD="memory/home/ada")
    await ask_support(story)
    await story.passes(minutes=31)
    told = await story.person("ava").reads("Still waiting:", "agents")
    assert told.pinged == {"ada"} and "has waited 30 minutes" in told.body


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
@pytest.mark.parametrize("lead", ["memory/home/omar", "@omar", "Omar, memory/home/omar"])
async def test_moderators_hear_what_a_lead_who_left_would(begin: Begin, lead: str) -> None:
    story = await begin(TRELLIS_LEAD=lead)
    omar, liam = story.person("omar"), story.person("liam")
    for person in (omar, liam):
        await person.uses("/help")
    await omar.leaves()
    await ask_support(story)
    await story.passes(minutes=31)
    told = await story.person("ava").reads("Still waiting:", "agents")
    assert told.pinged == {"liam"} and "Omar" not in told.words


async def test_nobody_is_support_for_their_own_question(story: Story) -> None:
    ava = story.person("ava")
    await ava.uses("/duty on")
    await ava.uses("/ask", question=SECRET)
    await ava.presses("Talk to support")
    card = await ava.reads("For support", "agents")
    assert not card.pinged
    await ava.presses("Claim", on=card)
    assert "You asked this yourself" in (await ava.last_private()).words


async def test_a_hiccup_when_someone_comes_on_duty_loses_nothing(begin: Begin) -> None:
    story = await begin()
    ava = story.person("ava")
    questions = ("How do I sort users by name?", "Where are the release notes kept?", "Can I export messages?")
    for question in questions:
        await ask_support(story, question)
    if isinstance(story.door, MemoryDoor):
        story.door.platform.fails_at = 3
    await ava.uses("/duty on")
    await story.passes(minutes=5)
    for question in questions:
        assert [seen for seen in await ava.sees("agents") if question[10:25] in seen.words and seen.pinged == {"ava"}]


async def test_office_hours_stop_the_clock(begin: Begin) -> None:
    story = await begin(TRELLIS_OFFICE_HOURS="mon-fri 09:00-10:10", TRELLIS_LEAD="Ada")
    ada = story.person("ada")
    await ada.uses("/question list")
    await ask_support(story)  # Monday, 10:00: ten minutes of office time are left today
    await story.passes(hours=22)
    assert not [seen for seen in await ada.sees("agents") if seen.title.startswith("Still waiting:")]
    await story.passes(hours=1, minutes=21)
    assert (await ada.reads("Still waiting:", "agents")).pinged == {"ada"}


async def test_support_sees_the_gist_of_the_thread(story: Story) -> None:
    mia, noah, ava = (story.person(name) for name in ("mia", "noah", "ava"))
    await mia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    await noah.says("Have you tried turning it off?", thread)
    await mia.says("Yes, it did not help.", thread)
    await mia.presses("Talk to support", on=await mia.reads(SECRET, "help"))
    card = await ava.reads(SECRET, "agents")
    assert "@Noah: Have you tried turning it off?" in card.body and "@Mia: Yes, it did not help." in card.body
    assert "Open the thread" in card.links


async def test_whoever_leaves_lets_go_of_what_they_had(story: Story) -> None:
    ava, omar, mia = story.person("ava"), story.person("omar"), story.person("mia")
    await ava.uses("/duty on")
    await ask_support(story)
    await ava.presses("Claim")
    await omar.uses("/duty on")
    await ava.leaves()
    assert (await mia.reads(SECRET, "help")).fields["State"].startswith("🌱 Open")
    assert (await omar.reads("still waiting", "agents")).pinged == {"omar"}


async def test_duty_off_and_the_empty_queue(story: Story) -> None:
    ava = story.person("ava")
    await ava.uses("/duty on")
    await ava.uses("/duty on")
    await ava.uses("/duty off")
    assert "Nobody is on duty" in (await ava.last_private()).words
    await ava.uses("/queue")
    assert "The queue is empty" in (await ava.last_private()).words


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_where_nobody_does_support_nothing_is_promised_of_it(begin: Begin) -> None:
    story = await begin(TRELLIS_AGENTS_CHANNELS="nowhere")
    mia = story.person("mia")
    await mia.uses("/ask", question=SECRET)
    assert (await mia.last_private()).body.endswith("Everyone in the channel can see it.")
    await mia.presses("Talk to support", on=await mia.reads(SECRET, "help"))
    said = await mia.last_private()
    assert said.body == "It waits for support now, but I know nobody here who does support yet."
    await story.passes(hours=26)
    still = [seen for seen in await mia.sees() if "support hasn't got to" in seen.words]
    assert len(still) == 2 and all("I know nobody whom I could tell" in seen.words for seen in still)
    assert not any("I've told those" in seen.words for seen in await mia.sees())
    await story.person("ava").uses("/duty on")
    assert await story.person("ava").reads("@Ava, it's your turn")
