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
    await mia.says("How do I water tomatoes in summer?", "help")
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
    assert (await noah.reads("Could you help", thread)).pinged == {"noah"}


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


async def test_an_outage_of_hours_loses_nothing(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    platform = platform_of(story).platform
    platform.down = True
    await mia.uses("/ask", question=SECRET)
    await story.passes(hours=7)
    platform.down = False
    await story.passes(hours=1)
    assert await mia.reads(SECRET, "help")
    await story.passes(hours=1)
    assert await ava.reads(SECRET, "agents")


@pytest.mark.parametrize("step", range(1, 9))
async def test_a_hiccup_at_any_message_neither_loses_nor_repeats(story: Story, step: int) -> None:
    platform = platform_of(story).platform
    mia, ava = story.person("mia"), story.person("ava")
    platform.fails_at = step
    await mia.uses("/ask", question=SECRET)
    await ava.uses("/duty on")
    await story.passes(hours=2)
    platform.fails_at = 0
    assert len([seen for seen in await mia.sees("help") if SECRET in seen.title]) == 1
    for_support = [seen for seen in await ava.sees("agents") if seen.title.startswith("For support")]
    assert len(for_support) == 1
    await mia.presses("Mark as solved", on=await mia.reads(SECRET, "help"))
    await mia.presses("I found it myself")
    assert (await mia.reads(SECRET, "help")).fields["State"] == "✅ Solved"


async def test_a_deleted_thread_does_not_hold_a_question_up(story: Story) -> None:
    mia, ava = story.person("mia"), story.person("ava")
    await mia.uses("/ask", question=SECRET)
    platform_of(story).platform.places.pop(await thread_of(mia, SECRET))
    await story.passes(hours=2)
    assert await ava.reads(SECRET, "agents")
    await ava.uses("/duty on")
    assert (await ava.reads("still waiting", "agents")).pinged == {"ava"}


async def test_what_is_deleted_is_forgotten(story: Story) -> None:
    mia, noah, sofia = (story.person(name) for name in ("mia", "noah", "sofia"))
    thread = await solved(story, answer="My password is hunter2, and press Rotate.")
    platform = platform_of(story).platform
    answer = next(seen for seen in await noah.sees(thread) if "hunter2" in seen.words)
    await platform.delete("noah", answer.id)
    await story.app.settle()
    await mia.does_not_read("hunter2")
    await mia.uses("/search", query="password rotate")
    assert "hunter2" not in (await mia.last_private()).words

    post = await sofia.says("How do I get an API token again?", "help")
    await platform.delete("sofia", post)
    await story.app.settle()
    await story.passes(hours=3)
    await sofia.uses("/question list", status="mine")
    assert "API token" not in (await sofia.last_private()).words


async def test_an_answer_from_while_trellis_was_away_can_be_accepted(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET)
    platform = platform_of(story).platform
    hearing, platform._receive = platform._receive, None
    answer = await noah.says("Press Rotate.", await thread_of(noah, SECRET))
    platform._receive = hearing
    await mia.reacts("✅", answer)
    assert (await mia.reads(SECRET, "help")).fields["State"] == "✅ Solved by @Noah"


async def test_an_anonymous_asker_is_not_given_away_where_asides_are_public(kit: MemoryKit, begin: Begin) -> None:
    kit.platform.asides = False
    story = await begin()
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question=SECRET, anonymous="yes")
    thread = await thread_of(mia, SECRET)
    answer = await noah.says("Press Rotate.", thread)
    await mia.says("Thanks, that worked!", thread)
    await mia.reacts("✅", answer)
    assert (await noah.reads(SECRET, "help")).fields["State"] == "✅ Solved by @Noah"
    await noah.does_not_read("Is “How do I")
    await noah.does_not_read("How was the help?")
    await noah.does_not_read("@Mia")
