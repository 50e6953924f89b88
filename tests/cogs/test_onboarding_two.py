"""Newcomers of a community on two platforms."""

from __future__ import annotations

import pytest

from tests.doors import MemoryDoor

from .test_link import Town, link, town, towns

__all__ = ["town", "towns"]


async def test_an_introduction_stands_on_both_sides(town: Town) -> None:
    mia, sofia, noah = town.mia, town.there.person("sofia"), town.here.person("noah")
    await mia.uses("/introduce", about="I am Mia.")
    await sofia.presses("👋 Say hello", on=await sofia.reads("Meet Mia", "introductions"))
    await noah.presses("👋 Say hello", on=await noah.reads("Meet Mia", "introductions"))
    for someone in (sofia, noah):
        assert (await someone.reads("Meet Mia")).footer == "👋 2 · Sofia and Noah"
    await town.here.passes(minutes=16)
    assert "@Sofia and @Noah said hello to you" in (await mia.reads("said hello to you")).body


async def test_newcomers_are_welcomed_where_they_came(town: Town) -> None:
    zoe = town.there.person("zoe")
    await zoe.joins()
    await town.here.passes(minutes=11)
    assert await zoe.reads("Welcome, @Zoe!")
    await town.mia.does_not_read("Welcome, @Zoe!")


async def test_a_buddy_is_on_the_same_platform(town: Town) -> None:
    for someone in (town.mia, town.there.person("sofia")):
        await someone.uses("/me")
        await someone.presses("Be a buddy")
    zoe = town.there.person("zoe")
    await zoe.joins()
    await town.here.passes(minutes=11)
    await zoe.presses("Start")
    while (await zoe.last_private()).title != "Meet a buddy":
        await zoe.presses("Skip")
    await zoe.presses("Find me a buddy")
    assert "@Sofia is your buddy" in (await zoe.last_private()).body


async def test_one_platform_down_holds_no_introduction_up(town: Town) -> None:
    assert isinstance(town.here.door, MemoryDoor) and isinstance(town.there.door, MemoryDoor)
    town.here.door.platform.down = True
    await town.there.person("sofia").uses("/introduce", about="I am Sofia.")
    assert await town.there.person("sofia").reads("Meet Sofia", "introductions")
    await town.mia.does_not_read("Meet Sofia")
    town.here.door.platform.down = False
    await town.here.passes(minutes=20)
    assert await town.mia.reads("Meet Sofia", "introductions")


@pytest.mark.parametrize("introduced", ["mia", "miriam"])
async def test_an_introduction_goes_along_when_accounts_are_linked(town: Town, introduced: str) -> None:
    for someone in (town.mia, town.miriam):
        await someone.uses("/help")
    await (town.mia if introduced == "mia" else town.miriam).uses("/introduce", about="I grow tomatoes.")
    sofia, noah = town.there.person("sofia"), town.here.person("noah")
    await sofia.presses("👋 Say hello", on=await sofia.reads("I grow tomatoes.", "introductions"))
    await link(town.mia, town.miriam)
    await town.here.passes(minutes=1)
    await noah.presses("👋 Say hello", on=await noah.reads("I grow tomatoes.", "introductions"))
    for someone in (sofia, noah):
        (card,) = await someone.sees("introductions")
        assert card.footer == "👋 2 · Sofia and Noah"


async def test_of_two_introductions_of_one_person_one_is_left(town: Town) -> None:
    await town.mia.uses("/introduce", about="I am Mia.")
    await town.miriam.uses("/introduce", about="I am Miriam.")
    await link(town.mia, town.miriam)
    await town.here.passes(minutes=1)
    for someone in (town.there.person("sofia"), town.here.person("noah")):
        cards = await someone.sees("introductions")
        assert len([card for card in cards if card.controls]) == 1
        assert [card.body for card in cards if not card.controls] == ["This introduction was taken back."]
