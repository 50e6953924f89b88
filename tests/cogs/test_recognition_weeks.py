"""What comes by the week: the digest for everyone, rings for moderators; and champions, when moderators ask."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.memory import Memory
from storage.merging import MergeStore
from tests.story import Person, Story

from .conftest import Begin
from .test_link import Town, town, towns
from .test_questions import SECRET, solved
from .test_recognition import REASON, here

__all__ = ["town", "towns"]

DIGEST = "What you did for each other"
RING = "Thanks that stay among"


async def test_the_digest_names_people_and_deeds(story: Story) -> None:
    await solved(story)
    mia, ava, *_ = await here(story, "mia", "ava", "noah", "kenji")
    await mia.uses("/thanks", member=story.named("kenji"), reason=REASON)
    await mia.reacts("🙏", await ava.says("The office is open."))
    await mia.does_not_read(DIGEST)
    await story.passes(days=7)
    digest = await mia.reads(DIGEST, "general")
    assert f"@Noah answered @Sofia, who had asked “{SECRET}”" in digest.body
    assert f"@Mia thanked @Kenji: “{REASON}”" in digest.body
    assert "@Ava was thanked, too." in digest.body
    assert "@Kenji has helped 1 person by now: Seedling" in digest.body
    assert not digest.pinged and "point" not in digest.words


async def test_each_person_whom_an_old_answer_helps_counts(story: Story) -> None:
    await solved(story)
    for name in ("mia", "kenji"):
        person = story.person(name)
        await person.uses("/ask", question="How can I rotate a webhook secret safely?")
        await person.presses("This solved it")
    noah = story.person("noah")
    await noah.uses("/profile")
    assert "3 different people" in (await noah.last_private()).words
    await story.passes(days=7)
    digest = await noah.reads(DIGEST, "general")
    for who in ("Mia", "Kenji"):
        assert f"@Noah helped @{who} with an earlier answer: “{SECRET}”" in digest.body
    assert digest.body.count("@Sofia") == 1


async def test_who_asked_without_a_name_is_not_named_where_an_old_answer_helped(story: Story) -> None:
    await solved(story)
    mia = story.person("mia")
    await mia.uses("/ask", question="How can I rotate a webhook secret safely?", anonymous="yes")
    await mia.presses("This solved it")
    await story.passes(days=7)
    digest = await mia.reads(DIGEST, "general")
    assert f"@Noah helped once more with an earlier answer: “{SECRET}”" in digest.body and "Mia" not in digest.words


async def test_an_empty_week_is_left_in_peace_and_nothing_is_told_twice(story: Story) -> None:
    mia, noah = await here(story, "mia", "noah")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    await story.passes(days=28)
    assert len([seen for seen in await noah.sees() if DIGEST in seen.words]) == 1


async def test_the_digest_comes_at_the_communitys_own_time(begin: Begin) -> None:
    story = await begin(TRELLIS_TIMEZONE="America/Sao_Paulo", TRELLIS_DIGEST_AT="fri 16:00")
    mia, noah = await here(story, "mia", "noah")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    friday = datetime(2026, 3, 6, 16, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))
    await story.passes(seconds=(friday - story.now).total_seconds() - 60)
    await noah.does_not_read(DIGEST)
    await story.passes(minutes=2)
    assert await noah.reads(DIGEST, "general")


async def test_whoever_left_the_boards_is_not_in_the_digest(story: Story) -> None:
    mia, noah, kenji = await here(story, "mia", "noah", "kenji")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    await kenji.uses("/thanks", member=story.named("mia"), reason="for the coffee")
    for person in (noah, kenji):
        await person.uses("/me")
        await person.presses("Hide me from leaderboards")
    await story.passes(days=7)
    digest = await mia.reads(DIGEST, "general")
    assert "Noah" not in digest.words and "Kenji" not in digest.words
    assert "someone thanked @Mia: “for the coffee”" in digest.body


async def test_what_was_taken_back_is_not_told(story: Story) -> None:
    mia, noah = await here(story, "mia", "noah")
    await mia.uses("/thanks", member=story.named("noah"), reason=REASON)
    await mia.presses("Take it back")
    await story.passes(days=7)
    await noah.does_not_read(DIGEST)


async def thank_often(story: Story, giver: Person, receiver: str, times: int) -> None:
    for number in range(times):
        await giver.uses("/thanks", member=story.named(receiver), reason=f"reason {number}")


async def test_a_ring_is_shown_to_moderators_with_the_evidence_and_not_punished(story: Story) -> None:
    mia, noah, kenji, liam = await here(story, "mia", "noah", "kenji", "liam")
    await thank_often(story, mia, "noah", 3)
    await thank_often(story, noah, "mia", 3)
    message = await noah.says("Look, a message.")
    await mia.reacts("🙏", message)
    await story.passes(days=7)
    report = await liam.reads(RING, "agents")
    assert "@Mia and @Noah" in report.title
    assert "Of the 7 thanks that they gave or got in the last 30 days, 7 were between them." in report.body
    assert "@Mia → @Noah: 4 times" in report.body and "@Noah → @Mia: 3 times" in report.body
    assert "I have done nothing about it" in report.footer and not report.pinged
    await kenji.does_not_read(RING)
    await mia.does_not_read(RING)
    await mia.uses("/leaderboard", period="all")
    assert "@Noah" in (await mia.last_private()).body
    await story.passes(days=7)
    assert len([seen for seen in await liam.sees("agents") if RING in seen.words]) == 1, "nothing new happened"


async def test_friends_of_many_are_no_ring(story: Story) -> None:
    mia, noah, kenji, sofia, liam = await here(story, "mia", "noah", "kenji", "sofia", "liam")
    await thank_often(story, mia, "noah", 3)
    await thank_often(story, noah, "mia", 3)
    for giver in (kenji, sofia):
        await giver.uses("/thanks", member=story.named("noah"), reason=REASON)
    await story.passes(days=7)
    await liam.does_not_read(RING)


async def test_moderators_see_who_acts_like_a_champion(story: Story) -> None:
    names = ("mia", "kenji", "sofia", "ava", "omar")
    noah, liam, *_ = await here(story, "noah", "liam", *names)
    await liam.uses("/champions")
    assert "Nobody yet" in (await liam.last_private()).title
    for name in names:
        await noah.says("Good morning!")
        await story.person(name).uses("/thanks", member=story.named("noah"), reason=f"for helping {name}")
        await story.passes(days=8)
    await liam.uses("/champions")
    card = await liam.last_private()
    assert card.body == "@Noah helped 5 different people, in 5 different weeks: was thanked 5 times."
    assert "ask before you name anyone" in card.footer
    await noah.uses("/champions")
    assert "Only moderators" in (await noah.last_private()).words


# On two platforms


async def test_thanks_reach_someone_on_the_other_platform(town: Town) -> None:
    mia, sofia = town.mia, town.there.person("sofia")
    await mia.says("Hello")
    await sofia.says("Hello")
    await mia.uses("/thanks", member="Sofia", reason=REASON)
    there = await sofia.reads("thanks @Sofia", "general")
    assert REASON in there.body and there.pinged == {"sofia"}
    assert await mia.reads("thanks @Sofia", "general")
    await mia.presses("Take it back")
    assert await sofia.reads("These thanks were taken back.", "general")
    await sofia.does_not_read(REASON)


async def test_thanks_reach_someone_whose_platform_was_down(town: Town) -> None:
    mia, sofia = town.mia, town.there.person("sofia")
    await mia.says("Hello")
    await sofia.says("Hello")
    platform = getattr(town.there.door, "platform", None)
    assert isinstance(platform, Memory)
    platform.down = True
    await mia.uses("/thanks", member="Sofia", reason=REASON)
    assert await mia.reads("thanks @Sofia", "general")
    platform.down = False
    await town.here.passes(hours=3)
    assert (await sofia.reads("thanks @Sofia", "general")).pinged == {"sofia"}
    assert len([seen for seen in await mia.sees("general") if "thanks @Sofia" in seen.words]) == 1


async def test_thanks_that_were_taken_back_before_they_arrived_say_nothing(town: Town) -> None:
    mia, sofia = town.mia, town.there.person("sofia")
    await mia.says("Hello")
    await sofia.says("Hello")
    platform = getattr(town.there.door, "platform", None)
    assert isinstance(platform, Memory)
    platform.down = True
    await mia.uses("/thanks", member="Sofia", reason=REASON)
    await mia.presses("Take it back")
    platform.down = False
    await town.here.passes(hours=3)
    assert await mia.reads("These thanks were taken back.", "general")
    await sofia.does_not_read(REASON)


async def test_a_digest_stands_on_both_platforms_also_if_one_was_down(town: Town) -> None:
    mia, noah, sofia = town.mia, town.here.person("noah"), town.there.person("sofia")
    await noah.says("Hello")
    await mia.uses("/thanks", member=town.here.named("noah"), reason=REASON)
    platform = getattr(town.there.door, "platform", None)
    assert isinstance(platform, Memory)
    platform.down = True
    await town.here.passes(days=7)
    assert await noah.reads(DIGEST, "general")
    platform.down = False
    await town.here.passes(hours=3)
    assert await sofia.reads(DIGEST, "general")
    assert len([seen for seen in await noah.sees() if DIGEST in seen.words]) == 1


async def test_linking_two_accounts_ends_the_thanks_between_them(town: Town) -> None:
    mia, miriam, noah = town.mia, town.miriam, town.here.person("noah")
    for person in (mia, miriam, noah):
        await person.says("Hello")
    await mia.uses("/thanks", member="Miriam", reason=REASON)
    await noah.uses("/thanks", member="Miriam", reason="for the tea")
    await miriam.uses("/leaderboard")
    assert "with 2 points" in (await miriam.last_private()).footer
    kept = await MergeStore(town.app.database).merge(
        (await town.there.member("miriam")).id, (await town.here.member("mia")).id, town.here.now
    )
    await mia.uses("/leaderboard")
    assert "with 1 point." in (await mia.last_private()).footer
    await mia.uses("/profile")
    assert "has helped 1 person" in (await mia.last_private()).body
    await mia.uses("/thanks", member=kept.name, reason="for being me")
    assert mia.form and "That's you!" in mia.form.errors["member"]
