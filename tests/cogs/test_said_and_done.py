"""What a sentence says of what comes, or of what never does, is so: of sentences that no other story is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.kernel.cog import Cog, command
from bot.kernel.context import Context
from tests.doors import MemoryDoor
from tests.story import Story

from .conftest import Begin
from .test_events import card_of, going, planned
from .test_front_door import answer, direct
from .test_helping import OTHER
from .test_ideas import DARK, suggests
from .test_polls import QUESTION, asks, of
from .test_private import asks_privately
from .test_private import thread_of as private_thread
from .test_questions import SECRET, solved, thread_of
from .test_support import ask_support
from .web import browser_of


async def test_check_in_is_open_for_as_long_as_it_is_said_to_be(story: Story) -> None:
    await planned(story, when="2026-03-02T18:00+00:00", duration="1 hour")
    await going(story, "noah")
    mia, noah = story.person("mia"), story.person("noah")
    await mia.presses("Host tools", on=await card_of(mia))
    await mia.presses("Check people in")
    assert "Check-in opens 15 minutes before the start." in (await mia.last_private()).words
    await story.passes(hours=7, minutes=45)
    card = await card_of(noah)
    await mia.presses("Check people in")
    assert "0 people are here." in (await mia.last_private()).words
    await story.passes(hours=2, minutes=14)
    await noah.presses("I'm here", on=await card_of(noah))
    assert "Good that you're here" in (await noah.last_private()).words
    await story.passes(minutes=2)
    await story.door.press("noah", card.id, card.controls["I'm here"])
    assert "Check-in is open from 15 minutes before" in (await noah.last_private()).words


@pytest.mark.parametrize("hours, reminded", [(47, False), (48, True)])
async def test_a_poll_that_is_not_open_twice_as_long_has_no_reminder(story: Story, hours: int, reminded: bool) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/poll create", question=QUESTION, options="Library, Park", closes=f"in {hours} hours")
    await mia.presses("Post it")
    before = {seen.id for seen in await noah.sees()}
    await story.passes(hours=hours - 1)
    assert bool({seen.id for seen in await noah.sees()} - before) is reminded


async def test_what_a_moderator_ended_is_asked_no_more(story: Story) -> None:
    mia, liam = story.person("mia"), story.person("liam")
    await mia.uses("/poll create", question=QUESTION, options="Library, Park", closes="tomorrow 9:00")
    await mia.presses("More settings")
    await mia.fills(repeats="daily")
    await mia.presses("Post it")
    await liam.uses("/poll close", poll="1")
    await liam.fills(reason="Too early.")
    await liam.presses("Stop repeating")
    await liam.fills(reason="Once is enough.")
    assert "it isn't asked again" in (await mia.reads("A moderator ended your poll")).words
    asked = [seen.id for seen in await mia.sees("general") if QUESTION in seen.title]
    await story.passes(days=3)
    assert [seen.id for seen in await mia.sees("general") if QUESTION in seen.title] == asked


async def test_an_idea_that_is_settled_takes_no_votes(story: Story) -> None:
    mia, noah, liam = (story.person(name) for name in ("mia", "noah", "liam"))
    card = await suggests(mia)
    await liam.uses("/idea status", idea="1", status="declined", note="It is there.")
    await story.door.press("noah", card.id, card.controls["👍 Vote"])
    assert "takes no votes any more" in (await noah.last_private()).words
    await liam.uses("/idea show", idea="1")
    assert "1 vote" not in (await liam.last_private()).words


async def test_where_nobody_is_told_nobody_is(story: Story) -> None:
    mia, liam = story.person("mia"), story.person("liam")
    await planned(story)
    await mia.uses("/event edit", event="1")
    await mia.fills(when="2026-03-06T18:00+00:00")
    assert "Nobody has signed up yet, so nobody is told." in (await mia.last_private()).words
    await mia.presses("Move it")
    await story.passes(hours=1)
    assert not [seen for seen in await liam.sees() if "has another time" in seen.words]


async def test_who_has_it_off_already_hears_nothing_directly_and_is_not_asked(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await answer(noah, "stop", direct(noah))
    assert "It was off already" in (await answer(noah, "stop", direct(noah))).body
    before = {seen.id for seen in await noah.sees(direct(noah))}
    await mia.uses("/ask", question=OTHER)
    await story.passes(hours=2)
    assert "I've asked Noah" not in " ".join(seen.words for seen in await mia.sees())
    assert {seen.id for seen in await noah.sees(direct(noah))} == before


async def test_what_is_settled_stays_and_is_found(story: Story) -> None:
    sofia, mia, noah = (story.person(name) for name in ("sofia", "mia", "noah"))
    asked = await sofia.says(SECRET, "help")
    card = next(seen for seen in reversed(await sofia.sees()) if "Not a question" in seen.controls)
    said = await noah.says("Under Settings, Webhooks, Rotate.", story.thread(asked))
    await sofia.picks("Mark as answer", said)
    await story.door.press("sofia", card.id, card.controls["Not a question"])
    assert "it stays" in (await sofia.last_private()).words
    await mia.uses("/search", query="rotate webhook secret")
    assert "Under Settings, Webhooks, Rotate." in (await mia.last_private()).words


async def test_what_is_not_solved_yet_stays_open(begin: Begin) -> None:
    story = await begin()
    sofia, noah = story.person("sofia"), story.person("noah")
    await sofia.uses("/ask", question=SECRET)
    thread = await thread_of(noah, SECRET)
    await noah.says("Under Settings, Webhooks, Rotate.", thread)
    await story.passes(days=2)
    asked = next(seen for seen in reversed(await sofia.sees()) if "Not yet" in seen.controls)
    await sofia.presses("Not yet", on=asked)
    assert "it stays open" in " ".join(seen.words for seen in await sofia.sees())
    await story.passes(days=1)
    assert "Closed" not in (await sofia.reads(SECRET, "help")).words


async def test_a_pause_ends_as_ones_page_says(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/privacy pause")
    await noah.uses("/me")
    page = (await noah.last_private()).words
    assert "/privacy pause" in page and "lets you go on" in page
    await noah.uses("/privacy pause")
    await noah.presses("Go on")
    await noah.uses("/me")
    assert "Paused" not in (await noah.last_private()).words
    await mia.uses("/ask", question=OTHER)
    assert "I've asked Noah" in (await mia.last_private()).words


async def test_what_nothing_stands_for_is_what_the_form_says(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    first, second = await suggests(mia), await suggests(mia, "Export to calendars")
    await noah.presses("👍 Vote", on=first)
    await mia.uses("/idea list")
    listed = (await mia.last_private()).words
    assert listed.index(DARK) < listed.index("Export"), "those with most votes"
    await asks(mia)
    await mia.uses("/poll create", question="Tea or coffee?", options="Tea, coffee")
    await mia.presses("Post it")
    await noah.uses("/poll results")
    assert "Tea or coffee?" in (await noah.last_private()).words, "the newest one"
    await noah.uses("/profile")
    assert "Noah" in (await noah.last_private()).words, "one's own"
    assert second


async def test_a_reply_to_support_goes_on_where_a_message_is_gone(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await asks_privately(story)
    thread = await private_thread(story)
    await ava.says("Which bank?", thread)
    await mia.presses("Reply to support")
    await mia.fills(words="The Garden Bank.")
    assert await ava.reads("The Garden Bank.", thread)


async def test_what_several_said_is_published_only_if_all_can_be_asked(story: Story) -> None:
    thread = await solved(story)
    liam = story.person("liam")
    answer_ = await liam.reads("Under Settings, Webhooks, Rotate.", thread)
    await liam.picks("Save to knowledge base", answer_.id)
    await story.door.leave("noah")
    await liam.fills()
    assert "Noah left and can't be asked, so this can't be published." in str(
        (liam.form.problem, liam.form.errors) if liam.form else (await liam.last_private()).words
    )


async def test_no_option_is_added_to_a_rating(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/poll create", question=QUESTION, options="Library, Park", kind="rating")
    await mia.presses("More settings")
    await mia.fills(adding="true")
    assert mia.form and "Nobody can add options to a rating" in str(mia.form.errors)
    await mia.fills(adding="")
    await mia.presses("Post it")
    assert "Add an option" not in (await mia.reads(QUESTION, "general")).controls


TREES = "apple pear plum cherry lemon melon mango peach grape quince fig date kiwi olive walnut hazel".split()


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_a_list_does_not_show_is_found_where_it_says_so(story: Story) -> None:
    mia = story.person("mia")
    await asks_privately(story, "Why was my almond card charged twice?")
    for tree in TREES:
        await mia.uses("/ask", question=f"How do I grow a {tree} tree?")
        if "Post my question" in (await mia.last_private()).controls:
            await mia.presses("Post my question")
    for status in ("open", "unanswered"):
        await mia.uses("/question list", status=status)
        listed = await mia.last_private()
        assert listed.footer == "There are more: “/search” finds them." and "apple" not in listed.words
        await mia.uses("/search", query="apple tree")
        assert "How do I grow a apple tree?" in (await mia.last_private()).words
    await mia.uses("/question list", status="mine")
    listed = await mia.last_private()
    assert "almond" not in listed.words and "/search" not in listed.footer, "what is private is found by no search"
    assert listed.footer == "These are the newest, and there are more."


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_a_link_that_got_lost_is_replaced_by_another(story: Story) -> None:
    ada = story.person("ada")
    await ada.uses("/help")
    assert isinstance(story.door, MemoryDoor)
    story.door.platform.down = True
    async with browser_of(story) as browser:
        await ada.uses("/dashboard")
        story.door.platform.down = False
        await story.passes(minutes=1)
        assert "Your link got lost on its way to you" in (await ada.last_private()).words
        await browser.signs_in("ada")
        assert "Signed in as Ada" in browser.words


class Broken(Cog):
    """Goes wrong."""

    name = "broken"

    @command("break", "Have something go wrong")
    async def go(self, ctx: Context) -> None:
        raise RuntimeError("the gears are stuck")

    async def export(self, _: Any) -> dict[str, Any]:
        return {}

    async def erase(self, _: Any) -> None: ...


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_went_wrong_is_noted_under_the_id_that_is_said(
    begin: Begin, caplog: pytest.LogCaptureFixture
) -> None:
    story = await begin((Broken(),))
    mia = story.person("mia")
    await mia.uses("/break")
    said = (await mia.last_private()).words
    assert "Sorry, that went wrong on our side. It's noted as" in said and "gears" not in said
    (record,) = [record for record in caplog.records if record.exc_info and "gears" in str(record.exc_info[1])]
    assert said.rpartition(" ")[2].strip(".") in record.getMessage()


async def test_votes_that_are_left_are_counted(begin: Begin, tmp_path: Path) -> None:
    (tmp_path / "community.toml").write_text('[[segments]]\nname = "everyone"\nvotes = 2\n', "utf-8")
    story = await begin(TRELLIS_COMMUNITY_FILE=str(tmp_path / "community.toml"))
    mia, noah = story.person("mia"), story.person("noah")
    cards = [await suggests(mia, title) for title in (DARK, "Export to calendars", "A tea corner")]
    await noah.presses("👍 Vote", on=cards[0])
    assert "You have 1 vote left." in (await noah.last_private()).words
    await noah.presses("👍 Vote", on=cards[1])
    assert "That was your last vote" in (await noah.last_private()).words
    await noah.presses("👍 Vote", on=cards[2])
    assert "You've given all your 2 votes." in (await noah.last_private()).words


@pytest.mark.parametrize("kit", ["memory", "discord", "slack"], indirect=True)
async def test_only_who_asked_reopens_a_poll(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia)
    await mia.uses("/poll close")
    await mia.uses("/poll results")
    shown = await mia.last_private()
    await story.door.press("noah", card.id, shown.controls["Reopen"])
    assert "Only the person who asked can reopen a poll." in (await noah.last_private()).words
    assert "Closed" in (await of(noah, card)).fields


async def test_what_somebody_has_is_handed_back_by_them_alone(story: Story) -> None:
    ava, omar = story.person("ava"), story.person("omar")
    await ask_support(story)
    await ava.presses("Claim", on=await ava.reads(SECRET, "agents"))
    await omar.presses("Hand back", on=await omar.reads(SECRET, "agents"))
    assert "Only the person who has it can hand it back." in (await omar.last_private()).words
    assert "@Ava" in (await omar.reads(SECRET, "agents")).fields["State"]


@pytest.mark.parametrize("kit", ["memory", "discord", "slack"], indirect=True)
async def test_support_can_look_at_it_once_it_is_reopened(story: Story) -> None:
    sofia, ava, noah, mia = (story.person(name) for name in ("sofia", "ava", "noah", "mia"))
    await sofia.uses("/ask", question=SECRET)
    thread = await thread_of(mia, SECRET)
    card = await mia.reads(SECRET, "help")
    asks_support = (await sofia.reads(SECRET, "help")).controls["Talk to support"]
    said = await noah.says("Under Settings, Webhooks, Rotate.", thread)
    await sofia.picks("Mark as answer", said)
    await story.door.press("sofia", card.id, asks_support)
    assert "Reopen it first, then support can look at it." in (await sofia.last_private()).words
    reopen = next(seen for seen in reversed(await sofia.sees()) if "Reopen" in seen.controls)
    await sofia.presses("Reopen", on=reopen)
    await story.door.press("sofia", card.id, asks_support)
    assert await ava.reads(SECRET, "agents")


async def test_an_idea_that_nobody_follows_is_told_to_nobody(story: Story) -> None:
    liam, mia = story.person("liam"), story.person("mia")
    await suggests(liam)
    before = {seen.id for seen in await mia.sees()}
    await liam.uses("/idea status", idea="1", status="planned")
    assert "Nobody follows it yet, so nobody is told." in (await liam.last_private()).words
    await story.passes(hours=1)
    assert {seen.id for seen in await mia.sees()} == before


async def test_an_event_whose_host_says_nothing_takes_as_long_as_is_set(begin: Begin) -> None:
    story = await begin(TRELLIS_EVENT_MINUTES="45")
    mia = story.person("mia")
    await mia.uses("/event create", title="Pruning", when="thursday 18:00")
    assert (await mia.last_private()).fields["How long"] == "45 minutes"
