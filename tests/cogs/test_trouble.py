"""What goes wrong: old and forged buttons, events that come twice, a platform that is down."""

from __future__ import annotations

import pytest

from tests.doors import MemoryDoor, MemoryKit
from tests.story import Story

from .conftest import Begin
from .test_questions import SECRET, solved, thread_of

pytestmark = pytest.mark.parametrize("kit", ["memory"], indirect=True)


def platform_of(story: Story) -> MemoryDoor:
    assert isinstance(story.door, MemoryDoor)
    return story.door


async def test_an_old_or_forged_button_says_so(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/ask", question=SECRET)
    card = await mia.reads(SECRET, "help")
    for forged in ("questions.gone:1", "asking.post", "asking.post:x", "support.tend:1", "asking.ask", "%%%:1"):
        await story.door.press("mia", card.id, forged)
        assert "from an older version of Trellis" in (await mia.last_private()).words, forged
    await story.door.press("mia", card.id, "solving.solve:99999")
    assert "That question is gone." in (await mia.last_private()).words


async def test_a_button_that_is_pressed_by_someone_without_the_right_does_nothing(story: Story) -> None:
    mia, noah, ava = story.person("mia"), story.person("noah"), story.person("ava")
    await mia.uses("/ask", question=SECRET)
    await mia.presses("Talk to support")
    card = await ava.reads(SECRET, "agents")
    await noah.presses("Claim", on=card)
    assert (await mia.reads(SECRET, "help")).fields["State"].startswith("🌱 Open")


async def test_nobody_else_can_take_a_question_back(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.says("How about pizza for lunch today?", "help")
    button = await mia.finds_button("Not a question")
    await noah.presses("Not a question", on=button)
    assert "for the person who asked" in (await noah.last_private()).words


async def test_the_same_event_twice_acts_once(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.says("How do I get an API token again?", "help")
    before = len(await noah.sees())
    platform = platform_of(story).platform
    assert platform.last_event
    await platform.again(platform.last_event)
    await story.app.settle()
    assert len(await noah.sees()) == before


async def test_what_could_not_be_posted_is_posted_later(story: Story) -> None:
    mia = story.person("mia")
    platform = platform_of(story).platform
    platform.down = True
    await mia.uses("/ask", question=SECRET)
    assert not await mia.sees()
    platform.down = False
    await story.passes(minutes=2)
    assert (await mia.reads(SECRET, "help")).fields["State"] == "🌱 Open"


async def test_closed_direct_messages_fall_back_to_the_thread(story: Story) -> None:
    await solved(story)
    mia, noah = story.person("mia"), story.person("noah")
    await story.prefers("noah", direct_ok=True)
    platform_of(story).platform.closed.add("noah")
    await mia.uses("/ask", question="Why does the webhook signature fail after a retry?")
    thread = await thread_of(noah, "signature fail")
    assert (await noah.reads("Could you help?", thread)).pinged == {"noah"}


async def test_where_nothing_can_be_shown_to_one_person_unasked_nothing_private_is(
    kit: MemoryKit, begin: Begin
) -> None:
    kit.platform.asides = False
    story = await begin()
    mia, noah = story.person("mia"), story.person("noah")
    await mia.says("How do I get an API token again?", "help")
    await noah.presses("Not a question")
    assert "for the person who asked" in (await noah.last_private()).words
    await mia.presses("Not a question")
    assert not [seen for seen in await noah.sees() if seen.private and "left alone" in seen.words]
