"""Onboarding: arriving, the first steps, meeting people, and what moderators see of it."""

from __future__ import annotations

import pytest

from tests.story import Person, Seen, Story

from .conftest import Begin

joining = pytest.mark.needs("joining")


async def arrived(story: Story, who: str = "zoe", **how: str) -> Person:
    """Let someone join, and be welcomed."""
    person = story.person(who)
    await person.joins(**how)
    await story.passes(minutes=11)
    return person


async def step(person: Person) -> Seen:
    """Return the private card that shows someone their next step."""
    return await person.last_private()


@joining
async def test_those_who_join_within_minutes_are_welcomed_together(story: Story) -> None:
    zoe, yan, mia = story.person("zoe"), story.person("yan"), story.person("mia")
    await zoe.joins()
    await story.passes(minutes=4)
    await yan.joins()
    await mia.does_not_read("Welcome")
    await story.passes(minutes=7)
    (welcome,) = [seen for seen in await mia.sees("general") if "Welcome" in seen.words]
    assert welcome.title == "🌱 2 new people are here"
    assert "Welcome, @Zoe and @Yan!" in welcome.body
    assert welcome.pinged == {"zoe", "yan"}
    assert set(welcome.controls) == {"Start"}

    await story.passes(hours=1)
    xi = await arrived(story, "xi")
    assert (await xi.reads("Someone new is here")).pinged == {"xi"}


@joining
async def test_whoever_leaves_again_is_not_greeted(story: Story) -> None:
    zoe, mia = story.person("zoe"), story.person("mia")
    await zoe.joins()
    await zoe.leaves()
    await story.passes(hours=1)
    await mia.does_not_read("Welcome")


@joining
async def test_the_first_steps(story: Story) -> None:
    zoe, mia = await arrived(story), story.person("mia")
    await zoe.presses("Start")
    assert (await step(zoe)).title == "What brings you here"
    await zoe.chooses("I am looking around")
    assert (await step(zoe)).title == "The guidelines"
    assert "Be kind" in (await step(zoe)).body
    await zoe.presses("I agree")
    assert (await step(zoe)).title == "Your interests"
    await zoe.chooses("Mobile apps")
    assert (await step(zoe)).title == "Where you are"
    await zoe.chooses("Lagos · 11:11")
    assert (await story.member("zoe")).timezone == "Africa/Lagos"
    assert (await step(zoe)).title == "Introduce yourself"
    await zoe.presses("Introduce myself")
    await zoe.fills(about="I am Zoe, and I grow tomatoes on a balcony.", hopes="To meet people", topics="Tomatoes")

    card = await mia.reads("Meet Zoe", "introductions")
    assert "tomatoes on a balcony" in card.body
    assert card.fields == {"Here for": "To meet people", "Ask me about": "Tomatoes", "Likes": "Mobile apps"}
    assert not card.pinged
    assert "A first question" in (await step(zoe)).words
    await zoe.presses("Skip")
    assert "You have arrived" in (await step(zoe)).title


@joining
async def test_people_say_hello(story: Story) -> None:
    zoe, mia, noah = await arrived(story), story.person("mia"), story.person("noah")
    await zoe.uses("/introduce", about="I am Zoe.")
    assert "Your introduction is up" in (await zoe.last_private()).words
    assert (await mia.reads("Meet Zoe")).footer == "Be the first to say hello."
    await mia.presses("👋 Say hello")
    await mia.presses("👋 Say hello")
    assert "You said hello already" in (await mia.last_private()).words
    await noah.presses("👋 Say hello")
    assert (await mia.reads("Meet Zoe")).footer == "👋 2 · Mia and Noah"
    await zoe.presses("👋 Say hello")
    assert "your own introduction" in (await zoe.last_private()).words

    await story.passes(minutes=16)
    told = await zoe.reads("said hello to you", story.thread(await zoe.reads("Meet Zoe")))
    assert "@Mia and @Noah said hello to you" in told.body
    assert told.pinged == {"zoe"}


@joining
async def test_an_introduction_can_be_changed(story: Story) -> None:
    zoe = await arrived(story)
    await zoe.uses("/introduce", about="I am Zoe.")
    await zoe.uses("/introduce", about="I am Zoe, from Lagos.")
    assert "up to date" in (await zoe.last_private()).words
    (card,) = await zoe.sees("introductions")
    assert "from Lagos" in card.body
