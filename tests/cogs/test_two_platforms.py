"""One community on two platforms: asked on one side, answered on the other, solved on both."""

from __future__ import annotations

from tests.doors import MemoryDoor

from .test_link import QUESTION, Town, town, towns

__all__ = ["town", "towns"]


async def test_a_question_stands_on_both_sides_and_is_solved_on_both(town: Town) -> None:
    mia, sofia, noah = town.mia, town.there.person("sofia"), town.here.person("noah")
    await mia.uses("/ask", question=QUESTION)
    card = await sofia.reads(QUESTION, "help")
    assert card.fields["Asked by"] == "@Mia" and card.fields["State"] == "🌱 Open"

    await sofia.says("Under Settings, Webhooks, Rotate.", town.there.thread(card))
    thread = town.here.thread(await mia.reads(QUESTION, "help"))
    relayed = await mia.reads("Under Settings, Webhooks, Rotate.", thread)
    assert "Sofia, in The Other Side" in relayed.words
    assert (await noah.reads(QUESTION, "help")).fields["State"] == "💬 Answered"

    await mia.says("Which of them?", thread)
    assert "Mia, in Memory Lane" in (await sofia.reads("Which of them?", town.there.thread(card))).words
    await mia.presses("Mark as solved")
    assert (await noah.reads(QUESTION, "help")).fields["State"] == "✅ Solved by @Sofia"
    assert (await sofia.reads(QUESTION, "help")).fields["State"] == "✅ Solved by @Sofia"
    assert "solved this. Thank you!" in (await sofia.reads("solved this", town.there.thread(card))).words


async def test_peers_are_asked_where_they_are(town: Town) -> None:
    mia, sofia, noah = town.mia, town.there.person("sofia"), town.here.person("noah")
    await sofia.uses("/expertise add", topic="webhooks")
    await noah.uses("/expertise add", topic="webhooks")
    await mia.uses("/ask", question=QUESTION)
    here, there = await noah.reads("Could you help"), await sofia.reads("Could you help")
    assert here.pinged == {"noah"} and there.pinged == {"sofia"}
    await sofia.presses("I can help", on=there)
    assert (await mia.reads(QUESTION, "help")).fields["State"] == "🙋 Claimed · @Sofia is on it"


async def test_communities_that_are_apart_stay_apart(towns: Town) -> None:
    await towns.mia.uses("/ask", question=QUESTION)
    await towns.there.person("sofia").does_not_read(QUESTION)


async def test_an_anonymous_asker_stays_so_on_the_other_side(town: Town) -> None:
    mia, sofia = town.mia, town.there.person("sofia")
    await mia.uses("/ask", question=QUESTION, anonymous="yes")
    card = await sofia.reads(QUESTION, "help")
    await mia.says("More about it.", town.here.thread(await mia.reads(QUESTION, "help")))
    assert "More about it." in (await sofia.reads("More about it.", town.there.thread(card))).words
    await sofia.does_not_read("Mia")


async def test_one_platform_down_holds_nothing_up_on_the_other(town: Town) -> None:
    mia, noah = town.mia, town.here.person("noah")
    assert isinstance(town.there.door, MemoryDoor)
    town.there.door.platform.down = True
    await noah.uses("/expertise add", topic="webhooks")
    await mia.uses("/ask", question=QUESTION)
    assert (await noah.reads("Could you help")).pinged == {"noah"}
    await town.here.passes(hours=2)
    assert await noah.reads(QUESTION, "agents")
    town.there.door.platform.down = False
    await town.here.passes(minutes=20)
    assert await town.there.person("sofia").reads(QUESTION, "help")


async def test_what_was_carried_over_follows_what_its_author_edits(town: Town) -> None:
    mia, sofia = town.mia, town.there.person("sofia")
    await mia.uses("/ask", question=QUESTION)
    answer = await sofia.says("Press hunter2 Rotate.", town.there.thread(await sofia.reads(QUESTION, "help")))
    carried = await mia.reads("hunter2")
    await mia.picks("Mark as answer", carried.id)
    await sofia.edits(answer, "Press Rotate.")
    await mia.does_not_read("hunter2")
    assert "Press Rotate." in (await mia.reads(QUESTION, "help")).words
    assert "Press Rotate." in next(seen for seen in await mia.sees() if seen.id == carried.id).words


async def test_what_was_carried_over_can_be_accepted_and_is_forgotten_when_deleted(town: Town) -> None:
    mia, sofia = town.mia, town.there.person("sofia")
    await mia.uses("/ask", question=QUESTION)
    there = town.there.thread(await sofia.reads(QUESTION, "help"))
    answer = await sofia.says("Press hunter2 Rotate.", there)
    carried = await mia.reads("hunter2")
    await mia.picks("Mark as answer", carried.id)
    assert (await sofia.reads(QUESTION, "help")).fields["State"] == "✅ Solved by @Sofia"
    assert isinstance(town.there.door, MemoryDoor)
    await town.there.door.platform.delete("sofia", answer)
    await town.app.settle()
    await mia.does_not_read("hunter2")
    await sofia.does_not_read("hunter2")


async def test_an_anonymous_askers_words_reach_the_other_side(town: Town) -> None:
    mia, sofia = town.mia, town.there.person("sofia")
    await mia.uses("/ask", question=QUESTION, anonymous="yes")
    await mia.presses("Reply as the asker")
    await mia.fills(words="It is version 2.4.")
    assert "Someone" in (await sofia.reads("It is version 2.4.")).words


async def test_what_an_anonymous_asker_says_is_forgotten_where_it_was_carried_when_it_is_deleted(town: Town) -> None:
    mia, noah, sofia = town.mia, town.here.person("noah"), town.there.person("sofia")
    await mia.uses("/ask", question=QUESTION, anonymous="yes")
    await mia.presses("Reply as the asker")
    await mia.fills(words="My password is hunter2.")
    said = next(seen for seen in await noah.sees() if "hunter2" in seen.words and "The asker writes" in seen.words)
    assert "Someone" in (await sofia.reads("hunter2")).words
    assert isinstance(town.here.door, MemoryDoor)
    await town.here.door.platform.delete("noah", said.id)
    await town.app.settle()
    await sofia.does_not_read("hunter2")


async def test_what_was_carried_over_is_gone_when_its_writer_is_forgotten(town: Town) -> None:
    mia, sofia = town.mia, town.there.person("sofia")
    await mia.uses("/ask", question=QUESTION)
    await sofia.says("Press hunter2 Rotate.", town.there.thread(await sofia.reads(QUESTION, "help")))
    assert "Sofia" in (await mia.reads("hunter2")).words
    await sofia.uses("/privacy erase")
    await sofia.presses("Forget me for good")
    await town.here.passes(minutes=1)
    await mia.does_not_read("hunter2")
    await mia.does_not_read("Sofia")
