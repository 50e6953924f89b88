"""The personal page."""

from __future__ import annotations

import pytest

from tests.story import Story

from .test_helping import OTHER
from .test_questions import solved


async def test_members_decide_how_they_are_asked(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/me")
    page = await noah.last_private()
    assert "Asked to help: yes" in page.body and "Direct messages: no" in page.body
    await noah.presses("Allow direct messages")
    assert "Direct messages: yes" in (await noah.last_private()).body
    await mia.uses("/ask", question=OTHER)
    assert "you solved 1 question about webhooks" in (await noah.reads("Could you help with")).body

    await noah.presses("Don't ask me to help")
    assert "Asked to help: no" in (await noah.reads("You, Noah")).body
    await mia.uses("/ask", question="Can a webhook go to two addresses?")
    assert "I've asked" not in (await mia.last_private()).words


async def test_quiet_hours_and_zone_are_set_in_a_form(story: Story) -> None:
    noah = story.person("noah")
    await noah.uses("/me")
    await noah.presses("Change my hours")
    await noah.fills(timezone="Atlantis", quiet_from="late", quiet_to="8:00")
    assert noah.form and set(noah.form.errors) == {"timezone", "quiet_from"}
    await noah.fills(timezone="america/sao paulo", quiet_from="22:00", quiet_to="")
    assert noah.form and noah.form.errors == {"quiet_to": "Both, or neither."}
    await noah.fills(timezone="america/sao paulo", quiet_from="22:00", quiet_to="8:00")
    page = await noah.last_private()
    assert "America/Sao_Paulo" in page.body and "22:00 to 08:00" in page.body


@pytest.mark.needs("pages")
async def test_the_platforms_own_page_is_the_same_one(story: Story) -> None:
    noah = story.person("noah")
    page = await noah.opens_page()
    assert page.title == "You, Noah" and "Asked to help" not in page.words, "settings are folded away"
    await noah.presses("Settings", on=page)
    assert "Asked to help: yes" in noah.page.body
    await noah.presses("Don't ask me to help", on=noah.page)
    assert "Asked to help: no" in noah.page.body and "Ask me to help" in noah.page.controls
    await noah.presses("Hide me from leaderboards", on=noah.page)
    await noah.presses("Back", on=noah.page)
    assert noah.page.title == "You, Noah" and list(page.controls)[:5] == [
        "Ask a question",
        "Plan an event",
        "Suggest an idea",
        "Start a poll",
        "Thank someone",
    ]


@pytest.mark.needs("pages")
async def test_what_one_begins_on_it_is_on_it_afterwards(story: Story) -> None:
    """Each begins in its form; the page shows what came of it without being opened again."""
    mia, noah = story.person("mia"), story.person("noah")
    await noah.says("Good morning!")
    for label in list((await mia.opens_page()).controls)[:5]:
        await mia.presses(label, on=mia.page)
        assert mia.form, label
    await mia.presses("Ask a question", on=mia.page)
    await mia.fills(question=OTHER)
    page = await mia.opens_page()
    assert OTHER in page.fields["Your questions"] and "Mark as solved" not in page.controls
    thread = story.thread(await noah.reads(OTHER, "help"))
    await noah.says("In the settings, under Webhooks.", thread)
    assert "Mark as solved" in (await mia.opens_page()).controls

    await noah.uses("/event create", title="Game night", when="friday 20:00")
    await noah.presses("Post")
    assert "Game night" in (await mia.opens_page()).fields["Events"]
    await mia.presses("Going", on=mia.page)
    page = await mia.opens_page()
    assert "you're going" in page.fields["Events"] and "Going" not in page.controls
    await mia.presses("Can't", on=page)
    assert "Game night" not in (await mia.opens_page()).words


async def test_coming_events_are_answered_on_the_page(story: Story) -> None:
    noah, mia = story.person("noah"), story.person("mia")
    await noah.uses("/event create", title="Game night", when="friday 20:00")
    await noah.presses("Post")
    await mia.uses("/me")
    page = await mia.last_private()
    assert "Game night" in page.fields["Events"] and "you're going" not in page.fields["Events"]
    await mia.presses("Going", on=page)
    assert "You're in." in (await mia.last_private()).body
    await mia.uses("/me")
    page = await mia.last_private()
    assert "you're going" in page.fields["Events"] and "Going" not in page.controls
    await mia.presses("Can't", on=page)
    await mia.uses("/me")
    assert "Game night" not in (await mia.last_private()).words


async def test_agents_see_what_is_theirs_and_what_waits(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await mia.uses("/ask", question=OTHER)
    await mia.presses("Talk to support", on=await mia.reads(OTHER, "help"))
    await ava.uses("/me")
    page = await ava.last_private()
    assert ", asked" in page.fields["Support"]
    await ava.presses("Claim", on=page)
    await ava.uses("/me")
    page = await ava.last_private()
    assert "(you have it)" in page.fields["Support"] and "You could help with" not in page.fields
    await ava.presses("Hand back", on=page)
    await ava.uses("/me")
    assert ", asked" in (await ava.last_private()).fields["Support"]
    await mia.uses("/me")
    assert "Support" not in (await mia.last_private()).fields


async def test_who_is_asked_to_help_answers_on_the_page(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=OTHER)
    await noah.uses("/me")
    await noah.presses("I can help", on=await noah.last_private())
    await noah.uses("/me")
    page = await noah.last_private()
    assert "you're on it" in page.fields["You could help with"] and "I can help" not in page.controls


async def test_the_page_says_what_one_asked_and_could_help_with(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=OTHER)
    await mia.uses("/me")
    assert OTHER in (await mia.last_private()).fields["Your questions"]
    await noah.uses("/me")
    assert OTHER in (await noah.last_private()).fields["You could help with"]
    await noah.presses("I can help", on=await noah.reads("Could you help"))
    await noah.uses("/me")
    assert "you're on it" in (await noah.last_private()).fields["You could help with"]
    await mia.uses("/me")
    assert "You could help with" not in (await mia.last_private()).fields


async def test_each_event_of_a_list_has_its_button(story: Story) -> None:
    noah, mia = story.person("noah"), story.person("mia")
    for title, when in (("Game night", "friday 20:00"), ("Pruning", "saturday 10:00")):
        await noah.uses("/event create", title=title, when=when)
        await noah.presses("Post")
    await mia.uses("/event list")
    page = await mia.last_private()
    assert page.body.index("Game night") < page.body.index("Pruning") and "Show" not in page.controls
    await mia.presses("Going", on=page)
    assert "Game night" in (await mia.last_private()).body
    await mia.uses("/event list")
    await mia.presses("Show", on=await mia.last_private())
    assert (await mia.last_private()).title == "Game night"


@pytest.mark.needs("pages")
async def test_the_page_is_in_its_readers_language_and_never_too_long(story: Story) -> None:
    """With as much on it as there can be, it is drawn whole: each platform says how much it takes."""
    noah, ava = story.person("noah"), story.person("ava")
    for number in range(6):
        title = f"Game night {number} {'and on ' * 9}"
        await noah.uses("/event create", title=title, when=f"in {number + 2} days 20:00")
        await noah.presses("Post")
        await ava.uses("/ask", question=f"{number}. {'How do I rotate the webhook secret, then? ' * 3}")
    await ava.speaks("de")
    page = await ava.opens_page()
    assert {"Frage stellen", "Umfrage starten", "Einstellungen"} <= page.controls.keys()
    assert {"Deine Fragen", "Termine"} <= page.fields.keys()
    await ava.presses("Einstellungen", on=page)
    assert ava.page.title == "Deine Einstellungen" and "Zurück" in ava.page.controls
