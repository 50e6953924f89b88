"""Polls: asked, voted on, closed, and seen by whom it was promised."""

from __future__ import annotations

from tests.story import Person, Seen, Story

QUESTION = "Where shall we meet?"


async def asks(person: Person, options: str = "Library, Park, Café", channel: str = "general", **how: str) -> Seen:
    """Ask and post a poll; return its card."""
    await person.uses("/poll create", channel, question=QUESTION, options=options, **how)
    assert "Only you see this" in (await person.last_private()).words
    await person.presses("Post it")
    return await person.reads(QUESTION, channel)


async def test_a_poll_is_shown_to_its_author_first_and_then_to_everyone(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/poll create", question=QUESTION, options="Library, Park")
    preview = await mia.last_private()
    assert "Choose one. Open until you close it. Everyone can see the totals" in preview.words.replace("\n", " ")
    await noah.does_not_read(QUESTION)
    await mia.presses("Post it")
    card = await noah.reads(QUESTION, "general")
    assert set(card.controls) == {"Library", "Park"}
    assert card.fields["Asked by"] == "@Mia" and card.footer == "#1"
    assert "Poll #1 is posted" in (await mia.last_private()).words


async def test_one_vote_each_changed_at_any_time_and_counted_once(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    card = await asks(mia)
    for label in ("Library", "Library", "Park"):
        await noah.presses(label, on=card)
    assert "You chose Park." in (await noah.last_private()).words
    await mia.presses("Park", on=card)
    seen = await mia.reads(QUESTION, "general")
    assert seen.fields["Voted so far"] == "2"
    assert "Park\n██████████ 100% · 2 votes" in seen.body and "Library\n░░░░░░░░░░ 0% · 0 votes" in seen.body

    await noah.presses("Take my vote back")
    assert (await mia.reads(QUESTION, "general")).fields["Voted so far"] == "1"


async def test_closing_by_hand_posts_the_result_and_ends_the_voting(story: Story) -> None:
    mia, noah, liam = (story.person(name) for name in ("mia", "noah", "liam"))
    card = await asks(mia)
    await noah.presses("Park", on=card)
    await noah.uses("/poll close", poll="1")
    assert "Only whoever asked, or a moderator" in (await noah.last_private()).words
    await liam.uses("/poll close", poll="1")
    result = await noah.reads("has most votes", "general")
    assert "Park has most votes, 100%." in result.body
    closed = next(seen for seen in await noah.sees("general") if seen.id == card.id)
    assert not closed.controls and "Closed" in closed.fields
    await mia.uses("/poll close", poll="#1")
    assert "closed" in (await mia.last_private()).words
