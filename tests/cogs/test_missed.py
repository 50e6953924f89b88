"""What was written while Trellis was away."""

from __future__ import annotations

import pytest

from tests.story import Story

from .conftest import Begin

QUESTION = "How do I rotate the webhook secret?"


@pytest.mark.needs("absence")
@pytest.mark.needs("catching up")
async def test_a_question_asked_while_nobody_listened_is_taken_up(story: Story, begin: Begin) -> None:
    mia = story.person("mia")
    await mia.says("How do I page through the list of users?", "help")
    await story.app.stop()
    await mia.says(QUESTION, "help")
    story = await begin()
    await story.app.settle()
    card = await story.person("noah").reads(QUESTION)
    assert "Question #2" in card.words or card.fields["State"] == "🌱 Open"
    titles = [seen.title for seen in await story.person("noah").sees() if "page through" in seen.title]
    assert len(titles) == 1, "what was heard before is not heard twice"
