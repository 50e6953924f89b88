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

    await noah.presses("Do not ask me to help")
    assert "Asked to help: no" in (await noah.reads("You, Noah")).body
    await mia.uses("/ask", question="Can a webhook go to two addresses?")
    assert "I have asked" not in (await mia.last_private()).words


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
    assert page.title == "You, Noah" and "Asked to help: yes" in page.body
    await noah.presses("Do not ask me to help", on=page)
    assert "Asked to help: no" in (await noah.opens_page()).body


async def test_the_page_says_what_one_asked_and_could_help_with(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=OTHER)
    await mia.uses("/me")
    assert OTHER in (await mia.last_private()).fields["Your questions"]
    await noah.uses("/me")
    assert OTHER in (await noah.last_private()).fields["You could help with"]
    await noah.presses("I can help", on=await noah.reads("Could you help?"))
    await noah.uses("/me")
    assert "you are on it" in (await noah.last_private()).fields["You could help with"]
    await mia.uses("/me")
    assert "You could help with" not in (await mia.last_private()).fields
