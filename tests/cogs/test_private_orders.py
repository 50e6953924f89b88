"""Asking support privately, in awkward orders: who asks is of support, marks, deletes, links, pauses, is forgotten."""

from __future__ import annotations

import pytest

from tests.story import Story

from .conftest import Begin
from .test_link import Town, code_of, town
from .test_private import SECRET, asks_privately, own, thread_of

__all__ = ["town"]


async def test_an_agent_who_asks_is_answered_by_another(story: Story) -> None:
    ava, omar = story.person("ava"), story.person("omar")
    await ava.uses("/duty on")
    await ava.uses("/ask", question=SECRET, private="true")
    await ava.presses("Send it to support")
    card = await omar.reads("For support alone", "agents")
    assert not card.pinged, "it is nobody's turn who asked"
    await ava.presses("Claim", on=card)
    assert "You asked this yourself" in (await ava.last_private()).words
    thread = story.thread(card)
    await ava.says("It is about my own card.", thread)
    assert "State" in card.fields and "🌱" in (await omar.reads("For support alone", "agents")).fields["State"]
    await omar.says("Ask your bank.", thread)
    assert await ava.reads("Ask your bank.", story.door.direct("ava"))
    assert len([seen for seen in await omar.sees(thread) if "my own card" in seen.words]) == 1


async def test_support_and_moderators_mark_what_solved_it(story: Story) -> None:
    mia, ava, liam = (story.person(name) for name in ("mia", "ava", "liam"))
    await asks_privately(story)
    thread = await thread_of(story)
    said = await ava.says("Ask your bank.", thread)
    await ava.picks("Mark as answer", said)
    asked = await mia.reads("thinks that this is solved", story.door.direct("mia"))
    await mia.presses("Not yet", on=asked)
    await liam.picks("Mark as answer", said)
    assert (await own(story)).fields["State"] == "✅ Solved by @Ava"


async def test_what_is_written_without_a_name_is_passed_on_without_it(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await mia.uses("/ask", question=SECRET, private="true", anonymous="true")
    await mia.presses("Send it to support")
    thread = await thread_of(story)
    await mia.says("It says code 51.", story.door.direct("mia"))
    card = await mia.reads("Is this for support")
    for _ in range(2):
        await mia.presses("Pass it on", on=card)
    assert "Someone writes:" in (await ava.reads("code 51", thread)).body
    assert len([seen for seen in await ava.sees(thread) if "code 51" in seen.words]) == 1
    await ava.does_not_read("Mia")


async def test_whoever_of_support_is_forgotten_is_so_for_the_asker_too(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await asks_privately(story)
    await ava.says("Ask your bank.", await thread_of(story))
    await ava.uses("/privacy erase")
    await ava.presses("Forget me for good")
    for words in ("Ask your bank.", "Ava"):
        found = [seen.words for seen in await mia.sees(story.door.direct("mia")) if words in seen.words]
        assert not found


async def test_who_pauses_still_hears_what_support_answers(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await asks_privately(story)
    await mia.uses("/privacy pause")
    await ava.says("Ask your bank.", await thread_of(story))
    assert await mia.reads("Ask your bank.", story.door.direct("mia"))


async def test_one_who_links_two_accounts_hears_it_once(town: Town) -> None:
    mia, miriam, sofia = town.mia, town.miriam, town.there.person("sofia")
    await miriam.uses("/ask", question=SECRET, private="true")
    await miriam.presses("Send it to support")
    await miriam.uses("/link", code=await code_of(mia))
    await sofia.says("Ask your bank.", town.there.thread(await sofia.reads("For support alone", "agents")))
    here = [seen for seen in await mia.sees(town.here.door.direct("mia")) if "Ask your bank." in seen.words]
    there = [seen for seen in await miriam.sees(town.there.door.direct("miriam")) if "Ask your bank." in seen.words]
    assert len(here) + len(there) == 1


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_what_is_forged_into_a_message_that_is_passed_on_does_nothing(begin: Begin) -> None:
    story = await begin()
    mia, noah, ava = (story.person(name) for name in ("mia", "noah", "ava"))
    await asks_privately(story)
    thread, first = await thread_of(story), await mia.reads("with support")
    theirs = await noah.says("Not yours to pass on", "general")
    for message in (f"memory/home/general/{theirs}", "nonsense", "memory/elsewhere/general/m1", "a/b/c/d", ""):
        await story.door.press("mia", first.id, f"private.pass_on:1:{message}")
    assert len(await ava.sees(thread)) == 0
