"""Recognition: thanks by command, shortcut and reaction, who may give them, and what becomes of them."""

from __future__ import annotations

import pytest

from adapters.memory import Memory
from tests.doors import Kit, MemoryKit, PlaygroundKit
from tests.story import Person, Story

from .conftest import Begin

REASON = "for the patient review of my first patch"


async def here(story: Story, *names: str) -> list[Person]:
    """Have people say hello, so that they were there."""
    people = [story.person(name) for name in names]
    for person in people:
        await person.says(f"Good morning from {person.id}!")
    return people


async def points(story: Story, who: str) -> str:
    """Return what someone reads of themselves beneath the board."""
    person = story.person(who)
    await person.uses("/leaderboard", period="all")
    return (await person.last_private()).footer


async def test_thanks_stand_in_the_channel_and_notify_one_person(story: Story) -> None:
    mia, noah = await here(story, "mia", "noah")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    card = await noah.reads("thanks @Noah", "general")
    assert REASON in card.body and "@Mia thanks @Noah" in card.body
    assert card.pinged == {"noah"}
    assert not card.private
    assert "You can thank 9 more times today." in (await mia.last_private()).words
    assert await points(story, "noah") == "You're number 1, with 1 point."


async def test_thanks_can_name_a_value(story: Story) -> None:
    mia, noah = await here(story, "mia", "noah")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON, value="kindness")
    assert "Valued: kindness" in (await noah.reads(REASON, "general")).words
    await noah.uses("/profile")
    assert (await noah.last_private()).fields["Valued for"] == "kindness (1)"


async def test_the_same_words_twice_count_once(story: Story) -> None:
    mia, noah = await here(story, "mia", "noah")
    for _ in range(2):
        await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    assert "You've thanked Noah for that already." in (await mia.last_private()).words
    assert len([seen for seen in await noah.sees("general") if REASON in seen.words]) == 1


async def test_words_can_neither_ping_nor_break_the_card(story: Story) -> None:
    mia, noah = await here(story, "mia", "noah")
    await mia.uses("/thanks", member=story.named("noah"), reason="*bold* <!channel> @everyone {name}")
    card = await noah.reads("*bold* <!channel> @everyone {name}", "general")
    assert card.pinged == {"noah"}


async def test_nobody_thanks_themselves(story: Story) -> None:
    [mia] = await here(story, "mia")
    await mia.uses("/thanks", member=story.named("mia"), reason=REASON)
    assert mia.form and "That's you!" in mia.form.errors["member"]
    assert mia.form.values["reason"] == REASON
    await mia.does_not_read("thanks @Mia")


async def test_thanks_are_for_people_who_are_around(story: Story) -> None:
    mia, noah = await here(story, "mia", "noah")
    await mia.uses("/thanks", member=story.named("kenji"), reason=REASON)
    assert mia.form and "seen Kenji here lately" in mia.form.errors["member"]
    await mia.fills(member=story.named("noah"))
    assert await noah.reads("thanks @Noah")
    await story.passes(days=31)
    await mia.uses("/thanks", member=story.named("noah"), reason="for still being here")
    assert mia.form and "seen Noah here lately" in mia.form.errors["member"]
    await noah.says("I am!")
    await mia.fills(member=story.named("noah"))
    assert await noah.reads("for still being here")


async def test_who_has_left_is_not_thanked(story: Story) -> None:
    mia, noah = await here(story, "mia", "noah")
    await noah.leaves()
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    await mia.does_not_read("thanks @Noah")


async def test_the_author_of_a_message_is_thanked_by_a_shortcut(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    message = await noah.says("The signature is over the raw body.")
    await mia.picks("Thank the author", message)
    assert mia.form and mia.form.title == "Thank the author" and mia.form.values["member"]
    await mia.fills(reason=REASON)
    card = await noah.reads("thanks @Noah", "general")
    assert REASON in card.body and "See the message" in card.links
    await noah.picks("Thank the author", message)
    assert "your own message" in (await noah.last_private()).words


async def test_thanks_in_a_thread_stay_in_it_and_take_its_topic(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    await mia.uses("/ask", question="How do I rotate the webhook secret?", topic="webhooks")
    thread = story.thread(await mia.reads("How do I rotate", "help"))
    message = await noah.says("Under Settings, Webhooks, Rotate.", thread)
    await mia.picks("Thank the author", message)
    await mia.fills(reason=REASON)
    assert await noah.reads("thanks @Noah", thread)
    await mia.uses("/leaderboard", topic="webhooks")
    assert "@Noah, 1 point" in (await mia.last_private()).body
    await mia.uses("/leaderboard", topic="api")
    assert "Nobody has been thanked" in (await mia.last_private()).body


async def test_a_reaction_thanks_once_without_a_word(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    message = await noah.says("The signature is over the raw body.")
    for emoji in ("🙏", "🙌", "🎉"):
        await mia.reacts(emoji, message)
    await noah.reacts("🙏", message)
    await noah.does_not_read("thanks @Noah")
    assert await points(story, "noah") == "You're number 1, with 0.5 points."


@pytest.mark.needs("taking back")
async def test_a_reaction_that_is_taken_back_takes_the_thanks_along(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    message = await noah.says("The signature is over the raw body.")
    await mia.reacts("🙏", message)
    await mia.takes_back("🙏", message)
    assert await points(story, "noah") == "You aren't on it yet."
    await mia.reacts("🙏", message)
    assert await points(story, "noah") == "You're number 1, with 0.5 points."


@pytest.mark.needs("taking back")
async def test_thanks_stay_until_the_last_of_several_emojis_is_taken_off(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    message = await noah.says("The signature is over the raw body.")
    for emoji in ("🙏", "🙌", "🎉"):
        await mia.reacts(emoji, message)
    for emoji in ("🙏", "🎉"):
        await mia.takes_back(emoji, message)
    assert await points(story, "noah") == "You're number 1, with 0.5 points."
    await mia.takes_back("🙌", message)
    assert await points(story, "noah") == "You aren't on it yet."
    await mia.reacts("🙌", message)
    assert await points(story, "noah") == "You're number 1, with 0.5 points."


@pytest.mark.needs("absent reactions")
async def test_a_reaction_of_someone_who_left_counts_until_it_is_taken_off(story: Story) -> None:
    mia, noah = story.person("mia"), story.person("noah")
    message = await noah.says("The signature is over the raw body.")
    await mia.reacts("🙏", message)
    await mia.leaves()
    assert await points(story, "noah") == "You're number 1, with 0.5 points."
    await mia.takes_back("🙏", message)
    assert await points(story, "noah") == "You aren't on it yet."
    assert (await story.member("mia")).left_at, "nobody comes back by that"


@pytest.mark.needs("clearing")
async def test_what_a_moderator_takes_off_counts_no_more(story: Story) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    message = await noah.says("The signature is over the raw body.")
    for emoji in ("🙏", "🙌"):
        await mia.reacts(emoji, message)
    await kenji.reacts("🙌", message)
    assert await points(story, "noah") == "You're number 1, with 1 point."
    await story.clears_reactions(message, "🙌")
    assert await points(story, "noah") == "You're number 1, with 0.5 points."
    await story.clears_reactions(message, "🎉")
    assert await points(story, "noah") == "You're number 1, with 0.5 points."
    await story.clears_reactions(message)
    assert await points(story, "noah") == "You aren't on it yet."


@pytest.mark.needs("taking back")
async def test_a_message_that_is_deleted_takes_its_thanks_along(story: Story) -> None:
    mia, noah, kenji = (story.person(name) for name in ("mia", "noah", "kenji"))
    message = await noah.says("The signature is over the raw body.")
    await mia.reacts("🙏", message)
    await kenji.picks("Thank the author", message)
    await kenji.fills(reason=REASON)
    await noah.deletes(message)
    assert await points(story, "noah") == "You aren't on it yet."
    assert await mia.reads("These thanks were taken back.", "general")
    await mia.does_not_read(REASON)


async def test_thanks_whose_card_a_moderator_removes_do_not_count(story: Story, kit: Kit) -> None:
    if not isinstance(kit, MemoryKit | PlaygroundKit):
        pytest.skip("behind that door people delete their own messages only")
    mia, noah, liam = story.person("mia"), story.person("noah"), story.person("liam")
    await noah.says("Hello")
    await mia.uses("/thanks", member=story.named("noah"), reason="for nothing, you fool")
    await liam.deletes((await liam.reads("you fool")).id)
    await noah.uses("/profile")
    assert "fool" not in (await noah.last_private()).body
    assert "has helped 0 different people" in (await noah.last_private()).body


async def test_the_giver_can_take_thanks_back(story: Story) -> None:
    mia, noah = await here(story, "mia", "noah")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    button = await mia.finds_button("Take it back")
    await mia.presses("Take it back", on=button)
    assert await noah.reads("These thanks were taken back.", "general")
    await noah.does_not_read(REASON)
    assert await points(story, "noah") == "You aren't on it yet."
    await mia.presses("Take it back", on=button)
    assert "taken back already" in (await mia.last_private()).words


async def test_giving_has_a_limit_that_rolls_and_nothing_typed_is_lost(begin: Begin) -> None:
    story = await begin(TRELLIS_THANKS_PER_DAY="2")
    mia, sofia, *_ = await here(story, "mia", "sofia", "noah", "kenji")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    await story.passes(hours=5)
    await mia.uses("/thanks", member=story.named("kenji"), reason=REASON)
    assert "That was your last for today." in (await mia.last_private()).words
    await mia.uses("/thanks", member=story.named("sofia"), reason=REASON)
    assert mia.form and "You've thanked 2 times within a day" in mia.form.errors["reason"]
    assert mia.form.values["reason"] == REASON
    await sofia.does_not_read(REASON + "!")
    await story.passes(hours=20)
    await mia.fills()
    assert await sofia.reads("thanks @Sofia")


async def test_admins_change_the_limits_in_daily_life(story: Story) -> None:
    mia, ada, *_ = await here(story, "mia", "ada", "noah", "kenji")
    await ada.uses("/settings set", name="thanks_per_day", value="1")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    assert "That was your last for today." in (await mia.last_private()).words
    await mia.uses("/thanks", member=story.named("kenji"), reason=REASON)
    assert mia.form and "You've thanked 1 time within a day" in mia.form.errors["reason"]


async def test_being_thanked_has_a_limit_too(begin: Begin) -> None:
    story = await begin(TRELLIS_THANKED_PER_DAY="1")
    mia, noah, kenji = await here(story, "mia", "noah", "kenji")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    await kenji.uses("/thanks", member=story.named("noah"), reason="for the coffee")
    assert kenji.form and "Noah has had all the thanks" in kenji.form.errors["reason"]
    await noah.does_not_read("for the coffee")


@pytest.mark.needs("asides")
async def test_a_reaction_over_the_limit_is_said_to_one_person(begin: Begin) -> None:
    story = await begin(TRELLIS_THANKS_PER_DAY="1")
    mia, noah = story.person("mia"), story.person("noah")
    for words in ("The raw body.", "And in UTF-8."):
        await mia.reacts("🙏", await noah.says(words))
    assert "it just doesn't count" in (await mia.last_private()).words
    assert await points(story, "noah") == "You're number 1, with 0.5 points."


async def test_thanks_to_and_fro_count_less(story: Story) -> None:
    mia, noah = await here(story, "mia", "noah")
    await mia.uses("/thanks", member=story.named("noah"), reason="one")
    await mia.uses("/thanks", member=story.named("noah"), reason="two")
    assert await points(story, "noah") == "You're number 1, with 1.5 points."
    await noah.uses("/thanks", member=story.named("mia"), reason="three")
    assert await points(story, "mia") == "You're number 2, with 0.5 points."


async def test_emojis_are_what_settings_name(begin: Begin) -> None:
    story = await begin(TRELLIS_THANKS_EMOJIS="🎉")
    mia, noah = story.person("mia"), story.person("noah")
    message = await noah.says("The signature is over the raw body.")
    await mia.reacts("🙏", message)
    assert await points(story, "noah") == "You aren't on it yet."
    await mia.reacts("🎉", message)
    assert await points(story, "noah") == "You're number 1, with 0.5 points."


async def test_thanks_survive_a_restart(begin: Begin) -> None:
    story = await begin()
    mia, _ = await here(story, "mia", "noah")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    await story.app.stop()
    again = await begin()
    await again.person("mia").presses("Take it back")
    assert await again.person("noah").reads("These thanks were taken back.", "general")


@pytest.mark.parametrize("kit", ["memory"], indirect=True)
async def test_a_reaction_that_is_taken_back_while_nobody_listened_takes_the_thanks_along(story: Story) -> None:
    mia, noah, sofia = (story.person(name) for name in ("mia", "noah", "sofia"))
    gone, kept = await noah.says("The signature is over the raw body."), await noah.says("Rotate it in Settings.")
    await mia.reacts("🙏", gone)
    await sofia.reacts("🙏", kept)
    assert await points(story, "noah") == "You're number 1, with 1 point."
    platform = getattr(story.door, "platform", None)
    assert isinstance(platform, Memory)
    platform.connected = False
    platform.messages[gone].reactions.clear()
    await platform.reconnect()
    await story.app.catching_up.done()
    await story.passes(minutes=5)
    assert await points(story, "noah") == "You're number 1, with 0.5 points."
