"""What stands in the menu of a person, where a platform has one; and what is personal, in the direct channel."""

from __future__ import annotations

import pytest

from adapters.contract.adapter import Feature
from tests.story import Story

REASON = "for the patient review of my first patch"

menus = pytest.mark.needs("person menus")


@menus
async def test_somebody_is_thanked_from_their_menu(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await noah.says("Good morning!")
    await mia.picks_person("Thank", "noah")
    assert mia.form and mia.form.title == "Thank someone"
    assert mia.form.values["member"] in story.named("noah")
    await mia.fills(member=story.named("noah"), reason=REASON)
    card = await noah.reads("thanks @Noah", "general")
    assert REASON in card.body and card.pinged == {"noah"}


@menus
async def test_nobody_thanks_themselves(story: Story) -> None:
    mia = story.person("mia")
    await mia.picks_person("Thank", "mia")
    assert mia.form is None
    assert "That's you! Whom else can you thank?" in (await mia.last_private()).words


@menus
@pytest.mark.needs("bots in menus")
async def test_nobody_thanks_a_bot(story: Story) -> None:
    mia = story.person("mia")
    await mia.picks_person("Thank", "trellis")
    assert mia.form is None
    assert "That's no member of this community." in (await mia.last_private()).words


@menus
@pytest.mark.needs("guests")
async def test_guests_thank_nobody(story: Story) -> None:
    mia = story.person("mia")
    await mia.only_visits()
    await mia.picks_person("Thank", "noah")
    assert mia.form is None
    assert "Only members of this community can do that." in (await mia.last_private()).words


@menus
async def test_the_profile_of_whoever_was_picked_is_shown(story: Story) -> None:
    mia = story.person("mia")
    await mia.picks_person("Profile", "noah")
    assert (await mia.last_private()).title == "Noah in this community"
    await mia.picks_person("Profile", "mia")
    assert (await mia.last_private()).title == "Mia in this community"


@menus
async def test_who_somebody_is_can_be_looked_up(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await noah.picks_person("Introduce", "mia")
    assert "Mia hasn't introduced themselves yet." in (await noah.last_private()).words
    await mia.picks_person("Introduce", "mia")
    assert mia.form and mia.form.title == "Introduce yourself"
    await mia.fills(about="I grow *tomatoes* on a roof.", hopes="A better soil")
    assert await noah.reads("I grow *tomatoes* on a roof.", "introductions")
    await noah.picks_person("Introduce", "mia")
    shown = await noah.last_private()
    assert "I grow *tomatoes* on a roof." in shown.body and shown.fields["Here for"] == "A better soil"
    await mia.picks_person("Introduce", "mia")
    assert mia.form.values["about"] == "I grow *tomatoes* on a roof."


async def test_help_names_menus_of_people_where_there_are_some(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/help")
    shown = (await mia.last_private()).body
    assert "In the menu of a message:" in shown
    has_menus = any(Feature.PERSON_MENU in adapter.features for adapter in story.app.adapters.values())
    assert ("In the menu of a person: Thank · Profile · Introduce" in shown) == has_menus


async def test_what_is_personal_works_in_the_direct_channel(story: Story) -> None:
    mia = story.person("mia")
    direct = story.door.direct("mia")
    await mia.says("Good morning!", direct)
    await mia.uses("/help", channel=direct)
    await mia.reads("What you can do in", direct)
    await mia.uses("/away", channel=direct)
    await mia.reads("You're away", direct)
    await mia.uses("/back", channel=direct)
    await mia.uses("/me", channel=direct)
    assert "Away: no" in (await mia.reads("You, Mia", direct)).words
    await mia.uses("/privacy show", channel=direct)
    await mia.reads("What I know about you", direct)
