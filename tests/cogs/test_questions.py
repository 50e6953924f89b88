"""The room in which a question finds its answer, told as stories."""

from __future__ import annotations

from tests.story import Story


async def test_a_question_is_answered_by_a_peer_and_solved(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question="How do I rotate the webhook secret?", details="It is `whsec_1`.")

    assert "is posted" in (await mia.last_private()).words
    card = await noah.reads("How do I rotate the webhook secret?", "help")
    assert card.fields["State"] == "🌱 Open"
    assert card.fields["Topic"] == "webhooks"

    thread = f"t-{card.id}"
    await noah.says("Under Settings, Webhooks, Rotate.", thread)
    assert (await noah.reads("How do I rotate", "help")).fields["State"] == "💬 Answered"

    await mia.presses("Mark as solved")
    card = await noah.reads("How do I rotate", "help")
    assert card.fields["State"] == "✅ Solved by @Noah"
    assert "Under Settings, Webhooks, Rotate." in card.body
    assert "How was the help?" in (await mia.last_private()).words
    await mia.presses("😀 Great")
    assert "Thank you" in (await mia.last_private()).words
