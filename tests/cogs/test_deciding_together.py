"""Ideas and polls of one community on two platforms: one person, one vote; told where they are."""

from __future__ import annotations

import asyncio

from .test_ideas import DARK, card_of, suggests
from .test_link import Town, link, town
from .test_polls import QUESTION, asks, of

__all__ = ["town"]


async def test_an_idea_stands_on_both_sides_and_counts_a_person_once(town: Town) -> None:
    mia, miriam, sofia, noah = town.mia, town.miriam, town.there.person("sofia"), town.here.person("noah")
    await link(mia, miriam)
    await suggests(noah)
    for person in (mia, miriam, sofia):
        await person.presses("👍 Vote", on=await card_of(person))
    assert (await card_of(noah)).fields["Votes"] == (await card_of(sofia)).fields["Votes"] == "2 votes"


async def test_votes_of_two_accounts_that_are_linked_later_become_one(town: Town) -> None:
    mia, miriam, sofia, noah = town.mia, town.miriam, town.there.person("sofia"), town.here.person("noah")
    await suggests(noah)
    named, secret = [
        await asks(noah, "Library, Park", "ideas"),
        await asks(noah, "Yes, No", "ideas", anonymous="yes"),
    ]
    there = [seen for seen in await sofia.sees("ideas") if seen.title == QUESTION]
    for person, (first, second) in ((mia, (named, secret)), (miriam, there), (sofia, there)):
        await person.presses("👍 Vote", on=await card_of(person))
        await person.presses("Park", on=first)
        await person.presses("No", on=second)
    assert (await of(noah, named)).fields["Voted so far"] == (await of(noah, secret)).fields["Voted so far"] == "3"
    await link(mia, miriam)
    assert (await of(noah, named)).fields["Voted so far"] == (await of(noah, secret)).fields["Voted so far"] == "2"
    await sofia.presses("👍 Vote", on=await card_of(sofia))
    await sofia.presses("Library", on=there[0])
    await sofia.presses("Yes", on=there[1])
    assert (await of(noah, named)).fields["Voted so far"] == (await of(noah, secret)).fields["Voted so far"] == "2"
    await noah.uses("/idea show", idea="1")
    assert (await noah.last_private()).fields["Votes"] == "2 votes"


async def test_whoever_wanted_it_is_told_on_their_own_platform(town: Town) -> None:
    noah, mia, sofia = town.here.person("noah"), town.mia, town.there.person("sofia")
    await suggests(noah)
    for person in (mia, sofia):
        await person.presses("👍 Vote", on=await card_of(person))
    moderator = town.here.person("liam")
    memory = town.here.door.platform  # type: ignore[attr-defined]
    memory.add_person("liam", "Liam", roles=("moderator",))
    await moderator.uses("/idea status", idea="1", status="shipped", note="In version 3.")
    here = await noah.reads("In version 3.", town.here.thread(await card_of(noah)))
    there = await sofia.reads("In version 3.", town.there.thread(await card_of(sofia)))
    assert here.pinged == {"noah", "mia"} and there.pinged == {"sofia"}
    assert DARK in there.title


async def test_who_is_on_one_platform_is_told_while_the_other_is_down(town: Town) -> None:
    noah, mia, sofia = town.here.person("noah"), town.mia, town.there.person("sofia")
    await suggests(noah)
    for person in (mia, sofia):
        await person.presses("👍 Vote", on=await card_of(person))
    here, there = (side.door.platform for side in (town.here, town.there))  # type: ignore[attr-defined]
    here.add_person("liam", "Liam", roles=("moderator",))
    there.down = True
    await town.here.person("liam").uses("/idea status", idea="1", status="shipped", note="In version 3.")
    told = await noah.reads("In version 3.", town.here.thread(await card_of(noah)))
    assert told.pinged == {"noah", "mia"}
    there.down = False
    await town.here.passes(hours=2)
    thread = town.here.thread(await card_of(noah))
    assert len([seen for seen in await noah.sees(thread) if "In version 3." in seen.words]) == 1
    assert (await sofia.reads("In version 3.", town.there.thread(await card_of(sofia)))).pinged == {"sofia"}


async def test_a_poll_is_voted_on_from_both_sides_and_its_result_stands_on_both(town: Town) -> None:
    noah, mia, sofia = town.here.person("noah"), town.mia, town.there.person("sofia")
    here = await asks(noah, "Library, Park", "ideas")
    there = await sofia.reads(QUESTION, "ideas")
    await asyncio.gather(mia.presses("Park", on=here), sofia.presses("Park", on=there))
    assert "100% · 2 votes" in (await of(noah, here)).body and "100% · 2 votes" in (await of(sofia, there)).body
    await noah.uses("/poll close")
    assert await mia.reads("Park has most votes", "ideas") and await sofia.reads("Park has most votes", "ideas")
    assert not (await of(sofia, there)).controls


async def test_what_is_asked_elsewhere_stays_there(town: Town) -> None:
    noah, mia, sofia = town.here.person("noah"), town.mia, town.there.person("sofia")
    here = await asks(noah, "Library, Park", "agents")
    await sofia.does_not_read(QUESTION)
    await mia.uses("/poll results", "general", poll="1")
    assert "There's no poll #1." in (await mia.last_private()).words
    await mia.presses("Park", on=here)
    await mia.uses("/poll results", "general", poll="1")
    assert "Park leads with 100%." in (await mia.last_private()).words
