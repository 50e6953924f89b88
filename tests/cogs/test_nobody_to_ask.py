"""What becomes of a question when hardly anybody can be asked, or nobody."""

from __future__ import annotations

from tests.story import Story

from .conftest import Begin
from .test_questions import SECRET, solved

OTHER = "Why does the webhook signature fail after a retry?"


async def asked(story: Story, question: str = OTHER) -> str:
    mia = story.person("mia")
    await mia.uses("/ask", question=question)
    return (await mia.last_private()).words


async def test_where_everybody_who_knows_is_away_support_hears_in_time(story: Story) -> None:
    await solved(story)
    await story.person("noah").uses("/away")
    assert "I've asked" not in await asked(story)
    await story.passes(minutes=31)
    assert await story.person("ava").reads(OTHER, "agents")


async def test_who_asks_is_not_asked_themselves_though_they_alone_know(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/expertise add", topic="webhooks")
    assert "I've asked" not in await asked(story)
    assert not [seen for seen in await mia.sees() if "Could you help" in seen.words]


async def test_who_was_forgotten_is_not_asked_though_their_answer_helps_on(story: Story) -> None:
    await solved(story)
    noah = story.person("noah")
    await noah.uses("/privacy erase")
    await noah.presses("Forget me for good")
    assert "I've asked" not in await asked(story)


async def test_who_left_is_asked_again_once_they_are_back(story: Story) -> None:
    await solved(story)
    noah = story.person("noah")
    await noah.leaves()
    assert "I've asked" not in await asked(story)
    await noah.joins()
    await noah.says("hello again")
    assert "I've asked Noah" in await asked(story, "Can a webhook be paused?")


async def test_a_newcomer_who_is_willing_is_asked_where_there_is_nobody_else(story: Story) -> None:
    kenji = story.person("kenji")
    await kenji.uses("/expertise add", topic="WEBHOOKS")
    assert "I've asked Kenji" in await asked(story)
    await kenji.presses("Why me?")
    assert "Knows webhooks" in (await kenji.last_private()).body


async def test_who_asks_the_same_at_this_moment_is_not_asked(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await noah.uses("/ask", question="Why do webhook signatures fail after retries?")
    assert "Is this the same?" in await asked(story)
    await mia.presses("Post my question")
    assert "I've asked" not in (await mia.last_private()).words
    assert not [seen for seen in await noah.sees() if "Could you help" in seen.words]


async def test_what_is_for_agents_alone_is_asked_of_no_peer(begin: Begin) -> None:
    story = await begin()
    await story.person("noah").uses("/expertise add", topic="billing")
    await asked(story, "Can you send the invoice of my billing account again?")
    await story.person("mia").presses("Send it to support")
    assert await story.person("ava").reads("invoice of my billing account", "agents")
    assert not [seen for seen in await story.person("noah").sees() if "Could you help" in seen.words]


async def test_the_same_is_asked_of_nobody_twice_a_day_more_than_is_allowed(begin: Begin) -> None:
    story = await begin(TRELLIS_OFFERS_PER_DAY="1")
    await solved(story, SECRET)
    assert "I've asked Noah" in await asked(story)
    assert "I've asked" not in await asked(story, "Can one webhook serve two shops?")
    await story.passes(hours=25)
    assert "I've asked Noah" in await asked(story, "Which webhook tells of refunds?")
