"""What a sentence promises on the way happens: what no other story is about."""

from __future__ import annotations

from tests.story import Story

from .conftest import Begin
from .test_helping import OTHER
from .test_questions import solved


async def test_who_follows_no_more_hears_nothing_and_their_vote_counts(story: Story) -> None:
    mia, noah, liam = (story.person(name) for name in ("mia", "noah", "liam"))
    await mia.uses("/idea add", title="A tea corner")
    card = await noah.reads("A tea corner", "ideas")
    await noah.presses("👍 Vote", on=card)
    await noah.presses("Don't tell me")
    assert "You hear no more of #1. A vote you gave still counts." in (await noah.last_private()).words
    await liam.uses("/idea status", idea="1", status="planned")
    await story.passes(hours=1)
    told = [seen for seen in await mia.sees() if "that you wanted is planned" in seen.words]
    assert told and all("noah" not in seen.pinged for seen in told)
    assert not [seen for seen in await noah.sees(story.door.direct("noah")) if "tea corner" in seen.words]
    assert (await noah.reads("A tea corner", "ideas")).fields["Votes"] == "1 vote"


async def test_a_poll_that_is_to_remind_nobody_does_not(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/poll create", question="Tea or coffee?", options="Tea, coffee", closes="tomorrow 18:00")
    await mia.presses("More settings")
    await mia.fills(reminder="0")
    assert "Nobody is reminded before it closes." in (await mia.last_private()).words
    await mia.presses("Post it")
    before = len(await noah.sees())
    await story.passes(hours=30)
    assert len(await noah.sees()) == before
    await story.passes(hours=3)
    assert await noah.reads("Closed")


async def test_who_was_away_until_then_is_asked_again_from_then_on(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/away", until="today 18:00")
    assert "nobody asks you before" in (await noah.last_private()).words
    await mia.uses("/ask", question=OTHER)
    assert "I've asked" not in (await mia.last_private()).words
    await story.passes(hours=9)
    await mia.uses("/ask", question="Are webhook retries logged anywhere?")
    assert "I've asked Noah" in (await mia.last_private()).words


async def test_who_declines_or_snoozes_does_it_unseen(begin: Begin) -> None:
    story = await begin(TRELLIS_PEERS_PER_WAVE="2")
    await solved(story)
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    await kenji.uses("/expertise add", topic="webhooks")
    await mia.uses("/ask", question=OTHER)
    offer = await noah.reads("Could one of you help")
    assert "“Not me” and “Snooze” are only seen by Trellis." in offer.words
    before = {seen.id: seen.words for seen in await mia.sees()}
    await noah.presses("Not me", on=offer)
    assert {seen.id: seen.words for seen in await mia.sees()} == before
    await kenji.presses("Snooze", on=offer)
    said = [seen.words for seen in await mia.sees() if before.get(seen.id) != seen.words]
    assert not [words for words in said if "Noah" in words or "Kenji" in words]


async def test_an_old_answer_counts_for_whom_it_is_said_to_count(story: Story) -> None:
    await solved(story)
    for who in ("noah", "mia"):
        asker = story.person(who)
        await asker.uses("/ask", question="How can I rotate a webhook secret safely?")
        await asker.presses("This solved it")
    assert (await story.person("noah").last_private()).body == "Glad that helped!"
    assert (await story.person("mia").last_private()).body == "Glad that helped! It counts for @Noah once more."
    await story.person("noah").uses("/profile")
    assert "2 different people" in (await story.person("noah").last_private()).words


async def test_who_undoes_their_last_away_is_away_as_before(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/away")
    await noah.uses("/away", until="tomorrow 09:00")
    await noah.presses("Undo")
    undone = (await noah.last_private()).words
    assert undone.startswith("Undone: you're away until you say") and undone.endswith(", as before.")
    await story.passes(days=3)
    await mia.uses("/ask", question=OTHER)
    assert "I've asked" not in (await mia.last_private()).words


async def test_who_takes_a_vote_back_can_vote_again(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/poll create", question="Tea or coffee?", options="Tea, coffee")
    await mia.presses("Post it")
    for option in ("Tea", "coffee"):
        await noah.presses(option, on=await noah.reads("Tea or coffee?"))
        if option == "Tea":
            await noah.presses("Take my vote back")
            assert "You can vote again until the poll closes." in (await noah.last_private()).words
    await mia.uses("/poll close", poll="1")
    assert "coffee has most votes, 100%" in (await noah.reads("has most votes")).words


async def test_who_had_all_the_thanks_of_a_day_can_be_thanked_again_when_it_is_said(begin: Begin) -> None:
    story = await begin(TRELLIS_THANKED_PER_DAY="1")
    for who in ("mia", "noah", "kenji"):
        await story.person(who).says("hello")
    mia, kenji = story.person("mia"), story.person("kenji")
    await mia.uses("/thanks", member=story.named("noah"), reason="for the tea")
    await kenji.uses("/thanks", member=story.named("noah"), reason="for the coffee")
    assert kenji.form and "You can thank them again" in kenji.form.errors["reason"]
    await story.passes(days=1)
    await kenji.fills()
    assert await mia.reads("for the coffee")
