"""What is asked of Trellis about events is answered from what is planned; anything else is a question for people."""

from __future__ import annotations

import pytest

from tests.story import Seen, Story

from .test_front_door import answer, direct


async def told(story: Story, words: str) -> Seen:
    """Plan two events, ask directly, and return the one answer."""
    mia, noah = story.person("mia"), story.person("noah")
    for title, when in (("Pruning workshop", "2026-03-05T18:00"), ("Evening in the garden", "2026-03-07T20:00")):
        await noah.uses("/event create", title=title, when=when)
        await noah.presses("Post")
    return await answer(mia, words, direct(mia))


@pytest.mark.parametrize(
    "words",
    [
        "When is the next event?",
        "what's coming up?",
        "Are there any events planned this week?",
        "Welche Termine gibt es?",
        "Was steht an?",
        "Wann ist die nächste Veranstaltung?",
        "Wann ist das nächste Treffen?",
        "any meetings this weekend?",
    ],
)
async def test_who_asks_what_is_planned_is_shown_that(story: Story, words: str) -> None:
    said = await told(story, words)
    assert "Pruning workshop" in said.words and "Evening in the garden" in said.words


@pytest.mark.parametrize("words", ["When is the pruning workshop?", "wo ist der Workshop?", "Wann ist pruning?"])
async def test_who_asks_when_an_event_is_is_shown_it(story: Story, words: str) -> None:
    said = await told(story, words)
    assert said.title == "Pruning workshop" and "Going" in said.controls


@pytest.mark.parametrize(
    "words",
    [
        "Which events fire on a delivery of the webhook?",
        "When is the parcel sent?",
        "When is the workshop of the garden?",
        "Wann ist der Server wieder da?",
    ],
)
async def test_what_is_about_anything_else_is_a_question(story: Story, words: str) -> None:
    said = await told(story, words)
    assert said.title == "Post it to the community?"
