"""A poll that its author closed by mistake goes on; what a moderator ends says why."""

from __future__ import annotations

from tests.story import Person, Seen, Story

from .conftest import Begin
from .test_polls import QUESTION, asks, of


async def closed(story: Story) -> tuple[Person, Person, Seen]:
    """Have Mia close a poll in which Noah voted; return both, and its card."""
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia)
    await noah.presses("Park", on=card)
    await mia.uses("/poll close")
    return mia, noah, card


async def test_its_author_reopens_it_and_all_votes_still_count(story: Story) -> None:
    mia, noah, card = await closed(story)
    assert "You can reopen it until" in (await mia.last_private()).words
    result = await noah.reads("has most votes", "general")
    assert "Final from" in result.fields
    await noah.uses("/poll results")
    assert "Reopen" not in (await noah.last_private()).controls
    await mia.uses("/poll results")
    await mia.presses("Reopen")
    assert "is open again. All votes still count." in (await mia.last_private()).words
    assert "was reopened" in (await of(noah, result)).words and "Closes" in (await of(noah, card)).fields
    await mia.presses("Library", on=await of(mia, card))
    await mia.uses("/poll close")
    again = await noah.reads("A tie between", "general")
    assert again.id != result.id and again.fields["Voted"] == "2"


async def test_after_an_hour_it_is_final(story: Story) -> None:
    mia, noah, _ = await closed(story)
    said = (await noah.reads("has most votes", "general")).fields["Final from"]
    await story.passes(minutes=59)
    await mia.uses("/poll results")
    assert "Reopen" in (await mia.last_private()).controls
    await story.passes(minutes=1)
    await mia.presses("Reopen")
    assert "too late" in (await mia.last_private()).words
    await mia.uses("/poll results")
    assert "Reopen" not in (await mia.last_private()).controls
    kept = (await noah.reads("has most votes", "general")).fields["Final from"]
    assert kept.partition(" (")[0] == said.partition(" (")[0], "when it became final stays true"


async def test_it_is_closed_once_more_when_its_own_time_comes(story: Story) -> None:
    mia = story.person("mia")
    card = await asks(mia, closes="in 30 minutes")
    await mia.uses("/poll close")
    await mia.presses("Reopen")
    await story.passes(minutes=31)
    assert "Closed" in (await of(mia, card)).fields
    await mia.uses("/poll create", question="Tea or coffee?", options="tea, coffee", closes="in 20 minutes")
    await mia.presses("Post it")
    await mia.uses("/poll close")
    await story.passes(minutes=21)
    await mia.presses("Reopen")
    assert "too late" in (await mia.last_private()).words


async def test_closing_what_is_secret_is_final_and_says_so_before(story: Story) -> None:
    mia = story.person("mia")
    for kind in ("anonymous", "hidden"):
        await mia.uses("/poll create", question=QUESTION, options="Library, Park", **{kind: "true"})
        assert "That's final" in (await mia.last_private()).words
        await mia.presses("Post it")
        card = await mia.reads(QUESTION, "general")
        assert card.fields["Closes"] == "When the author closes it, for good"
        await mia.uses("/poll close")
        assert "reopen" not in (await mia.last_private()).words
        assert "Final from" not in (await mia.reads("Nobody voted", "general")).fields


async def test_a_poll_that_was_closed_stays_reopenable_over_a_restart(begin: Begin) -> None:
    mia, _, card = await closed(await begin())
    story = await begin()
    mia = story.person("mia")
    await mia.presses("Reopen")
    assert "Closes" in (await of(mia, card)).fields
    await mia.uses("/poll close")
    story = await begin()
    await story.passes(hours=2)
    await story.person("mia").presses("Reopen")
    assert "too late" in (await story.person("mia").last_private()).words


async def test_what_a_moderator_closed_is_not_reopened_by_its_author(story: Story) -> None:
    mia, liam = story.person("mia"), story.person("liam")
    await asks(mia)
    await liam.uses("/poll close", poll="1")
    await liam.fills(reason="It was asked last week.")
    assert "Final from" not in (await mia.reads("Nobody voted", "general")).fields
    await mia.uses("/poll results")
    assert "Reopen" not in (await mia.last_private()).controls


async def test_what_a_moderator_takes_out_of_a_poll_says_why(story: Story) -> None:
    mia, noah, liam = (story.person(name) for name in ("mia", "noah", "liam"))
    await mia.uses("/poll create", question=QUESTION, options="Library, Park")
    await mia.presses("More settings")
    await mia.fills(adding="true", repeats="weekly")
    await mia.presses("Post it")
    await noah.presses("Add an option")
    await noah.fills(option="Nowhere")
    await liam.uses("/poll results", poll="1")
    await liam.chooses("Nowhere")
    await liam.fills(reason="We want to meet.")
    told = [seen for seen in await noah.sees() if "took an option out of poll" in seen.words]
    assert len(told) == 2 and all("Why: We want to meet." in seen.words for seen in told), "Noah's option, Mia's poll"
    assert not any("Nowhere" in seen.words for seen in told), "what does not belong there is not repeated"
    await liam.uses("/poll close", poll="1")
    await liam.fills(reason="Ask in #events.")
    await liam.presses("Stop repeating")
    await liam.fills(reason="Once is enough.")
    assert "Why: Once is enough." in (await mia.reads("it isn't asked again")).words
