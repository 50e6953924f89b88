"""Voters, idea authors, waitlists and newcomers who leave, also while Trellis is stopped, and who come back."""

from __future__ import annotations

import pytest

from tests.story import Story

from .conftest import Begin
from .test_coming_and_going import gone_while_away
from .test_events import card_of as event_card
from .test_events import planned
from .test_ideas import card_of as idea_card
from .test_ideas import suggests
from .test_onboarding import arrived, joining
from .test_polls import asks, of
from .test_questions import SECRET, solved


async def test_a_vote_stays_when_its_voter_leaves_and_is_theirs_again(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    poll = await asks(mia)
    await noah.presses("Park", on=poll)
    await noah.leaves()
    assert (await of(mia, poll)).fields["Voted so far"] == "1"
    await noah.joins()
    await noah.presses("Library", on=await of(noah, poll))
    assert (await of(mia, poll)).fields["Voted so far"] == "1", "their one ballot, changed"


async def test_moderators_close_the_poll_of_somebody_who_left(story: Story) -> None:
    mia, noah, liam = (story.person(name) for name in ("mia", "noah", "liam"))
    poll = await asks(mia)
    await mia.leaves()
    assert (await of(noah, poll)).fields["Closes"] == "When a moderator closes it: its author left"
    await mia.joins()
    assert (await of(noah, poll)).fields["Closes"] == "When the author closes it"
    await mia.leaves()
    await liam.uses("/poll close", poll="1")
    await liam.fills(reason="We have met.")
    assert "Closed" in (await of(noah, poll)).fields


async def test_an_idea_goes_on_without_its_author(story: Story) -> None:
    noah, kenji, liam = (story.person(name) for name in ("noah", "kenji", "liam"))
    await suggests(noah)
    await kenji.presses("👍 Vote", on=await idea_card(kenji))
    await noah.leaves()
    assert (await idea_card(kenji)).fields["Votes"] == "1 vote"
    await liam.uses("/idea status", idea="1", status="planned")
    assert "1 person is told" in (await liam.last_private()).words
    assert "is planned" in (await kenji.reads("An idea that you wanted")).words


async def test_the_waitlist_moves_past_those_who_left(story: Story) -> None:
    mia, noah, kenji, sofia = (story.person(name) for name in ("mia", "noah", "kenji", "sofia"))
    await planned(story, capacity="1")
    for person in (noah, kenji, sofia):
        await person.presses("Going", on=await event_card(person))
    await noah.leaves()
    assert "yours if you want it" in (await kenji.reads("is free")).words
    await kenji.leaves()
    assert "yours if you want it" in (await sofia.reads("is free")).words
    await sofia.presses("Take the place")
    assert "@Sofia" in (await event_card(mia)).fields["Going"]
    await noah.joins()
    assert "@Noah" not in (await event_card(mia)).words, "a seat is given on for good"


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_the_waitlist_moves_when_seats_were_given_up_while_nobody_listened(begin: Begin) -> None:
    story = await begin()
    noah, kenji, sofia = (story.person(name) for name in ("noah", "kenji", "sofia"))
    await planned(story, capacity="1")
    for person in (noah, kenji, sofia):
        await person.presses("Going", on=await event_card(person))
    story = await gone_while_away(story, begin, "noah", "kenji")
    assert "yours if you want it" in (await story.person("sofia").reads("is free")).words


@joining
async def test_nobody_waits_for_a_newcomer_who_left(story: Story) -> None:
    zoe, mia = await arrived(story), story.person("mia")
    await zoe.presses("Start")
    await zoe.leaves()
    await story.passes(days=8)
    for person in (zoe, mia):
        await person.does_not_read("A next step")
    await zoe.joins("Zoe")
    await story.passes(minutes=20)
    await zoe.presses("Start")
    assert zoe.form or (await zoe.last_private()).controls


async def test_who_left_is_called_by_their_name(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    assert "Noah" in (await mia.reads(SECRET, "help")).words
    await noah.leaves()
    await mia.uses("/search", query="rotate webhook secret")
    assert "Noah" in (await mia.last_private()).words
    assert (await story.member("noah")).name == "Noah"
